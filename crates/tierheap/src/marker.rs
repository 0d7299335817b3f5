//! The inner loop of marking: words in, marks and work for the stack out.
//!
//! Here instructions count, and the order of reading. A line of slow memory that follows the one before costs less than
//! one elsewhere, and arrives while the processor is still busy with the one before. So:
//! - what a piece of an object points to is read after the whole piece, first pointer first: objects that were made
//!   one after the other are read one after the other;
//! - a line is entered at its first byte ([`Memory::touch`]);
//! - an object of one block does not go over the stack: in a piece, one in fast memory is scanned where it is found;
//!   all others wait in a queue until the piece is done.
//!
//! The question whether a word is a pointer, and to which word of the tables, is one comparison: that of the slice's
//! index. What the loop needs for fast memory is kept apart from the rest, so that it can live in registers; the
//! rest is behind calls. It does not know about phases, budgets and cards, except that a full stack makes cards dirty.

use crate::cards::Cards;
use crate::heap::Heap;
use crate::hull::Hull;
use crate::memory::{BLOCK_BYTES, LINE_BYTES, Memory, WORD_BYTES};
use crate::queue::Queue;
use crate::region::Region;
use crate::stack::{MarkStack, Range};
use crate::stats::Work;
use crate::tables::{Found, Group, WORD_BLOCKS, mark};

/// Scanned in one go: a long list waits as one entry while what its first elements lead to is done.
const PIECE_BYTES: u32 = 128;
/// Bytes of the heap behind one word of the tables.
const GROUP_BYTES: u32 = WORD_BLOCKS * BLOCK_BYTES;
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
    /// Objects of one block that were scanned, in fast memory and in slow.
    fast_blocks: u32,
    slow_blocks: u32,
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
    /// Objects of one block that wait for the piece to be done.
    queue: &'a mut Queue,
    /// The line of slow memory in which the last one of these was.
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
            fast_blocks: 0,
            slow_blocks: 0,
            rest: Rest {
                regions: &self.regions,
                tiers,
                stack: &mut self.stack,
                cards: &mut self.cards,
                work: &mut self.work,
                last_line: &mut self.last_line,
                queue: &mut self.queue,
                block_line: u32::MAX,
            },
        }
    }
}

impl<M: Memory, const R: usize> Marker<'_, '_, M, R> {
    /// Puts what waits in the queue on the stack, and writes the counters back.
    #[inline(always)]
    pub fn finish(mut self) {
        self.rest.empty_queue();
        let work = self.rest.work;
        work.objects += self.leaves + self.fast_blocks + self.slow_blocks;
        work.leaves += self.leaves;
        work.fast_words += self.fast_blocks * BLOCK_WORDS;
        work.slow_words += self.slow_blocks * BLOCK_WORDS;
    }

    /// How much waits.
    #[inline(always)]
    pub fn waiting(&self) -> usize {
        self.rest.stack.len() + self.rest.queue.len()
    }

    /// A word that may point to a white object, which then waits. Only the address of the first byte counts.
    #[inline(always)]
    pub fn visit(&mut self, word: u32) {
        if self.visit_but(word) {
            self.rest.wait(word);
        }
    }

    /// As `visit`, but an object of one block in fast memory, which was marked, is left to the caller.
    #[inline(always)]
    fn visit_but(&mut self, word: u32) -> bool {
        // Small integers and most other things that are no pointers end here.
        if !word.is_multiple_of(BLOCK_BYTES) {
            return false;
        }
        match self.fast.mark(word) {
            Some(None) => {}
            Some(Some(Grey::Leaf)) => self.leaves += 1,
            Some(Some(Grey::Block)) => return true,
            Some(Some(Grey::Long(range))) => self.rest.push(range),
            None if self.hull.may_point_inside(word) => self.rest.visit(word),
            None => {}
        }
        false
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
            budget = self.scan(at, stop, budget);
            if budget == 0 && hand.is_none() {
                break;
            }
        }
        budget
    }

    /// Scans a piece of an object, and what waits in the queue; what is left of the budget.
    #[inline(always)]
    fn scan(&mut self, at: u32, end: u32, budget_words: u32) -> u32 {
        let words = (end - at) / WORD_BYTES;
        if self.fast.contains(at) {
            self.rest.work.fast_words += words;
        } else {
            self.enter(at, end);
        }
        let (waiting, blocks) = (self.rest.stack.len(), self.fast_blocks);
        let mut address = at;
        while address < end {
            let word = self.memory.read(address);
            address += WORD_BYTES;
            if self.visit_but(word) {
                self.fast_blocks += 1;
                self.scan_block(word);
            }
        }
        let mut budget = budget_words.saturating_sub(words + (self.fast_blocks - blocks) * BLOCK_WORDS);
        while budget > 0
            && let Some(block) = self.rest.queue.pop()
        {
            budget = budget.saturating_sub(BLOCK_WORDS);
            if self.fast.contains(block) {
                self.fast_blocks += 1;
            } else {
                self.slow_blocks += 1;
                self.enter_block(block);
            }
            self.scan_block(block);
        }
        self.rest.stack.first_in_first_out(waiting);
        budget
    }

    #[inline(always)]
    fn scan_block(&mut self, at: u32) {
        let [a, b, c, d] = core::array::from_fn(|i| self.memory.read(at + i as u32 * WORD_BYTES));
        // Not a loop: this is where most time is spent.
        self.visit(a);
        self.visit(b);
        self.visit(c);
        self.visit(d);
    }

    #[inline(always)]
    fn enter_block(&mut self, at: u32) {
        let line = at / LINE_BYTES;
        if line != self.rest.block_line && line != *self.rest.last_line {
            self.rest.work.slow_lines += 1;
            self.memory.touch(at);
        }
        self.rest.block_line = line;
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
    /// A word that does not point into fast memory.
    #[inline(never)]
    fn visit(&mut self, word: u32) {
        match self.tiers.iter_mut().skip(1).find_map(|tier| tier.mark(word)) {
            None | Some(None) => {}
            Some(Some(Grey::Leaf)) => {
                self.work.objects += 1;
                self.work.leaves += 1;
            }
            Some(Some(Grey::Block)) => self.queue_or_push(word),
            Some(Some(Grey::Long(range))) => self.push(range),
        }
    }

    /// An object of one block. Behind a call, because the loop has many places that need it.
    #[inline(never)]
    fn wait(&mut self, at: u32) {
        self.queue_or_push(at);
    }

    #[inline(always)]
    fn queue_or_push(&mut self, at: u32) {
        if !self.queue.push(at) {
            self.push_block(at);
        }
    }

    #[cold]
    fn push_block(&mut self, at: u32) {
        self.push(Range {
            at,
            end: at + BLOCK_BYTES,
        });
    }

    #[inline(always)]
    fn empty_queue(&mut self) {
        let waiting = self.stack.len();
        while let Some(at) = self.queue.pop() {
            self.push_block(at);
        }
        self.stack.first_in_first_out(waiting);
    }

    #[inline(never)]
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
