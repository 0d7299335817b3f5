//! The heap: allocate, free, grow. Collecting is in `collect`, `mark` and `sweep`, looking in `info` and `check`.

use core::ops::Range;

use crate::cards::Cards;
use crate::hull::Hull;
use crate::memory::{BLOCK_BYTES, LINE_BYTES, Memory, WORD_BYTES};
use crate::phase::{Phase, SweepAt};
use crate::policy::{Params, Policy, Size};
use crate::queue::Queue;
use crate::region::{Effort, Region, Side, Span};
use crate::request::{NotABlock, Place, Refusal, Request, SetupError};
use crate::stack::MarkStack;
use crate::stats::{Totals, Work};
use crate::tables::{Block, Tables, WORD_BLOCKS, WORD_TABLES};

/// Stands before and behind the tables.
pub(crate) const CANARY: u32 = 0x7EA9_0B1D;
/// Mixed with the address into a guard word. Odd, so that a guard is never taken for a pointer.
pub(crate) const GUARD: u32 = 0x5AFE_B10D;

const fn table_groups(spans: &[Span]) -> usize {
    let mut groups = 0;
    let mut i = 0;
    while i < spans.len() {
        groups += spans[i].bytes as usize / (WORD_BLOCKS * BLOCK_BYTES) as usize;
        i += 1;
    }
    groups
}

/// How many words of fast memory the tables for these regions take: 24 bytes for each 1024 bytes of heap.
pub const fn table_words(spans: &[Span]) -> usize {
    let groups = table_groups(spans);
    2 + groups * WORD_TABLES + groups.div_ceil(32)
}

/// A heap over `R` regions, the fastest first. A region that is not there has no bytes.
pub struct Heap<'m, M, const R: usize> {
    pub(crate) memory: M,
    pub(crate) tables: Tables<'m>,
    pub(crate) cards: Cards<'m>,
    pub(crate) stack: MarkStack<'m>,
    pub(crate) queue: Queue,
    pub(crate) regions: [Region; R],
    pub(crate) hull: Hull,
    pub(crate) policy: Policy,
    pub(crate) phase: Phase,
    pub(crate) sweep: SweepAt<R>,
    pub(crate) work: Work,
    pub(crate) totals: Totals,
    pub(crate) words_per_block: u32,
    /// Where small objects go: the fastest tier, or, when that is full, the one that took the last of them.
    pub(crate) small_tier: usize,
    /// Up to so many bytes there is a quick way now, see `alloc_quickly`.
    pub(crate) quick_bytes: u32,
    /// The line of slow memory that was scanned last.
    pub(crate) last_line: u32,
    pub(crate) guards: bool,
    pub(crate) canaries: [&'m u32; 2],
}

/// Memory that lies as it has to, and nowhere twice.
fn check(spans: &[Span]) -> Result<(), SetupError> {
    for (i, span) in spans.iter().enumerate() {
        if span.base % if i == 0 { BLOCK_BYTES } else { LINE_BYTES } != 0 {
            return Err(SetupError::Misaligned { base: span.base });
        }
        let end = u64::from(span.base) + u64::from(span.bytes);
        let overlaps = spans[..i].iter().any(|other| {
            u64::from(span.base) < u64::from(other.base) + u64::from(other.bytes)
                && u64::from(other.base) < end
        });
        if overlaps || end > u64::from(u32::MAX) {
            return Err(SetupError::Overlap { base: span.base });
        }
    }
    Ok(())
}

