//! How often something has happened that a program may wait for. Who looks, finds nothing and wants to sleep compares: what came
//! in between ends no sleep that begins after it.

use core::sync::atomic::{AtomicU32, Ordering};

static TOLD: AtomicU32 = AtomicU32::new(0);

/// In an interrupt: something has.
pub fn tell() {
    TOLD.fetch_add(1, Ordering::Relaxed);
}

/// Wraps.
pub fn count() -> u32 {
    TOLD.load(Ordering::Relaxed)
}
