//! A USART as an asynchronous port (RM0455 54): frames of 7 to 9 bits with or without parity, FIFOs, flow control, breaks.
//!
//! It talks to one of two. An *end* is somebody with a speed of its own who sends and takes whole bytes (8N1): a terminal. Bytes
//! take their time in both directions; a baud rate that the end could not read is reported, and the bytes are lost. Without an
//! end the port drives and reads its pins bit by bit, at its own speed, and what is there is the nets' matter. A byte that nobody
//! fetches in time is lost and sets ORE, as on silicon.
//! Does NOT model: synchronous, LIN, smartcard, IrDA and one-line modes, noise, time-outs, waking from Stop.

mod bits;
mod by_end;
mod end;
mod frame;
mod line;
mod on_line;
mod port;

pub use port::Usart;

use crate::bus::bank::{lane, merged};
use crate::{Clocks, Device, Effects, Kind, Refused, Time, Width};
use bits::*;
use end::Other;

impl Usart {
    /// Begin with what waits, if nothing is under way.
    fn start_sending(&mut self, from: Time, fx: &mut Effects) {
        if self.other.is_some() {
            self.start_for_end(from, fx);
        } else {
            self.start_on_line(from, fx);
        }
    }

    fn write_cr1(&mut self, value: u32, fx: &mut Effects) {
        self.expect_within(value, CR1_KNOWN, "CR1", fx);
        let fixed = (value ^ self.cr1) & (CR1_FIFOEN | CR1_OVER8 | CR1_FRAME);
        if self.cr1 & value & CR1_UE != 0 && fixed != 0 {
            fx.report(
                Kind::Rule,
                format!(
                    "{}_CR1: bits {fixed:#x} changed while UE is 1 (RM0455 54.8.1)",
                    self.name
                ),
            );
        }
        let was_on = self.cr1 & CR1_UE != 0;
        self.line.moved |= (value ^ self.cr1) & (CR1_UE | CR1_TE | CR1_RE) != 0;
        self.cr1 = value & CR1_KNOWN;
        if was_on && value & CR1_UE == 0 {
            self.sticky = TC;
            self.received.clear();
            self.to_send.clear();
            self.stop_sending();
        }
        if !self.is_on(CR1_RE) {
            self.line.reading = None;
        }
    }

    fn stop_sending(&mut self) {
        self.break_asked = false;
        self.line.sending = None;
        if let Some(other) = &mut self.other {
            other.stop();
        }
    }

    fn write_tdr(&mut self, data: u16, fx: &mut Effects) {
        if self.to_send.len() >= self.depth() {
            fx.report(
                Kind::Rule,
                format!("{}_TDR written while full (TXE is 0): a byte is lost", self.name),
            );
            return;
        }
        self.sticky &= !TC;
        self.to_send.push_back(data);
    }

    fn write_register(&mut self, offset: u32, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        match offset {
            CR1 => self.write_cr1(value, fx),
            CR2 => {
                self.expect_within(value, CR2_KNOWN, "CR2", fx);
                self.expect_off("CR2", fx);
                self.cr2 = value & CR2_KNOWN;
                self.line.moved = true;
            }
            CR3 => {
                self.expect_within(value, CR3_KNOWN, "CR3", fx);
                self.cr3 = value & CR3_KNOWN;
                self.line.moved = true;
            }
            BRR | PRESC => {
                self.expect_off("BRR or PRESC", fx);
                let register = if offset == BRR {
                    &mut self.brr
                } else {
                    &mut self.presc
                };
                *register = value & 0xFFFF;
                if let Some(other) = &mut self.other {
                    other.complained = false;
                }
            }
            RQR => {
                self.expect_within(value, RQR_SBKRQ | RQR_RXFRQ | RQR_TXFRQ, "RQR", fx);
                if value & RQR_SBKRQ != 0 {
                    self.break_asked = true;
                    self.sticky &= !TC;
                }
                if value & RQR_RXFRQ != 0 {
                    self.received.clear();
                }
                if value & RQR_TXFRQ != 0 {
                    self.to_send.clear();
                }
            }
            ISR => {}
            ICR => {
                self.sticky &= !(value & ICR_CLEARS);
                if let Some(first) = self.received.front_mut() {
                    first.errors &= !value;
                }
            }
            TDR => self.write_tdr(value as u16 & 0x1FF, fx),
            GTPR => return Err(Refused::Unmodelled("USART_GTPR (smartcard, IrDA)")),
            RTOR => return Err(Refused::Unmodelled("USART_RTOR (receiver time-out)")),
            _ => return Err(Refused::Unmodelled("USART register")),
        }
        self.start_sending(fx.now, fx);
        Ok(())
    }

    /// The value of a register; only RDR changes by being read.
    fn read_register(&mut self, offset: u32) -> Result<u32, Refused> {
        Ok(match offset {
            CR1 => self.cr1,
            CR2 => self.cr2,
            CR3 => self.cr3,
            BRR => self.brr,
            PRESC => self.presc,
            ISR => self.interrupt_status(),
            RDR => self.received.pop_front().map_or(0, |frame| frame.data.into()),
            RQR | ICR | TDR => 0,
            GTPR => return Err(Refused::Unmodelled("USART_GTPR (smartcard, IrDA)")),
            RTOR => return Err(Refused::Unmodelled("USART_RTOR (receiver time-out)")),
            _ => return Err(Refused::Unmodelled("USART register")),
        })
    }

