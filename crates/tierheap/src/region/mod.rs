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

mod classes;
mod search;
mod stretch;
mod take;

pub(crate) use classes::EXACT_BLOCKS;
use classes::{CLASSES, STRETCHES};
pub(crate) use stretch::Stretch;

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

    /// No object that reaches to `block` begins below this: the gap, which may be megabytes, is not searched for one.
    pub fn floor(&self, block: Block) -> Block {
        if block < self.low_top || self.low_top > self.high_bottom {
            self.first
        } else {
            block.min(self.high_bottom)
        }
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
