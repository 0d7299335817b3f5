//! The names on a command line, for what may sit in the memory footprint.

use core::fmt;
use core::str::FromStr;

use super::fitted::Fitted;
use super::psram::Psram;
use super::psram::cells::{Bit, Defect, Effect};
use super::psram::part::{ESP_PSRAM64H, PAGE_BYTES, PARTS, Part, SIZE_BYTES};
use super::psram::wires::{WireFault, Wired};
use super::w25q64::W25q64;
use crate::{Picos, Time};

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
    /// Another die.
    Die {
        /// Bytes that it has.
        size_bytes: u32,
        /// What it tells of its size: the density code of the EID.
        density_code: u8,
    },
    /// Something in the array.
    Array(Defect),
    /// Something between the pins.
    Wire(WireFault),
}

/// Words for things that are not simply a part.
const OTHERS: [(&str, &str); 21] = [
    ("none", "nothing fitted, lines float high"),
    ("stuck-low", "all lines at ground"),
    ("w25q64", "the flash that the board was sold with"),
    ("kgd-fail", "a die that did not pass its tests (KGD 0x55)"),
    ("128mbit", "a 128 Mbit die, whose identity does not tell a size"),
    ("32mbit", "a 32 Mbit die"),
    ("16mbit", "a 16 Mbit die"),
    ("lying-32mbit", "a 32 Mbit die that says it has 64"),
    (
        "stuck-cell@ADDRESS[.BIT[.LEVEL]]",
        "bit BIT (0) of the byte at ADDRESS always reads LEVEL (1)",
    ),
    (
        "stuck-address@LINE[.LEVEL]",
        "address line LINE (0 to 22) inside the chip stuck at LEVEL (0)",
    ),
    ("tied-address@A.B", "address lines A and B shorted"),
    (
        "swapped-address@A.B",
        "address lines A and B exchanged: no test can tell",
    ),
    (
        "coupled-set@A.BIT.V.BIT",
        "a bit that rises in the byte at A sets one in the byte at V",
    ),
    ("coupled-clear@A.BIT.V.BIT", "the same clears it"),
    ("coupled-invert@A.BIT.V.BIT", "the same inverts it"),
    (
        "weak-row@ROW.MS",
        "row ROW (0 to 8191, 1 KB each) is not refreshed, and forgets after MS milliseconds",
    ),
    ("stuck-line@LINE.LEVEL", "data line LINE (0 to 3) stuck at LEVEL"),
    ("open-line@LINE", "data line LINE without contact"),
    ("tied-lines@A.B", "data lines A and B shorted"),
    ("swapped-lines@A.B", "data lines A and B exchanged"),
    (
        "PART:FAULT",
        "one of the last fifteen, of another part than esp-psram64h",
    ),
];

/// From the rise of the supply to the first instruction: reset is held so long (STM32L431 data sheet, tRSTTEMPO; taken for
/// this chip, whose sheet gives more).
pub const RESET_RELEASE: Picos = Picos(250_000_000);

impl MemoryChip {
    /// Every name, with what it means.
    pub fn known() -> Vec<(&'static str, &'static str)> {
        PARTS
            .iter()
            .map(|part| (part.name, part.source))
            .chain(OTHERS)
            .collect()
    }

    /// The chip itself, with memory as random as `seed`. Its supply is the processor's, which begins to run at time 0,
    /// [`RESET_RELEASE`] later.
    pub fn fit(self, seed: u64) -> Fitted {
        self.fit_with(seed, Time(0), RESET_RELEASE)
    }

    /// As [`MemoryChip::fit`], with the supply coming up at `powered_at`: after a power cycle.
    pub fn fit_at(self, seed: u64, powered_at: Time) -> Fitted {
        self.fit_with(seed, powered_at, Picos(0))
    }

    fn fit_with(self, seed: u64, powered_at: Time, supplied_before: Picos) -> Fitted {
        let (part, fault) = match self {
            MemoryChip::Nothing => return Fitted::Nothing,
            MemoryChip::StuckLow => return Fitted::StuckLow,
            MemoryChip::Flash => return Fitted::Flash(W25q64::new()),
            MemoryChip::Psram(part, fault) => (part, fault),
        };
        let mut chip = Psram::new(part, seed, powered_at).supplied_before(supplied_before);
        match fault {
            None => {}
            Some(Fault::NotKnownGood) => chip = chip.not_a_known_good_die(),
            Some(Fault::Die {
                size_bytes,
                density_code,
            }) => chip = chip.with_die(size_bytes, density_code, seed),
            Some(Fault::Array(defect)) => chip.inject(defect),
            Some(Fault::Wire(fault)) => return Fitted::Wired(Box::new(Wired { chip, fault })),
        }
        Fitted::Psram(Box::new(chip))
    }
}

impl Fitted {
    /// The chip that `name` stands for, see [`MemoryChip`].
    pub fn parse(name: &str, seed: u64) -> Result<Self, UnknownChip> {
        Ok(name.parse::<MemoryChip>()?.fit(seed))
    }
}

