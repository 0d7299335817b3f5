//! Full speed for a moment, on a chip that is as after a reset, and back to that: for a boot loader whose program is to find no trace.
//!
//! From the chip's own oscillator, so that no crystal has to start: PLL1 makes 272 MHz of its 64, which leaves room for its
//! tolerance. By registers, because embassy's set-up of clocks is for good.

use embassy_stm32::pac::pwr::vals::Vos;
use embassy_stm32::pac::rcc::vals::{Plldiv, Pllm, Plln, Pllrge, Pllsrc, Pllvcosel, Ppre, Sw};
use embassy_stm32::pac::{FLASH, PWR, RCC};

/// The factor, less one: 64 MHz / 16 x 136 = 544 MHz, and half of that for the core.
const MULTIPLIER: u16 = 136 - 1;
/// RM0455 table 16, VOS0 up to 280 MHz.
const WAIT_STATES: u8 = 6;
const DELAY: u8 = 3;

/// Does something at 272 MHz. If the chip already runs from something else than its own oscillator, it does it at that.
pub fn with_full_speed<T>(action: impl FnOnce() -> T) -> T {
    if RCC.cfgr().read().sws() != Sw::HSI || RCC.cr().read().pllon(0) {
        return action();
    }
    let (flash, power) = (FLASH.acr().read(), PWR.d3cr().read().vos());
    let (d1, d2, d3) = (RCC.d1cfgr().read(), RCC.d2cfgr().read(), RCC.d3cfgr().read());
    let (source, ranges, factors) = (
        RCC.pllckselr().read(),
        RCC.pllcfgr().read(),
        RCC.plldivr(0).read(),
    );
    // The supply is chosen once after power-up, before the voltage may change (RM0455 6.4.1): the package has no converter.
    PWR.cr3().modify(|w| {
        w.set_sden(false);
        w.set_ldoen(true);
        w.set_bypass(false);
    });
    while !PWR.csr1().read().actvosrdy() {}
    set_voltage(Vos::SCALE0);
    FLASH.acr().modify(|w| {
        w.set_latency(WAIT_STATES);
        w.set_wrhighfreq(DELAY);
    });
    while FLASH.acr().read().latency() != WAIT_STATES {}
    RCC.d1cfgr().modify(|w| w.set_d1ppre(Ppre::DIV2));
    RCC.d2cfgr().modify(|w| {
        w.set_d2ppre1(Ppre::DIV2);
        w.set_d2ppre2(Ppre::DIV2);
    });
    RCC.d3cfgr().modify(|w| w.set_d3ppre(Ppre::DIV2));
    RCC.pllckselr().modify(|w| {
        w.set_pllsrc(Pllsrc::HSI);
        w.set_divm(0, Pllm::DIV16);
    });
    RCC.pllcfgr().modify(|w| {
        w.set_pllvcosel(0, Pllvcosel::WIDE_VCO);
        w.set_pllrge(0, Pllrge::RANGE4);
        w.set_divpen(0, true);
    });
    RCC.plldivr(0).modify(|w| {
        w.set_plln(Plln::from_bits(MULTIPLIER));
        w.set_pllp(Plldiv::DIV2);
    });
    run_pll(true);
    run_from(Sw::PLL1_P);

    let result = action();

    run_from(Sw::HSI);
    run_pll(false);
    RCC.plldivr(0).write_value(factors);
    RCC.pllcfgr().write_value(ranges);
    RCC.pllckselr().write_value(source);
    RCC.d3cfgr().write_value(d3);
    RCC.d2cfgr().write_value(d2);
    RCC.d1cfgr().write_value(d1);
    FLASH.acr().write_value(flash);
    set_voltage(power);
    result
}

fn set_voltage(scale: Vos) {
    PWR.d3cr().modify(|w| w.set_vos(scale));
    while !PWR.d3cr().read().vosrdy() {}
}

fn run_pll(on: bool) {
    RCC.cr().modify(|w| w.set_pllon(0, on));
    while RCC.cr().read().pllrdy(0) != on {}
}

fn run_from(clock: Sw) {
    RCC.cfgr().modify(|w| w.set_sw(clock));
    while RCC.cfgr().read().sws() != clock {}
}
