//! A serial port: its registers, its FIFOs, and whom it talks to.

use super::bits::*;
use super::end::Other;
use super::frame::{Format, Received};
use super::line::Line;
use crate::{Clocks, Time};
use std::collections::VecDeque;

/// Depth of each FIFO in FIFO mode (RM0455 54.3).
pub(super) const FIFO_DEPTH: usize = 16;

/// One USART or UART.
#[derive(Clone, Debug)]
pub struct Usart {
    pub(super) name: &'static str,
    pub(super) clock: fn(&Clocks) -> u32,
    pub(super) cr1: u32,
    pub(super) cr2: u32,
    pub(super) cr3: u32,
    pub(super) brr: u32,
    pub(super) presc: u32,
    /// Flags that stay until they are cleared: ORE, IDLE, TC, FE.
    pub(super) sticky: u32,
    pub(super) received: VecDeque<Received>,
    pub(super) to_send: VecDeque<u16>,
    /// SBKRQ was written.
    pub(super) break_asked: bool,
    pub(super) idle_at: Option<Time>,
    pub(super) transmitted: Vec<u8>,
    /// An end that talks to it in bytes; `None`: its pins do.
    pub(super) other: Option<Other>,
    pub(super) line: Line,
}

impl Usart {
    /// The port of this name on the kernel clock that `clock` picks; somebody at the other end talks at `baud`.
    pub fn new(name: &'static str, clock: fn(&Clocks) -> u32, baud: u32) -> Self {
        Usart {
            name,
            clock,
            cr1: 0,
            cr2: 0,
            cr3: 0,
            brr: 0,
            presc: 0,
            sticky: TC,
            received: VecDeque::new(),
            to_send: VecDeque::new(),
            break_asked: false,
            idle_at: None,
            transmitted: Vec::new(),
            other: Some(Other::new(baud)),
            line: Line::default(),
        }
    }

    /// Somebody who talks at this baud rate is at the other end; `None`: what the pins lead to.
    pub fn set_end(&mut self, baud: Option<u32>) {
        if self.other.as_ref().map(|other| other.baud) != baud {
            self.other = baud.map(Other::new);
            self.line.moved = true;
        }
    }

    /// Whether a byte is on the wire, in either direction.
    pub fn wire_is_busy(&self) -> bool {
        self.is_sending() || self.is_arriving()
    }

    pub(super) fn is_sending(&self) -> bool {
        self.line.sending.is_some() || self.other.as_ref().is_some_and(Other::is_sending)
    }

    pub(super) fn is_arriving(&self) -> bool {
        self.line.reading.is_some() || self.other.as_ref().is_some_and(Other::is_arriving)
    }

    /// What the port has sent since the last call.
    pub fn take_transmitted(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.transmitted)
    }

    pub(super) fn is_on(&self, direction: u32) -> bool {
        self.cr1 & (CR1_UE | direction) == CR1_UE | direction
    }

    pub(super) fn depth(&self) -> usize {
        if self.cr1 & CR1_FIFOEN != 0 { FIFO_DEPTH } else { 1 }
    }

    pub(super) fn format(&self) -> Format {
        Format::of(self.cr1, self.cr2)
    }

    /// The baud rate that the registers give, 0 if none (RM0455 54.5.7).
    pub(super) fn baud(&self, clocks: &Clocks) -> u64 {
        let kernel_hz = u64::from((self.clock)(clocks)) / PRESCALERS[(self.presc & 15).min(11) as usize];
        if self.cr1 & CR1_OVER8 != 0 {
            let divider = u64::from(self.brr & 0xFFF0 | (self.brr & 7) << 1);
            (2 * kernel_hz).checked_div(divider).unwrap_or(0)
        } else {
            kernel_hz.checked_div(u64::from(self.brr)).unwrap_or(0)
        }
    }

    pub(super) fn interrupt_status(&self) -> u32 {
        let mut isr = self.sticky;
        let set_if = |isr: &mut u32, bits: u32, condition: bool| {
            if condition {
                *isr |= bits;
            }
        };
        set_if(&mut isr, RXNE, !self.received.is_empty());
        set_if(&mut isr, TXE, self.to_send.len() < self.depth());
        set_if(&mut isr, BUSY, self.is_arriving() && self.is_on(CR1_RE));
        set_if(&mut isr, CTS, self.line.cts == Some(false));
        set_if(&mut isr, SBKF, self.break_asked || self.line.is_breaking());
        // Errors belong to the byte that RDR shows.
        isr |= self.received.front().map_or(0, |first| first.errors);
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

    pub(super) fn accept(&mut self, frame: Received) {
        if self.received.len() < self.depth() {
            self.received.push_back(frame);
        } else if self.cr3 & CR3_OVRDIS != 0 {
            self.received.pop_back();
            self.received.push_back(frame);
        } else {
            self.sticky |= ORE;
        }
    }

    /// A frame has gone out; `None` was a break.
    pub(super) fn sent(&mut self, data: Option<u16>) {
        if let Some(data) = data {
            self.transmitted.push(data as u8);
        }
    }
}
