//! Another program into the flash, from this one: the end of `spiram.update()`.
//!
//! While the first bank is erased and written nothing can run from it. So the few instructions that do it are copied to ITCM, where
//! Python's machine code was; nothing of the old program runs any more. They end in a reset, whatever happens: the boot loader then
//! sees what is there.
#![allow(unsafe_code)]

use core::arch::global_asm;

use crate::{armv7m, caches};

/// Bytes for a part of the flash, all of which is erased before.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Part {
    /// A word of the flash, in the program's part of it.
    pub address: u32,
    /// Where they are, at a multiple of four.
    pub from: *const u8,
    /// Whole words of the flash, at least one.
    pub bytes: usize,
}

// r0: the parts, r1: how many. r2 address, r3 from, r4 end, r5 the bank's registers, r12 the watchdog's, which is fed if it runs.
// RM0455 FLASH_KEYR 0x04, CR 0x0C (LOCK 0, PG 1, SER 2, START 5, SNB 12:6), SR 0x10 (QW 2), CCR 0x14; bank 2 is 0x100 further.
global_asm!(
    ".section .text.spiram_rewrite, \"ax\"",
    ".global spiram_rewrite",
    ".global spiram_rewrite_end",
    ".type spiram_rewrite, %function",
    ".balign 4",
    ".thumb_func",
    "spiram_rewrite:",
    "movw r12, #0x4800",
    "movt r12, #0x5800",
    "1: ldmia r0!, {{r2, r3, r4}}",
    "add r4, r4, r2",
    "movw r5, #0x2000",
    "movt r5, #0x5200",
    "tst r2, #0x100000",
    "it ne",
    "addne r5, r5, #0x100",
    "ldr r6, [r5, #0x0C]",
    "tst r6, #1",
    "beq 2f",
    "movw r6, #0x0123",
    "movt r6, #0x4567",
    "str r6, [r5, #0x04]",
    "movw r6, #0x89AB",
    "movt r6, #0xCDEF",
    "str r6, [r5, #0x04]",
    "2: movw r6, #0",
    "movt r6, #0x07AF",
    "str r6, [r5, #0x14]",
    // The sectors, one after the other.
    "mov r7, r2",
    "3: ubfx r6, r7, #13, #7",
    "lsl r6, r6, #6",
    "orr r6, r6, #0x04",
    "str r6, [r5, #0x0C]",
    "orr r6, r6, #0x20",
    "str r6, [r5, #0x0C]",
    "dsb",
    "4: ldr r6, [r5, #0x10]",
    "tst r6, #4",
    "bne 4b",
    "movw r6, #0xAAAA",
    "str r6, [r12]",
    "add r7, r7, #0x2000",
    "cmp r7, r4",
    "blo 3b",
    // The words.
    "mov r6, #2",
    "str r6, [r5, #0x0C]",
    "5: ldmia r3!, {{r8, r9, r10, r11}}",
    "str r8, [r2], #4",
    "str r9, [r2], #4",
    "str r10, [r2], #4",
    "str r11, [r2], #4",
    "dsb",
    "6: ldr r6, [r5, #0x10]",
    "tst r6, #4",
    "bne 6b",
    "movw r6, #0xAAAA",
    "str r6, [r12]",
    "cmp r2, r4",
    "blo 5b",
    "mov r6, #1",
    "str r6, [r5, #0x0C]",
    "subs r1, r1, #1",
    "bne 1b",
    // SYSRESETREQ.
    "movw r0, #0xED0C",
    "movt r0, #0xE000",
    "movw r1, #0x0004",
    "movt r1, #0x05FA",
    "dsb",
    "str r1, [r0]",
    "dsb",
    "7: b 7b",
    "spiram_rewrite_end:",
);

unsafe extern "C" {
    fn spiram_rewrite();
    fn spiram_rewrite_end();
}

/// How much of ITCM that takes at most.
pub const CODE_BYTES: usize = 512;

/// Writes them, in their order, and resets.
///
/// # Safety
/// `code` is memory that can be executed and is nobody's any more, at a multiple of four and of [`CODE_BYTES`]. The parts are what the
/// head of this file and [`Part`] want; their bytes do not change.
pub unsafe fn run(parts: &[Part], code: *mut u8) -> ! {
    crate::console::flush();
    crate::usb::leave();
    armv7m::disable_all_interrupts();
    // What is in the PSRAM is there, not in the cache, and the flash is written as it is stored.
    caches::disable();
    let place = |function: unsafe extern "C" fn()| function as *const () as usize & !1;
    let (start, end) = (place(spiram_rewrite), place(spiram_rewrite_end));
    assert!(end - start <= CODE_BYTES);
    // SAFETY: so many bytes, as the caller promises and as was asserted.
    unsafe { core::ptr::copy_nonoverlapping(start as *const u8, code, end - start) };
    cortex_m::asm::dsb();
    cortex_m::asm::isb();
    // SAFETY: these are the instructions, which can lie anywhere.
    let rewrite: extern "C" fn(*const Part, usize) -> ! = unsafe { core::mem::transmute(code as usize | 1) };
    rewrite(parts.as_ptr(), parts.len())
}
