//! The collector, as a machine whose state can be seen.
//!
//! ```text
//!          start                mark_step ... finish_marking            next_finaliser -> None           sweep_step
//!   Idle ---------> Mark (root, mark_step, dirty) ---------> Finalise -----------------------> Sweep ------------> Idle
//! ```
//!
//! | | Idle | Mark | Finalise | Sweep |
//! |---|---|---|---|---|
//! | a white object is | in use | not found yet | dead | dead if not swept yet, else in use |
//! | a black object is | - | found; scanned, or waiting on the stack or in a dirty card | in use | in use, not swept yet |
//! | a new object is born | white | black | refused | black where not swept yet, else white |
//!
//! All at once, or in slices with the program running between them: the difference is who calls how often. What makes
//! slices sound: **no black object points to a white one, unless the pointer waits to be scanned**, on the stack or in a
//! dirty card. New objects are black, and a program that stores a pointer into the heap calls [`Heap::dirty`]. The roots are
//! not watched, so they are handed over again before [`Heap::finish_marking`], without running the program between.
//!
//! This file goes from phase to phase; what is done in them is in `mark` and `sweep`. It does not know where roots are, how a
//! finaliser is called, or when to collect.

use crate::heap::Heap;
use crate::memory::Memory;
use crate::phase::{Phase, Progress, SweepAt};
use crate::stats::Work;

impl<M: Memory, const R: usize> Heap<'_, M, R> {
    /// The phase of the collector.
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The only way from phase to phase.
    pub(crate) fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        // What is born on the quick way is white.
        let quick = phase == Phase::Idle && !self.guards;
        self.quick_bytes = if quick { self.policy.quick_bytes } else { 0 };
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
        let since = self.since();
        let room = if self.fast_slices_due() {
            self.regions[0].free_blocks()
        } else if self.spread_slices_due() {
            self.free_blocks() / self.policy.params.spread_share / 2
        } else {
            self.free_blocks()
        };
        self.words_per_block = self.policy.words_per_block(since, room);
        self.regions.iter_mut().for_each(|region| {
            region.since_blocks = 0;
            region.since_high_blocks = 0;
        });
        self.totals.fast_blocks += u64::from(since.fast_blocks);
        self.totals.slow_blocks += u64::from(since.slow_blocks);
        self.enter(Phase::Mark);
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

    /// Marks to the end and goes on to the finalisers. The roots were all handed over since the program last ran.
    pub fn finish_marking(&mut self) {
        if self.phase != Phase::Mark {
            return;
        }
        while self.mark_step(u32::MAX) == Progress::More {}
        self.sweep = SweepAt::begin(&self.regions);
        self.enter(Phase::Finalise);
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
        self.phase == Phase::Idle
            && (self.policy.slices_due(self.free_blocks(), self.total_blocks())
                || self.fast_slices_due()
                || self.spread_slices_due())
    }

    fn spread_slices_due(&self) -> bool {
        self.regions[1..].iter().any(|region| region.any_over_budget())
    }

    fn fast_slices_due(&self) -> bool {
        let fast = &self.regions[0];
        self.policy.slices_due(fast.free_blocks(), fast.blocks())
            && self.policy.collecting_beats_spilling(self.since(), fast.blocks())
    }

    /// Words to mark for each block allocated while this collection marks, see the policy.
    pub fn slice_words_per_block(&self) -> u32 {
        self.words_per_block
    }
}
