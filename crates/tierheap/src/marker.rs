//! The inner loop of marking: words in, marks and work for the stack out.
//!
//! Here instructions count, and the order of reading. A line of slow memory that follows the one before costs less than
//! one elsewhere, and arrives while the processor is still busy with the one before. So:
//! - what a piece of an object points to is read after the whole piece, first pointer first: objects that were made
//!   one after the other are read one after the other;
//! - a line is entered at its first byte ([`Memory::touch`]);
//! - an object of one block does not go over the stack: in fast memory it is scanned where it is found, in slow memory
//!   when the piece is done.
//!
//! The question whether a word is a pointer, and to which word of the tables, is one comparison: that of the slice's
//! index. What the loop needs for fast memory is kept apart from the rest, so that it can live in registers; the
//! rest is behind calls. It does not know about phases, budgets and cards, except that a full stack makes cards dirty.

use crate::cards::Cards;
use crate::heap::Heap;
use crate::hull::Hull;
use crate::memory::{BLOCK_BYTES, LINE_BYTES, Memory, WORD_BYTES};
use crate::region::Region;
use crate::stack::{MarkStack, Range};
use crate::stats::Work;
use crate::tables::{Found, Group, WORD_BLOCKS, mark};

/// Scanned in one go: a long list waits as one entry while what its first elements lead to is done.
const PIECE_BYTES: u32 = 128;
/// Bytes of the heap behind one word of the tables.
const GROUP_BYTES: u32 = WORD_BLOCKS * BLOCK_BYTES;
const PIECE_WORDS: usize = (PIECE_BYTES / WORD_BYTES) as usize;
const BLOCK_WORDS: u32 = BLOCK_BYTES / WORD_BYTES;

/// A region as marking sees it.
struct Tier<'a> {
    base: u32,
    groups: &'a mut [Group],
}

/// The loop, its registers, and the rest.
pub(crate) struct Marker<'a, 'm, M, const R: usize> {
    memory: &'a M,
    hull: Hull,
    fast: Tier<'a>,
    /// Leaves found in fast memory.
    leaves: u32,
    /// Objects that were scanned where they were found.
    at_once: u32,
    rest: Rest<'a, 'm, R>,
}

struct Rest<'a, 'm, const R: usize> {
    /// The slower tiers, and nothing in the place of the first.
    tiers: [Tier<'a>; R],
    regions: &'a [Region; R],
    stack: &'a mut MarkStack<'m>,
    cards: &'a mut Cards<'m>,
    work: &'a mut Work,
    last_line: &'a mut u32,
    /// Objects of one block in slow memory that the piece being scanned points to.
    blocks: [u32; PIECE_WORDS],
    block_count: usize,
    /// The line of slow memory in which the last such object was.
    block_line: u32,
}

/// A white object that was just marked.
enum Grey {
    Leaf,
    Block,
    Long(Range),
}

impl<'a> Tier<'a> {
    fn none() -> Self {
        Tier {
            base: 0,
            groups: &mut [],
        }
    }

    #[inline(always)]
    fn contains(&self, word: u32) -> bool {
        ((word.wrapping_sub(self.base) / GROUP_BYTES) as usize) < self.groups.len()
    }

