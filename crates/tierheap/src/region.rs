//! One region of memory, and where in it to put things.
//!
//! Small things are put low, large ones high, so the used part is two stretches with a *gap* between them that was
//! never touched since the last sweep: neither sweep nor search looks into it.
//!
//! ```text
//! first        low_top                      high_bottom       end
//!   |####.##..###|. . . . . . gap . . . . . . |######...######|
//! ```
//!
//! **The first block is held back**: its address is the region's, which stands in constants of the program, in saved
//! registers and in frames, and each such word would keep alive whatever lay there.
//!
//! Small things get their places from *stretches* of some KB, one for each group of sizes, and others for leaves: what
//! is read by a collection lies close together, and so takes few lines, and a hole fits what comes next.
//!
//! At the end of a region there can be a *reserve*, which is closed at first: nothing goes behind the ceiling.
//!
//! Everything else here is a **hint**: the stretches `low` and `high` that are being filled, the place where the last
//! search of a size class ended, the last freed block of a class, the size that was last not found. A hint may be out
//! of date, then time is lost, or a place is overlooked; [`Effort::Honest`] looks at the whole region before it says
//! that there is no room. Free runs that touch are joined when a search walks over them, not before.
//!
//! It does not choose between regions (policy) and does not touch the memory itself.

use core::ops::Range;

use crate::frontier::{Frontier, Verdict};
use crate::policy::Policy;
use crate::tables::{Block, Tables, WORD_BLOCKS};

/// Where a region lies, as the caller of [`Heap::new`](crate::Heap::new) gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Address of the first byte; a multiple of 16, and in all tiers but the first of 32.
    pub base: u32,
    /// Length. What goes beyond a multiple of 512 is left unused.
    pub bytes: u32,
}

/// At which end of the free space a thing is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Lowest address first.
    Low,
    /// Highest address first.
    High,
}

/// How hard to look for room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Only where the region is in use: below `low_top`, or above `high_bottom`. The gap stays as it is.
    Holes,
    /// Give up at once if as much was not found before, and little was freed since.
    Quick,
    /// "No" means that there is no run as long.
    Honest,
}

/// Blocks at the beginning that are never handed out.
const HELD_BACK: u32 = 1;
/// Up to this many blocks share one stretch that is filled from below.
const SMALL_BLOCKS: u32 = 16;
/// Stretches for leaves, and for all others: for objects of one block, of two, of up to 4, of more.
const STRETCHES: usize = 8;
/// How much of a free run is taken as such a stretch: enough to make searching rare.
const STRETCH_BLOCKS: u32 = 256;
/// Freeing more than this is worth a new search from above.
const LARGE_BLOCKS: u32 = 32;
/// What grows goes to a hole where it can become longer by this share before it has to move.
const GROWTH_SHARE: u32 = 4;
/// From this size on an object gets some play, this share of its size.
const PLAY_FROM_BLOCKS: u32 = 1024;
const PLAY_SHARE: u32 = 64;
/// Sizes up to this have a class of their own.
pub(crate) const EXACT_BLOCKS: u32 = 8;
const CLASSES: usize = 27;

/// The size class of `blocks`: exact for the smallest, then one for each power of two.
#[inline(always)]
fn class(blocks: u32) -> usize {
    if blocks <= EXACT_BLOCKS {
        blocks as usize - 1
    } else {
        (blocks.ilog2() as usize + 5).min(CLASSES - 1)
    }
}

/// Which stretch small objects of this size come from.
#[inline(always)]
fn group(blocks: u32, leaf: bool) -> usize {
    let size = (u32::BITS - (blocks - 1).leading_zeros()).min(3) as usize;
    size + if leaf { STRETCHES / 2 } else { 0 }
}

/// How much is left free above something large, if there is room: when it dies, its place is enough for its parts, each of
/// which has a head or a last byte of its own. A frame of 76,800 bytes gives way to four strips of 19,201.
fn play_blocks(blocks: u32) -> u32 {
    if blocks < PLAY_FROM_BLOCKS {
        0
    } else {
        blocks / PLAY_SHARE
    }
}

/// A stretch of blocks without heads inside, all free.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub start: Block,
    pub end: Block,
}

impl Stretch {
    const EMPTY: Stretch = Stretch { start: 0, end: 0 };

    fn len(self) -> u32 {
        self.end - self.start
    }

    pub fn overlaps(self, other: Stretch) -> bool {
        self.start.max(other.start) < self.end.min(other.end)
    }

