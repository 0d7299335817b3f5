//! One frame as the chip goes through it, from CE# low to CE# high.

use super::command::Command;
use super::part::{ADDRESS_MASK, PAGE_BYTES};
use crate::bus::qspi::Lanes;
use crate::{Picos, Time};

/// What the chip is waiting for inside a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Opcode,
    Address(&'static Command),
    Wait(&'static Command, u8),
    Data(&'static Command),
    /// Unknown opcode, or a command without data that is complete: nothing more is decoded until CE# rises.
    Deaf,
}

/// One frame, from CE# low to CE# high.
#[derive(Clone, Debug)]
pub struct Frame {
    pub phase: Phase,
    pub selected_at: Time,
    pub period: Picos,
    /// Bits taken in or still to be sent, and how many.
    pub shift: u32,
    pub bits: u32,
    pub opcode: Option<u8>,
    /// Next byte to be sent or written, and the page where the burst began.
    pub address: u32,
    pub first_page: u32,
    /// The page whose row is open.
    pub open_page: Option<u32>,
    pub bytes: u64,
    pub crossed_page: bool,
}

impl Frame {
    pub fn new(selected_at: Time, period: Picos) -> Self {
        Frame {
            phase: Phase::Opcode,
            selected_at,
            period,
            shift: 0,
            bits: 0,
            opcode: None,
            address: 0,
            first_page: 0,
            open_page: None,
            bytes: 0,
            crossed_page: false,
        }
    }

    /// Shift in the bits of one clock.
    pub fn take(&mut self, lanes: Lanes, seen: u8) {
        let width = lanes.bits();
        self.shift = self.shift << width | u32::from(seen & ((1 << width) - 1));
        self.bits += width;
    }

    /// A byte at `address` was passed; `wrapped` says where the next one is.
    pub fn pass(&mut self, wrapped: bool) {
        self.bytes += 1;
        self.crossed_page |= self.address / PAGE_BYTES != self.first_page;
        self.address = if wrapped {
            self.address & !31 | (self.address + 1) & 31
        } else {
            (self.address + 1) & ADDRESS_MASK
        };
    }

    /// `len` bytes of a linear burst were passed at once.
    pub fn pass_run(&mut self, len: usize) {
        if len == 0 {
            return;
        }
        let last = self.address + len as u32 - 1;
        self.bytes += len as u64;
        self.crossed_page |= last / PAGE_BYTES != self.first_page;
        self.address = (last + 1) & ADDRESS_MASK;
    }
}
