//! The collector, as a machine whose state can be seen.
//!
//! ```text
//!          start                mark_step ... finish_marking            next_finaliser -> None           sweep_step
//!   Idle ---------> Mark (root, mark_step, dirty) ---------> Finalise -----------------------> Sweep ------------> Idle
//! ```
//!
//! | a white block is | Idle | Mark | Finalise | Sweep |
//! |---|---|---|---|---|
//! | white | in use | not found yet | dead | dead if not swept yet, else in use |
//! | black | - | found; scanned, or waiting on the stack or in a dirty card | in use | in use, not swept yet |
//! | a new object is | white | black | refused | black where not swept yet, else white |
//!
//! All at once, or in slices with the program running between them: the difference is who calls how often. What makes
//! slices sound: **no black object points to a white one, unless the pointer waits to be scanned**, on the stack or in a
//! dirty card. New objects are black, and whoever stores a pointer into the heap calls [`Heap::dirty`]. The roots are
//! not watched, so they are handed over again before [`Heap::finish_marking`], without running the program between.
//!
//! It does not know where roots are, how a finaliser is called, or when to collect.

use crate::heap::Heap;
use crate::memory::{BLOCK_BYTES, LINE_BYTES, Memory, WORD_BYTES};
use crate::region::Region;
use crate::stack::Range;
use crate::stats::Work;
use crate::tables::{Block, Kind, WORD_BLOCKS};

/// Words scanned before the stack is looked at again: a long list waits as one entry while its first elements are done.
const PIECE_BYTES: u32 = 128;

/// Where a collection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No collection runs.
    Idle,
    /// Finding what is alive.
    Mark,
    /// Handing out the dead objects with finalisers.
    Finalise,
    /// Freeing what is dead.
    Sweep,
}

impl Phase {
    /// The colour of an object that comes to life at `block` of a tier.
    #[inline(always)]
    pub(crate) fn births_black<const R: usize>(self, sweep: &SweepAt<R>, tier: usize, block: Block) -> bool {
        match self {
            Phase::Idle | Phase::Finalise => false,
            Phase::Mark => true,
            Phase::Sweep => sweep.is_ahead(tier, block / WORD_BLOCKS),
        }
    }
}

/// Whether a step finished its phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Progress {
    /// There is more to do.
    More,
    /// The phase is done, as far as is known now.
    Done,
}

/// How far the finalisers and the sweep have come. What has to be visited is fixed when the marking ends.
pub(crate) struct SweepAt<const R: usize> {
    tier: usize,
    word: u32,
    ranges: [[(u32, u32); 2]; R],
}

impl<const R: usize> Default for SweepAt<R> {
    fn default() -> Self {
        SweepAt {
            tier: 0,
            word: 0,
            ranges: [[(0, 0); 2]; R],
        }
    }
}

impl<const R: usize> SweepAt<R> {
    fn begin(regions: &[Region; R]) -> Self {
        SweepAt {
            tier: 0,
            word: 0,
            ranges: core::array::from_fn(|i| regions[i].words_in_use()),
        }
    }

    pub(crate) fn is_ahead(&self, tier: usize, word: u32) -> bool {
        word >= self.word
            && self.ranges[tier]
                .iter()
                .any(|&(from, to)| (from..to).contains(&word))
    }
}

