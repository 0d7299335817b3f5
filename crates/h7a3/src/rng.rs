//! True random numbers, from the chip's noise source.
//!
//! Started on first use: a noise source that does not start must not keep a board from booting. By registers: embassy's driver waits
//! without end.

use core::cell::Cell;

use critical_section::Mutex;
use embassy_stm32::pac::RNG as SOURCE;
use embassy_stm32::pac::rng::vals;
use embassy_stm32::peripherals::RNG;
use embassy_stm32::{Peri, rcc};

use crate::time;

/// A number takes some microseconds.
const PATIENCE_US: u64 = 5_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Missing,
    Off,
    On,
}

static STATE: Mutex<Cell<State>> = Mutex::new(Cell::new(State::Missing));

/// Hands over the peripheral; it stays off.
pub fn provide(_peripheral: Peri<'static, RNG>) {
    critical_section::with(|cs| STATE.borrow(cs).set(State::Off));
}

/// 32 random bits; `None` before [`provide`], and if the source gives none within five milliseconds.
pub fn random() -> Option<u32> {
    critical_section::with(|cs| {
        let state = STATE.borrow(cs);
        match state.get() {
            State::Missing => return None,
            State::Off => rcc::enable_and_reset::<RNG>(),
            State::On => {
                if let Some(number) = number() {
                    return Some(number);
                }
            }
        }
        // Anew, also after an error of the source.
        state.set(State::On);
        start();
        number()
    })
}

/// Configuration A (RM0455 34.3.6), which counts while CONDRST is set; then its health test.
fn start() {
    SOURCE.cr().write(|w| {
        w.set_condrst(true);
        w.set_nistc(vals::Nistc::CUSTOM);
        w.set_rng_config1(vals::RngConfig1::CONFIG_A);
        w.set_rng_config2(vals::RngConfig2::CONFIG_A_B);
        w.set_rng_config3(vals::RngConfig3::CONFIG_A);
        w.set_rngen(true);
    });
    SOURCE.htcr().write(|w| w.set_htcfg(vals::Htcfg::MAGIC));
    SOURCE.htcr().write(|w| w.set_htcfg(vals::Htcfg::RECOMMENDED));
    SOURCE.cr().modify(|w| w.set_condrst(false));
    SOURCE.sr().modify(|w| w.set_seis(false));
}

fn number() -> Option<u32> {
    let deadline_us = time::ticks_us() + PATIENCE_US;
    while time::ticks_us() < deadline_us {
        let status = SOURCE.sr().read();
        if status.seis() || status.ceis() {
            return None;
        }
        if status.drdy() {
            // Zero stands for "no number" (RM0455 34.7.3).
            return Some(SOURCE.dr().read()).filter(|number| *number != 0);
        }
    }
    None
}
