//! Handing blocks out, and taking them back.

use super::classes::{class, group};
use super::{Effort, Region, Side, Stretch};
use crate::tables::{Block, Tables};

/// Freeing more than this is worth a new search from above.
const LARGE_BLOCKS: u32 = 32;
/// What grows goes to a hole where it can become longer by this share before it has to move.
const GROWTH_SHARE: u32 = 4;
/// From this size on an object gets some play: this share of its size, and so much at most.
const PLAY_FROM_BLOCKS: u32 = 1024;
const PLAY_SHARE: u32 = 64;
const PLAY_MOST_BLOCKS: u32 = 256;

/// How much is left free above something large, if there is room: when it dies, its place is enough for its parts, each of
/// which has a head or a last byte of its own. A frame of 76,800 bytes gives way to four strips of 19,201.
fn play_blocks(blocks: u32) -> u32 {
    if blocks < PLAY_FROM_BLOCKS {
        0
    } else {
        (blocks / PLAY_SHARE).min(PLAY_MOST_BLOCKS)
    }
}

impl Region {
    /// The way that most allocations go: a few blocks, one of the exact size classes, from where as many were freed last,
    /// or from the stretch that is being filled. `None` means that `take` has to be asked. The object is white.
    #[inline(always)]
    pub fn bump(&mut self, tables: &mut Tables, blocks: u32, leaf: bool) -> Option<Block> {
        if self.recents[usize::from(leaf)] >> (blocks - 1) & 1 != 0 {
            return self.reuse(tables, blocks, leaf);
        }
        let low = &mut self.low[group(blocks, leaf)];
        let block = low.start;
        let end = block + blocks;
        if end > low.end {
            return None;
        }
        low.start = end;
        tables.claim_clear(block, blocks, leaf, self.end);
        self.count(blocks);
        Some(block)
    }

    #[inline(never)]
    fn reuse(&mut self, tables: &mut Tables, blocks: u32, leaf: bool) -> Option<Block> {
        let block = self.recent(tables, blocks, leaf)?;
        tables.claim(block, blocks, false, self.end);
        tables.set_flags(block, blocks, leaf, false);
        self.note_used(block, blocks, Side::Low);
        self.count(blocks);
        Some(block)
    }

    /// Where as many blocks were freed last, if they are still free. To be asked once.
    #[inline]
    pub(super) fn recent(&mut self, tables: &Tables, blocks: u32, leaf: bool) -> Option<Block> {
        let class = class(blocks);
        let recents = &mut self.recents[usize::from(leaf)];
        let known = *recents >> class & 1 != 0;
        *recents &= !(1 << class);
        let recent = self.recent[usize::from(leaf)][class];
        let fits =
            known && tables.is_free(recent) && tables.next_head(recent + 1, self.end) - recent >= blocks;
        fits.then_some(recent)
    }

    /// Finds room for `blocks` and makes it an object.
    #[inline]
    pub fn take(
        &mut self,
        tables: &mut Tables,
        blocks: u32,
        side: Side,
        leaf: bool,
        effort: Effort,
        black: impl FnOnce(Block) -> bool,
    ) -> Option<Block> {
        if blocks > self.free_blocks() {
            return None;
        }
        let block = match side {
            Side::Low => self.find_low(tables, blocks, leaf, effort),
            Side::High => self.find_high(tables, blocks, effort).map(|end| {
                let spare = self.high.len().saturating_sub(blocks);
                end - blocks - play_blocks(blocks).min(spare)
            }),
        }?;
        self.claim_at(tables, block, blocks, side, black(block));
        Some(block)
    }

    /// As `take` on the high side, for what grows: where it can go on growing in place. In a hole it stands at the lower
    /// end, so that one hole is left of it and not two; in the gap as much again is left free above it.
    pub fn take_to_grow(
        &mut self,
        tables: &mut Tables,
        blocks: u32,
        black: impl FnOnce(Block) -> bool,
    ) -> Option<Block> {
        let (hole, both) = (blocks.checked_add(blocks / GROWTH_SHARE)?, blocks.checked_mul(2)?);
        let gap_blocks = self.high_bottom.saturating_sub(self.low_top);
        let block = if let Some(hole) = self.search_down(tables, self.high_bottom..self.ceiling, hole) {
            self.lower_end(tables, hole.start)
        } else if both <= gap_blocks / 8 {
            let block = self.find_high(tables, both, Effort::Quick)? - both;
            // The room above is not part of the stretch being filled: the next large object goes below this one.
            self.high.exclude(block, block + both);
            block
        } else {
            return None;
        };
        self.claim_at(tables, block, blocks, Side::High, black(block));
        Some(block)
    }

    fn claim_at(&mut self, tables: &mut Tables, block: Block, blocks: u32, side: Side, black: bool) {
        tables.claim(block, blocks, black, self.end);
        self.note_used(block, blocks, side);
        self.count(blocks);
        if side == Side::High {
            self.since_high_blocks = self.since_high_blocks.saturating_add(blocks);
        }
    }

    #[inline(always)]
    fn count(&mut self, blocks: u32) {
        self.used_blocks += blocks;
        self.since_blocks = self.since_blocks.saturating_add(blocks);
    }

    /// Keeps gap and hints true after `blocks` at `block` stopped being free.
    pub fn note_used(&mut self, block: Block, blocks: u32, side: Side) {
        let end = block + blocks;
        self.low.iter_mut().for_each(|low| low.exclude(block, end));
        self.high.exclude(block, end);
        match side {
            Side::Low => self.note_low_top(block, end),
            Side::High if end > self.low_top => self.high_bottom = self.high_bottom.min(block),
            Side::High => {}
        }
    }

    pub(super) fn note_low_top(&mut self, start: Block, end: Block) {
        if start < self.high_bottom {
            self.low_top = self.low_top.max(end);
        }
    }

    /// Makes the object of `blocks` at `block` a free run.
    pub fn release(&mut self, tables: &mut Tables, block: Block, blocks: u32, leaf: bool) {
        tables.set_free(block);
        self.used_blocks -= blocks;
        let class = class(blocks);
        self.recent[usize::from(leaf)][class] = block;
        self.recents[usize::from(leaf)] |= 1 << class;
        if blocks > LARGE_BLOCKS {
            // The highest hole first, and this one may be higher than where the last search ended.
            let end = block + blocks;
            self.down[..=class]
                .iter_mut()
                .for_each(|down| *down = end.max(*down));
            self.high = Stretch::EMPTY;
        }
        self.freed_since_blocks = self.freed_since_blocks.saturating_add(blocks);
    }

    /// Tries to make the object at `block` longer in place.
    pub fn extend(&mut self, tables: &mut Tables, block: Block, old: u32, new: u32) -> bool {
        let mut end = block + old;
        let Some(goal) = block.checked_add(new).filter(|&goal| goal <= self.end) else {
            return false;
        };
        while end < goal {
            if !tables.is_free(end) {
                return false;
            }
            end = tables.next_head(end + 1, goal);
        }
        tables.join_all(block + old, goal);
        if goal < self.end && !tables.is_used(goal) {
            tables.set_free(goal);
        }
        self.note_used(block + old, new - old, Side::Low);
        self.used_blocks += new - old;
        true
    }

    /// Gives back the blocks of the object at `block` behind the first `new`.
    pub fn shrink(&mut self, tables: &mut Tables, block: Block, old: u32, new: u32) {
        let leaf = tables.is_leaf(block);
        self.release(tables, block + new, old - new, leaf);
    }
}