    /// Marks the object at `word`, a multiple of 16. The outer `None`: `word` lies elsewhere. The inner one: nothing
    /// white begins there.
    #[inline(always)]
    fn mark(&mut self, word: u32) -> Option<Option<Grey>> {
        let offset = word.wrapping_sub(self.base);
        let groups = self.groups.get_mut((offset / GROUP_BYTES) as usize..)?;
        let (group, behind) = groups.split_first_mut()?;
        let number = offset / BLOCK_BYTES % WORD_BLOCKS;
        Some(mark(group, number).map(|found| match found {
            Found { leaf: true, .. } => Grey::Leaf,
            Found { heads_above, .. } if heads_above & 1 != 0 => Grey::Block,
            found => Grey::Long(Range {
                at: word,
                end: word + found.blocks(number, behind) * BLOCK_BYTES,
            }),
        }))
    }
}

impl<'m, M: Memory, const R: usize> Heap<'m, M, R> {
    #[inline(always)]
    pub(crate) fn marker(&mut self) -> Marker<'_, 'm, M, R> {
        let mut groups = self.tables.groups();
        let mut tiers = core::array::from_fn(|i| {
            let region = &self.regions[i];
            // The groups of all regions are there, one behind the other.
            let count = (region.blocks() / WORD_BLOCKS) as usize;
            let (own, behind) = core::mem::take(&mut groups).split_at_mut(count);
            groups = behind;
            Tier {
                base: region.base,
                groups: own,
            }
        });
        let fast = tiers
            .first_mut()
            .map_or(Tier::none(), |fast| core::mem::replace(fast, Tier::none()));
        Marker {
            memory: &self.memory,
            hull: self.hull,
            fast,
            leaves: 0,
            at_once: 0,
            rest: Rest {
                regions: &self.regions,
                tiers,
                stack: &mut self.stack,
                cards: &mut self.cards,
                work: &mut self.work,
                last_line: &mut self.last_line,
                blocks: [0; PIECE_WORDS],
                block_count: 0,
                block_line: u32::MAX,
            },
        }
    }
}

impl<M: Memory, const R: usize> Marker<'_, '_, M, R> {
    /// Writes the counters back.
    #[inline(always)]
    pub fn finish(self) {
        let work = self.rest.work;
        work.objects += self.leaves + self.at_once;
        work.leaves += self.leaves;
        work.fast_words += self.at_once * BLOCK_WORDS;
    }

    /// Entries on the stack.
    #[inline(always)]
    pub fn waiting(&self) -> usize {
        self.rest.stack.len()
    }

    /// A word that may point to a white object, which then waits on the stack. Only the address of the first byte
    /// counts.
    #[inline(always)]
    pub fn root(&mut self, word: u32) {
        // Small integers and most other things that are no pointers end here.
        if !word.is_multiple_of(BLOCK_BYTES) {
            return;
        }
        match self.fast.mark(word) {
            Some(None) => {}
            Some(Some(Grey::Leaf)) => self.leaves += 1,
            Some(Some(Grey::Block)) => self.rest.push_block(word),
            Some(Some(Grey::Long(range))) => self.rest.push(range),
            None if self.hull.may_point_inside(word) => self.rest.root(word),
            None => {}
        }
    }

    /// As `root`, but objects of one block do not wait on the stack.
    #[inline(always)]
    fn visit(&mut self, word: u32) {
        if !word.is_multiple_of(BLOCK_BYTES) {
            return;
        }
        match self.fast.mark(word) {
            Some(None) => {}
            Some(Some(Grey::Leaf)) => self.leaves += 1,
            Some(Some(Grey::Block)) => {
                self.at_once += 1;
                self.scan_block(word);
            }
            Some(Some(Grey::Long(range))) => self.rest.push(range),
            None if self.hull.may_point_inside(word) => self.rest.visit(word),
            None => {}
        }
    }

    /// Scans `hand`, what waits on the stack, and what these lead to, until `budget_words` are used up. What is left of
    /// the budget.
    #[inline(always)]
    pub fn drain(&mut self, mut hand: Option<Range>, budget_words: u32) -> u32 {
        let mut budget = budget_words;
        while let Some(Range { at, end }) = hand.take().or_else(|| self.rest.stack.pop()) {
            let stop = end.min(at + PIECE_BYTES);
            if stop != end {
                let rest = Range { at: stop, end };
                // What came from the stack left room there.
                if !self.rest.stack.push(rest) {
                    hand = Some(rest);
                }
            }
            budget = budget.saturating_sub(self.scan(at, stop));
            if budget == 0 && hand.is_none() {
                break;
            }
        }
        budget
    }

