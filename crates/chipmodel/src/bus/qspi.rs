//! The wires between a controller and an 8-pin serial memory, clock by clock.
//!
//! A chip sees only what a chip can see: levels on four lines at each clock, and when CE# moves. Whether those
//! levels were meant as a command on one line or data on four is the controller's secret, so a wrong lane count or
//! a missing dummy cycle goes wrong here the way it goes wrong on a board.

use crate::{Picos, Report, Time};

/// How many lines a phase of a frame uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lanes {
    /// Out on IO0, in on IO1.
    One,
    /// IO0 and IO1, both ways.
    Two,
    /// IO0 to IO3, both ways.
    Four,
}

impl Lanes {
    /// Bits that pass in one clock.
    pub const fn bits(self) -> u32 {
        match self {
            Lanes::One => 1,
            Lanes::Two => 2,
            Lanes::Four => 4,
        }
    }

    /// Clocks that one byte takes.
    pub const fn clocks_per_byte(self) -> u32 {
        8 / self.bits()
    }
}

/// Levels on IO3..IO0 during one clock, as one party drives them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// Bit n is the level of IOn, if driven.
    pub level: u8,
    /// Bit n: this party drives IOn.
    pub driven: u8,
}

impl Lines {
    /// Nobody drives anything.
    pub const FLOATING: Lines = Lines { level: 0, driven: 0 };

    /// What a controller puts on the lines to send `bits`. In the 1- and 2-line modes an ST controller holds IO2 low
    /// and IO3 high, so that a flash in that place is neither write-protected nor on hold (RM0456 OCTOSPI,
    /// single-SPI and dual-SPI mode).
    pub const fn sent(lanes: Lanes, bits: u8) -> Lines {
        match lanes {
            Lanes::One => Lines {
                level: bits & 1 | 0b1000,
                driven: 0b1101,
            },
            Lanes::Two => Lines {
                level: bits & 3 | 0b1000,
                driven: 0b1111,
            },
            Lanes::Four => Lines {
                level: bits & 15,
                driven: 0b1111,
            },
        }
    }

    /// What a controller leaves on the lines while it listens.
    pub const fn listening(lanes: Lanes) -> Lines {
        match lanes {
            Lanes::One | Lanes::Two => Lines {
                level: 0b1000,
                driven: 0b1100,
            },
            Lanes::Four => Lines::FLOATING,
        }
    }

    /// What a receiver sees on IO3..IO0. A line that nobody drives is pulled up.
    pub const fn seen(self) -> u8 {
        (self.level & self.driven) | (!self.driven & 0x0f)
    }

    /// The bits that a controller takes in from these lines.
    pub const fn received(self, lanes: Lanes) -> u8 {
        match lanes {
            Lanes::One => (self.seen() >> 1) & 1,
            Lanes::Two => self.seen() & 3,
            Lanes::Four => self.seen(),
        }
    }
}

/// The copper of IO0 to IO3 between two parties. Bit n of each mask is IOn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copper {
    /// Lines with contact.
    pub joined: u8,
    /// Lines that are held low, whoever drives them.
    pub low: u8,
    /// Lines that are held high.
    pub high: u8,
    /// Lines that are one piece of copper. Of two that drive it apart the low one wins.
    pub tied: u8,
}

impl Copper {
    /// As it should be.
    pub const SOUND: Copper = Copper {
        joined: 0b1111,
        low: 0,
        high: 0,
        tied: 0,
    };

    /// What arrives at one end of what the other end drives.
    pub const fn pass(self, lines: Lines) -> Lines {
        let Lines { mut level, driven } = lines;
        let mut driven = driven & self.joined;
        if driven & self.tied != 0 {
            level = match driven & self.tied & !level {
                0 => level | self.tied,
                _ => level & !self.tied,
            };
            driven |= self.tied & self.joined;
        }
        Lines {
            level: level & !self.low | self.high,
            driven: driven | self.low | self.high,
        }
    }
}

/// A memory on the other end of the wires.
pub trait QspiChip {
    /// CE# falls at `at`; the clock will run with `period`.
    fn select(&mut self, at: Time, period: Picos, reports: &mut Vec<Report>);

    /// One clock: the controller drives `host`; what comes back is what the chip drives at the sampling edge.
    fn clock(&mut self, host: Lines) -> Lines;

    /// CE# rises at `at`, `hold` after the last rising edge of the clock.
    fn deselect(&mut self, at: Time, hold: Picos, reports: &mut Vec<Report>);

