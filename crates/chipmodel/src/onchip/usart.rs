//! A USART as an asynchronous port, 8 data bits, no parity, one stop bit (RM0455 54), with or without its FIFOs.
//!
//! The wire has its own speed, that of whoever is at the other end. Bytes take their time in both directions; a byte
//! that nobody fetches in time is lost and sets ORE, as on silicon. A baud rate that the other end could not read is
//! reported, and the bytes are lost.
//! Does NOT model: other frames, synchronous, LIN, smartcard and IrDA modes, hardware flow control, DMA, time-outs.

mod bits;

use std::collections::VecDeque;

use crate::bus::bank::{lane, merged};
use crate::{Clocks, Device, Effects, Kind, Picos, Refused, Time, Width};
use bits::*;

/// Start bit, eight data bits, stop bit.
const FRAME_BITS: u64 = 10;
/// Indices of directions.
const TX: usize = 0;
const RX: usize = 1;
/// Depth of each FIFO in FIFO mode (RM0455 54.3).
const FIFO_DEPTH: usize = 16;
/// How far two asynchronous ends may be apart and still understand each other, in percent (RM0455 54.5.8).
const BAUD_TOLERANCE_PERCENT: u64 = 3;

/// One USART or UART.
#[derive(Clone, Debug)]
pub struct Usart {
    name: &'static str,
    clock: fn(&Clocks) -> u32,
    wire_baud: u32,
    cr1: u32,
    cr2: u32,
    cr3: u32,
    brr: u32,
    presc: u32,
    /// Flags that stay until they are cleared: ORE, IDLE, TC, FE.
    sticky: u32,
    received: VecDeque<u8>,
    to_send: VecDeque<u8>,
    /// The byte in the transmit shift register, and when its stop bit ends.
    shifting: Option<(u8, Time)>,
    /// Bytes from the other end that are still to come, and when the first one's stop bit ends.
    arriving: VecDeque<u8>,
    arrives_at: Option<Time>,
    idle_at: Option<Time>,
    transmitted: Vec<u8>,
    complained: bool,
    /// Whether the pins of output and input belong to the port.
    connected: [bool; 2],
}

impl Usart {
    /// The port of this name on the kernel clock that `clock` picks; the other end talks at `wire_baud`.
    pub fn new(name: &'static str, clock: fn(&Clocks) -> u32, wire_baud: u32) -> Self {
        Usart {
            name,
            clock,
            wire_baud,
            cr1: 0,
            cr2: 0,
            cr3: 0,
            brr: 0,
            presc: 0,
            sticky: TC,
            received: VecDeque::new(),
            to_send: VecDeque::new(),
            shifting: None,
            arriving: VecDeque::new(),
            arrives_at: None,
            idle_at: None,
            transmitted: Vec::new(),
            complained: false,
            connected: [true; 2],
        }
    }

    /// Connect output and input to the wire, or not: pins are set up elsewhere.
    pub fn connect(&mut self, tx: bool, rx: bool) {
        self.connected = [tx, rx];
    }

    /// The other end sends these bytes, starting at `now` or after what it is sending.
    pub fn arrive(&mut self, bytes: &[u8], now: Time) {
        self.arriving.extend(bytes);
        if self.arrives_at.is_none() && !self.arriving.is_empty() {
            self.arrives_at = Some(now + self.wire_frame());
        }
    }

    /// Whether a byte is on the wire, in either direction.
    pub fn wire_is_busy(&self) -> bool {
        self.shifting.is_some() || self.arrives_at.is_some()
    }

