//! A frame of a USART bit by bit: how it is made up, how it is put on the line, and how it is read from there (RM0455 54.5).
//!
//! Each bit is read once, in its middle; silicon takes the majority of three samples there. Of two stop bits the first one tells
//! whether the frame is sound.

use super::bits::*;
use crate::{Picos, Time};

/// How a frame is made up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Between the start bit and the stop bits, the parity bit among them.
    pub bits: u32,
    /// Whether the last of these is a parity bit, and an odd one.
    pub parity: Option<bool>,
    /// Length of the stop bits, in halves of a bit.
    pub stop_halves: u32,
}

impl Format {
    /// What CR1 and CR2 say.
    pub fn of(cr1: u32, cr2: u32) -> Format {
        let bits = match (cr1 & CR1_M1 != 0, cr1 & CR1_M0 != 0) {
            (false, false) => 8,
            (false, true) => 9,
            (true, _) => 7,
        };
        Format {
            bits,
            parity: (cr1 & CR1_PCE != 0).then_some(cr1 & CR1_PS != 0),
            stop_halves: [2, 1, 4, 3][(cr2 >> 12 & 3) as usize],
        }
    }

    /// All of it in halves of a bit.
    pub fn halves(self) -> u64 {
        u64::from(2 + 2 * self.bits + self.stop_halves)
    }

    /// The bits with the right parity bit in the place of the last one.
    pub fn with_parity(self, data: u32) -> u32 {
        let data = data & ((1 << self.bits) - 1);
        let Some(odd) = self.parity else { return data };
        let place = self.bits - 1;
        let data = data & !(1 << place);
        let ones_are_odd = data.count_ones() % 2 == 1;
        data | u32::from(ones_are_odd != odd) << place
    }
}

/// A moment so many halves of a bit after another.
pub fn after(from: Time, halves: u64, bit: Picos) -> Time {
    from + Picos(halves * bit.0 / 2)
}

/// A frame on its way out.
#[derive(Clone, Copy, Debug)]
pub struct Sending {
    /// Levels, the start bit in bit 0, the stop bit as the last one.
    levels: u32,
    /// How many levels.
    count: u64,
    /// Which is on the line.
    at: u64,
    from: Time,
    bit: Picos,
    /// When the stop bits end.
    pub end: Time,
    /// What it carries; `None` is a break.
    pub data: Option<u16>,
}

impl Sending {
    /// A frame that begins now. No data: a break, as long as a frame and two stop bits longer.
    pub fn new(data: Option<u16>, format: Format, from: Time, bit: Picos) -> Sending {
        let stop = 1 << (format.bits + 1);
        let (levels, halves) = match data {
            Some(data) => (format.with_parity(data.into()) << 1 | stop, format.halves()),
            None => (stop << 1, format.halves() + 4),
        };
        Sending {
            levels,
            count: u64::from(format.bits) + if data.is_some() { 2 } else { 3 },
            at: 0,
            from,
            bit,
            end: after(from, halves, bit),
            data,
        }
    }

    /// What is on the line.
    pub fn level(&self) -> bool {
        self.levels >> self.at & 1 != 0
    }

    /// When the level next changes; at the end of the frame, if it does not any more.
    pub fn next(&self) -> Time {
        let change = (self.at + 1..self.count).find(|n| self.levels >> n & 1 != u32::from(self.level()));
        change.map_or(self.end, |n| after(self.from, 2 * n, self.bit))
    }

    /// To the next level, if its time has come. True: it has changed.
    pub fn step(&mut self, now: Time) -> bool {
        let next = self.next();
        if next > now || next == self.end {
            return false;
        }
        while !self.is_at(next) {
            self.at += 1;
        }
        true
    }

    fn is_at(&self, time: Time) -> bool {
        after(self.from, 2 * self.at, self.bit) >= time
    }
}

/// What was read from the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Received {
    /// The bits, the parity bit among them.
    pub data: u16,
    /// PE, FE.
    pub errors: u32,
}

/// A frame on its way in.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    from: Time,
    bit: Picos,
    format: Format,
    /// How many bits were read.
    count: u64,
    levels: u32,
}

impl Reading {
    /// The line has fallen.
    pub fn new(from: Time, bit: Picos, format: Format) -> Reading {
        Reading {
            from,
            bit,
            format,
            count: 0,
            levels: 0,
        }
    }

    /// When the stop bit is read.
    pub fn end(&self) -> Time {
        after(self.from, 2 * u64::from(self.format.bits) + 3, self.bit)
    }

    /// When the first stop bit is over.
    pub fn over(&self) -> Time {
        after(self.from, 2 * u64::from(self.format.bits) + 4, self.bit)
    }

    /// Reads the bits whose time has come; the line was at `level` meanwhile. `Some(None)`: it was no start bit.
    pub fn read(&mut self, level: bool, until: Time) -> Option<Option<Received>> {
        let last = u64::from(self.format.bits) + 1;
        while after(self.from, 2 * self.count + 1, self.bit) <= until {
            if self.count == 0 && level {
                return Some(None);
            }
            self.levels |= u32::from(level) << self.count;
            if self.count == last {
                return Some(Some(self.received(level)));
            }
            self.count += 1;
        }
        None
    }

    fn received(&self, stop: bool) -> Received {
        let data = self.levels >> 1 & ((1 << self.format.bits) - 1);
        let mut errors = 0;
        if self.format.with_parity(data) != data {
            errors |= PE;
        }
        if !stop {
            errors |= FE;
        }
        Received {
            data: data as u16,
            errors,
        }
    }
}
