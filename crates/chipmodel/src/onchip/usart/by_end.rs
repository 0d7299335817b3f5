//! A serial port with somebody at its other end.

use super::bits::*;
use super::end::FRAME_BITS;
use super::frame::{Format, Received};
use super::port::Usart;
use crate::{Effects, Kind, Picos, Time};

/// What the end talks.
const PLAIN: Format = Format {
    bits: 8,
    parity: None,
    stop_halves: 2,
};
/// Indices of directions.
const TX: usize = 0;
const RX: usize = 1;
/// How far two asynchronous ends may be apart and still understand each other, in percent (RM0455 54.5.8).
const BAUD_TOLERANCE_PERCENT: u64 = 3;

impl Usart {
    /// Connect output and input to the other end, or not: pins are set up elsewhere.
    pub fn connect(&mut self, tx: bool, rx: bool) {
        if let Some(other) = &mut self.other {
            other.connected = [tx, rx];
        }
    }

    /// The other end sends these bytes, starting at `now` or after what it is sending.
    pub fn arrive(&mut self, bytes: &[u8], now: Time) {
        let Some(other) = &mut self.other else { return };
        other.arriving.extend(bytes);
        if other.arrives_at.is_none() && !other.arriving.is_empty() {
            other.arrives_at = Some(now + other.frame());
        }
    }

    /// Begin with the next byte for the other end.
    pub(super) fn start_for_end(&mut self, from: Time, fx: &Effects) {
        let baud = self.baud(&fx.clocks);
        let is_on = self.is_on(CR1_TE);
        let Some(other) = &mut self.other else { return };
        if other.shifting.is_some() || !is_on || baud == 0 {
            return;
        }
        // A break is nothing to somebody who takes bytes.
        self.break_asked = false;
        if let Some(data) = self.to_send.pop_front() {
            let frame = Picos::of_cycles(FRAME_BITS, baud.min(u64::from(u32::MAX)) as u32);
            other.shifting = Some((data, from + frame));
        }
    }

    /// Let bytes go and come, up to now.
    pub(super) fn talk_to_end(&mut self, fx: &mut Effects) {
        while let Some((data, end)) = self.shifted(fx.now) {
            if self.gets_through(TX, fx) {
                self.sent(Some(data));
            }
            self.start_for_end(end, fx);
            if !self.is_sending() {
                self.sticky |= TC;
            }
        }
        while let Some((byte, end)) = self.arrived(fx.now) {
            if !self.is_on(CR1_RE) {
                continue;
            }
            if self.gets_through(RX, fx) {
                self.accept(Received {
                    data: byte.into(),
                    errors: 0,
                });
            }
            // One frame of silence after the last stop bit is an idle frame.
            let other = self.other.as_ref();
            self.idle_at = other
                .filter(|other| !other.is_arriving())
                .map(|other| end + other.frame());
        }
    }

    fn shifted(&mut self, now: Time) -> Option<(u16, Time)> {
        let other = self.other.as_mut()?;
        let shifted = other.shifting.filter(|&(_, end)| end <= now)?;
        other.shifting = None;
        Some(shifted)
    }

    fn arrived(&mut self, now: Time) -> Option<(u8, Time)> {
        let other = self.other.as_mut()?;
        let end = other.arrives_at.filter(|&end| end <= now)?;
        let byte = other.arriving.pop_front()?;
        let frame = other.frame();
        other.arrives_at = (!other.arriving.is_empty()).then(|| end + frame);
        Some((byte, end))
    }

    /// Whether a byte gets through in direction `TX` or `RX`; the first time that it does not is reported.
    fn gets_through(&mut self, direction: usize, fx: &mut Effects) -> bool {
        let baud = self.baud(&fx.clocks);
        let plain = self.format() == PLAIN;
        let name = self.name;
        let Some(other) = &mut self.other else {
            return false;
        };
        let wire = u64::from(other.baud);
        let complaint = if !other.connected[direction] {
            let which = ["TX", "RX"][direction];
            format!("{name}: its {which} pin is not set to the port's alternate function: bytes are lost")
        } else if baud.abs_diff(wire) * 100 > wire * BAUD_TOLERANCE_PERCENT {
            format!("{name} runs at {baud} baud, the other end at {wire}: nothing can be read")
        } else if !plain {
            format!(
                "{name}: the other end reads 8 bits, no parity and one stop bit; the port is set to something else"
            )
        } else {
            return true;
        };
        if !other.complained {
            other.complained = true;
            fx.report(Kind::Rule, complaint);
        }
        false
    }
}
