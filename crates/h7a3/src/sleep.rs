//! Sleep in which the clocks stop (RM0455 6.7): Stop, which goes on where it was, and Standby, which ends in a reset.

use embassy_stm32::pac::PWR;

/// PWR_CPUCR (RM0455 6.8.5). The PAC has the bits of another chip.
const PDDS_SRD: u32 = 1 << 2;
const SBF: u32 = 1 << 6;
const CSSF: u32 = 1 << 9;

/// Whether the chip comes out of Standby; the flag is cleared.
pub(crate) fn take_standby() -> bool {
    let was = PWR.cpucr().read().0 & SBF != 0;
    PWR.cpucr().modify(|w| w.0 |= CSSF);
    was
}

/// Until an edge at a pin that interrupts, or the calendar's alarm or wake-up timer. Everything else stands still: timers, serial
/// ports, and the clock that counts microseconds. The memory chip refreshes itself.
pub fn light() {
    crate::console::flush();
    crate::usb::leave();
    PWR.cpucr().modify(|w| w.0 &= !PDDS_SRD);
    crate::clocks::restart_after(|| {
        // Without a clock at the memory chip's controller no line may be written back on the way out.
        crate::caches::clean_invalidate_all();
        crate::armv7m::sleep_deep();
    });
    crate::usb::come_back();
}

/// Until the calendar's alarm or wake-up timer, or the reset key: then the chip starts as after power-on.
pub fn deep() -> ! {
    crate::console::flush();
    crate::usb::leave();
    PWR.cpucr().modify(|w| w.0 |= PDDS_SRD | CSSF);
    // An interrupt that waits would end the sleep before it begins; the calendar wakes without one.
    crate::armv7m::disable_all_interrupts();
    loop {
        crate::armv7m::sleep_deep();
    }
}
