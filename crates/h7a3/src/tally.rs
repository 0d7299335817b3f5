//! Edges at pins, counted by a timer: those of one pin, or those of the two phases of an encoder. Nothing is lost while a program
//! does something else.

use embassy_stm32::pac::timer::vals::{CcmrInputCcs, Sms, Ts, Urs};

use crate::timer::Timer;

/// Which edges count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Edge {
    /// From low to high.
    Rising,
    /// From high to low.
    Falling,
    /// Both.
    Both,
}

/// Whether a timer can do it: those with four channels.
pub fn can_count(timer: Timer) -> bool {
    timer.channels() == 4
}

/// Counts the edges at its input 1 or 2. Taken for [`crate::timer::User::Edges`].
pub fn count_edges(timer: Timer, input: u8, edge: Edge) {
    let registers = timer.registers();
    begin(timer);
    // CCxP and CCxNP (RM0455 TIMx_CCER).
    let polarity = match edge {
        Edge::Rising => 0b0000,
        Edge::Falling => 0b0010,
        Edge::Both => 0b1010,
    };
    registers
        .ccer()
        .write(|w| w.0 = polarity << (4 * (u32::from(input) - 1)));
    registers.smcr().write(|w| {
        w.set_ts(if input == 1 { Ts::TI1FP1 } else { Ts::TI2FP2 });
        w.set_sms(Sms::EXT_CLOCK_MODE);
    });
    registers.cr1().modify(|w| w.set_cen(true));
}

/// Counts all four edges of a period of the phases at its inputs 1 and 2, up or down.
pub fn count_phases(timer: Timer) {
    begin(timer);
    timer.registers().smcr().write(|w| w.set_sms(Sms::ENCODER_MODE_3));
    timer.registers().cr1().modify(|w| w.set_cen(true));
}

fn begin(timer: Timer) {
    let registers = timer.registers();
    registers.cr1().modify(|w| {
        w.set_cen(false);
        w.set_urs(Urs::COUNTER_ONLY);
    });
    registers.smcr().write(|_| {});
    registers.ccmr_input(0).write(|w| {
        w.set_ccs(0, CcmrInputCcs::TI4);
        w.set_ccs(1, CcmrInputCcs::TI4);
    });
    registers.egr().write(|w| w.set_ug(true));
}

/// What has been counted, as a number with a sign: of 32 bits, or of 16 where the timer has no more.
pub fn count(timer: Timer) -> i32 {
    let count = timer.registers().cnt().read();
    if timer.is_wide() {
        count as i32
    } else {
        (count as u16 as i16).into()
    }
}

/// Goes on from this number.
pub fn set_count(timer: Timer, count: i32) {
    timer.registers().cnt().write_value(count as u32);
}
