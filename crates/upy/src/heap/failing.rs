//! Allocations that fail when they are told to, in a checked build: for tests of what is left when memory runs out.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// How many allocations are left until one fails, that one counted; 0: none will.
static LEFT: AtomicU32 = AtomicU32::new(0);

/// The `n`-th allocation from now on fails, and no other; 0: none. How many were left until now, and 0 if one has failed or
/// none was to. `None`: this is no checked build. Plain.
pub fn fail_in(n: u32) -> Option<u32> {
    cfg!(feature = "heap-checked").then(|| LEFT.swap(n, Relaxed))
}

/// Whether this allocation fails.
#[inline(always)]
pub(super) fn fails() -> bool {
    if !cfg!(feature = "heap-checked") {
        return false;
    }
    let left = LEFT.load(Relaxed);
    LEFT.store(left.saturating_sub(1), Relaxed);
    left == 1
}
