//! Memory for machine code that Python makes or loads while it runs.
//!
//! Native, viper and assembler functions are compiled into the heap first, and the heap may be where nothing can be
//! executed (PSRAM is execute-never). So the core hands finished code over to be moved here. The collector does not
//! know this memory: code stays until the next soft reset.

use crate::{Error, finish, protected, sys};
use core::{cell::UnsafeCell, ffi::c_void, mem::MaybeUninit, ptr};

struct Arena {
    next: *mut u8,
    free_bytes: usize,
}

struct Shared(UnsafeCell<Arena>);

// SAFETY: used by the one thread that runs Python, never by interrupts.
unsafe impl Sync for Shared {}

static ARENA: Shared = Shared(UnsafeCell::new(Arena {
    next: ptr::null_mut(),
    free_bytes: 0,
}));

/// Code begins at a multiple of this: a line of the instruction cache holds one function's start only.
const ALIGN_BYTES: usize = 32;

unsafe extern "Rust" {
    /// Makes freshly written instructions visible to the processor. The port defines it.
    safe fn upy_publish_code(address: usize, bytes: usize);
}

/// Gives executable memory for code, empty. What was in it is lost.
pub(crate) fn use_memory(area: *mut [MaybeUninit<u8>]) {
    let skip = area.cast::<u8>().align_offset(ALIGN_BYTES).min(area.len());
    // SAFETY: one thread, no reference outlives a statement.
    unsafe {
        *ARENA.0.get() = Arena {
            next: area.cast::<u8>().wrapping_add(skip),
            free_bytes: area.len() - skip,
        };
    }
}

fn allocate(bytes: usize) -> Option<*mut u8> {
    let rounded = bytes.checked_next_multiple_of(ALIGN_BYTES)?;
    // SAFETY: one thread, and this borrow ends with the function.
    let arena = unsafe { &mut *ARENA.0.get() };
    arena.free_bytes = arena.free_bytes.checked_sub(rounded)?;
    let place = arena.next;
    arena.next = place.wrapping_add(rounded);
    Some(place)
}

/// Moves finished code into executable memory; `relocation` is NULL or what `mp_native_relocate` wants.
///
/// # Safety
/// Called by the core with `bytes` of code at `code`.
#[unsafe(no_mangle)]
unsafe extern "C" fn upy_commit_code(code: *mut u8, bytes: usize, relocation: *mut c_void) -> *mut c_void {
    #[cfg(feature = "heap-sliced")]
    crate::heap::slices::switch_off();
    let Some(place) = allocate(bytes) else {
        return finish(Err(Error::Memory(
            c"no executable memory left; a soft reset frees it",
        )));
    };
    if !relocation.is_null() {
        // SAFETY: the core's own arguments. RAISES: caught (it reads from a file).
        let relocated = protected(|| unsafe { sys::mp_native_relocate(relocation, code, place as usize) });
        if let Err(error) = relocated {
            return finish(Err(error));
        }
    }
    // SAFETY: `place` has room for `bytes` and nobody else has it.
    unsafe { ptr::copy_nonoverlapping(code, place, bytes) };
    upy_publish_code(place as usize, bytes);
    place.cast()
}