impl FromStr for MemoryChip {
    type Err = UnknownChip;

    fn from_str(name: &str) -> Result<Self, UnknownChip> {
        let unknown = || UnknownChip {
            asked: name.to_owned(),
            form: form_of(name),
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

/// The form of a fault whose word is known, of a part that is known.
fn form_of(name: &str) -> Option<&'static str> {
    let fault = match name.split_once(':') {
        Some((part, fault)) => find(part).map(|_| fault)?,
        None => name,
    };
    let (word, _) = fault.split_once('@')?;
    let forms = OTHERS.iter().map(|(form, _)| *form);
    forms
        .into_iter()
        .find(|form| form.split_once('@').is_some_and(|(known, _)| known == word))
}

fn find(name: &str) -> Option<&'static Part> {
    PARTS.into_iter().find(|part| part.name == name)
}

fn parse_fault(text: &str) -> Option<Fault> {
    let Some((name, numbers)) = text.split_once('@') else {
        let die = |megabytes: u32, density_code| {
            let size_bytes = megabytes << 20;
            Some(Fault::Die {
                size_bytes,
                density_code,
            })
        };
        return match text {
            "kgd-fail" => Some(Fault::NotKnownGood),
            "128mbit" => die(16, 3),
            "32mbit" => die(4, 1),
            "16mbit" => die(2, 0),
            "lying-32mbit" => die(4, 2),
            _ => None,
        };
    };
    let numbers: Vec<u32> = numbers.split('.').map(number).collect::<Option<_>>()?;
    let defect = parse_defect(name, &numbers).map(Fault::Array);
    defect.or_else(|| parse_wire_fault(name, &numbers).map(Fault::Wire))
}

fn parse_defect(name: &str, numbers: &[u32]) -> Option<Defect> {
    let address_line = |line: u32| (line < SIZE_BYTES.ilog2()).then_some(line as u8);
    let bit = |address: u32, bit: u32| {
        let fits = address < SIZE_BYTES && bit < 8;
        fits.then_some(Bit {
            address,
            bit: bit as u8,
        })
    };
    Some(match (name, numbers) {
        ("stuck-cell", &[address, ref rest @ ..]) if rest.len() <= 2 => {
            let Bit { address, bit } = bit(address, rest.first().copied().unwrap_or(0))?;
            let value = level(rest.get(1).copied().unwrap_or(1))?;
            Defect::StuckBit { address, bit, value }
        }
        ("stuck-address", &[line, ref rest @ ..]) if rest.len() <= 1 => Defect::AddressLine {
            line: address_line(line)?,
            value: level(rest.first().copied().unwrap_or(0))?,
        },
        ("tied-address", &[a, b]) if a != b => Defect::TiedAddressLines {
            a: address_line(a)?,
            b: address_line(b)?,
        },
        ("swapped-address", &[a, b]) if a != b => Defect::SwappedAddressLines {
            a: address_line(a)?,
            b: address_line(b)?,
        },
        ("coupled-set" | "coupled-clear" | "coupled-invert", &[a, a_bit, v, v_bit]) => Defect::Coupling {
            aggressor: bit(a, a_bit)?,
            rising: true,
            victim: bit(v, v_bit)?,
            effect: match name {
                "coupled-set" => Effect::Set,
                "coupled-clear" => Effect::Clear,
                _ => Effect::Invert,
            },
        },
        ("weak-row", &[row, holds_ms]) if row < SIZE_BYTES / PAGE_BYTES => Defect::WeakRow { row, holds_ms },
        _ => return None,
    })
}

fn parse_wire_fault(name: &str, numbers: &[u32]) -> Option<WireFault> {
    let line = |line: u32| (line < 4).then_some(line as u8);
    Some(match (name, numbers) {
        ("stuck-line", &[at, high]) => WireFault::Stuck {
            line: line(at)?,
            high: level(high)?,
        },
        ("open-line", &[at]) => WireFault::Open { line: line(at)? },
        ("tied-lines", &[a, b]) if a != b => WireFault::Tied {
            a: line(a)?,
            b: line(b)?,
        },
        ("swapped-lines", &[a, b]) if a != b => WireFault::Swapped {
            a: line(a)?,
            b: line(b)?,
        },
        _ => return None,
    })
}

fn level(number: u32) -> Option<bool> {
    (number < 2).then_some(number == 1)
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
    /// The form of its fault, if that is known and only its numbers are wrong.
    form: Option<&'static str>,
}

impl fmt::Display for UnknownChip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(form) = self.form {
            return write!(
                f,
                "`{}`: the numbers do not fit the form {form}; ADDRESS, A and V of cells are below {SIZE_BYTES}, BIT is 0 \
                 to 7, LEVEL 0 or 1, ROW below {}, address lines are 0 to {}, data lines 0 to 3, and two lines differ",
                self.asked,
                SIZE_BYTES / PAGE_BYTES,
                SIZE_BYTES.ilog2() - 1
            );
        }
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
    use crate::bus::qspi::QspiChip;

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
    fn every_fault_has_a_name() {
        let bit = |address, bit| Bit { address, bit };
        let coupling = |effect| Defect::Coupling {
            aggressor: bit(16, 7),
            rising: true,
            victim: bit(2048, 0),
            effect,
        };
        let array = Fault::Array;
        let table = [
            (
                "stuck-cell@9",
                array(Defect::StuckBit {
                    address: 9,
                    bit: 0,
                    value: true,
                }),
            ),
            (
                "stuck-cell@9.3.0",
                array(Defect::StuckBit {
                    address: 9,
                    bit: 3,
                    value: false,
                }),
            ),
            (
                "stuck-address@22.1",
                array(Defect::AddressLine {
                    line: 22,
                    value: true,
                }),
            ),
            ("tied-address@5.6", array(Defect::TiedAddressLines { a: 5, b: 6 })),
            (
                "swapped-address@5.6",
                array(Defect::SwappedAddressLines { a: 5, b: 6 }),
            ),
            ("coupled-set@16.7.0x800.0", array(coupling(Effect::Set))),
            ("coupled-clear@16.7.0x800.0", array(coupling(Effect::Clear))),
            ("coupled-invert@16.7.0x800.0", array(coupling(Effect::Invert))),
            (
                "weak-row@8191.250",
                array(Defect::WeakRow {
                    row: 8191,
                    holds_ms: 250,
                }),
            ),
            (
                "stuck-line@3.1",
                Fault::Wire(WireFault::Stuck { line: 3, high: true }),
            ),
            ("open-line@0", Fault::Wire(WireFault::Open { line: 0 })),
            ("tied-lines@0.2", Fault::Wire(WireFault::Tied { a: 0, b: 2 })),
            (
                "swapped-lines@2.3",
                Fault::Wire(WireFault::Swapped { a: 2, b: 3 }),
            ),
        ];
        for (name, fault) in table {
            assert_eq!(
                name.parse(),
                Ok(MemoryChip::Psram(&ESP_PSRAM64H, Some(fault))),
                "{name}"
            );
        }
    }

