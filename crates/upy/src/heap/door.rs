//! The heap, and the one door to it, [`with`].
//!
//! **No code of Python or C runs while the door is open.**

use crate::{inside::is_inside, sys};
use core::{
    cell::UnsafeCell,
    ptr,
    sync::atomic::{AtomicBool, Ordering},
};
use tierheap::{Direct, Heap, Origin};

/// The fast tier and the slow one. Without a memory chip the slow one is empty.
pub(super) const TIERS: usize = 2;

pub(super) type TwoTiers = Heap<'static, Direct<Chip>, TIERS>;

/// Addresses are pointers, and Ctrl-C ends the filling of a large block: `m_malloc_fail` raises it (port/doors.c).
#[derive(Clone, Copy)]
pub(super) struct Chip;

impl Origin for Chip {
    #[inline(always)]
    fn pointer(self, address: u32) -> *mut u8 {
        ptr::with_exposed_provenance_mut(address as usize)
    }

    fn is_interrupted(self) -> bool {
        // SAFETY: a word of the core, which an interrupt writes.
        let pending = unsafe { (&raw const sys::mp_state_ctx.thread.mp_pending_exception).read_volatile() };
        !pending.is_null()
    }
}

pub(super) struct Shared<T>(pub(super) UnsafeCell<T>);

// SAFETY: used by the one thread that runs Python, never by interrupts.
unsafe impl<T> Sync for Shared<T> {}

pub(super) static HEAP: Shared<Option<TwoTiers>> = Shared(UnsafeCell::new(None));

/// The one door to the heap. Neither Python nor C runs in `action`.
#[inline(always)]
pub(super) fn with<T>(action: impl FnOnce(&mut TwoTiers) -> T) -> T {
    let closed_after = cfg!(feature = "heap-checked").then(Door::open);
    // SAFETY: one thread, and `action` cannot come back here: it calls nothing but the heap.
    let heap = unsafe { &mut *HEAP.0.get() };
    let Some(heap) = heap else {
        panic!("Python's heap is used before it has memory");
    };
    let answer = action(heap);
    drop(closed_after);
    answer
}

/// Watches the rule about the door, in a checked build.
struct Door;

static IS_OPEN: AtomicBool = AtomicBool::new(false);

impl Door {
    fn open() -> Door {
        let was_open = IS_OPEN.swap(true, Ordering::Relaxed);
        // A hard handler may ask how much is free, in the middle of anything.
        assert!(
            !was_open || is_inside(),
            "Python's heap is entered while it works"
        );
        Door
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        IS_OPEN.store(false, Ordering::Relaxed);
    }
}
