//! What is soldered into the footprint.

use super::psram::Psram;
use super::psram::part::Part;
use super::psram::wires::Wired;
use super::w25q64::W25q64;
use crate::bus::qspi::{Lanes, Lines, QspiChip};
use crate::{Picos, Report, Time};

/// What is in the footprint.
#[derive(Clone, Debug)]
pub enum Fitted {
    /// Nothing: the lines are pulled up, everything reads as ones.
    Nothing,
    /// A short to ground on every line: everything reads as zeros.
    StuckLow,
    /// The flash that the board was sold with.
    Flash(W25q64),
    /// A PSRAM.
    Psram(Box<Psram>),
    /// A PSRAM behind bad wires.
    Wired(Box<Wired<Psram>>),
}

impl Fitted {
    /// A faultless part.
    pub fn part(part: &'static Part, seed: u64) -> Self {
        Fitted::Psram(Box::new(Psram::new(part, seed, Time(0))))
    }

    /// The PSRAM, if it is one.
    pub fn psram(&self) -> Option<&Psram> {
        match self {
            Fitted::Psram(chip) => Some(chip),
            Fitted::Wired(wired) => Some(&wired.chip),
            _ => None,
        }
    }

    /// The PSRAM, to inject defects.
    pub fn psram_mut(&mut self) -> Option<&mut Psram> {
        match self {
            Fitted::Psram(chip) => Some(chip),
            Fitted::Wired(wired) => Some(&mut wired.chip),
            _ => None,
        }
    }

    /// tACLK, at most: from the falling edge of the clock to the answer. That of what is no PSRAM does not matter.
    pub fn access(&self) -> Picos {
        self.psram().map_or(Picos(0), |chip| chip.part().access_max)
    }

    /// The byte that a read of `address` would give, without a bus cycle. Ones where there is no memory.
    pub fn peek(&self, address: u32) -> u8 {
        match self {
            Fitted::Psram(chip) => chip.cells().read(address),
            Fitted::Wired(wired) => wired.chip.cells().read(address),
            Fitted::StuckLow => 0,
            Fitted::Nothing | Fitted::Flash(_) => 0xff,
        }
    }
}

impl QspiChip for Fitted {
    fn select(&mut self, at: Time, period: Picos, reports: &mut Vec<Report>) {
        match self {
            Fitted::Psram(chip) => chip.select(at, period, reports),
            Fitted::Wired(chip) => chip.select(at, period, reports),
            Fitted::Flash(chip) => chip.select(at, period, reports),
            Fitted::Nothing | Fitted::StuckLow => {}
        }
    }

    fn clock(&mut self, host: Lines) -> Lines {
        match self {
            Fitted::Psram(chip) => chip.clock(host),
            Fitted::Wired(chip) => chip.clock(host),
            Fitted::Flash(chip) => chip.clock(host),
            Fitted::Nothing => Lines::FLOATING,
            Fitted::StuckLow => Lines {
                level: 0,
                driven: 0b1111,
            },
        }
    }

    fn deselect(&mut self, at: Time, hold: Picos, reports: &mut Vec<Report>) {
        match self {
            Fitted::Psram(chip) => chip.deselect(at, hold, reports),
            Fitted::Wired(chip) => chip.deselect(at, hold, reports),
            Fitted::Flash(chip) => chip.deselect(at, hold, reports),
            Fitted::Nothing | Fitted::StuckLow => {}
        }
    }

    fn send(&mut self, lanes: Lanes, bytes: &[u8]) {
        match self {
            Fitted::Psram(chip) => chip.send(lanes, bytes),
            Fitted::Wired(chip) => chip.send(lanes, bytes),
            Fitted::Flash(chip) => chip.send(lanes, bytes),
            Fitted::Nothing | Fitted::StuckLow => {}
        }
    }

    fn receive(&mut self, lanes: Lanes, bytes: &mut [u8]) {
        match self {
            Fitted::Psram(chip) => chip.receive(lanes, bytes),
            Fitted::Wired(chip) => chip.receive(lanes, bytes),
            Fitted::Flash(chip) => chip.receive(lanes, bytes),
            Fitted::Nothing => bytes.fill(0xff),
            Fitted::StuckLow => bytes.fill(0x00),
        }
    }

    fn skip(&mut self, clocks: u32) {
        match self {
            Fitted::Psram(chip) => chip.skip(clocks),
            Fitted::Wired(chip) => chip.skip(clocks),
            Fitted::Flash(chip) => chip.skip(clocks),
            Fitted::Nothing | Fitted::StuckLow => {}
        }
    }
}
