//! Holding interrupts back for a program: Python's `disable_irq`.
//!
//! BASEPRI does it, not PRIMASK: the console's and the clock's interrupts have the highest urgency, 0, and go on. So time
//! loses nothing however long a program holds the others back, a pause ends, and Ctrl-C arrives. Interrupts that run
//! something of a program's take a number from [`HELD_FROM`] on.
//!
//! Short sections of this crate's own mask everything, by `critical_section`; those of the C core by [`mask_all`].
#![allow(unsafe_code)]

use cortex_m::register::{basepri, primask};

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

/// Masks all interrupts, for a short section of the C core; says whether they were on.
pub fn mask_all() -> bool {
    let were_on = primask::read().is_active();
    cortex_m::interrupt::disable();
    were_on
}

/// Lets them through at the end of the section that found them on.
pub fn unmask_all() {
    // SAFETY: they were on at the matching `mask_all`, so no section around it needs them masked.
    unsafe { cortex_m::interrupt::enable() };
}

/// Does something with all interrupts masked, whose length they can bear: well below 10 ms.
pub fn quietly<T>(action: impl FnOnce() -> T) -> T {
    critical_section::with(|_| action())
}

/// Does something while programs' interrupts are held back.
pub fn held<T>(action: impl FnOnce() -> T) -> T {
    let were_on = disable();
    let result = action();
    if were_on {
        enable();
    }
    result
}
