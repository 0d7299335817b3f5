//! Handing out what has a finaliser, and freeing what is dead, word by word of the tables.
//!
//! Both go through the tables in the same order and never look at the memory. The sweep can stop after any word; what
//! is allocated meanwhile ahead of it is black, so that it passes over.

use crate::heap::Heap;
use crate::memory::{BLOCK_BYTES, Memory};
use crate::phase::{Phase, Progress};
use crate::tables::WORD_BLOCKS;

impl<M: Memory, const R: usize> Heap<'_, M, R> {
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
        self.enter(Phase::Sweep);
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

    /// Nothing is marked or dead: the regions take stock.
    pub(crate) fn settle(&mut self) {
        for region in &mut self.regions {
            region.settle(&mut self.tables, &self.policy);
            region.forget_hints();
        }
        let reserve = self.regions[0].reserve_blocks();
        if self.policy.has_recovered(
            self.free_blocks() - reserve.min(self.free_blocks()),
            self.total_blocks(),
        ) {
            self.regions[0].open_reserve(false);
        }
    }

    fn end_sweep(&mut self) {
        let fast_free_bytes = self.regions.first().map_or(0, |r| r.free_blocks() * BLOCK_BYTES);
        self.policy.collected(&self.work, fast_free_bytes);
        self.settle();
        self.small_tier = 0;
        self.enter(Phase::Idle);
    }
}
