//! Catches a fault on a stack of its own, reports it by polling, and resets.
//!
//! Nothing that the program left behind is trusted: the stack pointer may point nowhere, interrupts may be masked, the
//! console's rings may be half changed. A second fault while reporting ends in a reset at once.
#![allow(unsafe_code)]

use core::arch::global_asm;
use core::cell::Cell;
use core::fmt::Write;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use critical_section::Mutex;

use super::{Registers, Report, Status};
use crate::{armv7m, console};

// All four handlers. The hardware has stacked r0-r3, r12, lr, pc, xpsr, or tried to, so r0-r3 are free; the others go to
// a fixed place, and only then is there a stack to call Rust on. The label after `.thumb_func` is what the vector table
// and cortex-m-rt's trampoline branch to; a HardFault comes through that trampoline, which touches no stack.
global_asm!(
    ".section .bss.fault_stack, \"aw\", %nobits",
    ".balign 8",
    "fault_stack: .space 4096",
    "fault_stack_top:",
    "fault_saved: .space 40",
    ".section .text.fault_entry, \"ax\"",
    ".global HardFault",
    ".global MemoryManagement",
    ".global BusFault",
    ".global UsageFault",
    ".type HardFault, %function",
    ".type MemoryManagement, %function",
    ".type BusFault, %function",
    ".type UsageFault, %function",
    ".thumb_func",
    "UsageFault:",
    "fault_report:",
    "ldr r0, =fault_saved",
    "stmia r0, {{r4-r11}}",
    "mrs r1, msp",
    "tst lr, #4",
    "it ne",
    "mrsne r1, psp",
    "mrs r2, msp",
    "ldr r3, =fault_stack_top",
    "mov sp, r3",
    // On a stack behind no guard the MPU may count in HardFault, too (MPU_CTRL.HFNMIENA): nothing is guessed from closed windows.
    "ldr r3, =0xE000ED94",
    "ldr r12, [r3]",
    "tst r12, #1",
    "itt ne",
    "orrne r12, #2",
    "strne r12, [r3]",
    "dsb",
    "isb",
    "mov r3, lr",
    "bl spiram_fault",
    "udf #0",
    // An access that the MPU denies, if somebody waits for it (`set_denied`) and takes it for his. DACCVIOL and MMARVALID are the
    // only bits of CFSR then, so the frame is there. In an interrupt it comes as a HardFault.
    ".thumb_func",
    "MemoryManagement:",
    "ldr r0, =0xE000ED28",
    "ldr r1, [r0]",
    "cmp r1, #0x82",
    "bne fault_report",
    "fault_denied:",
    "ldr r2, =spiram_denied",
    "ldr r2, [r2]",
    "cmp r2, #0",
    "beq fault_report",
    // MMFAR.
    "ldr r0, [r0, #12]",
    "push {{r4, lr}}",
    "blx r2",
    "pop {{r4, lr}}",
    "cmp r0, #0",
    "beq fault_report",
    "movs r1, #0x82",
    "b fault_over",
    // A read that was expected to fail (`probe`) goes on behind its load. Only if nothing else is wrong: PRECISERR and
    // BFARVALID are the only bits of CFSR then, so the frame is there. In an interrupt it comes as a HardFault.
    ".thumb_func",
    "HardFault:",
    ".thumb_func",
    "BusFault:",
    "ldr r0, =0xE000ED28",
    "ldr r1, [r0]",
    "cmp r1, #0x82",
    "beq fault_denied",
    "movw r2, #0x8200",
    "cmp r1, r2",
    "bne fault_report",
    "mrs r3, msp",
    "tst lr, #4",
    "it ne",
    "mrsne r3, psp",
    "ldr r1, [r3, #24]",
    "ldr r2, =probe_load",
    "bic r2, #1",
    "cmp r1, r2",
    "bne fault_report",
    "ldr r2, =probe_failed",
    "bic r2, #1",
    "str r2, [r3, #24]",
    "movw r1, #0x8200",
    "fault_over:",
    "ldr r0, =0xE000ED28",
    "str r1, [r0]",
    // HFSR.FORCED.
    "mov r1, #0x40000000",
    "str r1, [r0, #4]",
    "dsb",
    "bx lr",
    ".ltorg",
);

