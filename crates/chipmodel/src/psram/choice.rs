//! The names on a command line, for what may sit in the memory footprint.

use core::fmt;
use core::str::FromStr;

use super::Psram;
use super::cells::Defect;
use super::fitted::Fitted;
use super::part::{ESP_PSRAM64H, PARTS, Part, SIZE_BYTES};
use super::w25q64::W25q64;
use crate::Time;

/// What is to be fitted. Small, so that it can sit in a configuration; [`MemoryChip::fit`] makes the chip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemoryChip {
    /// Nothing.
    Nothing,
    /// A short to ground on every line.
    StuckLow,
    /// The flash that the board was sold with.
    Flash,
    /// A PSRAM, perhaps with a fault.
    Psram(&'static Part, Option<Fault>),
}

/// What may be wrong with a PSRAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Known good die says no.
    NotKnownGood,
    /// A smaller die; the density code of the EID.
    Density(u8),
    /// Something in the array.
    Array(Defect),
}

/// Words for things that are not simply a part.
const OTHERS: [(&str, &str); 9] = [
    ("none", "nothing fitted, lines float high"),
    ("stuck-low", "all lines at ground"),
    ("w25q64", "the flash that the board was sold with"),
    ("kgd-fail", "a die that did not pass its tests (KGD 0x55)"),
    ("32mbit", "a 32 Mbit die"),
    ("16mbit", "a 16 Mbit die"),
    (
        "stuck-cell@ADDRESS[.BIT]",
        "bit BIT (default 0) of the byte at ADDRESS always reads 1",
    ),
    ("stuck-address@LINE", "address line LINE (0 to 22) stuck at 0"),
    (
        "PART:FAULT",
        "one of the last five, of another part than esp-psram64h",
    ),
];

impl MemoryChip {
    /// Every name, with what it means.
    pub fn known() -> Vec<(&'static str, &'static str)> {
        PARTS
            .iter()
            .map(|part| (part.name, part.source))
            .chain(OTHERS)
            .collect()
    }

    /// The chip itself, with its supply coming up at time 0 and memory as random as `seed`.
    pub fn fit(self, seed: u64) -> Fitted {
        self.fit_at(seed, Time(0))
    }

    /// As [`MemoryChip::fit`], with the supply coming up at `powered_at`: after a power cycle.
    pub fn fit_at(self, seed: u64, powered_at: Time) -> Fitted {
        let (part, fault) = match self {
            MemoryChip::Nothing => return Fitted::Nothing,
            MemoryChip::StuckLow => return Fitted::StuckLow,
            MemoryChip::Flash => return Fitted::Flash(W25q64::new()),
            MemoryChip::Psram(part, fault) => (part, fault),
        };
        let mut chip = Psram::new(part, seed, powered_at);
        match fault {
            None => {}
            Some(Fault::NotKnownGood) => chip = chip.not_a_known_good_die(),
            Some(Fault::Density(code)) => chip = chip.with_density(code),
            Some(Fault::Array(defect)) => chip.inject(defect),
        }
        Fitted::Psram(Box::new(chip))
    }
}

impl FromStr for MemoryChip {
    type Err = UnknownChip;

    fn from_str(name: &str) -> Result<Self, UnknownChip> {
        let unknown = || UnknownChip {
            asked: name.to_owned(),
        };
        let psram = |part, fault| {
            let fault = parse_fault(fault).ok_or_else(unknown)?;
            Ok(MemoryChip::Psram(part, Some(fault)))
        };
        match (name, name.split_once(':')) {
            ("none", _) => Ok(MemoryChip::Nothing),
            ("stuck-low", _) => Ok(MemoryChip::StuckLow),
            ("w25q64", _) => Ok(MemoryChip::Flash),
            (_, Some((part, fault))) => psram(find(part).ok_or_else(unknown)?, fault),
            (_, None) => match find(name) {
                Some(part) => Ok(MemoryChip::Psram(part, None)),
                None => psram(&ESP_PSRAM64H, name),
            },
        }
    }
}

fn find(name: &str) -> Option<&'static Part> {
    PARTS.into_iter().find(|part| part.name == name)
}

fn parse_fault(text: &str) -> Option<Fault> {
    if let Some(place) = text.strip_prefix("stuck-cell@") {
        let (address, bit) = place.split_once('.').unwrap_or((place, "0"));
        let address = number(address).filter(|address| *address < SIZE_BYTES)?;
        let bit = number(bit).filter(|bit| *bit < 8)? as u8;
        return Some(Fault::Array(Defect::StuckBit {
            address,
            bit,
            value: true,
        }));
    }
    if let Some(line) = text.strip_prefix("stuck-address@") {
        let line = number(line).filter(|line| *line < SIZE_BYTES.ilog2())? as u8;
        return Some(Fault::Array(Defect::AddressLine { line, value: false }));
    }
    match text {
        "kgd-fail" => Some(Fault::NotKnownGood),
        "32mbit" => Some(Fault::Density(1)),
        "16mbit" => Some(Fault::Density(0)),
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
pub struct UnknownChip {
    asked: String,
}

impl fmt::Display for UnknownChip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = MemoryChip::known().into_iter().map(|(name, _)| name).collect();
        write!(
            f,
            "unknown memory chip `{}`; known: {}",
            self.asked,
            names.join(", ")
        )
    }
}

impl std::error::Error for UnknownChip {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_known_by_its_name() {
        for part in PARTS {
            assert_eq!(part.name.parse(), Ok(MemoryChip::Psram(part, None)));
        }
    }

    #[test]
    fn faults_are_of_an_esp_psram64h_unless_said_otherwise() {
        let stuck = Fault::Array(Defect::StuckBit {
            address: 0x1234,
            bit: 5,
            value: true,
        });
        assert_eq!(
            "stuck-cell@0x1234.5".parse(),
            Ok(MemoryChip::Psram(&ESP_PSRAM64H, Some(stuck)))
        );
        let ly = find("ly68l6400").expect("it is in the list");
        assert_eq!(
            "ly68l6400:kgd-fail".parse(),
            Ok(MemoryChip::Psram(ly, Some(Fault::NotKnownGood)))
        );
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        for bad in [
            "",
            "esp",
            "esp-psram64h:",
            "none:kgd-fail",
            "stuck-cell@8388608",
            "stuck-address@23",
            "stuck-cell@0.8",
        ] {
            let error = bad.parse::<MemoryChip>().expect_err(bad);
            assert!(error.to_string().contains("ly68l6400, "), "{error}");
        }
    }
}
