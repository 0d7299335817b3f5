//! Objects that stay while hardware works for them, though no program points to them: the collector finds them here.

use crate::{Obj, Result, sys};
use core::ptr;
use core::sync::atomic::AtomicU8;

/// How many places there are.
pub const PLACES: usize = 36;

fn place(n: usize) -> *mut sys::mp_obj_t {
    assert!(n < PLACES, "no such place");
    // SAFETY: the core's list of roots has so many words (upy-sys/port/nlr.c).
    unsafe {
        (&raw mut sys::mp_state_ctx.vm.upy_held)
            .cast::<sys::mp_obj_t>()
            .add(n)
    }
}

/// Keeps an object in a place, instead of what was there; or nothing. Plain.
pub fn hold(n: usize, object: Option<Obj>) {
    let raw = object.map_or(ptr::null_mut(), Obj::into_raw);
    // SAFETY: a word of the list.
    unsafe { place(n).write(raw) };
}

/// What is in a place. Plain.
pub fn get(n: usize) -> Option<Obj> {
    // SAFETY: a word of the list.
    let raw = unsafe { place(n).read() };
    (!raw.is_null()).then(|| Obj::from_raw(raw))
}

/// The bytes of an object that can be written, for hardware that fills them: the hardware must be stopped before nothing holds
/// the object any more. Allocates nothing; may raise.
pub fn bytes_of(object: &Obj) -> Result<&'static [AtomicU8]> {
    let mut buffer = object.buffer_to_fill()?;
    let bytes = buffer.as_mut_slice();
    // SAFETY: the collector does not move objects, and the caller holds this one, by the rule above. What hardware writes, a
    // program sees as any bytes that change.
    Ok(unsafe { core::slice::from_raw_parts(bytes.as_ptr().cast(), bytes.len()) })
}

/// So many bytes for hardware, until the place holds something else: the hardware must be stopped before that.
/// Allocates; may collect.
pub fn memory(n: usize, bytes: usize) -> Result<&'static [AtomicU8]> {
    let object = Obj::bytes_with(bytes, |_| Ok(()))?;
    hold(n, Some(object));
    if bytes == 0 {
        return Ok(&[]);
    }
    let start = object.buffer()?.as_slice().as_ptr();
    // SAFETY: the collector does not move objects, and this one is held, by the rule above. Nobody else knows it, and
    // only atomics look at it.
    Ok(unsafe { core::slice::from_raw_parts(start.cast(), bytes) })
}