impl<'m, M: Memory, const R: usize> Heap<'m, M, R> {
    /// An empty heap. `tables` is fast memory of at least [`table_words`] words, `stack` fast memory for the mark
    /// stack, two words an entry; 512 entries are plenty, and none at all still works, slowly.
    pub fn new(
        memory: M,
        spans: [Span; R],
        tables: &'m mut [u32],
        stack: &'m mut [u32],
        params: Params,
    ) -> Result<Self, SetupError> {
        check(&spans)?;
        let (needed, given) = (table_words(&spans), tables.len());
        let groups = table_groups(&spans);
        let Some(tables) = tables.get_mut(..needed) else {
            return Err(SetupError::TablesTooSmall { needed, given });
        };
        tables[0] = CANARY;
        tables[needed - 1] = CANARY;
        // `needed` is 2 at least, so neither split can fail.
        let (first_canary, rest) = tables.split_at_mut(1);
        let (blocks, rest) = rest.split_at_mut(groups * WORD_TABLES);
        let (cards, last_canary) = rest.split_at_mut(rest.len() - 1);
        let mut tables = Tables::new(blocks.as_chunks_mut().0);
        let mut first = 0;
        let regions = spans.map(|span| {
            let region = Region::new(span, first, &mut tables);
            first = region.end;
            region
        });
        let mut heap = Heap {
            memory,
            tables,
            cards: Cards::new(cards),
            stack: MarkStack::new(stack.as_chunks_mut().0),
            queue: Queue::new(),
            regions,
            hull: Hull::around(&spans),
            policy: Policy::new(params),
            phase: Phase::Idle,
            sweep: SweepAt::default(),
            work: Work::default(),
            totals: Totals::default(),
            words_per_block: 0,
            small_tier: 0,
            quick_bytes: 0,
            last_line: u32::MAX,
            guards: false,
            canaries: [&first_canary[0], &last_canary[0]],
        };
        let reserve = heap.policy.reserve_blocks(heap.regions[0].blocks());
        heap.regions[0].set_reserve(reserve);
        heap.settle();
        heap.enter(Phase::Idle);
        Ok(heap)
    }

    /// From now on each block ends in a guard word, which [`Heap::check_guards`] looks at. For finding stray writes.
    /// Has to be switched on before the first allocation.
    pub fn with_guards(mut self) -> Self {
        self.guards = self.allocated_blocks() == 0;
        self.enter(Phase::Idle);
        self
    }

    fn guard_bytes(&self) -> u32 {
        if self.guards { WORD_BYTES } else { 0 }
    }

    pub(crate) fn blocks_for(&self, bytes: u32, finaliser: bool) -> u32 {
        let bytes = bytes.saturating_add(self.guard_bytes());
        let blocks = bytes / BLOCK_BYTES + u32::from(!bytes.is_multiple_of(BLOCK_BYTES));
        // The mark of a finaliser is on the second block.
        if finaliser { blocks.max(2) } else { blocks }
    }

    /// Finds room. The memory is zeroed, all blocks of it; of a leaf only the last one, so that what is behind its end is
    /// known.
    ///
    /// With `may_collect` the answer can be [`Refusal::CollectFirst`]: collect, and ask again without. That keeps the
    /// order of stock MicroPython: one collection at most for an allocation.
    #[inline]
    pub fn alloc(&mut self, request: Request, may_collect: bool) -> Result<u32, Refusal> {
        if !request.finaliser
            && request.place == Place::Auto
            && let Some(address) = self.alloc_quickly(request.bytes, request.leaf)
        {
            return Ok(address);
        }
        self.alloc_thoroughly(request, may_collect)
    }

    /// As [`Heap::alloc`] without finaliser, place, and collection; `None` means that `alloc` has to be asked. Most
    /// objects are small, and get the next blocks of the stretch that is being filled, in the tier where small objects
    /// went last.
    #[inline(always)]
    pub fn alloc_quickly(&mut self, bytes: u32, leaf: bool) -> Option<u32> {
        // Zero wraps and is not quick.
        if bytes.wrapping_sub(1) >= self.quick_bytes {
            return None;
        }
        // No overflow: it is small.
        let blocks = bytes.wrapping_add(BLOCK_BYTES - 1) / BLOCK_BYTES;
        let region = self.regions.get_mut(self.small_tier)?;
        let block = region.bump(&mut self.tables, blocks, leaf)?;
        let address = region.address(block);
        self.zero(address, if leaf { blocks - 1 } else { 0 }, blocks);
        Some(address)
    }

    #[inline(never)]
    fn alloc_thoroughly(&mut self, request: Request, may_collect: bool) -> Result<u32, Refusal> {
        if request.bytes == 0 {
            return Err(Refusal::Zero);
        }
        let blocks = self.blocks_for(request.bytes, request.finaliser);
        let (tier, block) = self.make(request, blocks, may_collect, false)?;
        let address = self.regions[tier].address(block);
        let dirty = if request.leaf { 1 } else { blocks };
        let end = address + blocks * BLOCK_BYTES;
        let cleared = self.zero_in_chunks(end - dirty * BLOCK_BYTES, end);
        self.write_guard(address, blocks);
        self.keep_if(cleared, address)
    }

