//! Masking all interrupts, for Python's `disable_irq`.
#![allow(unsafe_code)]

/// Masks them; says whether they were on.
pub fn disable() -> bool {
    let were_on = cortex_m::register::primask::read().is_active();
    cortex_m::interrupt::disable();
    were_on
}

/// Lets them through, whoever masked them.
pub fn enable() {
    // SAFETY: no critical section is open in code that Python called.
    unsafe { cortex_m::interrupt::enable() };
}
