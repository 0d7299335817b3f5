//! A serial port at its pins: TX, RX, RTS and CTS.

use super::bits::*;
use super::frame::{Reading, Sending, after};
use super::port::Usart;
use crate::{Effects, Picos, Time};

impl Usart {
    /// A bit of the port's own speed; `None`: it has none.
    fn bit(&self, fx: &Effects) -> Option<Picos> {
        let baud = self.baud(&fx.clocks).min(u64::from(u32::MAX)) as u32;
        (baud != 0).then(|| Picos::of_cycles(1, baud))
    }

    /// What TX drives.
    pub(super) fn tx_level(&self) -> bool {
        let level = self.line.sending.as_ref().is_none_or(Sending::level);
        level != (self.cr2 & CR2_TXINV != 0)
    }

    /// Whether another frame would be kept: what RTS says.
    pub(super) fn has_room(&self) -> bool {
        self.is_on(CR1_RE) && self.received.len() < self.depth()
    }

    /// Begin with the next frame, if CTS lets it go.
    pub(super) fn start_on_line(&mut self, from: Time, fx: &Effects) {
        let held = self.cr3 & CR3_CTSE != 0 && self.line.cts != Some(false);
        let Some(bit) = self.bit(fx) else { return };
        if self.line.sending.is_some() || !self.is_on(CR1_TE) || held {
            return;
        }
        let data = if core::mem::take(&mut self.break_asked) {
            None
        } else {
            let Some(data) = self.to_send.pop_front() else {
                return;
            };
            Some(data)
        };
        self.line.sending = Some(Sending::new(data, self.format(), from, bit));
        self.line.moved = true;
    }

    /// One step of what goes out, and all of what has come in.
    pub(super) fn work_the_line(&mut self, fx: &mut Effects) {
        self.read_line(fx);
        let Some(sending) = &mut self.line.sending else {
            return;
        };
        if sending.step(fx.now) {
            self.line.moved = true;
        } else if sending.end <= fx.now {
            let (data, end) = (sending.data, sending.end);
            self.line.sending = None;
            self.sent(data);
            self.start_on_line(end, fx);
            if self.line.sending.is_none() {
                self.sticky |= TC;
            }
        }
    }

    /// Read the bits whose middle has come.
    fn read_line(&mut self, fx: &Effects) {
        let level = self.line.rx.unwrap_or(true);
        let Some(reading) = &mut self.line.reading else {
            return;
        };
        let over = reading.over();
        let Some(read) = reading.read(level, fx.now) else {
            return;
        };
        self.line.reading = None;
        let Some(frame) = read else { return };
        let room = self.has_room();
        self.accept(frame);
        self.line.moved |= room != self.has_room();
        if let Some(bit) = self.bit(fx) {
            self.idle_at = Some(after(over, self.format().halves(), bit));
        }
    }

    pub(super) fn rx_moves(&mut self, level: Option<bool>, fx: &Effects) {
        let level = level.map(|level| level != (self.cr2 & CR2_RXINV != 0));
        let before = core::mem::replace(&mut self.line.rx, level);
        let falls = before == Some(true) && level == Some(false);
        if falls && self.is_on(CR1_RE) && self.line.reading.is_none() {
            self.idle_at = None;
            let format = self.format();
            self.line.reading = self.bit(fx).map(|bit| Reading::new(fx.now, bit, format));
        }
    }

    pub(super) fn cts_moves(&mut self, level: Option<bool>) {
        let before = core::mem::replace(&mut self.line.cts, level);
        if before != level && before.is_some() && level.is_some() && self.cr3 & CR3_CTSE != 0 {
            self.sticky |= CTSIF;
        }
    }
}