    #[inline(always)]
    fn note_made(&mut self, request: Request, tier: usize, block: Block, blocks: u32) {
        self.tables
            .set_flags(block, blocks, request.leaf, request.finaliser);
        if request.finaliser {
            self.regions[tier].note_finaliser(block);
        }
    }

    pub(crate) fn write_guard(&mut self, address: u32, blocks: u32) {
        if self.guards {
            self.memory
                .write(address + blocks * BLOCK_BYTES - WORD_BYTES, GUARD ^ address);
        }
    }

    /// Makes an object, its contents as they are.
    pub(crate) fn make(
        &mut self,
        request: Request,
        blocks: u32,
        may_collect: bool,
        grows: bool,
    ) -> Result<(usize, Block), Refusal> {
        if self.phase == Phase::Finalise {
            return Err(Refusal::Busy);
        }
        let (tier, block) = self.place(request, blocks, may_collect, grows)?;
        self.note_made(request, tier, block, blocks);
        Ok((tier, block))
    }

    #[inline]
    fn take(
        &mut self,
        tier: usize,
        blocks: u32,
        side: Side,
        leaf: bool,
        effort: Effort,
    ) -> Option<(usize, Block)> {
        let (phase, sweep) = (self.phase, &self.sweep);
        let black = |block| phase.births_black(sweep, tier, block);
        self.regions[tier]
            .take(&mut self.tables, blocks, side, leaf, effort, black)
            .map(|block| (tier, block))
    }

    #[inline]
    fn place(
        &mut self,
        request: Request,
        blocks: u32,
        may_collect: bool,
        grows: bool,
    ) -> Result<(usize, Block), Refusal> {
        let size = self.policy.size(request.bytes, request.leaf);
        let side = match size {
            Size::Small | Size::Payload => Side::Low,
            Size::Medium | Size::Large => Side::High,
        };
        let refusal = |tier| {
            if may_collect {
                Refusal::CollectFirst
            } else {
                Refusal::NoRoom { tier }
            }
        };
        if let Place::Only(tier) = request.place {
            if self
                .regions
                .get(tier)
                .is_none_or(|region| blocks > region.longest_blocks())
            {
                return Err(Refusal::NoRoom { tier: Some(tier) });
            }
            self.regions[tier].open_reserve(true);
            let found = self.take(tier, blocks, side, request.leaf, Effort::Honest);
            return found.ok_or(refusal(Some(tier)));
        }
        if self.regions.iter().all(|region| blocks > region.longest_blocks()) {
            return Err(Refusal::NoRoom { tier: None });
        }
        let found = match size {
            Size::Small => self.place_small(blocks, request.leaf, may_collect)?,
            Size::Medium => match self.take(0, blocks, side, request.leaf, Effort::Quick) {
                None => self.take_slow(1..R, blocks, side, request.leaf, may_collect)?,
                found => found,
            },
            Size::Payload | Size::Large => {
                self.place_payload(blocks, side, request.leaf, may_collect, grows)?
            }
        };
        let honest = |heap: &mut Self| {
            (0..R).find_map(|tier| heap.take(tier, blocks, side, request.leaf, Effort::Honest))
        };
        if let Some(found) = found.or_else(|| honest(self)) {
            return Ok(found);
        }
        if !may_collect && self.regions[0].open_reserve(true) && blocks > self.regions[0].reserve_blocks() {
            // The reserve alone would not do, but with what is before it there may be room.
            if let Some(found) = honest(self) {
                return Ok(found);
            }
        }
        Err(refusal(None))
    }

    #[inline]
    fn place_small(
        &mut self,
        blocks: u32,
        leaf: bool,
        may_collect: bool,
    ) -> Result<Option<(usize, Block)>, Refusal> {
        self.small_tier = 0;
        if let Some(found) = self.take(0, blocks, Side::Low, leaf, Effort::Quick) {
            return Ok(Some(found));
        }
        let fast_blocks = self.regions[0].blocks();
        if may_collect && fast_blocks > 0 && self.policy.collecting_beats_spilling(self.since(), fast_blocks)
        {
            self.totals.for_speed += 1;
            return Err(Refusal::CollectFirst);
        }
        let found = self.take_slow(1..R, blocks, Side::Low, leaf, may_collect)?;
        self.small_tier = found.map_or(0, |(tier, _)| tier);
        Ok(found)
    }

