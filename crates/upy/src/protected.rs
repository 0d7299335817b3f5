//! Calling C that may raise.

use crate::{Error, Obj, Result};
use core::{ffi::c_void, mem::MaybeUninit, ptr};

struct Call<F, R> {
    run: F,
    result: MaybeUninit<R>,
}

/// Runs `call`, which may raise, and returns what it gave or what it raised.
///
/// `Copy` on both sides is the point: nothing in the skipped frames can need a destructor.
pub fn protected<R: Copy, F: FnOnce() -> R + Copy>(call: F) -> Result<R> {
    extern "C" fn enter<R: Copy, F: FnOnce() -> R + Copy>(argument: *mut c_void) {
        // SAFETY: `argument` is the `Call` below, alive and unaliased while upy_protected_call runs.
        let call = unsafe { &mut *argument.cast::<Call<F, R>>() };
        call.result.write((call.run)());
    }

    let mut pending = Call {
        run: call,
        result: MaybeUninit::uninit(),
    };
    // SAFETY: `enter` gets the pointer it expects. A jump out of it ends in upy_protected_call and skips only frames
    // of `enter` and `call`, which own nothing; d11-d15 are restored there (upy-sys/port/nlr.c).
    // RAISES: no, that is its work.
    let raised =
        unsafe { upy_sys::upy_protected_call(Some(enter::<R, F>), ptr::from_mut(&mut pending).cast()) };
    if raised.is_null() {
        // SAFETY: `enter` ran to its end, so the result is written.
        Ok(unsafe { pending.result.assume_init() })
    } else {
        Err(Error::Raised(Obj::from_raw(raised)))
    }
}
