//! How deep in hard handlers the processor is: the heap asks, and does nothing that could meet itself half done.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How many hard handlers run, each in the middle of the one before.
static DEPTH: AtomicU32 = AtomicU32::new(0);

/// Whether this is asked by a hard handler, which may have come while the heap was in the middle of something. Plain.
pub fn is_inside() -> bool {
    DEPTH.load(Relaxed) != 0
}

/// Runs a hard handler.
pub(crate) fn inside<T>(handler: impl FnOnce() -> T) -> T {
    DEPTH.fetch_add(1, Relaxed);
    let answer = handler();
    DEPTH.fetch_sub(1, Relaxed);
    answer
}