    /// Send whole bytes, most significant bits first. A chip may do it faster than clock by clock, never differently.
    fn send(&mut self, lanes: Lanes, bytes: &[u8]) {
        for byte in bytes {
            let mut left = 8;
            while left > 0 {
                left -= lanes.bits();
                self.clock(Lines::sent(lanes, byte >> left));
            }
        }
    }

    /// Receive whole bytes, most significant bits first. As with `send`, a chip may only do it faster.
    fn receive(&mut self, lanes: Lanes, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = 0;
            for _ in 0..lanes.clocks_per_byte() {
                let bits = self.clock(Lines::listening(lanes)).received(lanes);
                *byte = (u16::from(*byte) << lanes.bits()) as u8 | bits;
            }
        }
    }

    /// Clocks during which nobody listens and the controller has let go of the lines.
    fn skip(&mut self, clocks: u32) {
        for _ in 0..clocks {
            self.clock(Lines::FLOATING);
        }
    }
}

/// One frame as a controller would send it: what a test or a mock bus needs to talk to a chip without a controller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The opcode and on how many lines it goes out.
    pub command: (Lanes, u8),
    /// A 24-bit address, if there is one.
    pub address: Option<(Lanes, u32)>,
    /// Clocks between address and data.
    pub dummy_clocks: u32,
}

/// A bare controller: sends frames to a chip at a steady clock and keeps its own time. No registers, no limits.
#[derive(Clone, Debug)]
pub struct Prober {
    /// When the next frame may start; add to it to wait.
    pub now: Time,
    /// One clock period.
    pub period: Picos,
    /// How long CE# stays high between frames.
    pub gap: Picos,
    /// What the chip complained about.
    pub reports: Vec<Report>,
}

impl Prober {
    /// A controller at `clock_hz` that starts at `now` and leaves CE# high for `gap` after each frame.
    pub fn new(now: Time, clock_hz: u32, gap: Picos) -> Self {
        Prober {
            now,
            period: Picos::of_cycles(1, clock_hz.max(1)),
            gap,
            reports: Vec::new(),
        }
    }

    /// Send a frame and `data` after it.
    pub fn write(&mut self, chip: &mut impl QspiChip, frame: &Frame, lanes: Lanes, data: &[u8]) {
        let mut clocks = self.open(chip, frame);
        chip.send(lanes, data);
        clocks += data.len() as u64 * u64::from(lanes.clocks_per_byte());
        self.close(chip, clocks);
    }

    /// Send a frame and take in `data` after it.
    pub fn read(&mut self, chip: &mut impl QspiChip, frame: &Frame, lanes: Lanes, data: &mut [u8]) {
        let mut clocks = self.open(chip, frame);
        chip.receive(lanes, data);
        clocks += data.len() as u64 * u64::from(lanes.clocks_per_byte());
        self.close(chip, clocks);
    }

    fn open(&mut self, chip: &mut impl QspiChip, frame: &Frame) -> u64 {
        chip.select(self.now, self.period, &mut self.reports);
        let (lanes, opcode) = frame.command;
        chip.send(lanes, &[opcode]);
        let mut clocks = u64::from(lanes.clocks_per_byte());
        if let Some((lanes, address)) = frame.address {
            chip.send(lanes, &address.to_be_bytes()[1..]);
            clocks += 3 * u64::from(lanes.clocks_per_byte());
        }
        chip.skip(frame.dummy_clocks);
        clocks + u64::from(frame.dummy_clocks)
    }

    fn close(&mut self, chip: &mut impl QspiChip, clocks: u64) {
        // One period before the first rising edge and one after the last, as ST controllers do.
        let rise = self.now + Picos(self.period.0 * (clocks + 1));
        chip.deselect(rise, self.period, &mut self.reports);
        self.now = rise + self.gap;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_nobody_drives_reads_high() {
        assert_eq!(Lines::FLOATING.seen(), 0x0f);
        assert_eq!(Lines::FLOATING.received(Lanes::One), 1);
    }

    #[test]
    fn one_line_commands_look_like_nibbles_to_a_chip_in_quad_mode() {
        // IO3 high, IO2 low, IO1 floats high, IO0 carries the bit.
        assert_eq!(Lines::sent(Lanes::One, 0).seen(), 0b1010);
        assert_eq!(Lines::sent(Lanes::One, 1).seen(), 0b1011);
    }
}
