//! Looking for room: from below for what goes low, from above for what goes high.

use core::ops::Range;

use super::classes::{class, group};
use super::{Effort, Region, Stretch};
use crate::tables::{Block, Tables};

/// Up to this many blocks share one stretch that is filled from below.
const SMALL_BLOCKS: u32 = 16;
/// How much of a free run is taken as such a stretch: enough to make searching rare.
const STRETCH_BLOCKS: u32 = 256;

impl Region {
    #[inline]
    pub(super) fn find_low(
        &mut self,
        tables: &mut Tables,
        blocks: u32,
        leaf: bool,
        effort: Effort,
    ) -> Option<Block> {
        let class = class(blocks);
        if let Some(recent) = self.recent(tables, blocks, leaf) {
            return Some(recent);
        }
        let small = blocks <= SMALL_BLOCKS;
        let low = self.low[group(blocks, leaf)];
        if small && blocks <= low.len() {
            return Some(low.start);
        }
        if self.known_absent(blocks, effort) {
            return None;
        }
        let want = if small { STRETCH_BLOCKS } else { blocks };
        let (from, begin) = (self.up[class], self.begin());
        let to = match effort {
            Effort::Holes => self.low_top.min(self.ceiling),
            Effort::Quick | Effort::Honest => self.ceiling,
        };
        let found = self
            .search_apart(tables, from..to, blocks, want)
            .or_else(|| {
                let again = (from > begin).then(|| self.search_apart(tables, begin..to, blocks, want));
                again.flatten()
            })
            .or_else(|| self.search_up(tables, begin..to, blocks, want));
        let Some(stretch) = found else {
            return self.not_found(blocks, effort);
        };
        if small {
            self.up[class] = stretch.end;
            Some(self.fill(tables, stretch, blocks, leaf))
        } else {
            self.up[class] = stretch.start + blocks;
            Some(stretch.start)
        }
    }

    /// As `search_up`, but outside the stretches that are being filled.
    fn search_apart(
        &self,
        tables: &mut Tables,
        Range { start: from, end: to }: Range<Block>,
        blocks: u32,
        want: u32,
    ) -> Option<Stretch> {
        let mut from = tables.next_free(from, to);
        while let Some(found) = self.search_from(tables, from..to, blocks, want) {
            let mut apart = found;
            self.low.iter().for_each(|low| apart.exclude(low.start, low.end));
            if apart.len() >= blocks {
                tables.set_free(apart.start);
                return Some(apart);
            }
            let behind = self.low.iter().filter(|low| low.overlaps(found));
            from = behind.map(|low| low.end).fold(found.end, u32::max);
            // The run may go on, or end there.
            if from < to && tables.is_used(from) {
                from = tables.next_free(from, to);
            }
        }
        None
    }

    /// From now on small objects of this size go to `stretch`, which has room for `blocks`. Where the first one goes.
    fn fill(&mut self, tables: &mut Tables, stretch: Stretch, blocks: u32, leaf: bool) -> Block {
        for low in self.low.iter_mut().filter(|low| low.overlaps(stretch)) {
            *low = Stretch::EMPTY;
        }
        let Stretch { start, end } = stretch;
        // The run may go on: the next search finds what is left of it here.
        if end < self.end && !tables.is_used(end) {
            tables.set_free(end);
        }
        // It counts as used, and has no flags, so that `bump` need not look.
        tables.clear_flags(start, end);
        self.note_low_top(start, end);
        self.high.exclude(start, end);
        self.low[group(blocks, leaf)] = stretch;
        start
    }

    pub(super) fn find_high(&mut self, tables: &mut Tables, blocks: u32, effort: Effort) -> Option<Block> {
        let class = class(blocks);
        // It may be the gap, and things of this class may have holes above it.
        let is_next = effort != Effort::Holes && self.down[class] <= self.high.end;
        if is_next && blocks <= self.high.len() {
            return Some(self.high.end);
        }
        if self.known_absent(blocks, effort) {
            return None;
        }
        let (from, end) = (self.down[class].min(self.ceiling), self.ceiling);
        let to = if effort == Effort::Holes {
            self.high_bottom
        } else {
            self.begin()
        };
        let found = self.search_down(tables, to..from, blocks).or_else(|| {
            let again = (from < end).then(|| self.search_down(tables, to..end, blocks));
            again.flatten()
        });
        match found {
            Some(stretch) => {
                self.down[class] = stretch.end - blocks;
                self.high = stretch;
                let high = &mut self.high;
                self.low.iter().for_each(|low| high.exclude(low.start, low.end));
                Some(stretch.end)
            }
            None => self.not_found(blocks, effort),
        }
    }

    /// Where the free run around the free head at `start` begins.
    pub(super) fn lower_end(&self, tables: &mut Tables, mut start: Block) -> Block {
        while let Some(previous) = tables.previous_head(start, self.high_bottom)
            && tables.is_free(previous)
        {
            tables.join(start);
            start = previous;
        }
        start
    }

    fn known_absent(&self, blocks: u32, effort: Effort) -> bool {
        effort != Effort::Honest
            && blocks >= self.not_found_blocks
            && self.freed_since_blocks < self.not_found_blocks
    }

    fn not_found(&mut self, blocks: u32, effort: Effort) -> Option<Block> {
        if effort != Effort::Holes {
            self.not_found_blocks = blocks;
            self.freed_since_blocks = 0;
        }
        None
    }

    /// The first free run of at least `blocks` that begins in a range and lies in it, cut off when `want` blocks of it
    /// are known.
    fn search_up(
        &self,
        tables: &mut Tables,
        Range { start: from, end: to }: Range<Block>,
        blocks: u32,
        want: u32,
    ) -> Option<Stretch> {
        let start = tables.next_free(from, to);
        self.search_from(tables, start..to, blocks, want)
    }

    /// As `search_up`, from a free block on, which need not be a head.
    fn search_from(
        &self,
        tables: &mut Tables,
        Range { start: from, end: to }: Range<Block>,
        blocks: u32,
        want: u32,
    ) -> Option<Stretch> {
        let mut start = from;
        while start < to {
            let enough = start.saturating_add(want).min(to);
            let mut end = tables.next_head(start + 1, enough);
            while end < enough && tables.is_free(end) {
                tables.join(end);
                end = tables.next_head(end + 1, enough);
            }
            if end - start >= blocks {
                return Some(Stretch { start, end });
            }
            start = tables.next_free(end, to);
        }
        None
    }

    /// The last free run of at least `blocks` that begins in a range.
    pub(super) fn search_down(
        &self,
        tables: &mut Tables,
        Range { start: to, end: from }: Range<Block>,
        blocks: u32,
    ) -> Option<Stretch> {
        let mut before = from;
        while let Some(mut start) = tables.previous_free(before, to) {
            let end = tables.next_head(start + 1, self.ceiling);
            while let Some(previous) = tables.previous_head(start, to) {
                if end - start >= blocks || !tables.is_free(previous) {
                    break;
                }
                tables.join(start);
                start = previous;
            }
            if end - start >= blocks {
                return Some(Stretch { start, end });
            }
            before = start;
        }
        None
    }
}
