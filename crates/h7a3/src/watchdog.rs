//! The independent watchdog: once it runs, only a reset of the chip ends it.
//!
//! By register: embassy's driver starts the counter last, which then runs through all of its 12 bits first, and it writes the
//! registers without asking whether the last write has arrived.

use embassy_stm32::pac::IWDG1;
use embassy_stm32::pac::iwdg::vals::{Key, Pr};

/// The oscillator of the chip, typical; it is off by up to some per cent.
const LSI_HZ: u32 = 32_000;
/// Twelve bits.
const COUNTS: u32 = 1 << 12;
const PRESCALERS: [u32; 7] = [4, 8, 16, 32, 64, 128, 256];
/// The longest time without a reset.
pub const LONGEST_MS: u32 = (COUNTS as u64 * 256 * 1000 / LSI_HZ as u64) as u32;

/// Starts it, or gives it another time: 1 to [`LONGEST_MS`]. Takes up to half a millisecond.
pub fn start(ms: u32) {
    IWDG1.kr().write(|w| w.set_key(Key::START));
    // What it has counted already must not meet a faster prescaler.
    feed();
    let cycles = ms * (LSI_HZ / 1000);
    let prescaler = PRESCALERS.iter().position(|by| cycles.div_ceil(*by) <= COUNTS);
    let prescaler = prescaler.unwrap_or(PRESCALERS.len() - 1);
    let counts = cycles.div_ceil(PRESCALERS[prescaler]).min(COUNTS);
    settled();
    IWDG1.kr().write(|w| w.set_key(Key::ENABLE));
    IWDG1.pr().write(|w| w.set_pr(Pr::from_bits(prescaler as u8)));
    IWDG1.rlr().write(|w| w.set_rl((counts - 1) as u16));
    settled();
    feed();
}

/// Gives it its whole time again.
pub fn feed() {
    IWDG1.kr().write(|w| w.set_key(Key::RESET));
}

/// Until what was written has arrived.
fn settled() {
    while IWDG1.sr().read().0 != 0 {}
}
