//! Changing the size of an object that others may look into.
//!
//! A view of an array points to its items. When these move, the view still shows the old ones, and the new owner of their memory
//! would be written over. So it is left as it is: a block that nothing has, which the next collection frees unless something
//! points to its first byte. What is cut off is left in the same way, which means that a shorter object moves, too.
//!
//! The price is memory that stays taken until the next collection, which comes earlier for it.

use crate::heap::Heap;
use crate::memory::{BLOCK_BYTES, Memory};
use crate::request::{NotABlock, Place, Refusal, Request};
use core::cmp::Ordering;

impl<M: Memory, const R: usize> Heap<'_, M, R> {
    /// As [`Heap::realloc`] with permission to move, but what the object leaves behind is given to no one before the next
    /// collection, and not then if something points to it. What has no room to become shorter stays as long as it is.
    pub fn realloc_leaving(&mut self, address: u32, bytes: u32, may_collect: bool) -> Result<u32, Refusal> {
        let (tier, block) = self
            .find(address)
            .ok_or(Refusal::NotABlock(NotABlock { address }))?;
        let leaf = self.tables.is_leaf(block);
        let finaliser = self.tables.has_finaliser(block, self.regions[tier].end);
        let (old, new) = (self.blocks_of(tier, block), self.blocks_for(bytes, finaliser));
        let grows = match new.cmp(&old) {
            Ordering::Equal => return Ok(address),
            Ordering::Less => false,
            Ordering::Greater => match self.realloc(address, bytes, false, false) {
                answer @ (Ok(_) | Err(Refusal::Interrupted)) => return answer,
                Err(_) => true,
            },
        };
        let request = Request {
            bytes,
            leaf,
            finaliser,
            place: Place::Auto,
        };
        let (new_tier, new_block) = match self.make(request, new, may_collect && grows, grows) {
            Err(_) if !grows => return Ok(address),
            made => made?,
        };
        let moved = self.regions[new_tier].address(new_block);
        let kept = old.min(new) * BLOCK_BYTES;
        let copied = self.copy_in_chunks(address, moved, kept);
        let copied = if grows {
            copied.and_then(|()| self.clear_tail(moved, old, new, leaf))
        } else {
            self.write_guard(moved, new);
            copied
        };
        self.keep_if(copied, moved)?;
        if !leaf {
            // The copy was born black, but what it points to may be white.
            self.dirty_range(moved, moved + kept);
        }
        Ok(moved)
    }
}

#[cfg(test)]
mod tests {
    use crate::{Direct, Heap, Params, Request, Span, Window, table_words};

    const BASE: u32 = 0x2400_0000;
    const SPANS: [Span; 1] = [Span {
        base: BASE,
        bytes: 8192,
    }];

    /// Runs `test` with a small heap, guards or none.
    fn with_heap(guards: bool, test: impl FnOnce(&mut Heap<'_, Direct<Window>, 1>)) {
        let mut memory = std::vec![0u32; 2048];
        let (mut tables, mut stack) = (std::vec![0; table_words(&SPANS)], [0; 8]);
        let start = memory.as_mut_ptr().cast();
        // SAFETY: the span is the buffer, which nobody touches while the heap lives.
        #[allow(unsafe_code)]
        let direct = unsafe { Direct::new(Window { base: BASE, start }) };
        let heap = Heap::new(direct, SPANS, &mut tables, &mut stack, Params::QUAD_PSRAM).unwrap();
        test(&mut if guards { heap.with_guards() } else { heap });
    }

    fn collect(heap: &mut Heap<'_, Direct<Window>, 1>, roots: &[u32]) {
        heap.start();
        heap.mark_from(roots.iter().copied());
        heap.end(|_, _| ());
        heap.check().unwrap();
        heap.check_guards().unwrap();
    }

    #[test]
    fn what_is_left_behind_is_freed_by_a_collection_when_nothing_points_to_it() {
        for guards in [false, true] {
            with_heap(guards, |heap| {
                let view = heap.alloc(Request::bytes(64).leaf(), true).unwrap();
                let wall = heap.alloc(Request::bytes(64).leaf(), true).unwrap();
                let items = heap.realloc_leaving(view, 200, true).unwrap();
                assert_ne!(items, view);
                assert!(heap.nbytes(view) >= 64, "left as it was");
                collect(heap, &[view, items, wall]);
                assert!(heap.nbytes(view) >= 64, "something points to it");
                collect(heap, &[items, wall]);
                assert_eq!(heap.nbytes(view), 0);
                assert!(heap.nbytes(items) >= 200);
            });
        }
    }

    #[test]
    fn a_shorter_object_moves_or_stays_as_long_as_it_is() {
        for guards in [false, true] {
            with_heap(guards, |heap| {
                let long = heap.alloc(Request::bytes(3000), true).unwrap();
                let short = heap.realloc_leaving(long, 100, true).unwrap();
                assert_ne!(short, long);
                assert!(
                    heap.nbytes(long) >= 3000,
                    "all of it is there for who looks into it"
                );
                collect(heap, &[short]);
                assert_eq!(heap.nbytes(long), 0);
                let fill = heap.total_bytes() - heap.used_bytes();
                // The first refusal opens the reserve.
                for _ in 0..2 {
                    while heap.alloc(Request::bytes(16), false).is_ok() {}
                }
                assert_eq!(
                    heap.realloc_leaving(short, 16, true),
                    Ok(short),
                    "{fill} were free"
                );
            });
        }
    }

    #[test]
    fn room_that_follows_is_taken_without_moving() {
        with_heap(false, |heap| {
            let items = heap.alloc(Request::bytes(64), true).unwrap();
            assert_eq!(heap.realloc_leaving(items, 200, true), Ok(items));
            // The first block is the heap's own.
            assert_eq!(heap.used_bytes(), 16 + 208);
        });
    }
}
