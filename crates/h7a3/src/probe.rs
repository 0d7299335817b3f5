//! Reads that may fail: a word of the flash with a double error answers a load with a bus error, which is a BusFault at that
//! very instruction. The handler (`fault::entry`) knows the one instruction below and goes on behind it.
#![allow(unsafe_code)]

use core::arch::global_asm;

// r0: from, r1: to, r2: how many words; returns how many were not copied. `probe_load` faults, `probe_failed` is where the
// handler goes on; r2 has not been counted down then.
global_asm!(
    ".section .text.spiram_probe, \"ax\"",
    ".global spiram_probe",
    ".global probe_load",
    ".global probe_failed",
    ".type spiram_probe, %function",
    ".thumb_func",
    "spiram_probe:",
    "cbz r2, probe_failed",
    "probe_load:",
    "ldr r3, [r0]",
    "str r3, [r1], #4",
    "adds r0, #4",
    "subs r2, #1",
    "bne probe_load",
    "probe_failed:",
    "mov r0, r2",
    "bx lr",
);

unsafe extern "C" {
    fn spiram_probe(from: *const u32, to: *mut u32, words: usize) -> usize;
}

/// Copies words from an aligned address, up to the first that cannot be read; how many.
pub fn read(address: u32, to: &mut [u32]) -> usize {
    // SAFETY: it writes no more than `to` has; a load that fails ends it.
    to.len() - unsafe { spiram_probe(address as *const u32, to.as_mut_ptr(), to.len()) }
}
