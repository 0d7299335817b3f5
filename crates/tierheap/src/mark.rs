//! Finding what is alive: from roots and dirty cards along the pointers, as far as a budget goes.
//!
//! Every question about a pointer is asked of the tables, in fast memory. The object itself is read once, if it is alive
//! and no leaf. When marking may begin and end is the business of `collect`.

use crate::heap::Heap;
use crate::memory::{BLOCK_BYTES, Memory};
use crate::phase::{Phase, Progress};
use crate::stack::Range;
use crate::tables::{Block, Kind, WORD_BLOCKS};

/// Roots that wait on the stack before what they lead to is marked.
const ROOTS: usize = 32;

impl<M: Memory, const R: usize> Heap<'_, M, R> {
    /// If `word` is the address of an object, the object lives. Only the address of its first byte counts.
    #[inline]
    pub fn root(&mut self, word: u32) {
        self.roots([word]);
    }

    /// [`Heap::root`] for many, without scanning anything yet: for marking in slices.
    pub fn roots(&mut self, words: impl IntoIterator<Item = u32>) {
        if self.phase == Phase::Mark {
            self.take_roots(&mut words.into_iter(), usize::MAX);
        }
    }

    /// [`Heap::root`] for many, and everything that can be reached from them: for collecting at once. However many
    /// roots there are, the mark stack only has to hold what a few of them lead to.
    pub fn mark_from(&mut self, words: impl IntoIterator<Item = u32>) {
        let mut words = words.into_iter();
        while self.phase == Phase::Mark {
            let more = self.take_roots(&mut words, ROOTS);
            let _ = self.mark_step(u32::MAX);
            if !more {
                break;
            }
        }
    }

    /// Marks roots until `limit` objects wait on the stack; whether there may be more.
    #[inline]
    fn take_roots(&mut self, words: &mut impl Iterator<Item = u32>, limit: usize) -> bool {
        let mut marker = self.marker();
        let more = words.any(|word| {
            marker.visit(word);
            marker.waiting() >= limit
        });
        marker.finish();
        more
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

    /// [`Heap::dirty`] for all of the object at `address`, if there is one.
    pub fn dirty_object(&mut self, address: u32) {
        if self.phase != Phase::Mark || !address.is_multiple_of(BLOCK_BYTES) {
            return;
        }
        let Some((region, block)) = self.regions.iter().find_map(|r| Some((r, r.block_at(address)?))) else {
            return;
        };
        if self.tables.kind(block) != Kind::Black || self.tables.is_leaf(block) {
            return;
        }
        let next = self.tables.next_head(block + 1, region.end);
        (block / WORD_BLOCKS..=(next - 1) / WORD_BLOCKS).for_each(|card| self.cards.set(card));
    }

    /// Whether nothing waits to be scanned but dirty cards.
    pub fn only_cards_wait(&self) -> bool {
        self.stack.is_empty()
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
        let mut budget = self.drain(None, budget_words);
        while budget > 0 {
            let Some(card) = self.cards.take() else {
                return Progress::Done;
            };
            budget = self.scan_card(card, budget);
        }
        self.marking_progress()
    }

    fn drain(&mut self, hand: Option<Range>, budget_words: u32) -> u32 {
        let mut marker = self.marker();
        let budget = marker.drain(hand, budget_words);
        marker.finish();
        budget
    }

    fn marking_progress(&self) -> Progress {
        if self.stack.is_empty() && !self.cards.any() {
            Progress::Done
        } else {
            Progress::More
        }
    }

    /// Scans the words of a card that belong to black objects with pointers, and what they lead to; what is left of the
    /// budget.
    fn scan_card(&mut self, card: u32, budget_words: u32) -> u32 {
        self.work.cards += 1;
        let mut budget = budget_words.saturating_sub(1);
        let from = card * WORD_BLOCKS;
        let to = from + WORD_BLOCKS;
        let Some(region) = self.regions.iter().find(|r| (r.first..r.end).contains(&from)) else {
            return budget;
        };
        let (first, base) = (region.first, region.base);
        let address = |block: Block| base + (block - first) * BLOCK_BYTES;
        // What reaches into the card from below, then what begins in it. No further, neither way: beside what is in use there are
        // megabytes without a head.
        let mut head = self
            .tables
            .previous_head(from + 1, region.floor(from))
            .unwrap_or(from);
        while head < to {
            let next = self.tables.next_head(head + 1, to);
            if self.tables.kind(head) == Kind::Black && !self.tables.is_leaf(head) {
                let hand = Range {
                    at: address(head.max(from)),
                    end: address(next),
                };
                budget = self.drain(Some(hand), budget);
            }
            head = next;
        }
        budget
    }
}
