//! The lock of Python's heap: a word of the core, with py/gc.c's meaning, whichever heap there is.

use crate::sys;

/// Bit 0 of the depth: a collection runs.
pub(crate) const COLLECTING: u16 = 1;
/// What one lock adds to the depth.
#[cfg(not(feature = "heap-stock"))]
pub(crate) const LOCK: u16 = 2;

/// How often the heap is locked, in steps of [`LOCK`], and [`COLLECTING`].
pub(crate) fn lock_depth() -> u16 {
    // SAFETY: a plain word of the core, of the one thread.
    unsafe { sys::mp_state_ctx.thread.gc_lock_depth }
}

#[cfg(not(feature = "heap-stock"))]
pub(crate) fn set_lock_depth(depth: u16) {
    // SAFETY: as in `lock_depth`.
    unsafe { sys::mp_state_ctx.thread.gc_lock_depth = depth }
}

/// Whether a collection runs.
pub(crate) fn collects() -> bool {
    lock_depth() & COLLECTING != 0
}
