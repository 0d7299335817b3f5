//! Bits as pulses of two lengths on a pin, timed by the core's cycle counter.
//!
//! Apart from `gpio`, whose functions look for the port's registers each time: at 64 MHz that takes as long as a pulse.

use cortex_m::peripheral::DWT;
use embassy_stm32::pac::common::{Reg, W};
use embassy_stm32::pac::gpio::regs::Bsrr;

use crate::gpio::PinId;

const LINE_BYTES: usize = 32;
const LEAD_CYCLES: u32 = 64;

/// Sends bytes, highest bit first: of a zero and of a one the cycles at the high level and then at the low one. The caller masks
/// interrupts.
pub fn send(pin: PinId, bytes: &[u8], cycles: &[u32; 4]) {
    let bsrr = pin.bsrr();
    let [low, high] = [false, true].map(|level| pin.change_to(level));
    // What has to be fetched takes longer than a pause may: once through data and code, while the level stays low.
    for byte in bytes.iter().step_by(LINE_BYTES).chain(bytes.last()) {
        core::hint::black_box(*byte);
    }
    shape(bsrr, [low, low], &bytes[..bytes.len().min(2)], &[0; 4]);
    shape(bsrr, [high, low], bytes, cycles);
}

/// Each edge is due a time after the one before it was, so that no delay adds up. What a bit needs is at hand before its wait
/// ends: at 64 MHz a pulse has 25 cycles.
#[inline(never)]
fn shape(
    bsrr: Reg<Bsrr, W>,
    [high, low]: [Bsrr; 2],
    bytes: &[u8],
    [high_0, low_0, high_1, low_1]: &[u32; 4],
) {
    let times = |bit: usize| match bytes.get(bit / 8).map_or(0, |byte| byte << (bit % 8) & 0x80) {
        0 => (*high_0, *low_0),
        _ => (*high_1, *low_1),
    };
    let (mut up, mut down) = times(0);
    let mut due = DWT::cycle_count().wrapping_add(LEAD_CYCLES);
    for bit in 1..=8 * bytes.len() {
        wait_until(due);
        bsrr.write_value(high);
        due = due.wrapping_add(up);
        wait_until(due);
        bsrr.write_value(low);
        due = due.wrapping_add(down);
        (up, down) = core::hint::black_box(times(bit));
    }
    wait_until(due);
}

#[inline(always)]
fn wait_until(due: u32) {
    while (DWT::cycle_count().wrapping_sub(due) as i32) < 0 {}
}
