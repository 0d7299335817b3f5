//! What each kind of root keeps alive, for who looks for an object that does not go away.
//!
//! A collection in which what was found is counted after each kind. What several of them reach counts for the first.

use super::door::{Shared, TIERS, TwoTiers, with};
use crate::{Error, Result, lock::collects, sys};
use core::{cell::UnsafeCell, ptr};
use tierheap::BLOCK_BYTES;

/// Objects and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// How many.
    pub objects: u32,
    /// Their blocks.
    pub bytes: u32,
}

/// By kind of root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Roots {
    /// The interpreter's own state: modules, the dict of the main program, what the port registers.
    pub core: Kept,
    /// The registers when the collection began.
    pub registers: Kept,
    /// The stack of Python.
    pub stack: Kept,
    /// What was dead but for its finaliser, which ran in this collection.
    pub finalisers: Kept,
    /// The word that keeps the most objects which no word before it does: its address, and how many.
    pub heaviest: (u32, u32),
}

struct Count {
    wanted: bool,
    /// Kinds counted, in the order of `Roots`, and what was found up to there.
    kinds: usize,
    found: [Kept; 3],
    finalisers: Kept,
    heaviest: (u32, u32),
}

const NOTHING: Kept = Kept { objects: 0, bytes: 0 };

static COUNT: Shared<Count> = Shared(UnsafeCell::new(Count {
    wanted: false,
    kinds: 0,
    found: [NOTHING; 3],
    finalisers: NOTHING,
    heaviest: (0, 0),
}));

fn count<T>(action: impl FnOnce(&mut Count) -> T) -> T {
    // SAFETY: one thread, and the actions below do not come back here.
    action(unsafe { &mut *COUNT.0.get() })
}

/// Collects, and counts. RuntimeError inside a collection. Collects, so finalisers run Python; may raise.
pub fn roots() -> Result<Roots> {
    if collects() {
        return Err(Error::Runtime(c"a collection is running"));
    }
    count(|count| {
        *count = Count {
            wanted: true,
            kinds: 0,
            found: [NOTHING; 3],
            finalisers: NOTHING,
            heaviest: (0, 0),
        }
    });
    // SAFETY: no collection runs, and the door is closed. RAISES: no.
    unsafe { sys::gc_collect() };
    Ok(count(|count| {
        count.wanted = false;
        let [core, registers, stack] = count.found;
        let more = |all: Kept, before: Kept| Kept {
            objects: all.objects - before.objects,
            bytes: all.bytes - before.bytes,
        };
        Roots {
            core,
            registers: more(registers, core),
            stack: more(stack, registers),
            finalisers: count.finalisers,
            heaviest: count.heaviest,
        }
    }))
}

/// Marks what the words of one kind of root reach, each by itself, if that is wanted.
pub(super) fn mark_each(words: &[u32]) -> bool {
    count(|count| {
        if !count.wanted {
            return false;
        }
        for word in words {
            let before = with(|heap| heap.work().objects);
            with(|heap| heap.mark_from([*word]));
            let objects = with(|heap| heap.work().objects) - before;
            if objects > count.heaviest.1 {
                count.heaviest = (ptr::from_ref(word) as u32, objects);
            }
        }
        if let Some(place) = count.found.get_mut(count.kinds) {
            *place = with(found);
            count.kinds += 1;
        }
        true
    })
}

/// The finaliser of this object will run.
pub(super) fn note_finaliser(object: u32) {
    count(|count| {
        if count.wanted {
            count.finalisers.objects += 1;
            count.finalisers.bytes += with(|heap| heap.nbytes(object));
        }
    });
}

fn found(heap: &mut TwoTiers) -> Kept {
    let pieces = (0..TIERS).flat_map(|tier| heap.pieces(tier));
    let marked = pieces.filter(|piece| piece.object.is_some_and(|object| object.marked));
    marked.fold(NOTHING, |sum, piece| Kept {
        objects: sum.objects + 1,
        bytes: sum.bytes + piece.blocks * BLOCK_BYTES,
    })
}
