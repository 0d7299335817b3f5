//! Holding interrupts back for a program: Python's `disable_irq`.
//!
//! BASEPRI does it, not PRIMASK: the console's and the clock's interrupts have the highest urgency, 0, and go on. So time
//! loses nothing however long a program holds the others back, a pause ends, and Ctrl-C arrives. Interrupts that run
//! something of a program's take a number from [`HELD_FROM`] on.
//!
//! Short sections of this crate's own mask everything, by `critical_section`.
#![allow(unsafe_code)]

use cortex_m::register::basepri;

/// The least number of an NVIC priority that a program can hold back. The chip has the upper four bits.
pub const HELD_FROM: u8 = 0x10;

/// Holds them back; says whether they were let through until now.
pub fn disable() -> bool {
    let were_on = basepri::read() == 0;
    // SAFETY: fewer interrupts are taken than before; nothing relies on one of these.
    unsafe { basepri::write(HELD_FROM) };
    were_on
}

/// Lets them through.
pub fn enable() {
    // SAFETY: sections that must not be interrupted mask by PRIMASK, which this leaves alone.
    unsafe { basepri::write(0) };
}
