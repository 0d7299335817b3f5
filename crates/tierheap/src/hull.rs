//! The address space from the first region to the last: what points elsewhere is no concern of the heap.
//!
//! It says "no" quickly. A "yes" means that the tables have to be asked.

use crate::memory::BLOCK_BYTES;
use crate::region::Span;

#[derive(Clone, Copy)]
pub(crate) struct Hull {
    base: u32,
    bytes: u32,
}

impl Hull {
    /// Around all spans that have any bytes.
    pub fn around(spans: &[Span]) -> Self {
        let (mut base, mut end) = (u32::MAX, 0);
        for span in spans.iter().filter(|span| span.bytes > 0) {
            base = base.min(span.base);
            end = end.max(span.base + span.bytes);
        }
        Hull {
            base,
            bytes: end.saturating_sub(base),
        }
    }

    /// Whether a block may begin at the address `word`. Of small integers, and of zero, none does.
    #[inline(always)]
    pub fn may_point_inside(self, word: u32) -> bool {
        word.is_multiple_of(BLOCK_BYTES) && word.wrapping_sub(self.base) < self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_aligned_words_between_the_first_region_and_the_last_may_be_pointers() {
        let span = |base, bytes| Span { base, bytes };
        let hull = Hull::around(&[span(0x9000_0000, 512), span(0x2400_0000, 1024), span(0, 0)]);
        for (word, expected) in [
            (0, false),
            (0x23ff_fff0, false),
            (0x2400_0000, true),
            (0x2400_0001, false),
            (0x2400_0008, false),
            (0x9000_01f0, true),
            (0x9000_0200, false),
        ] {
            assert_eq!(hull.may_point_inside(word), expected, "{word:#x}");
        }
        assert!(!Hull::around(&[]).may_point_inside(0x2400_0000));
    }
}