/// Is told an address that the MPU denied, in the fault, and makes it accessible; or says that it is none of its business.
type Denied = extern "C" fn(u32) -> bool;

/// Read by the assembly above; 0 is nobody.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "a name in assembly")]
static spiram_denied: AtomicUsize = AtomicUsize::new(0);

/// Sets who gets the accesses that the MPU denies, before they are reported.
pub fn set_denied(denied: Option<Denied>) {
    spiram_denied.store(denied.map_or(0, |denied| denied as usize), Ordering::Relaxed);
}

/// What the hardware stacks first (DDI0403E B1.5.6).
#[repr(C)]
struct Frame {
    r0_to_r3: [u32; 4],
    r12: u32,
    lr: u32,
    pc: u32,
    xpsr: u32,
}

/// EXC_RETURN: clear if floating-point registers were stacked too.
const BASIC_FRAME: u32 = 1 << 4;
/// xPSR: the stack was moved down by 4 to be aligned.
const PADDED: u32 = 1 << 9;

/// Sees a report before the reset.
type Witness = fn(&Report);

static WITNESS: Mutex<Cell<Option<Witness>>> = Mutex::new(Cell::new(None));
static PRINTER: Mutex<Cell<Option<Witness>>> = Mutex::new(Cell::new(None));

/// From here on faults are reported on the console. A program that never calls this has none of the words in its flash.
pub fn print_reports() {
    critical_section::with(|cs| PRINTER.borrow(cs).set(Some(print)));
}

fn print(report: &Report) {
    // Polled output has no way to fail.
    let _ = write!(console::Polled::take(), "{report}spiram resets\r\n");
}

/// Sets who sees the report of a fault before the reset. It runs on the fault's own stack of 4 KB, and a fault in it resets
/// at once.
pub fn set_witness(witness: Witness) {
    critical_section::with(|cs| WITNESS.borrow(cs).set(Some(witness)));
}

/// Called by the assembly above, once, on the fault stack.
#[unsafe(no_mangle)]
extern "C" fn spiram_fault(saved: &[u32; 8], frame: *const Frame, msp: u32, exc_return: u32) -> ! {
    static REPORTING: AtomicBool = AtomicBool::new(false);
    if REPORTING.swap(true, Ordering::Relaxed) {
        cortex_m::peripheral::SCB::sys_reset();
    }
    let [cfsr, hfsr, mmfar, bfar] = armv7m::fault_status();
    let status = Status {
        cfsr,
        hfsr,
        mmfar,
        bfar,
    };
    let registers = (!status.frame_lost() && is_on_a_stack(frame)).then(|| {
        // SAFETY: the core has just written the frame there, completely, and it lies in memory that can be read.
        let frame = unsafe { &*frame };
        registers(saved, frame, exc_return)
    });
    let report = Report {
        status,
        registers,
        sp: msp,
    };
    if let Some(print) = critical_section::with(|cs| PRINTER.borrow(cs).get()) {
        print(&report);
    }
    // Last, because it may do anything, even fault.
    if let Some(witness) = critical_section::with(|cs| WITNESS.borrow(cs).get()) {
        witness(&report);
    }
    crate::reset::now()
}

/// Whether a whole frame can be read at this address: above the guard in DTCM, or anywhere in AXI SRAM.
fn is_on_a_stack(frame: *const Frame) -> bool {
    let start = frame as u32;
    let end = start.saturating_add(size_of::<Frame>() as u32);
    let inside = |from: u32, to: u32| start >= from && end <= to;
    start % 4 == 0
        && (inside(0x2000_0000 + crate::mpu::STACK_GUARD_BYTES, 0x2002_0000)
            || inside(0x2400_0000, 0x2410_0000))
}

fn registers(saved: &[u32; 8], frame: &Frame, exc_return: u32) -> Registers {
    let mut r = [0; 13];
    r[..4].copy_from_slice(&frame.r0_to_r3);
    r[4..12].copy_from_slice(saved);
    r[12] = frame.r12;
    let stacked = if exc_return & BASIC_FRAME != 0 { 0x20 } else { 0x68 };
    let padding = if frame.xpsr & PADDED != 0 { 4 } else { 0 };
    let sp = (&raw const *frame) as u32 + stacked + padding;
    Registers {
        r,
        sp,
        lr: frame.lr,
        pc: frame.pc,
        xpsr: frame.xpsr,
    }
}
