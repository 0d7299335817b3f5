//! How far one side of a region reaches, and whether what is put there leaves it whole.
//!
//! Objects are never moved, so what survives a collection decides how large the holes are. The *solid* part of a side is
//! what earlier collections found to be occupied for good. When a collection ends, [`Frontier::judge`] looks at what was
//! put beyond it: if next to nothing stayed, the side is *clean*, and may reach far again before the next collection;
//! else the new part is solid, too. What follows from that is [`Policy::budget_blocks`](crate::policy)'s business.

use core::ops::Range;

use crate::tables::{Block, Tables, WORD_BLOCKS};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Frontier {
    /// Where the solid part ends: above the low side, below the high one.
    pub solid: Block,
    /// So many blocks may be handed out on this side before it grows at the cost of the gap once more.
    pub budget_blocks: u32,
}

/// What a collection left of the part of a side that was not solid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nearly nothing, of a part large enough to say so.
    Clean,
    /// Nearly nothing, but the part is small.
    Unknown,
    /// Objects here and there, or all of them.
    Solid,
}

impl Frontier {
    pub const fn new(solid: Block) -> Self {
        Frontier {
            solid,
            budget_blocks: 0,
        }
    }

    /// `part` is what lies beyond the solid part, after a sweep. One survivor spoils the whole word of the tables that it
    /// lies in. Up to `1 / share` of the part may be spoiled; from `enough_blocks` on that says something.
    pub fn judge(tables: &Tables, part: Range<Block>, share: u32, enough_blocks: u32) -> Verdict {
        let blocks = part.end.saturating_sub(part.start);
        let tolerated = blocks / share;
        let mut spoiled = 0;
        let mut head = tables.next_used(part.start, part.end);
        while head < part.end {
            let end = tables.next_head(head + 1, part.end).next_multiple_of(WORD_BLOCKS);
            spoiled += end - head / WORD_BLOCKS * WORD_BLOCKS;
            if spoiled > tolerated {
                return Verdict::Solid;
            }
            head = tables.next_used(end, part.end);
        }
        if blocks >= enough_blocks {
            Verdict::Clean
        } else {
            Verdict::Unknown
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCKS: u32 = 32 * 256;

    fn judged(objects: &[(Block, u32)], part: Range<Block>) -> Verdict {
        let mut words = vec![[0; 3]; (BLOCKS / WORD_BLOCKS) as usize];
        let mut tables = Tables::new(&mut words);
        tables.set_free(0);
        for &(head, blocks) in objects {
            tables.claim(head, blocks, false, BLOCKS);
        }
        Frontier::judge(&tables, part, 64, 4096)
    }

    #[test]
    fn a_few_survivors_close_together_leave_it_clean_and_scattered_ones_do_not() {
        let close: Vec<_> = (0..60).map(|i| (5000 + i, 1)).collect();
        assert_eq!(judged(&close, 0..BLOCKS), Verdict::Clean);
        let scattered: Vec<_> = (0..60).map(|i| (i * 128, 1)).collect();
        assert_eq!(judged(&scattered, 0..BLOCKS), Verdict::Solid);
        assert_eq!(
            judged(&scattered, BLOCKS - 32..BLOCKS),
            Verdict::Unknown,
            "they lie elsewhere"
        );
    }

    #[test]
    fn a_long_survivor_counts_with_all_of_its_length() {
        assert_eq!(judged(&[(96, 32)], 0..BLOCKS), Verdict::Clean);
        assert_eq!(judged(&[(96, 500)], 0..BLOCKS), Verdict::Solid);
    }

    #[test]
    fn a_small_part_proves_nothing() {
        assert_eq!(judged(&[], 0..4095), Verdict::Unknown);
        assert_eq!(judged(&[], 0..4096), Verdict::Clean);
        assert_eq!(judged(&[], 10..10), Verdict::Unknown);
    }
}