    /// Room in a slow tier. One whose budget is used up gives its holes, but does not grow before there was a collection.
    fn take_slow(
        &mut self,
        tiers: Range<usize>,
        blocks: u32,
        side: Side,
        leaf: bool,
        may_collect: bool,
    ) -> Result<Option<(usize, Block)>, Refusal> {
        for tier in tiers {
            let may_grow = tier == 0 || !may_collect || !self.regions[tier].over_budget(side);
            let effort = if may_grow { Effort::Quick } else { Effort::Holes };
            if let Some(found) = self.take(tier, blocks, side, leaf, effort) {
                return Ok(Some(found));
            }
            if !may_grow {
                self.totals.for_compactness += 1;
                return Err(Refusal::CollectFirst);
            }
        }
        Ok(None)
    }

    /// What costs nothing where it is slow.
    fn place_payload(
        &mut self,
        blocks: u32,
        side: Side,
        leaf: bool,
        may_collect: bool,
        grows: bool,
    ) -> Result<Option<(usize, Block)>, Refusal> {
        let slowest = (0..R)
            .rev()
            .find(|&tier| self.regions[tier].blocks() > 0)
            .unwrap_or(0);
        let may_grow = slowest == 0 || !may_collect || !self.regions[slowest].over_budget(side);
        if grows && may_grow && side == Side::High {
            let (phase, sweep) = (self.phase, &self.sweep);
            let black = |block| phase.births_black(sweep, slowest, block);
            if let Some(block) = self.regions[slowest].take_to_grow(&mut self.tables, blocks, black) {
                return Ok(Some((slowest, block)));
            }
        }
        if let Some(found) = self.take_slow(slowest..slowest + 1, blocks, side, leaf, may_collect)? {
            return Ok(Some(found));
        }
        if may_collect
            && self
                .policy
                .collect_before_large_in_fast(self.since(), self.total_blocks())
        {
            return Err(Refusal::CollectFirst);
        }
        Ok((0..slowest)
            .rev()
            .find_map(|tier| self.take(tier, blocks, side, leaf, Effort::Quick)))
    }

    /// The tier and the block of an object that the heap handed out.
    #[inline]
    pub(crate) fn find(&self, address: u32) -> Option<(usize, Block)> {
        let tier = self
            .regions
            .iter()
            .position(|region| region.block_at(address).is_some())?;
        let block = self.regions[tier].block_at(address)?;
        self.tables.is_used(block).then_some((tier, block))
    }

    pub(crate) fn blocks_of(&self, tier: usize, block: Block) -> u32 {
        self.tables.next_head(block + 1, self.regions[tier].end) - block
    }

    /// Frees a block at once, without running its finaliser. Address 0 is fine and does nothing.
    pub fn free(&mut self, address: u32) -> Result<(), NotABlock> {
        if address == 0 {
            return Ok(());
        }
        let (tier, block) = self.find(address).ok_or(NotABlock { address })?;
        let blocks = self.blocks_of(tier, block);
        let region = &mut self.regions[tier];
        if region.finalisers > 0 && self.tables.has_finaliser(block, region.end) {
            self.tables.clear_finaliser(block);
            region.forget_finaliser();
        }
        let leaf = self.tables.is_leaf(block);
        region.release(&mut self.tables, block, blocks, leaf);
        self.stack.forget(address, address + blocks * BLOCK_BYTES);
        self.small_tier = self.small_tier.min(tier);
        Ok(())
    }

    /// The size of a block, a multiple of 16; 0 if `address` is not one.
    pub fn nbytes(&self, address: u32) -> u32 {
        match self.find(address) {
            Some((tier, block)) => self.blocks_of(tier, block) * BLOCK_BYTES - self.guard_bytes(),
            None => 0,
        }
    }

    /// Whether an object of this heap may begin at `word`. Of small integers, zero, and addresses outside "no" is
    /// certain; a "yes" is quick and not to be relied on. What is filled once, with words for which the answer is "no",
    /// can be a leaf.
    #[inline(always)]
    pub fn may_point_inside(&self, word: u32) -> bool {
        self.hull.may_point_inside(word)
    }