impl<M: Memory, const R: usize> Heap<'_, M, R> {
    /// The phase of the collector.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// Begins a collection. One that is marking is dropped, one that is sweeping is finished first. While finalisers
    /// run nothing can begin: the answer is then false.
    pub fn start(&mut self) -> bool {
        match self.phase {
            Phase::Idle => {}
            Phase::Mark => self.forget_marks(),
            Phase::Finalise => return false,
            Phase::Sweep => while self.sweep_step(u32::MAX) == Progress::More {},
        }
        self.work = Work::default();
        self.totals.collections = self.totals.collections.saturating_add(1);
        self.words_per_block = self.policy.words_per_block(self.free_blocks());
        let since = self.policy.started();
        self.totals.fast_blocks += u64::from(since.fast_blocks);
        self.totals.slow_blocks += u64::from(since.slow_blocks);
        self.phase = Phase::Mark;
        true
    }

    fn forget_marks(&mut self) {
        self.stack.clear();
        self.cards.clear();
        for region in &self.regions {
            for (from, to) in region.words_in_use() {
                (from..to).for_each(|word| self.tables.unmark_word(word));
            }
        }
    }

    /// If `word` is the address of an object, the object lives. Only the address of its first byte counts.
    #[inline]
    pub fn root(&mut self, word: u32) {
        if self.phase == Phase::Mark
            && let Some(range) = self.find_white(word)
        {
            self.push(range);
        }
    }

    /// [`Heap::root`] for many, without scanning anything yet: for marking in slices.
    pub fn roots(&mut self, words: impl IntoIterator<Item = u32>) {
        words.into_iter().for_each(|word| self.root(word));
    }

    /// [`Heap::root`] for many, and everything that can be reached from each of them before the next: for collecting at
    /// once. However many roots there are, the mark stack only has to hold what one of them leads to.
    pub fn mark_from(&mut self, words: impl IntoIterator<Item = u32>) {
        for word in words {
            self.root(word);
            if !self.stack.is_empty() {
                let _ = self.mark_step(u32::MAX);
            }
        }
    }

    /// If `word` is the address of a white object, marks it. What is to be scanned of it, unless it is a leaf.
    #[inline(always)]
    fn find_white(&mut self, word: u32) -> Option<Range> {
        // Small integers and most other things that are no pointers end here.
        if !word.is_multiple_of(BLOCK_BYTES) || word == 0 {
            return None;
        }
        for tier in 0..R {
            let region = &self.regions[tier];
            let Some(block) = region.block_around(word) else {
                continue;
            };
            // All questions are answered by the tables; a leaf is never touched.
            let found = self.tables.mark(block)?;
            self.work.objects += 1;
            if found.leaf {
                self.work.leaves += 1;
                return None;
            }
            let end = self.tables.end_of(block, found, region.end);
            return Some(Range {
                at: word,
                end: word + (end - block) * BLOCK_BYTES,
            });
        }
        None
    }

    #[inline(always)]
    fn push(&mut self, range: Range) {
        if !self.stack.push(range) {
            self.work.overflows += 1;
            self.dirty_range(range.at, range.end);
        }
    }

    /// The write barrier: a word at `address` was or will be overwritten before the collector runs again. To be called
    /// for every store of a pointer into the heap while [`Heap::phase`] is [`Phase::Mark`]; elsewhere it does nothing.
    #[inline]
    pub fn dirty(&mut self, address: u32) {
        if self.phase != Phase::Mark {
            return;
        }
        if let Some(block) = self
            .regions
            .iter()
            .find_map(|region| region.block_around(address))
        {
            self.cards.set(block / WORD_BLOCKS);
        }
    }

    /// [`Heap::dirty`] for a range that lies in one region.
    pub(crate) fn dirty_range(&mut self, from: u32, to: u32) {
        if self.phase != Phase::Mark {
            return;
        }
        let blocks = self
            .regions
            .iter()
            .find_map(|r| Some((r.block_around(from)?, r.block_around(to - 1)?)));
        if let Some((first, last)) = blocks {
            (first / WORD_BLOCKS..=last / WORD_BLOCKS).for_each(|card| self.cards.set(card));
        }
    }

    /// Scans about `budget_words` words. `Done` means that nothing waits; more may come by roots and by `dirty`.
    pub fn mark_step(&mut self, budget_words: u32) -> Progress {
        if self.phase != Phase::Mark {
            return Progress::Done;
        }
        let mut budget = budget_words;
        self.stack.note_depth();
        loop {
            while let Some(Range { at, end }) = self.stack.pop() {
                let stop = end.min(at + PIECE_BYTES);
                // There is room: an entry was just taken.
                let kept = stop == end || self.stack.push(Range { at: stop, end });
                debug_assert!(kept);
                budget = budget.saturating_sub(self.scan(at, stop));
                self.stack.note_depth();
                if budget == 0 {
                    return self.marking_progress();
                }
            }
            let Some(card) = self.cards.take() else {
                return Progress::Done;
            };
            budget = budget.saturating_sub(self.scan_card(card));
            if budget == 0 {
                return self.marking_progress();
            }
        }
    }

    fn marking_progress(&self) -> Progress {
        if self.stack.is_empty() && !self.cards.any() {
            Progress::Done
        } else {
            Progress::More
        }
    }

    /// Scans a piece of an object; how many words it read. Objects of one block that it finds are scanned on the way,
    /// others wait on the stack.
    #[inline(always)]
    fn scan(&mut self, at: u32, end: u32) -> u32 {
        self.note_scanned(at, end);
        let mut words = (end - at) / WORD_BYTES;
        let mut address = at;
        while address < end {
            if let Some(range) = self.find_white(self.memory.read(address)) {
                if range.end - range.at == BLOCK_BYTES {
                    words += BLOCK_BYTES / WORD_BYTES;
                    self.scan_block(range.at);
                } else {
                    self.push(range);
                }
            }
            address += WORD_BYTES;
        }
        words
    }

    #[inline(always)]
    fn scan_block(&mut self, at: u32) {
        self.note_scanned(at, at + BLOCK_BYTES);
        for i in 0..BLOCK_BYTES / WORD_BYTES {
            if let Some(range) = self.find_white(self.memory.read(at + i * WORD_BYTES)) {
                self.push(range);
            }
        }
    }

    #[inline(always)]
    fn note_scanned(&mut self, at: u32, end: u32) {
        let words = (end - at) / WORD_BYTES;
        if self.regions[0].block_around(at).is_some() {
            self.work.fast_words += words;
        } else {
            self.work.slow_words += words;
            let (first, last) = (at / LINE_BYTES, (end - 1) / LINE_BYTES);
            self.work.slow_lines += last - first + u32::from(first != self.last_line);
            self.last_line = last;
        }
    }

    /// Scans the words of a card that belong to black objects with pointers; how many words these were.
    fn scan_card(&mut self, card: u32) -> u32 {
        self.work.cards += 1;
        let from = card * WORD_BLOCKS;
        let to = from + WORD_BLOCKS;
        let Some(tier) = self.regions.iter().position(|r| (r.first..r.end).contains(&from)) else {
            return 0;
        };
        let (first, base, limit) = (
            self.regions[tier].first,
            self.regions[tier].base,
            self.regions[tier].end,
        );
        let address = |block: Block| base + (block - first) * BLOCK_BYTES;
        // What reaches into the card from below, then what begins in it.
        let mut head = self.tables.previous_head(from + 1, first).unwrap_or(from);
        let mut words = 0;
        while head < to {
            let next = self.tables.next_head(head + 1, limit);
            if self.tables.kind(head) == Kind::Black && !self.tables.is_leaf(head) {
                let (at, end) = (address(head.max(from)), address(next.min(to)));
                words += self.scan(at, end);
            }
            head = next;
        }
        words.max(1)
    }

    /// Marks to the end and goes on to the finalisers. The roots were all handed over since the program last ran.
    pub fn finish_marking(&mut self) {
        if self.phase != Phase::Mark {
            return;
        }
        while self.mark_step(u32::MAX) == Progress::More {}
        self.sweep = SweepAt::begin(&self.regions);
        self.phase = Phase::Finalise;
    }

    /// The next dead object with a finaliser, by address within a tier, the fastest tier first. Each is handed out
    /// once. It may be used until the sweep begins, which is when there are no more.
    pub fn next_finaliser(&mut self) -> Option<u32> {
        if self.phase != Phase::Finalise {
            return None;
        }
        while self.sweep.tier < R {
            let region = &mut self.regions[self.sweep.tier];
            let (low, high) = region.finaliser_range;
            let from = self.sweep.word.max(low / WORD_BLOCKS);
            // The mark lies one block behind the head.
            let to = (high + 1).div_ceil(WORD_BLOCKS).min(region.end / WORD_BLOCKS);
            for word in from..to {
                let head_before =
                    word * WORD_BLOCKS > region.first && self.tables.ends_in_white_head(word - 1);
                let doomed = self.tables.doomed_finalisers(word, head_before);
                if doomed != 0 {
                    self.sweep.word = word;
                    let head = word * WORD_BLOCKS + doomed.trailing_zeros() - 1;
                    self.tables.clear_finaliser(head);
                    region.forget_finaliser();
                    self.work.finalisers += 1;
                    return Some(region.address(head));
                }
            }
            self.sweep.tier += 1;
            self.sweep.word = 0;
        }
        self.sweep.tier = 0;
        self.sweep.word = 0;
        self.phase = Phase::Sweep;
        None
    }

    /// Visits about `budget_words` words of the tables, 512 bytes of heap each, and frees what is dead there.
    pub fn sweep_step(&mut self, budget_words: u32) -> Progress {
        if self.phase != Phase::Sweep {
            return Progress::Done;
        }
        let mut budget = budget_words;
        while self.sweep.tier < R {
            let tier = self.sweep.tier;
            for (from, to) in self.sweep.ranges[tier] {
                let from = from.max(self.sweep.word);
                if from >= to {
                    continue;
                }
                let stop = to.min(from.saturating_add(budget));
                self.sweep_words(tier, from, stop);
                self.sweep.word = stop;
                budget -= stop - from;
                if budget == 0 {
                    return Progress::More;
                }
            }
            self.sweep.tier += 1;
        }
        self.end_sweep();
        Progress::Done
    }

    fn sweep_words(&mut self, tier: usize, from: u32, to: u32) {
        let mut dead = false;
        let (mut objects, mut blocks) = (0, 0);
        let mut word = from;
        while word < to {
            // Words without a head are the inside of one thing: pass over them quickly.
            let with_head = self.tables.next_head(word * WORD_BLOCKS, to * WORD_BLOCKS) / WORD_BLOCKS;
            if dead {
                blocks += (with_head - word) * WORD_BLOCKS;
            }
            if with_head == to {
                break;
            }
            let swept = self.tables.sweep_word(with_head, dead);
            objects += swept.objects;
            blocks += swept.blocks;
            dead = swept.dead_goes_on;
            word = with_head + 1;
        }
        let region = &mut self.regions[tier];
        if dead {
            // The rest of the last dead object now hangs on a free run; count it before anyone changes that.
            let end = (to * WORD_BLOCKS).min(region.end);
            blocks += self.tables.next_head(end, region.end) - end;
        }
        region.used_blocks -= blocks;
        self.work.freed_objects += objects;
        self.work.freed_blocks += blocks;
        self.work.table_words += to - from;
    }

    fn end_sweep(&mut self) {
        for region in &mut self.regions {
            region.trim(&mut self.tables);
            region.forget_hints();
        }
        let fast_free_bytes = self.regions.first().map_or(0, |r| r.free_blocks() * BLOCK_BYTES);
        self.policy.collected(&self.work, fast_free_bytes);
        self.phase = Phase::Idle;
    }

    /// Everything that is left of a collection, at once. `finalise` is called with each doomed object.
    pub fn end(&mut self, mut finalise: impl FnMut(&mut Self, u32)) {
        self.finish_marking();
        while let Some(address) = self.next_finaliser() {
            finalise(self, address);
        }
        while self.sweep_step(u32::MAX) == Progress::More {}
    }

    /// What the collection that runs, or the last one, has done.
    pub fn work(&self) -> Work {
        self.work
    }

    /// Whether marking in slices should begin, see the policy.
    pub fn slices_due(&self) -> bool {
        self.phase == Phase::Idle && self.policy.slices_due(self.free_blocks(), self.total_blocks())
    }

    /// Words to mark for each block allocated while this collection marks, see the policy.
    pub fn slice_words_per_block(&self) -> u32 {
        self.words_per_block
    }
}
