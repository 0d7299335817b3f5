//! Finding what is alive: from roots and dirty cards along the pointers, as far as a budget goes.
//!
//! Every question about a pointer is asked of the tables, in fast memory. The object itself is read once, if it is alive
//! and no leaf. When marking may begin and end is the business of `collect`.

use crate::collect::{Phase, Progress};
use crate::heap::Heap;
use crate::memory::{BLOCK_BYTES, LINE_BYTES, Memory, WORD_BYTES};
use crate::stack::Range;
use crate::tables::{Block, Kind, WORD_BLOCKS};

/// Words scanned before the stack is looked at again: a long list waits as one entry while its first elements are done.
const PIECE_BYTES: u32 = 128;

impl<M: Memory, const R: usize> Heap<'_, M, R> {
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
}
