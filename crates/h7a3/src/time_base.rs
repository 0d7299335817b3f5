//! embassy's time base, TIM12, over a change of the clocks. embassy sets it up anew then and begins to count at zero; time has to
//! go on from where it was, and never back.

use core::task::Waker;

use embassy_stm32::pac::TIM12;

use crate::time;

/// Interrupts come in the middle and at the end of the 65.5 ms that the counter takes; this far from both nothing waits.
const CLEAR_US: core::ops::Range<u16> = 64..0x7000;
/// What the core runs from while the clocks change.
const MEANWHILE_MHZ: u32 = 64;

/// Changes the clocks with interrupts masked, at a moment at which no interrupt of the time base can be lost. `before` is not
/// counted: the clocks may stand still in it.
pub fn quiet(before: impl Fn(), change: impl Fn()) {
    while !critical_section::with(|_| {
        let count = TIM12.cnt().read().cnt();
        let is_clear = CLEAR_US.contains(&(count & 0x7FFF)) && !TIM12.sr().read().uif();
        if is_clear {
            before();
            let start = time::cycles();
            change();
            let passed_us = time::cycles().wrapping_sub(start) / MEANWHILE_MHZ;
            TIM12.cnt().write(|w| w.set_cnt(count + passed_us as u16));
            TIM12.sr().write(|_| {});
            // The alarm that was set is forgotten: one that is sooner than all others sets the next one.
            embassy_time_driver::schedule_wake(time::ticks_us() + 1, Waker::noop());
        }
        is_clear
    }) {}
}