    #[test]
    fn an_unknown_name_lists_the_known_ones() {
        for bad in [
            "",
            "esp",
            "esp-psram64h:",
            "none:kgd-fail",
            "coupled-swap@1.2.3.4",
            "esp:stuck-cell@1",
        ] {
            let error = bad.parse::<MemoryChip>().expect_err(bad).to_string();
            assert!(
                error.starts_with("unknown memory chip") && error.contains("ly68l6400, "),
                "{error}"
            );
        }
    }

    #[test]
    fn numbers_that_do_not_fit_are_told_with_the_form_and_its_limits() {
        for (bad, form) in [
            ("stuck-cell@8388608", "stuck-cell@ADDRESS[.BIT[.LEVEL]]"),
            (
                "esp-psram64h:stuck-cell@9000000",
                "stuck-cell@ADDRESS[.BIT[.LEVEL]]",
            ),
            ("stuck-address@23", "stuck-address@LINE[.LEVEL]"),
            ("stuck-cell@0.8", "stuck-cell@ADDRESS"),
            ("stuck-cell@0.1.2", "stuck-cell@ADDRESS"),
            ("stuck-cell@0.1.1.1", "stuck-cell@ADDRESS"),
            ("stuck-cell@x", "stuck-cell@ADDRESS"),
            ("tied-address@4.4", "tied-address@A.B"),
            ("coupled-set@1.2.3", "coupled-set@A.BIT.V.BIT"),
            ("weak-row@8192.5", "weak-row@ROW.MS"),
            ("open-line@4", "open-line@LINE"),
            ("stuck-line@0", "stuck-line@LINE.LEVEL"),
            ("swapped-lines@1.1", "swapped-lines@A.B"),
        ] {
            let error = bad.parse::<MemoryChip>().expect_err(bad).to_string();
            assert!(
                error.starts_with(&format!("`{bad}`")) && error.contains(form),
                "{error}"
            );
            assert!(
                error.contains("below 8388608") && error.contains("below 8192"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_supply_is_there_before_the_first_instruction() {
        let complaints = |mut chip: Fitted, at: Time| {
            let mut reports = Vec::new();
            chip.select(at, Picos::from_ns(20), &mut reports);
            reports.len()
        };
        let chip: MemoryChip = "esp-psram64h".parse().unwrap();
        assert_eq!(complaints(chip.fit(1), Time(10_000_000)), 0, "10 us after reset");
        let (on, us) = (Time(1_000_000_000_000), 1_000_000_u64);
        let later = |span| complaints(chip.fit_at(1, on), Time(on.0 + span * us));
        assert_eq!((later(149), later(151)), (1, 0), "after a power cycle");
    }
}
