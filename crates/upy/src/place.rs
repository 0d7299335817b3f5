//! Which line of Python runs, for the report of a fault.

use crate::sys;
use core::ffi::{CStr, c_char, c_void};
use core::ptr;

/// A line of Python.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The source's name, as a traceback has it.
    pub file: &'static str,
    /// The function's.
    pub function: &'static str,
    /// Counted from 1.
    pub line: u32,
}

/// Says whether so many bytes at an address can be read without a fault.
pub type Readable = unsafe extern "C" fn(address: *const c_void, bytes: usize) -> bool;

/// The innermost line of Python, if the interpreter has a frame on the stack above `sp`. Works in any state: what it reads
/// may be nonsense, and is checked. Native code has no lines.
///
/// Takes no lock, allocates nothing, does not raise.
pub fn place(sp: usize, readable: Readable) -> Option<Place> {
    // SAFETY: a plain word of the core.
    let top = unsafe { sys::mp_state_ctx.thread.stack_top } as usize;
    let frame_bytes = 4 * size_of::<usize>();
    (sp.next_multiple_of(4)..top.saturating_sub(frame_bytes))
        .step_by(4)
        .find_map(|address| frame(address, readable))
}

fn frame(address: usize, readable: Readable) -> Option<Place> {
    let (mut file, mut function): (*const c_char, *const c_char) = (ptr::null(), ptr::null());
    let words = address as *const c_void;
    // SAFETY: `readable` is asked first, here for the words themselves and in C for all that they point to. RAISES: no.
    let line = unsafe {
        if !readable(words, 4 * size_of::<usize>()) {
            return None;
        }
        sys::upy_place_of(words, Some(readable), &raw mut file, &raw mut function)
    };
    Some(Place {
        file: text(file)?,
        function: text(function)?,
        line,
    })
    .filter(|place| place.line > 0)
}

fn text(name: *const c_char) -> Option<&'static str> {
    if name.is_null() {
        return None;
    }
    // SAFETY: an interned name of the core's, which ends with zero and lives as long as the heap.
    unsafe { CStr::from_ptr(name) }.to_str().ok()
}