    /// What the port has sent since the last call.
    pub fn take_transmitted(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.transmitted)
    }

    fn is_on(&self, direction: u32) -> bool {
        self.cr1 & (CR1_UE | direction) == CR1_UE | direction
    }

    fn depth(&self) -> usize {
        if self.cr1 & CR1_FIFOEN != 0 { FIFO_DEPTH } else { 1 }
    }

    fn wire_frame(&self) -> Picos {
        Picos::of_cycles(FRAME_BITS, self.wire_baud)
    }

    /// The baud rate that the registers give, 0 if none (RM0455 54.5.7).
    fn baud(&self, clocks: &Clocks) -> u64 {
        let kernel_hz = u64::from((self.clock)(clocks)) / PRESCALERS[(self.presc & 15).min(11) as usize];
        if self.cr1 & CR1_OVER8 != 0 {
            let divider = u64::from(self.brr & 0xFFF0 | (self.brr & 7) << 1);
            (2 * kernel_hz).checked_div(divider).unwrap_or(0)
        } else {
            kernel_hz.checked_div(u64::from(self.brr)).unwrap_or(0)
        }
    }

    /// Whether a byte gets through in direction `TX` or `RX`; the first time that it does not is reported.
    fn gets_through(&mut self, direction: usize, fx: &mut Effects) -> bool {
        let baud = self.baud(&fx.clocks);
        let wire = u64::from(self.wire_baud);
        let complaint = if !self.connected[direction] {
            let which = ["TX", "RX"][direction];
            format!(
                "{}: its {which} pin is not set to the port's alternate function: bytes are lost",
                self.name
            )
        } else if baud.abs_diff(wire) * 100 > wire * BAUD_TOLERANCE_PERCENT {
            format!(
                "{} runs at {baud} baud, the other end at {wire}: nothing can be read",
                self.name
            )
        } else {
            return true;
        };
        if !self.complained {
            self.complained = true;
            fx.report(Kind::Rule, complaint);
        }
        false
    }

    fn interrupt_status(&self) -> u32 {
        let mut isr = self.sticky;
        let set_if = |isr: &mut u32, bits: u32, condition: bool| {
            if condition {
                *isr |= bits;
            }
        };
        set_if(&mut isr, RXNE, !self.received.is_empty());
        set_if(&mut isr, TXE, self.to_send.len() < self.depth());
        set_if(&mut isr, BUSY, self.arrives_at.is_some() && self.is_on(CR1_RE));
        set_if(&mut isr, TEACK, self.is_on(CR1_TE));
        set_if(&mut isr, REACK, self.is_on(CR1_RE));
        if self.cr1 & CR1_FIFOEN != 0 {
            set_if(&mut isr, TXFE, self.to_send.is_empty());
            // RXFF counts the shift register in: FIFO full means the next byte is lost.
            set_if(&mut isr, RXFF, self.received.len() >= FIFO_DEPTH);
            set_if(&mut isr, RXFT, self.received.len() >= threshold(self.cr3 >> 25));
            set_if(
                &mut isr,
                TXFT,
                FIFO_DEPTH - self.to_send.len() >= threshold(self.cr3 >> 29),
            );
        }
        isr
    }

    fn start_shifting(&mut self, fx: &mut Effects, from: Time) {
        if self.shifting.is_some() || !self.is_on(CR1_TE) {
            return;
        }
        let baud = self.baud(&fx.clocks);
        if baud == 0 {
            return;
        }
        if let Some(byte) = self.to_send.pop_front() {
            let frame = Picos::of_cycles(FRAME_BITS, baud.min(u64::from(u32::MAX)) as u32);
            self.shifting = Some((byte, from + frame));
        }
    }

    fn transmit_until(&mut self, fx: &mut Effects) {
        while let Some((byte, end)) = self.shifting.filter(|&(_, end)| end <= fx.now) {
            self.shifting = None;
            if self.gets_through(TX, fx) {
                self.transmitted.push(byte);
            }
            self.start_shifting(fx, end);
            if self.shifting.is_none() {
                self.sticky |= TC;
            }
        }
    }

    fn receive_until(&mut self, fx: &mut Effects) {
        while let Some(end) = self.arrives_at.filter(|&end| end <= fx.now) {
            let byte = self.arriving.pop_front();
            self.arrives_at = (!self.arriving.is_empty()).then(|| end + self.wire_frame());
            if let Some(byte) = byte.filter(|_| self.is_on(CR1_RE)) {
                if self.gets_through(RX, fx) {
                    self.accept(byte);
                }
                // One frame of silence after the last stop bit is an idle frame.
                self.idle_at = self.arrives_at.is_none().then(|| end + self.wire_frame());
            }
        }
        if self.idle_at.is_some_and(|at| at <= fx.now) {
            self.idle_at = None;
            self.sticky |= IDLE;
        }
    }

    fn accept(&mut self, byte: u8) {
        if self.received.len() < self.depth() {
            self.received.push_back(byte);
        } else if self.cr3 & CR3_OVRDIS != 0 {
            self.received.pop_back();
            self.received.push_back(byte);
        } else {
            self.sticky |= ORE;
        }
    }

    fn write_cr1(&mut self, value: u32, fx: &mut Effects) {
        self.expect_within(value, CR1_KNOWN, "CR1", fx);
        let fixed = (value ^ self.cr1) & (CR1_FIFOEN | CR1_OVER8);
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
        self.cr1 = value & CR1_KNOWN;
        if was_on && value & CR1_UE == 0 {
            self.sticky = TC;
            self.received.clear();
            self.to_send.clear();
            self.shifting = None;
        }
    }

    fn write_tdr(&mut self, byte: u8, fx: &mut Effects) {
        if self.to_send.len() >= self.depth() {
            fx.report(
                Kind::Rule,
                format!("{}_TDR written while full (TXE is 0): a byte is lost", self.name),
            );
            return;
        }
        self.sticky &= !TC;
        self.to_send.push_back(byte);
    }

    fn write_register(&mut self, offset: u32, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        match offset {
            CR1 => self.write_cr1(value, fx),
            CR2 => {
                self.expect_within(value, 0, "CR2", fx);
                self.cr2 = value;
            }
            CR3 => {
                self.expect_within(value, CR3_KNOWN, "CR3", fx);
                self.cr3 = value & CR3_KNOWN;
            }
            BRR | PRESC => {
                if self.cr1 & CR1_UE != 0 {
                    fx.report(
                        Kind::Rule,
                        format!("{}: BRR or PRESC written while UE is 1 (RM0455 54.8)", self.name),
                    );
                }
                let register = if offset == BRR {
                    &mut self.brr
                } else {
                    &mut self.presc
                };
                *register = value & 0xFFFF;
                self.complained = false;
            }
            RQR => {
                self.expect_within(value, RQR_RXFRQ | RQR_TXFRQ, "RQR", fx);
                if value & RQR_RXFRQ != 0 {
                    self.received.clear();
                }
                if value & RQR_TXFRQ != 0 {
                    self.to_send.clear();
                }
            }
            ISR => {}
            ICR => self.sticky &= !(value & ICR_CLEARS),
            TDR => self.write_tdr(value as u8, fx),
            GTPR => return Err(Refused::Unmodelled("USART_GTPR (smartcard, IrDA)")),
            RTOR => return Err(Refused::Unmodelled("USART_RTOR (receiver time-out)")),
            _ => return Err(Refused::Unmodelled("USART register")),
        }
        self.start_shifting(fx, fx.now);
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
            RDR => self.received.pop_front().map_or(0, u32::from),
            RQR | ICR | TDR => 0,
            GTPR => return Err(Refused::Unmodelled("USART_GTPR (smartcard, IrDA)")),
            RTOR => return Err(Refused::Unmodelled("USART_RTOR (receiver time-out)")),
            _ => return Err(Refused::Unmodelled("USART register")),
        })
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
        Ok(lane(self.read_register(offset & !3)?, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        self.advance(fx);
        let word = offset & !3;
        let before = if word == RDR { 0 } else { self.read_register(word)? };
        self.write_register(word, merged(before, offset, width, value), fx)
    }

    /// The registers; what is on the wire stays on the wire.
    fn reset(&mut self) {
        let fresh = Usart::new(self.name, self.clock, self.wire_baud);
        let old = std::mem::replace(self, fresh);
        self.arriving = old.arriving;
        self.arrives_at = old.arrives_at;
        self.transmitted = old.transmitted;
        self.connected = old.connected;
    }

    fn lines(&self) -> u32 {
        let isr = self.interrupt_status();
        let receive = if self.cr1 & CR1_RXNEIE != 0 { RXNE | ORE } else { 0 };
        let error = if self.cr3 & CR3_EIE != 0 { FE | NE | ORE } else { 0 };
        let by_cr1 = [
            (CR1_IDLEIE, IDLE),
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

    /// The line idles high; single bits are not seen here.
    fn output(&self, signal: &str) -> Option<bool> {
        (signal == "TX" && self.is_on(CR1_TE)).then_some(true)
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        [self.shifting.map(|(_, end)| end), self.arrives_at, self.idle_at]
            .into_iter()
            .flatten()
            .min()
    }

    fn advance(&mut self, fx: &mut Effects) {
        self.transmit_until(fx);
        self.receive_until(fx);
    }
}

#[cfg(test)]
mod tests;