    fn expect_off(&self, registers: &str, fx: &mut Effects) {
        if self.cr1 & CR1_UE != 0 {
            let message = format!("{}: {registers} written while UE is 1 (RM0455 54.8)", self.name);
            fx.report(Kind::Rule, message);
        }
    }

    fn expect_within(&self, value: u32, known: u32, register: &str, fx: &mut Effects) {
        let unknown = value & !known;
        if unknown != 0 {
            fx.report(
                Kind::Unmodelled,
                format!("{}_{register}: bits {unknown:#010x} have no model", self.name),
            );
        }
    }
}

impl Device for Usart {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        self.advance(fx);
        let room = self.has_room();
        let word = self.read_register(offset & !3)?;
        self.line.moved |= room != self.has_room();
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        self.advance(fx);
        let word = offset & !3;
        let before = match word {
            CR1 | CR2 | CR3 | BRR | PRESC => self.read_register(word)?,
            _ => 0,
        };
        self.write_register(word, merged(before, offset, width, value), fx)
    }

    /// The registers; what is on the wire stays on the wire.
    fn reset(&mut self) {
        let fresh = Usart::new(self.name, self.clock, 0);
        let old = std::mem::replace(self, fresh);
        self.other = old.other;
        self.transmitted = old.transmitted;
        self.line = old.line;
        self.line.reading = None;
        self.line.moved = true;
        self.stop_sending();
    }

    fn lines(&self) -> u32 {
        let isr = self.interrupt_status();
        let receive = if self.cr1 & CR1_RXNEIE != 0 { RXNE | ORE } else { 0 };
        let error = if self.cr3 & CR3_EIE != 0 { FE | NE | ORE } else { 0 };
        let error = error | if self.cr3 & CR3_CTSIE != 0 { CTSIF } else { 0 };
        let by_cr1 = [
            (CR1_IDLEIE, IDLE),
            (CR1_PEIE, PE),
            (CR1_TCIE, TC),
            (CR1_TXEIE, TXE),
            (CR1_TXFEIE, TXFE),
            (CR1_RXFFIE, RXFF),
        ];
        let by_cr3 = [(CR3_RXFTIE, RXFT), (CR3_TXFTIE, TXFT)];
        let enabled = by_cr1
            .iter()
            .map(|&(enable, flag)| if self.cr1 & enable != 0 { flag } else { 0 })
            .chain(
                by_cr3
                    .iter()
                    .map(|&(enable, flag)| if self.cr3 & enable != 0 { flag } else { 0 }),
            )
            .fold(receive | error, |all, flag| all | flag);
        u32::from(self.cr1 & CR1_UE != 0 && isr & enabled != 0)
    }

    fn requests(&self) -> u32 {
        let isr = self.interrupt_status();
        // With DDRE a byte with errors asks for nothing until they are cleared.
        let is_damaged = self.cr3 & CR3_DDRE != 0 && isr & (PE | FE | NE) != 0;
        let receives = self.cr3 & CR3_DMAR != 0 && isr & RXNE != 0 && !is_damaged;
        let sends = self.cr3 & CR3_DMAT != 0 && self.is_on(CR1_TE) && isr & TXE != 0;
        u32::from(receives) | u32::from(sends) << 1
    }

    fn output(&self, signal: &str) -> Option<bool> {
        match signal {
            // To an end nothing but bytes goes out.
            "TX" if self.other.is_some() => self.is_on(CR1_TE).then_some(true),
            "TX" => self.is_on(CR1_TE).then(|| self.tx_level()),
            "RTS" if self.cr3 & CR3_RTSE != 0 && self.cr1 & CR1_UE != 0 => Some(!self.has_room()),
            _ => None,
        }
    }

    fn take_outputs_changed(&mut self) -> bool {
        std::mem::take(&mut self.line.moved)
    }

    fn sense(&mut self, signal: &str, level: Option<bool>, fx: &mut Effects) {
        self.advance(fx);
        match signal {
            "RX" if self.other.is_none() => self.rx_moves(level, fx),
            "CTS" => {
                self.cts_moves(level);
                self.start_sending(fx.now, fx);
            }
            _ => {}
        }
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        let other = self.other.as_ref().and_then(Other::next_event);
        [other, self.line.next_event(), self.idle_at]
            .into_iter()
            .flatten()
            .min()
    }

    fn advance(&mut self, fx: &mut Effects) {
        if self.other.is_some() {
            self.talk_to_end(fx);
        } else {
            self.work_the_line(fx);
        }
        if self.idle_at.is_some_and(|at| at <= fx.now) {
            self.idle_at = None;
            self.sticky |= IDLE;
        }
    }
}

#[cfg(test)]
mod tests;
