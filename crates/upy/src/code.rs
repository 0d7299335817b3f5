//! Memory for machine code that Python makes or loads while it runs.
//!
//! Native, viper and assembler functions are compiled into the heap first, and the heap may be where nothing can be
//! executed (PSRAM is execute-never). So the core hands finished code over to be moved here.
//!
//! This memory is collected when it is full: after a collection of the heap, what is left there is searched for addresses of
//! code, and so is the stack, where a return address keeps the code around it. A collection of the heap alone costs nothing
//! for it. Code of .mpy files that was relocated stays until the next soft reset: what it made may point to its middle.

use crate::{Error, blocks::Blocks, finish, protected, sys};
use core::{cell::UnsafeCell, ffi::c_void, mem::MaybeUninit, ptr};

/// Code begins at a multiple of this: a line of the instruction cache holds one function's start only.
const ALIGN_BYTES: usize = 32;
/// Room in the table for 64 KB.
const WORDS: usize = (64 << 10) / ALIGN_BYTES / 32;

struct Arena {
    base: *mut u8,
    blocks: Blocks<WORDS>,
}

struct Shared(UnsafeCell<Arena>);

// SAFETY: used by the one thread that runs Python, never by interrupts.
unsafe impl Sync for Shared {}

static ARENA: Shared = Shared(UnsafeCell::new(Arena {
    base: ptr::null_mut(),
    blocks: Blocks::new(0),
}));

unsafe extern "Rust" {
    /// Makes freshly written instructions visible to the processor. The port defines it.
    safe fn upy_publish_code(address: usize, bytes: usize);
}

/// Gives executable memory for code, empty. What was in it is lost.
pub(crate) fn use_memory(area: *mut [MaybeUninit<u8>]) {
    let skip = area.cast::<u8>().align_offset(ALIGN_BYTES).min(area.len());
    with(|arena| {
        *arena = Arena {
            base: area.cast::<u8>().wrapping_add(skip),
            blocks: Blocks::new((area.len() - skip) / ALIGN_BYTES),
        }
    });
}

/// Nothing of Python or C runs in `action`.
fn with<T>(action: impl FnOnce(&mut Arena) -> T) -> T {
    // SAFETY: one thread, and this borrow ends with the action.
    action(unsafe { &mut *ARENA.0.get() })
}

impl Arena {
    fn take(&mut self, bytes: usize, pinned: bool) -> Option<*mut u8> {
        let first = self.blocks.take(bytes.div_ceil(ALIGN_BYTES).max(1), pinned)?;
        Some(self.base.wrapping_add(first * ALIGN_BYTES))
    }

    /// A word of the heap, which may be the address of code.
    fn word(&mut self, word: u32) {
        let offset = (word as usize).wrapping_sub(self.base as usize);
        if offset.is_multiple_of(ALIGN_BYTES) {
            self.blocks.keep(offset / ALIGN_BYTES);
        }
    }

    /// A word of the stack, which may be a return address as well: those are odd.
    fn stack_word(&mut self, word: u32) {
        self.word(word);
        if word & 1 != 0 {
            let offset = (word as usize).wrapping_sub(self.base as usize);
            self.blocks.keep_around(offset / ALIGN_BYTES);
        }
    }
}

/// Frees the code that nothing reaches.
#[cfg(not(feature = "heap-stock"))]
#[inline(never)]
fn collect() {
    if crate::heap::is_locked() {
        return;
    }
    // SAFETY: the heap is not locked, and nothing of it is borrowed. RAISES: no.
    unsafe { sys::gc_collect() };
    let mut lowest = 0;
    let lowest = core::hint::black_box(&raw mut lowest);
    // SAFETY: everything between here and the top is readable stack of this thread; plain words of the core.
    let (stack, core) = unsafe {
        let top: *const u32 = sys::mp_state_ctx.thread.stack_top.cast();
        let words = top.offset_from(lowest).unsigned_abs();
        (
            core::slice::from_raw_parts(lowest.cast_const(), words),
            crate::heap::core_root_words(),
        )
    };
    let none_is_left = with(|arena| {
        stack.iter().for_each(|&word| arena.stack_word(word));
        core.iter().for_each(|&word| arena.word(word));
        crate::heap::for_each_word(|word| arena.word(word));
        arena.blocks.sweep()
    });
    #[cfg(feature = "heap-sliced")]
    if none_is_left {
        crate::heap::slices::switch_on();
    }
    #[cfg(not(feature = "heap-sliced"))]
    let _ = none_is_left;
}

/// gc.c does not tell what is alive.
#[cfg(feature = "heap-stock")]
fn collect() {}

/// Moves finished code into executable memory; `relocation` is NULL or what `mp_native_relocate` wants.
///
/// # Safety
/// Called by the core with `bytes` of code at `code`.
#[unsafe(no_mangle)]
unsafe extern "C" fn upy_commit_code(code: *mut u8, bytes: usize, relocation: *mut c_void) -> *mut c_void {
    let pinned = !relocation.is_null();
    let mut place = with(|arena| arena.take(bytes, pinned));
    if place.is_none() {
        collect();
        place = with(|arena| arena.take(bytes, pinned));
    }
    #[cfg(feature = "heap-sliced")]
    crate::heap::slices::switch_off();
    let Some(place) = place else {
        return finish(Err(Error::Memory(
            c"no executable memory left for machine code; functions that are dropped give theirs back",
        )));
    };
    if pinned {
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