    /// Cuts `start..end` out, and keeps the larger part.
    fn exclude(&mut self, start: Block, end: Block) {
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

pub(crate) struct Region {
    /// The address of `first`, the block that is held back.
    pub base: u32,
    pub first: Block,
    pub end: Block,
    pub low_top: Block,
    pub high_bottom: Block,
    pub used_blocks: u32,
    /// Blocks handed out since the last collection began, and of these the ones on the high side.
    pub since_blocks: u32,
    pub since_high_blocks: u32,
    /// How far small and large have to be collected, and how soon: see `frontier`.
    pub frontiers: [Frontier; 2],
    /// Objects with a finaliser, and the blocks between which their heads lie.
    pub finalisers: u32,
    pub finaliser_range: (Block, Block),
    /// Nothing is put at or behind this block: the reserve, if it is closed, else the end.
    ceiling: Block,
    reserve: Block,
    /// The stretches by `group`.
    pub low: [Stretch; STRETCHES],
    pub high: Stretch,
    up: [Block; CLASSES],
    down: [Block; CLASSES],
    /// Where an object of a class was freed last, and a leaf; a bit of `recents` says that there is such a place.
    recent: [[Block; CLASSES]; 2],
    recents: [u32; 2],
    not_found_blocks: u32,
    freed_since_blocks: u32,
}

impl Region {
    pub fn new(span: Span, first: Block, tables: &mut Tables) -> Self {
        let blocks = span.bytes / (WORD_BLOCKS * crate::BLOCK_BYTES) * WORD_BLOCKS;
        let end = first + blocks;
        let begin = if blocks > 0 { first + HELD_BACK } else { first };
        if blocks > 0 {
            tables.set_free(begin);
        }
        let mut region = Region {
            base: span.base,
            first,
            end,
            low_top: begin,
            high_bottom: end,
            used_blocks: begin - first,
            since_blocks: 0,
            since_high_blocks: 0,
            frontiers: [Frontier::new(begin), Frontier::new(end)],
            finalisers: 0,
            finaliser_range: (end, first),
            ceiling: end,
            reserve: end,
            low: [Stretch::EMPTY; STRETCHES],
            high: Stretch::EMPTY,
            up: [begin; CLASSES],
            down: [end; CLASSES],
            recent: [[begin; CLASSES]; 2],
            recents: [0; 2],
            not_found_blocks: u32::MAX,
            freed_since_blocks: 0,
        };
        region.forget_hints();
        region
    }

    pub fn blocks(&self) -> u32 {
        self.end - self.first
    }

    /// The first block that can be handed out.
    pub fn begin(&self) -> Block {
        (self.first + HELD_BACK).min(self.end)
    }

    /// The longest object that could ever be.
    pub fn longest_blocks(&self) -> u32 {
        self.end - self.begin()
    }

    pub fn free_blocks(&self) -> u32 {
        self.blocks() - self.used_blocks
    }

    /// The last blocks become the reserve, and are closed.
    pub fn set_reserve(&mut self, blocks: u32) {
        self.reserve = self.end - blocks.min(self.longest_blocks());
        self.ceiling = self.reserve;
    }

    /// Whether nothing goes to the reserve. From now on something can, or cannot.
    pub fn open_reserve(&mut self, open: bool) -> bool {
        let was_closed = self.ceiling < self.end;
        let ceiling = if open { self.end } else { self.reserve };
        if ceiling != self.ceiling {
            self.ceiling = ceiling;
            self.forget_hints();
        }
        was_closed
    }

    pub fn reserve_blocks(&self) -> u32 {
        self.end - self.reserve
    }

    /// The block that begins at `address`, if it lies in the region and on a block border.
    #[inline(always)]
    pub fn block_at(&self, address: u32) -> Option<Block> {
        // One comparison for three questions: below, above, and off the border (the low bits become high ones).
        let index = address
            .wrapping_sub(self.base)
            .rotate_right(crate::BLOCK_BYTES.ilog2());
        (index < self.end - self.first).then_some(self.first + index)
    }

    /// The block that `address` lies in.
    #[inline(always)]
    pub fn block_around(&self, address: u32) -> Option<Block> {
        let index = address.wrapping_sub(self.base) / crate::BLOCK_BYTES;
        (index < self.end - self.first).then_some(self.first + index)
    }

    #[inline]
    pub fn address(&self, block: Block) -> u32 {
        self.base + (block - self.first) * crate::BLOCK_BYTES
    }

    /// Begins all searches anew, as after a sweep.
    pub fn forget_hints(&mut self) {
        self.low = [Stretch::EMPTY; STRETCHES];
        self.high = Stretch::EMPTY;
        self.up = [self.begin(); CLASSES];
        self.down = [self.end; CLASSES];
        self.recents = [0; 2];
        self.not_found_blocks = u32::MAX;
        self.freed_since_blocks = 0;
    }

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
    fn recent(&mut self, tables: &Tables, blocks: u32, leaf: bool) -> Option<Block> {
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

    /// Where the free run around the free head at `start` begins.
    fn lower_end(&self, tables: &mut Tables, mut start: Block) -> Block {
        while let Some(previous) = tables.previous_head(start, self.high_bottom)
            && tables.is_free(previous)
        {
            tables.join(start);
            start = previous;
        }
        start
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

    fn note_low_top(&mut self, start: Block, end: Block) {
        if start < self.high_bottom {
            self.low_top = self.low_top.max(end);
        }
    }

    #[inline]
    fn find_low(&mut self, tables: &mut Tables, blocks: u32, leaf: bool, effort: Effort) -> Option<Block> {
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

    fn find_high(&mut self, tables: &mut Tables, blocks: u32, effort: Effort) -> Option<Block> {
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
    fn search_down(
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

    pub fn note_finaliser(&mut self, block: Block) {
        self.finalisers += 1;
        let (low, high) = self.finaliser_range;
        self.finaliser_range = (low.min(block), high.max(block + 1));
    }

    pub fn forget_finaliser(&mut self) {
        self.finalisers -= 1;
        if self.finalisers == 0 {
            self.finaliser_range = (self.end, self.first);
        }
    }

    /// Whether this side used up its budget: before it grows into the gap there should be a collection.
    pub fn over_budget(&self, side: Side) -> bool {
        let since = match side {
            Side::Low => self.since_blocks - self.since_high_blocks,
            Side::High => self.since_high_blocks,
        };
        since >= self.frontiers[side as usize].budget_blocks && self.end > self.first
    }

    /// Whether either side did.
    pub fn any_over_budget(&self) -> bool {
        self.over_budget(Side::Low) || self.over_budget(Side::High)
    }

    /// Looks at what the sweep left on both sides, makes the gap as large as it can be, and gives each side its budget.
    pub fn settle(&mut self, tables: &mut Tables, policy: &Policy) {
        let [low, high] = self.frontiers.map(|frontier| frontier.solid);
        let (share, enough) = (policy.params.clean_share, policy.telling_blocks(self.blocks()));
        let verdicts = [
            Frontier::judge(tables, low.min(self.low_top)..self.low_top, share, enough),
            Frontier::judge(
                tables,
                self.high_bottom..high.max(self.high_bottom),
                share,
                enough,
            ),
        ];
        self.trim(tables);
        let solid = |verdict, now: Block, before: Block| if verdict == Verdict::Solid { now } else { before };
        let low = solid(verdicts[0], self.low_top, low.min(self.low_top));
        let high = solid(verdicts[1], self.high_bottom, high.max(self.high_bottom));
        let budget = |verdict, room| policy.budget_blocks(verdict, room, self.free_blocks(), self.blocks());
        self.frontiers = [
            Frontier {
                solid: low,
                budget_blocks: budget(verdicts[0], self.high_bottom - low),
            },
            Frontier {
                solid: high,
                budget_blocks: budget(verdicts[1], high - self.low_top),
            },
        ];
    }

    /// Makes the gap as large as it can be, after a sweep.
    fn trim(&mut self, tables: &mut Tables) {
        let low_top = match tables.previous_used(self.low_top, self.first) {
            Some(last) => tables.next_head(last + 1, self.end),
            None => self.begin(),
        };
        let high_bottom = tables.next_used(self.high_bottom.max(low_top), self.end);
        tables.join_all(low_top + 1, (self.low_top + 1).min(high_bottom));
        tables.join_all(self.high_bottom.max(low_top + 1), high_bottom);
        self.low_top = low_top;
        self.high_bottom = high_bottom;
    }

    /// The words of the tables that a sweep has to visit: two ranges that do not overlap.
    pub fn words_in_use(&self) -> [(u32, u32); 2] {
        let first = self.first / WORD_BLOCKS;
        let low = if self.low_top > self.begin() {
            (first, self.low_top.div_ceil(WORD_BLOCKS))
        } else {
            (first, first)
        };
        let high = (
            (self.high_bottom / WORD_BLOCKS).max(low.1),
            self.end / WORD_BLOCKS,
        );
        [low, (high.0.min(high.1), high.1)]
    }
}
