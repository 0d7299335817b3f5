//! Filling and copying large blocks.
//!
//! A megabyte of slow memory takes a tenth of a second. So it is done in chunks, and between two of them the heap asks
//! whether anybody still waits for it ([`Memory::is_interrupted`]).

use crate::heap::Heap;
use crate::memory::Memory;
use crate::request::Refusal;

/// Bytes between two questions: some milliseconds of slow memory.
const CHUNK_BYTES: u32 = 64 * 1024;

impl<M: Memory, const R: usize> Heap<'_, M, R> {
    /// Fills from `from` to `end` with zeros.
    #[inline(always)]
    pub(crate) fn zero_in_chunks(&mut self, from: u32, end: u32) -> Result<(), Refusal> {
        if end - from <= CHUNK_BYTES {
            self.memory.zero(from, end - from);
            return Ok(());
        }
        self.in_chunks(end - from, |memory, at, bytes| memory.zero(from + at, bytes))
    }

    /// Copies between blocks that do not overlap.
    #[inline(always)]
    pub(crate) fn copy_in_chunks(&mut self, from: u32, to: u32, bytes: u32) -> Result<(), Refusal> {
        if bytes <= CHUNK_BYTES {
            self.memory.copy(from, to, bytes);
            return Ok(());
        }
        self.in_chunks(bytes, |memory, at, bytes| memory.copy(from + at, to + at, bytes))
    }

    #[inline(never)]
    fn in_chunks(&mut self, bytes: u32, work: impl Fn(&mut M, u32, u32)) -> Result<(), Refusal> {
        for at in (0..bytes).step_by(CHUNK_BYTES as usize) {
            if self.memory.is_interrupted() {
                return Err(Refusal::Interrupted);
            }
            work(&mut self.memory, at, CHUNK_BYTES.min(bytes - at));
        }
        Ok(())
    }

    /// The block at `address`, which is freed if filling it was interrupted.
    #[inline(always)]
    pub(crate) fn keep_if(&mut self, filled: Result<(), Refusal>, address: u32) -> Result<u32, Refusal> {
        match filled {
            Ok(()) => Ok(address),
            Err(interrupted) => {
                self.free(address).map_err(Refusal::NotABlock)?;
                Err(interrupted)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::CHUNK_BYTES;
    use crate::{Heap, Memory, Params, Refusal, Request, Span, table_words};
    use std::cell::Cell;

    /// Memory without contents that is interrupted after so many questions.
    struct Patience<'a> {
        questions: &'a Cell<u32>,
        most_bytes: &'a Cell<u32>,
    }

    impl Patience<'_> {
        fn note(&self, bytes: u32) {
            self.most_bytes.set(self.most_bytes.get().max(bytes));
        }
    }

    impl Memory for Patience<'_> {
        fn read(&self, _: u32) -> u32 {
            0
        }
        fn write(&mut self, _: u32, _: u32) {}
        fn zero(&mut self, _: u32, bytes: u32) {
            self.note(bytes);
        }
        fn copy(&mut self, _: u32, _: u32, bytes: u32) {
            self.note(bytes);
        }
        fn is_interrupted(&self) -> bool {
            let left = self.questions.get();
            self.questions.set(left.saturating_sub(1));
            left == 0
        }
    }

    const SPANS: [Span; 1] = [Span {
        base: 0x9000_0000,
        bytes: 0x80_0000,
    }];
    const MEGABYTE: u32 = 1 << 20;

    fn with_heap(test: impl Fn(&mut Heap<'_, Patience<'_>, 1>, &Cell<u32>, &Cell<u32>)) {
        for guards in [false, true] {
            let (mut tables, mut stack) = (std::vec![0; table_words(&SPANS)], [0; 8]);
            let (questions, most_bytes) = (Cell::new(u32::MAX), Cell::new(0));
            let memory = Patience {
                questions: &questions,
                most_bytes: &most_bytes,
            };
            let heap = Heap::new(memory, SPANS, &mut tables, &mut stack, Params::QUAD_PSRAM).unwrap();
            let mut heap = if guards { heap.with_guards() } else { heap };
            test(&mut heap, &questions, &most_bytes);
            heap.check().unwrap();
        }
    }

    #[test]
    fn what_is_large_is_filled_and_copied_in_chunks() {
        with_heap(|heap, _, most_bytes| {
            let block = heap.alloc(Request::bytes(MEGABYTE), true).unwrap();
            let wall = heap.alloc(Request::bytes(MEGABYTE), true).unwrap();
            heap.realloc(block.min(wall), 2 * MEGABYTE, true, true).unwrap();
            assert_eq!(most_bytes.get(), CHUNK_BYTES);
        });
    }

    #[test]
    fn what_nobody_waits_for_is_free_again_after_the_chunk_that_is_being_filled() {
        for chunks in [0, 1, 15] {
            with_heap(|heap, questions, _| {
                let before = heap.used_bytes();
                questions.set(chunks);
                assert_eq!(
                    heap.alloc(Request::bytes(MEGABYTE), true),
                    Err(Refusal::Interrupted)
                );
                assert_eq!(heap.used_bytes(), before);
            });
        }
    }

    #[test]
    fn what_could_not_grow_in_time_is_as_it_was() {
        for chunks in [0, 1, 17, 31] {
            for (leaving, in_place) in [(false, false), (false, true), (true, false), (true, true)] {
                with_heap(|heap, questions, _| {
                    // What follows a block that was shortened is free.
                    let first = if in_place { 4 * MEGABYTE } else { MEGABYTE };
                    let block = heap.alloc(Request::bytes(first), true).unwrap();
                    heap.realloc(block, MEGABYTE, false, false).unwrap();
                    let (bytes, before) = (heap.nbytes(block), heap.used_bytes());
                    questions.set(chunks);
                    let answer = if leaving {
                        heap.realloc_leaving(block, 3 * MEGABYTE, true)
                    } else {
                        heap.realloc(block, 3 * MEGABYTE, !in_place, true)
                    };
                    assert_eq!(answer, Err(Refusal::Interrupted), "after {chunks}");
                    assert_eq!((heap.nbytes(block), heap.used_bytes()), (bytes, before));
                });
            }
        }
    }
}
