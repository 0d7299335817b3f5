//! Finalisers: `__del__` of objects that a collection found dead.
//!
//! A finaliser is Python or C, and may raise, also while its exception is printed, whose `__str__` is Python again. Nothing
//! of that leaves this file: a jump out of it would skip the rest of the collection, and leave the heap locked for ever.

use super::{door::with, roots};
use crate::lock::{lock_depth, set_lock_depth};
use crate::{Error, protected, sys};
use core::{
    ffi::{CStr, c_void},
    ptr,
};

/// Runs the finalisers of what is dead. Ctrl-C ends the one that runs and those behind it, as far as they are Python, and what they
/// have to say: thousands of messages would take the wire minutes. It goes on to the program, which the collection came from.
pub(super) fn finalise_all() {
    let mut is_ctrl_c = false;
    while let Some(object) = with(|heap| heap.next_finaliser()) {
        roots::note_finaliser(object);
        let depth = lock_depth();
        if let Err(Error::Raised(exception)) = finalise(object as *mut c_void) {
            let exception = exception.into_raw();
            is_ctrl_c |= is_from_ctrl_c(exception);
            // SAFETY: a plain read of a word that an interrupt may set. RAISES: no.
            if !is_ctrl_c && unsafe { sys::upy_is_interrupted() } == 0 {
                is_ctrl_c |= name_on_console(exception);
            }
        }
        // Whatever it locked and did not unlock.
        set_lock_depth(depth);
        if is_ctrl_c {
            // SAFETY: sets two words under the core's atomic section. RAISES: no.
            unsafe { sys::mp_sched_keyboard_interrupt() }
        }
    }
}

/// Whether it is what Ctrl-C raises; a program may raise one of the same type.
fn is_from_ctrl_c(exception: *mut c_void) -> bool {
    // SAFETY: only the address is taken.
    exception == unsafe { &raw mut sys::mp_state_ctx.vm.mp_kbd_exception }.cast()
}

/// Calls `object.__del__()`. It gets MemoryError if it allocates.
fn finalise(object: *mut c_void) -> crate::Result<()> {
    // SAFETY: the block of a live object, 4 words at least. One that was never given a type has no method, but was
    // made by an allocation that asked for a finaliser.
    let is_object = unsafe { !object.cast::<*const c_void>().read().is_null() };
    if !is_object {
        return Ok(());
    }
    let mut method = [ptr::null_mut(); 2];
    let place = method.as_mut_ptr();
    // SAFETY: an object with a type, and room for two words. RAISES: caught; a class may have lost its `__del__` and have
    // a `__getattr__` that raises.
    let found =
        protected(|| unsafe { sys::mp_load_method_maybe(object, crate::qstr::__del__.into(), place) });
    if found.is_err() || method[0].is_null() {
        return Ok(());
    }
    let [function, argument] = method;
    // SAFETY: a method and its object; the scheduler is unlocked whatever happens. RAISES: caught.
    unsafe {
        sys::mp_sched_lock();
        let done = protected(|| sys::mp_call_function_1(function, argument));
        sys::mp_sched_unlock();
        done.map(|_| ())
    }
}

/// Prints an exception with its traceback; if that raises, its type. Says whether Ctrl-C ended that.
fn name_on_console(raw: *mut c_void) -> bool {
    // SAFETY: the console's printer, and an exception. RAISES: caught.
    let printed = protected(|| unsafe { sys::mp_obj_print_exception(&raw const sys::mp_plat_print, raw) });
    match printed {
        Ok(_) => return false,
        Err(Error::Raised(why)) if is_from_ctrl_c(why.into_raw()) => return true,
        Err(_) => {}
    }
    let print = |text: &CStr| {
        let (text, len) = (text.as_ptr(), text.count_bytes());
        // SAFETY: the console's printer, and a text with its length. RAISES: no, and would be caught.
        let _ = protected(|| unsafe {
            sys::mp_print_strn(&raw const sys::mp_plat_print, text, len, 0, 0, 0);
        });
    };
    // SAFETY: each object has a type, and that a name, which is terminated text. RAISES: no.
    let name = unsafe { CStr::from_ptr(sys::qstr_str((*sys::mp_obj_get_type(raw)).name.into())) };
    print(c"\n");
    print(name);
    print(c" in a finaliser, which raised again when it was printed\n");
    false
}
