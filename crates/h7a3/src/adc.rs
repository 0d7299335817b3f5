//! The converters: one conversion of 16 bits at a time, started by software (RM0455, analog-to-digital converters).
//!
//! ADC1 serves the pins, ADC2 the three sources inside the chip. Both run from the crystal, 25 MHz, by way of per_ck; they are
//! switched on and calibrated on first use. Driven by registers: embassy's driver wants the pin's type, and here the channel
//! is known only at run time.

use core::sync::atomic::{AtomicBool, Ordering};
use embassy_stm32::pac::adc::{Adc, vals};
use embassy_stm32::pac::rcc::vals::{Adcsel, Persel};
use embassy_stm32::pac::{ADC1, ADC2, ADC12_COMMON, RCC};

/// What is converted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Input {
    /// A channel of ADC1, 0 to 19, that a pin carries; the pin is analog.
    Channel(u8),
    /// The reference inside the chip, about 1.2 V.
    Reference,
    /// The temperature sensor: about 0.62 V at 30 degrees, 2 mV more for each degree.
    Temperature,
    /// A quarter of the voltage on VBAT.
    Battery,
}

impl Input {
    /// Converter, channel, and how long the input charges the sampling capacitor. The sources inside need 9 us (DS13195).
    fn route(self) -> (Adc, u8, vals::SampleTime) {
        use vals::SampleTime::{CYCLES64_5, CYCLES387_5};
        match self {
            Input::Channel(channel) => (ADC1, channel.min(19), CYCLES64_5),
            Input::Battery => (ADC2, 14, CYCLES387_5),
            Input::Temperature => (ADC2, 18, CYCLES387_5),
            Input::Reference => (ADC2, 19, CYCLES387_5),
        }
    }
}

static ON: AtomicBool = AtomicBool::new(false);

/// The voltage of an input, as a fraction of the supply: 65535 is all of it. Takes 3 us for a pin, 16 us for a source inside
/// the chip, 0.2 ms more the first time. Not from interrupts.
pub fn read(input: Input) -> u16 {
    if !ON.swap(true, Ordering::Relaxed) {
        start();
    }
    let (adc, channel, sample_time) = input.route();
    let index = usize::from(channel);
    adc.smpr(index / 10)
        .modify(|w| w.set_smp(index % 10, sample_time));
    adc.pcsel()
        .modify(|w| w.set_pcsel(index, vals::Pcsel::PRESELECTED));
    adc.sqr1().write(|w| w.set_sq(0, channel));
    adc.cr().modify(|w| w.set_adstart(true));
    while !adc.isr().read().eoc() {}
    adc.dr().read().rdata()
}

/// Clock, regulator, calibration, enable, in the manual's order.
fn start() {
    critical_section::with(|_| {
        RCC.d1ccipr().modify(|w| w.set_persel(Persel::HSE));
        RCC.d3ccipr().modify(|w| w.set_adcsel(Adcsel::PER));
        RCC.ahb1enr().modify(|w| w.set_adc12en(true));
        // The clock needs two cycles to arrive (RM0455 RCC).
        RCC.ahb1enr().read();
    });
    ADC12_COMMON.ccr().modify(|w| {
        w.set_vrefen(true);
        w.set_vsenseen(true);
        w.set_vbaten(true);
    });
    for adc in [ADC1, ADC2] {
        adc.cr().modify(|w| w.set_deeppwd(false));
        adc.cr().modify(|w| {
            w.set_advregen(true);
            w.set_boost(vals::Boost::LT25);
        });
        while !adc.isr().read().ldordy() {}
        adc.cr().modify(|w| w.set_adcal(true));
        while adc.cr().read().adcal() {}
        adc.cr().modify(|w| w.set_aden(true));
        while !adc.isr().read().adrdy() {}
    }
}
