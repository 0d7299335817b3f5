//! What a script wants called when hardware speaks: a function and its argument for each line. The collector sees them.
//!
//! A soft handler is put on the core's schedule and runs between two bytecodes. A hard one runs in the interrupt itself, with
//! the heap locked, whatever was going on, a collection, too: while the collector looks for what is alive, the port notes what the
//! handler stores, and the collector looks there again (`heap::collect`).

#[cfg(not(feature = "heap-stock"))]
use crate::stores;
use crate::{Obj, inside::inside, lock::collects, protected, sys};
use core::{
    ptr,
    sync::atomic::{self, AtomicU32, Ordering},
};

pub use crate::inside::is_inside;

/// How many there are: those of pins first.
pub const LINES: usize = 96;

/// Whether hard handlers are possible: not with a heap that collects in slices, whose write barrier enters the heap.
pub const HARD: bool = cfg!(not(feature = "heap-sliced"));

/// Function and argument.
type Pair = [sys::mp_obj_t; 2];

fn place(line: usize) -> *mut Pair {
    assert!(line < LINES, "no such line");
    // SAFETY: the core's list of roots has two words for each line (upy-sys/port/nlr.c).
    unsafe {
        (&raw mut sys::mp_state_ctx.vm.upy_handlers)
            .cast::<Pair>()
            .add(line)
    }
}

/// Sets what is called for a line, or takes it away. The line must not interrupt meanwhile. Plain.
pub fn set(line: usize, handler: Option<(Obj, Obj)>) {
    let pair = handler.map_or([ptr::null_mut(); 2], |(function, argument)| {
        [function.into_raw(), argument.into_raw()]
    });
    // SAFETY: a place of the list; nobody reads it, by the rule above.
    unsafe { place(line).write(pair) };
    atomic::compiler_fence(atomic::Ordering::SeqCst);
}

/// What is called for a line. Plain.
pub fn get(line: usize) -> Option<Obj> {
    // SAFETY: a place of the list.
    let [function, _] = unsafe { place(line).read() };
    (!function.is_null()).then(|| Obj::from_raw(function))
}

/// Whether a hard handler has to wait: for the end of a collection by py/gc.c, which cannot look again at what it has seen. Plain.
pub fn has_to_wait() -> bool {
    cfg!(feature = "heap-stock") && collects()
}

/// In an interrupt: puts the line's handler on the schedule. If that is full, the call is lost. Plain.
pub fn schedule(line: usize) {
    // SAFETY: a place of the list.
    let [function, argument] = unsafe { place(line).read() };
    if !function.is_null() {
        // SAFETY: objects that the list keeps. RAISES: no.
        unsafe { sys::mp_sched_schedule(function, argument) };
    }
}

/// Since when Ctrl-C waits while hard handlers begin, in microseconds; 0: it does not.
static WAITS_SINCE_US: AtomicU32 = AtomicU32::new(0);
/// Handlers without end, as of a pin that each of them toggles, leave the program no time to end.
const PATIENCE_US: u32 = 80_000;

/// Whether Ctrl-C has waited so long that handlers must be what keeps it. Ends its waiting.
fn is_starved(ctrl_c_waits: bool) -> bool {
    let since = WAITS_SINCE_US.load(Ordering::Relaxed);
    // SAFETY: reads a clock. RAISES: no.
    let now = unsafe { sys::mp_hal_ticks_us() } | 1;
    let starved = ctrl_c_waits && since != 0 && now.wrapping_sub(since) > PATIENCE_US;
    let since = match (ctrl_c_waits && !starved, since) {
        (false, _) => 0,
        (true, 0) => now,
        (true, since) => since,
    };
    WAITS_SINCE_US.store(since, Ordering::Relaxed);
    starved
}

/// In an interrupt: calls the line's handler at once. `false`: it raised, which is told on the console, and is gone; so is one
/// that keeps Ctrl-C from the program.
/// Runs Python.
pub fn call(line: usize) -> bool {
    inside(|| {
        #[cfg(not(feature = "heap-stock"))]
        if crate::heap::is_marking() {
            return stores::watched(|| run(line));
        }
        run(line)
    })
}

fn run(line: usize) -> bool {
    // SAFETY: a place of the list.
    let [function, argument] = unsafe { place(line).read() };
    if function.is_null() {
        return true;
    }
    let waiting = &raw mut sys::mp_state_ctx;
    // A Ctrl-C that waits is for the program that was interrupted, not for its handler.
    // SAFETY: plain words of the core, put back below.
    let meant = unsafe { ptr::replace(&raw mut (*waiting).thread.mp_pending_exception, ptr::null_mut()) };
    let starved = is_starved(!meant.is_null());
    // SAFETY: both locks count, and are undone below; objects that the list keeps. RAISES: caught.
    let result = unsafe {
        sys::mp_sched_lock();
        sys::gc_lock();
        protected(|| {
            if starved {
                sys::upy_raise(meant);
            }
            sys::mp_call_function_1(function, argument);
        })
    };
    if let Err(crate::Error::Raised(exception)) = result {
        set(line, None);
        let said = protected(|| {
            // SAFETY: an exception, and the core's printer for errors. RAISES: caught.
            unsafe { sys::upy_tell_uncaught(exception.into_raw()) }
        });
        // Printing needs no memory; if it fails all the same, the handler is gone and that is what counts.
        let _ = said;
    }
    // SAFETY: the counterparts of the above. RAISES: no.
    unsafe {
        sys::gc_unlock();
        sys::mp_sched_unlock();
        if !meant.is_null() {
            sys::mp_sched_keyboard_interrupt();
        }
    }
    result.is_ok()
}
