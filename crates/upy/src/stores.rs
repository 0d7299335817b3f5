//! What hard handlers store while the collector looks for what is alive: the port notes it (`port!`, by Rust's way of calling, as
//! both sides are Rust).

use core::ops::Range;
use core::sync::atomic::{AtomicBool, Ordering::SeqCst};

unsafe extern "Rust" {
    fn upy_watch_stores(on: bool);
    fn upy_take_stores(see: &mut dyn FnMut(Range<u32>));
    fn upy_hold_handlers(on: bool) -> bool;
}

/// Notes which memory of the heap `action` writes, in an interrupt. Plain but for what `action` does.
pub fn watched<T>(action: impl FnOnce() -> T) -> T {
    // SAFETY: takes no pointer; undone below. RAISES: no.
    unsafe { upy_watch_stores(true) };
    let answer = action();
    // SAFETY: the counterpart. RAISES: no.
    unsafe { upy_watch_stores(false) };
    WATCHED.store(true, SeqCst);
    answer
}

static WATCHED: AtomicBool = AtomicBool::new(false);

/// Whether anything was watched since the last question. Plain.
pub fn were_watched() -> bool {
    WATCHED.swap(false, SeqCst)
}

/// Tells each range that was written, once. Plain.
pub fn take(mut see: impl FnMut(Range<u32>)) {
    // SAFETY: the function lives during the call. RAISES: no.
    unsafe { upy_take_stores(&mut see) };
}

/// Does something while no handler runs. Plain but for what `action` does.
pub fn held<T>(action: impl FnOnce() -> T) -> T {
    // SAFETY: takes no pointer; undone below. RAISES: no.
    let were_on = unsafe { upy_hold_handlers(true) };
    let answer = action();
    if were_on {
        // SAFETY: they were let through. RAISES: no.
        unsafe { upy_hold_handlers(false) };
    }
    answer
}