    /// The tier that `address` lies in.
    pub fn tier_of(&self, address: u32) -> Option<usize> {
        self.regions
            .iter()
            .position(|region| region.block_around(address).is_some())
    }

    /// Changes the size of a block: in place if possible, else, with `allow_move`, by moving it. What is added is
    /// zeroed, of leaves the last block; being a leaf and having a finaliser go along.
    ///
    /// Address 0 allocates; 0 bytes frees, and the answer is [`Refusal::Zero`]. A refusal leaves the block as it was, also
    /// [`Refusal::Interrupted`].
    pub fn realloc(
        &mut self,
        address: u32,
        bytes: u32,
        allow_move: bool,
        may_collect: bool,
    ) -> Result<u32, Refusal> {
        if address == 0 {
            return self.alloc(Request::bytes(bytes), may_collect);
        }
        if bytes == 0 {
            self.free(address).map_err(Refusal::NotABlock)?;
            return Err(Refusal::Zero);
        }
        if self.phase == Phase::Finalise {
            return Err(Refusal::Busy);
        }
        let (tier, block) = self
            .find(address)
            .ok_or(Refusal::NotABlock(NotABlock { address }))?;
        let old = self.blocks_of(tier, block);
        let leaf = self.tables.is_leaf(block);
        let finaliser = self.tables.has_finaliser(block, self.regions[tier].end);
        let new = self.blocks_for(bytes, finaliser);
        let region = &mut self.regions[tier];
        if new == old {
            return Ok(address);
        }
        if new < old {
            region.shrink(&mut self.tables, block, old, new);
            self.stack
                .forget(address + new * BLOCK_BYTES, address + old * BLOCK_BYTES);
            self.write_guard(address, new);
            return Ok(address);
        }
        if region.extend(&mut self.tables, block, old, new) {
            self.tables.set_flags(block, new, leaf, finaliser);
            if let Err(interrupted) = self.clear_tail(address, old, new, leaf) {
                self.regions[tier].shrink(&mut self.tables, block, new, old);
                self.write_guard(address, old);
                return Err(interrupted);
            }
            return Ok(address);
        }
        if !allow_move {
            return Err(Refusal::NoRoom { tier: None });
        }
        let request = Request {
            bytes,
            leaf,
            finaliser,
            place: Place::Auto,
        };
        let moved = self.move_and_grow(address, old, new, request, may_collect)?;
        self.free(address).map_err(Refusal::NotABlock)?;
        Ok(moved)
    }

    /// A copy of the `old` blocks at `address`, `new` blocks long.
    #[inline(always)]
    fn move_and_grow(
        &mut self,
        address: u32,
        old: u32,
        new: u32,
        request: Request,
        may_collect: bool,
    ) -> Result<u32, Refusal> {
        let leaf = request.leaf;
        let (new_tier, new_block) = self.make(request, new, may_collect, true)?;
        let moved = self.regions[new_tier].address(new_block);
        let copied = self
            .copy_in_chunks(address, moved, old * BLOCK_BYTES)
            .and_then(|()| self.clear_tail(moved, old, new, leaf));
        self.keep_if(copied, moved)?;
        if !leaf {
            // The copy was born black, but what it points to may be white.
            self.dirty_range(moved, moved + old * BLOCK_BYTES);
        }
        Ok(moved)
    }

    /// Zeroes the blocks from `first` to `end` of the object at `address`.
    #[inline(always)]
    fn zero(&mut self, address: u32, first: u32, end: u32) {
        self.memory
            .zero(address + first * BLOCK_BYTES, (end - first) * BLOCK_BYTES);
    }

    /// Zeroes what a block of `old` blocks gained, and the guard that stood there, if it may hold pointers; else the last block.
    pub(crate) fn clear_tail(&mut self, address: u32, old: u32, new: u32, leaf: bool) -> Result<(), Refusal> {
        let from = address + old * BLOCK_BYTES - self.guard_bytes();
        let end = address + new * BLOCK_BYTES;
        let from = if leaf { end - BLOCK_BYTES } else { from };
        let cleared = self.zero_in_chunks(from, end);
        self.write_guard(address, new);
        cleared
    }
}
