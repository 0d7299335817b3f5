//! Where the collector finds its roots: registers and the stack.
//!
//! The C core calls `gc_collect` when memory is short, from any depth. Registers that a caller may keep values in are
//! put on the stack first, then everything from there to the stack's top is scanned as possible pointers.
//!
//! Frames are laid over what dead ones left behind, and have words that they do not write. So a collection clears what was used
//! of the stack below it, down to where [`CLEAN_PAIRS`] pairs of words in a row are clean. What frames of the core do about
//! the rest: upy-sys/port/execute.c.

use crate::{inside::is_inside, lock::collects, sys};
use core::ffi::c_void;

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

/// A function in assembler that puts on the stack what a caller may keep in registers, calls `$to` with the place of that, does
/// `$after`, and goes back.
macro_rules! with_registers_on_stack {
    ($name:literal, $to:literal, after: [$($after:literal),* $(,)?], $($operands:tt)*) => {
        #[cfg(target_arch = "arm")]
        core::arch::global_asm!(
            ".syntax unified",
            ".thumb",
            ".fpu fpv5-d16",
            concat!(".section .text.", $name, ",\"ax\",%progbits"),
            concat!(".global ", $name),
            concat!(".type ", $name, ",%function"),
            ".thumb_func",
            concat!($name, ":"),
            "push {{r3-r11, lr}}",
            "vpush {{d8-d15}}",
            "mov r0, sp",
            concat!("bl ", $to),
            $($after,)*
            "vpop {{d8-d15}}",
            "pop {{r3-r11, pc}}",
            concat!(".size ", $name, ", . - ", $name),
            ".text",
            $($operands)*
        );
    };
}
#[cfg(feature = "heap-sliced")]
pub(crate) use with_registers_on_stack;

with_registers_on_stack!(
    "gc_collect",
    "upy_gc_collect_from",
    after: [
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
    ],
    clean_pairs = const CLEAN_PAIRS,
);

/// Collects with the stack from `lowest` up as roots; says how far down Python may use it. A finaliser that calls
/// `gc.collect()` gets nothing: a collection is running. Nor does a hard handler, which may have interrupted an allocation.
#[unsafe(no_mangle)]
extern "C" fn upy_gc_collect_from(lowest: *mut *mut c_void) -> usize {
    if collects() || is_inside() {
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
