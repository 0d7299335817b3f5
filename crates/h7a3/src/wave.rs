//! Waves at pins: PWM by a channel of a timer. All channels of a timer have one period.
//!
//! Period and width are preloaded: a change of the width counts from the end of the present period, which is not torn. One of the
//! period begins a new one at once: the old one may take seconds.

use embassy_stm32::pac::timer::TimAdv;
use embassy_stm32::pac::timer::vals::OcmGp;

use crate::period::Period;
use crate::timer::{Timer, User};

/// An output of a timer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Output {
    /// Taken for [`User::Waves`].
    pub timer: Timer,
    /// From 0.
    pub channel: u8,
    /// The complement, CHxN.
    pub is_complement: bool,
}

/// Gives a timer its period, and starts it if it stands still.
pub fn set_period(timer: Timer, period: Period) {
    timer.set_period(period);
    timer.registers().cr1().modify(|w| w.set_cen(true));
}

/// Ends the present period now.
pub fn begin_anew(timer: Timer) {
    timer.registers().egr().write(|w| w.set_ug(true));
}

/// Whether any output of the timer is on.
pub fn is_in_use(timer: Timer) -> bool {
    timer.user() == User::Waves && timer.registers().ccer().read().0 != 0
}

impl Output {
    fn enable_bit(self) -> u32 {
        let complement = if self.is_complement { 2 } else { 0 };
        1 << (4 * self.channel + complement)
    }

    /// Switches it on, with so many ticks of each period high, or low if `inverted`.
    pub fn start(self, ticks: u32, inverted: bool) {
        let (registers, channel) = (self.timer.registers(), usize::from(self.channel));
        let is_new = !self.is_on();
        if is_new {
            registers.ccmr_output(channel / 2).modify(|w| {
                w.set_ocm(channel % 2, OcmGp::PWM_MODE1);
                w.set_ocpe(channel % 2, true);
            });
        }
        self.set_width(ticks);
        let (enable, polarity) = (self.enable_bit(), self.enable_bit() << 1);
        registers.ccer().modify(|w| {
            w.0 = w.0 & !polarity | enable | if inverted { polarity } else { 0 };
        });
        if self.timer.has_break() {
            advanced(self.timer).bdtr().modify(|w| w.set_moe(true));
        }
    }

    /// Whether it is on.
    pub fn is_on(self) -> bool {
        self.timer.user() == User::Waves && self.timer.registers().ccer().read().0 & self.enable_bit() != 0
    }

    /// So many ticks of each period are high.
    pub fn set_width(self, ticks: u32) {
        self.timer.registers().ccr(self.channel.into()).write_value(ticks);
    }

    /// Ticks of each period that are high.
    pub fn width(self) -> u32 {
        self.timer.registers().ccr(self.channel.into()).read()
    }

    /// Whether it is low for its width.
    pub fn is_inverted(self) -> bool {
        self.timer.registers().ccer().read().0 & self.enable_bit() << 1 != 0
    }

    /// Switches it off; a timer without outputs is given back.
    pub fn stop(self) {
        let bits = self.enable_bit() * 3;
        self.timer.registers().ccer().modify(|w| w.0 &= !bits);
        if !is_in_use(self.timer) {
            self.timer.release();
        }
    }
}

#[allow(unsafe_code)]
fn advanced(timer: Timer) -> TimAdv {
    // SAFETY: a timer that has this register, at the place where the largest one has it.
    unsafe { TimAdv::from_ptr(timer.registers().as_ptr()) }
}
