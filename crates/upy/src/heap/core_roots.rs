//! The core's own state, as far as it holds pointers.

use crate::sys;
use core::{ffi::c_void, mem::offset_of, slice};

/// Its first word, and how many there are.
pub(super) fn core_roots() -> (*mut *mut c_void, usize) {
    // Everything that is a root lies between these two (py/mpstate.h).
    const FIRST: usize =
        offset_of!(sys::mp_state_ctx_t, thread) + offset_of!(sys::mp_state_thread_t, dict_locals);
    const END: usize = offset_of!(sys::mp_state_ctx_t, vm) + offset_of!(sys::mp_state_vm_t, qstr_last_chunk);
    // SAFETY: both are in the struct, in this order, on words.
    unsafe {
        let first = (&raw mut sys::mp_state_ctx).byte_add(FIRST).cast();
        (first, (END - FIRST) / size_of::<*mut c_void>())
    }
}

/// Its words.
///
/// # Safety
/// Neither Python nor C runs while they are used.
pub(crate) unsafe fn core_root_words() -> &'static [u32] {
    let (first, count) = core_roots();
    // SAFETY: they are readable, and the caller's promise.
    unsafe { slice::from_raw_parts(first.cast(), count) }
}
