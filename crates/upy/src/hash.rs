//! The hash of texts and bytes, in the place of the core's own.

use crate::sys;
use core::slice;

/// # Safety
/// There are `bytes` bytes at `data`.
#[unsafe(no_mangle)]
unsafe extern "C" fn qstr_compute_hash(data: *const u8, bytes: usize) -> usize {
    if bytes == 0 {
        return sys::hash::hash(&[]) as usize;
    }
    // SAFETY: the caller's promise.
    sys::hash::hash(unsafe { slice::from_raw_parts(data, bytes) }) as usize
}