    /// Scans a piece of an object; how many words it read.
    #[inline(always)]
    fn scan(&mut self, at: u32, end: u32) -> u32 {
        let words = (end - at) / WORD_BYTES;
        if self.fast.contains(at) {
            self.rest.work.fast_words += words;
        } else {
            self.enter(at, end);
        }
        let (waiting, at_once) = (self.rest.stack.len(), self.at_once);
        let mut address = at;
        while address < end {
            let word = self.memory.read(address);
            address += WORD_BYTES;
            self.visit(word);
        }
        let slow = core::mem::take(&mut self.rest.block_count);
        for i in 0..slow {
            self.scan_slow_block(self.rest.blocks[i % PIECE_WORDS]);
        }
        let blocks = slow as u32 + self.at_once - at_once;
        self.rest.work.slow_words += slow as u32 * BLOCK_WORDS;
        self.rest.stack.first_in_first_out(waiting);
        words + blocks * BLOCK_WORDS
    }

    #[inline(always)]
    fn scan_slow_block(&mut self, at: u32) {
        let line = at / LINE_BYTES;
        if line != self.rest.block_line && line != *self.rest.last_line {
            self.rest.work.slow_lines += 1;
            self.memory.touch(at);
        }
        self.rest.block_line = line;
        self.scan_block(at);
    }

    #[inline(always)]
    fn scan_block(&mut self, at: u32) {
        let words: [u32; 4] = core::array::from_fn(|i| self.memory.read(at + i as u32 * WORD_BYTES));
        if words.iter().any(|&word| self.hull.may_point_inside(word)) {
            words.into_iter().for_each(|word| self.root(word));
        }
    }

    /// Counts what is going to be read from slow memory, and enters its first line.
    #[inline(always)]
    fn enter(&mut self, at: u32, end: u32) {
        let (first, last) = (at / LINE_BYTES, (end - 1) / LINE_BYTES);
        let new = first != *self.rest.last_line && first != self.rest.block_line;
        if new {
            self.memory.touch(at);
        }
        self.rest.work.slow_words += (end - at) / WORD_BYTES;
        self.rest.work.slow_lines += last - first + u32::from(new);
        *self.rest.last_line = last;
    }
}

impl<const R: usize> Rest<'_, '_, R> {
    /// A word that does not point into fast memory. An object of one block waits for the piece to be done.
    #[inline(never)]
    fn visit(&mut self, word: u32) {
        match self.mark(word) {
            None => {}
            Some(Grey::Leaf) => self.leaf(),
            Some(Grey::Block) => match self.blocks.get_mut(self.block_count) {
                Some(block) => {
                    *block = word;
                    self.block_count += 1;
                    self.work.objects += 1;
                }
                None => self.push_block(word),
            },
            Some(Grey::Long(range)) => self.push(range),
        }
    }

    /// As `visit`, but all objects wait on the stack.
    #[inline(never)]
    fn root(&mut self, word: u32) {
        match self.mark(word) {
            None => {}
            Some(Grey::Leaf) => self.leaf(),
            Some(Grey::Block) => self.push_block(word),
            Some(Grey::Long(range)) => self.push(range),
        }
    }

    #[inline(always)]
    fn mark(&mut self, word: u32) -> Option<Grey> {
        self.tiers.iter_mut().skip(1).find_map(|tier| tier.mark(word))?
    }

    #[inline(always)]
    fn leaf(&mut self) {
        self.work.objects += 1;
        self.work.leaves += 1;
    }

    #[inline(always)]
    fn push_block(&mut self, at: u32) {
        let range = Range {
            at,
            end: at + BLOCK_BYTES,
        };
        self.push(range);
    }

    #[inline(always)]
    fn push(&mut self, range: Range) {
        self.work.objects += 1;
        if !self.stack.push(range) {
            self.work.overflows += 1;
            self.dirty(range);
        }
    }

    #[cold]
    fn dirty(&mut self, range: Range) {
        for region in self.regions {
            if let (Some(first), Some(last)) =
                (region.block_around(range.at), region.block_around(range.end - 1))
            {
                let cards = first / WORD_BLOCKS..=last / WORD_BLOCKS;
                cards.for_each(|card| self.cards.set(card));
            }
        }
    }
}
