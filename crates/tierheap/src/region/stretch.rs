//! A run of free blocks.

use crate::tables::Block;

/// A stretch of blocks without heads inside, all free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub start: Block,
    pub end: Block,
}

impl Stretch {
    pub(super) const EMPTY: Stretch = Stretch { start: 0, end: 0 };

    pub(super) fn len(self) -> u32 {
        self.end - self.start
    }

    pub fn overlaps(self, other: Stretch) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }

    /// Cuts `start..end` out, and keeps the larger part.
    pub(super) fn exclude(&mut self, start: Block, end: Block) {
        if start >= self.end || end <= self.start {
            return;
        }
        let below = Stretch {
            start: self.start,
            end: start.max(self.start),
        };
        let above = Stretch {
            start: end.min(self.end),
            end: self.end,
        };
        *self = if below.len() > above.len() { below } else { above };
    }
}
