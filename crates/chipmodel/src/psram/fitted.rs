//! What is soldered into the footprint, and its names on a command line.

use core::fmt;

use super::cells::Defect;
use super::part::{self, PARTS, Part};
use super::w25q64::W25q64;
use super::{Psram, part::SIZE_BYTES};
use crate::qspi::{Lanes, Lines, QspiChip};
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
}

/// Words for things that are not simply a part.
const OTHERS: [(&str, &str); 8] = [
    ("none", "nothing fitted, lines float high"),
    ("stuck-low", "all lines at ground"),
    ("w25q64", "the flash that the board came with"),
    ("kgd-fail", "a die that did not pass its tests (KGD 0x55)"),
    ("32mbit", "a 32 Mbit die"),
    ("16mbit", "a 16 Mbit die"),
    (
        "stuck-cell@ADDRESS[.BIT]",
        "bit BIT (default 0) of the byte at ADDRESS always reads 1",
    ),
    ("stuck-address@LINE", "address line LINE (0 to 22) stuck at 0"),
];

impl Fitted {
    /// A faultless part.
    pub fn part(part: &'static Part, seed: u64) -> Self {
        Fitted::Psram(Box::new(Psram::new(part, seed, Time(0))))
    }

    /// What `name` stands for: a part (`esp-psram64h`), a fault (`stuck-low`), or a part with a fault
    /// (`ly68l6400:stuck-cell@0x1234.5`). A fault of a chip without a part is one of an ESP-PSRAM64H.
    pub fn parse(name: &str, seed: u64) -> Result<Self, UnknownPart> {
        let unknown = || UnknownPart {
            asked: name.to_owned(),
        };
        match name {
            "none" => return Ok(Fitted::Nothing),
            "stuck-low" => return Ok(Fitted::StuckLow),
            "w25q64" => return Ok(Fitted::Flash(W25q64::new())),
            _ => {}
        }
        let (part, fault) = match (find(name), name.split_once(':')) {
            (Some(part), _) => (part, None),
            (None, Some((first, fault))) => (find(first).ok_or_else(unknown)?, Some(fault)),
            (None, None) => (&part::ESP_PSRAM64H, Some(name)),
        };
        let mut chip = Psram::new(part, seed, Time(0));
        if let Some(fault) = fault {
            chip = with_fault(chip, fault).ok_or_else(unknown)?;
        }
        Ok(Fitted::Psram(Box::new(chip)))
    }

    /// Every name that `parse` takes, with what it means.
    pub fn known() -> Vec<(&'static str, &'static str)> {
        PARTS
            .iter()
            .map(|part| (part.name, part.source))
            .chain(OTHERS)
            .collect()
    }

    /// The PSRAM, if it is one.
    pub fn psram(&self) -> Option<&Psram> {
        match self {
            Fitted::Psram(chip) => Some(chip),
            _ => None,
        }
    }

    /// The PSRAM, to inject defects.
    pub fn psram_mut(&mut self) -> Option<&mut Psram> {
        match self {
            Fitted::Psram(chip) => Some(chip),
            _ => None,
        }
    }

    /// The byte that a read of `address` would give, without a bus cycle. Ones where there is no memory.
    pub fn peek(&self, address: u32) -> u8 {
        match self {
            Fitted::Psram(chip) => chip.cells().read(address),
            Fitted::StuckLow => 0,
            Fitted::Nothing | Fitted::Flash(_) => 0xff,
        }
    }
}

fn find(name: &str) -> Option<&'static Part> {
    PARTS.into_iter().find(|part| part.name == name)
}

fn with_fault(mut chip: Psram, fault: &str) -> Option<Psram> {
    if let Some(place) = fault.strip_prefix("stuck-cell@") {
        let (address, bit) = place.split_once('.').unwrap_or((place, "0"));
        let (address, bit) = (number(address)?, number(bit)? as u8);
        if address >= SIZE_BYTES || bit > 7 {
            return None;
        }
        chip.inject(Defect::StuckBit {
            address,
            bit,
            value: true,
        });
        return Some(chip);
    }
    if let Some(line) = fault.strip_prefix("stuck-address@") {
        let line = number(line)? as u8;
        if line > 22 {
            return None;
        }
        chip.inject(Defect::AddressLine { line, value: false });
        return Some(chip);
    }
    match fault {
        "kgd-fail" => Some(chip.not_a_known_good_die()),
        "32mbit" => Some(chip.with_density(1)),
        "16mbit" => Some(chip.with_density(0)),
        _ => None,
    }
}

fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// A name that stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownPart {
    asked: String,
}

impl fmt::Display for UnknownPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Fitted::known().into_iter().map(|(name, _)| name).collect();
        write!(
            f,
            "unknown memory chip `{}`; known: {}",
            self.asked,
            names.join(", ")
        )
    }
}

impl std::error::Error for UnknownPart {}

impl QspiChip for Fitted {
    fn select(&mut self, at: Time, period: Picos, reports: &mut Vec<Report>) {
        match self {
            Fitted::Psram(chip) => chip.select(at, period, reports),
            Fitted::Flash(chip) => chip.select(at, period, reports),
            Fitted::Nothing | Fitted::StuckLow => {}
        }
    }

    fn clock(&mut self, host: Lines) -> Lines {
        match self {
            Fitted::Psram(chip) => chip.clock(host),
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
            Fitted::Flash(chip) => chip.deselect(at, hold, reports),
            Fitted::Nothing | Fitted::StuckLow => {}
        }
    }

    fn send(&mut self, lanes: Lanes, bytes: &[u8]) {
        match self {
            Fitted::Psram(chip) => chip.send(lanes, bytes),
            Fitted::Flash(chip) => chip.send(lanes, bytes),
            Fitted::Nothing | Fitted::StuckLow => {}
        }
    }

    fn receive(&mut self, lanes: Lanes, bytes: &mut [u8]) {
        match self {
            Fitted::Psram(chip) => chip.receive(lanes, bytes),
            Fitted::Flash(chip) => chip.receive(lanes, bytes),
            Fitted::Nothing => bytes.fill(0xff),
            Fitted::StuckLow => bytes.fill(0x00),
        }
    }
}
