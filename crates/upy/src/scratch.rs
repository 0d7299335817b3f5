//! Memory of Python's heap that is nobody's object, for the time of a call.

use crate::{Result, protected, sys};
use core::ffi::c_void;

/// A block of the heap. The collector sees it while this is on the stack; the end gives it back.
pub struct Scratch {
    memory: *mut c_void,
    whole_bytes: usize,
    address: usize,
}

impl Scratch {
    /// So many bytes that begin at a multiple of `align_bytes`, and share no such unit with anything else. Allocates; may
    /// collect.
    pub fn new(bytes: usize, align_bytes: usize) -> Result<Scratch> {
        let whole_bytes = bytes.next_multiple_of(align_bytes) + align_bytes;
        // SAFETY: takes a number only. RAISES: caught.
        let memory = protected(|| unsafe { sys::m_malloc(whole_bytes) })?;
        Ok(Scratch {
            memory,
            whole_bytes,
            address: (memory as usize).next_multiple_of(align_bytes),
        })
    }

    /// Its first address. Plain.
    pub fn address(&self) -> usize {
        self.address
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // SAFETY: allocated by `new` with this size, and given away nowhere. RAISES: no.
        unsafe { sys::m_free(self.memory, self.whole_bytes) };
    }
}
