//! Where the collector finds its roots: registers and the stack.
//!
//! The C core calls `gc_collect` when memory is short, from any depth. Registers that a caller may keep values in are
//! put on the stack first, then everything from there to the stack's top is scanned as possible pointers.
//!
//! Frames are laid over what dead ones left behind, and have words that they do not write. So a collection clears what was used
//! of the stack below it, down to where [`CLEAN_PAIRS`] pairs of words in a row are clean. What frames of the core do about
//! the rest: upy-sys/port/execute.c.

use core::{arch::global_asm, ffi::c_void};
use upy_sys as sys;

/// The stack that Python runs on; it grows down from `top`.
#[derive(Clone, Copy)]
pub struct Stack {
    /// First address above it.
    pub top: *mut u8,
    /// Its length down from there.
    pub bytes: usize,
}

/// Frames leave words alone, but not so many in a row that nothing is below them.
const CLEAN_PAIRS: usize = 32;

/// What `gc_collect` puts on the stack: 10 words, then 8 doubles. r3 is only there to keep the stack at a multiple of
/// 8 bytes (AAPCS 6.2.1.2).
const REGISTERS: usize = 10 + 2 * 8;

#[cfg(target_arch = "arm")]
global_asm!(
    ".syntax unified",
    ".thumb",
    ".fpu fpv5-d16",
    ".section .text.gc_collect,\"ax\",%progbits",
    ".global gc_collect",
    ".type gc_collect,%function",
    ".thumb_func",
    "gc_collect:",
    "push {{r3-r11, lr}}",
    "vpush {{d8-d15}}",
    "mov r0, sp",
    "bl upy_gc_collect_from",
    // The answer: where the stack ends.
    "mov r1, sp",
    "movs r2, #0",
    "movs r3, #0",
    "movs r6, #{clean_pairs}",
    "1:",
    "cmp r1, r0",
    "bls 2f",
    "ldrd r4, r5, [r1, #-8]!",
    "strd r2, r3, [r1]",
    "subs r6, #1",
    "orrs r4, r5",
    "it ne",
    "movne r6, #{clean_pairs}",
    "cmp r6, #0",
    "bne 1b",
    "2:",
    "vpop {{d8-d15}}",
    "pop {{r3-r11, pc}}",
    ".size gc_collect, . - gc_collect",
    ".text",
    clean_pairs = const CLEAN_PAIRS,
);

/// Collects with the stack from `lowest` up as roots; says how far down Python may use it. A finaliser that calls
/// `gc.collect()` gets nothing: a collection is running. Nor does a hard handler, which may have interrupted an allocation.
#[unsafe(no_mangle)]
extern "C" fn upy_gc_collect_from(lowest: *mut *mut c_void) -> usize {
    // py/gc.c: bit 0 says so.
    const COLLECTING: u16 = 1;
    // SAFETY: a plain read of a word.
    let collects = unsafe { sys::mp_state_ctx.thread.gc_lock_depth } & COLLECTING != 0;
    if collects || crate::handlers::is_inside() {
        return usize::MAX;
    }
    // SAFETY: set once before Python starts; plain reads of words.
    let (top, limit) = unsafe {
        let thread = &raw const sys::mp_state_ctx.thread;
        ((*thread).stack_top, (*thread).stack_limit)
    };
    let words = (top as usize - lowest as usize) / size_of::<*mut c_void>();
    // SAFETY: everything between the stack pointer and the top is readable stack.
    // RAISES: no; finalisers run, and what they raise is printed by the core.
    unsafe {
        sys::gc_collect_start();
        sys::gc_collect_root(lowest, REGISTERS);
        sys::gc_collect_root(lowest.add(REGISTERS), words - REGISTERS);
        sys::gc_collect_end();
    }
    top as usize - limit
}
