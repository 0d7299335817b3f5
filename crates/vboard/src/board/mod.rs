//! Board files: what is wired to which pin, read from `board/*.toml`.
//!
//! The files are built in, so that the tool needs nothing beside it. They say nothing about behaviour.

pub(crate) mod footprint;

use core::fmt;

use serde::Deserialize;

use crate::chip;

/// All boards, by the name that the command line knows them by.
const FILES: &[(&str, &str)] = &[
    ("devebox", include_str!("../../../../board/devebox.toml")),
    ("weact", include_str!("../../../../board/weact.toml")),
];

/// A board.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Its name for people.
    pub name: String,
    /// The processor.
    pub mcu: String,
    /// Main crystal.
    pub hse_hz: u32,
    /// Clock crystal.
    pub lse_hz: u32,
    /// The memory footprint.
    pub memory: Memory,
    /// Where the console is.
    pub console: Console,
    /// Lamps.
    #[serde(default, rename = "led")]
    pub leds: Vec<Led>,
    /// Keys.
    #[serde(default, rename = "key")]
    pub keys: Vec<Key>,
}

/// Pins of the 8-pin memory footprint on OCTOSPI port 1.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// What is soldered there if nobody says otherwise.
    pub part: String,
    /// How the firmware chooses its clock; the chip does not care.
    pub timing: String,
    /// The clock that the firmware does not exceed if it is to be safe.
    pub safe_hz: u32,
    /// Clock.
    pub clk: Pin,
    /// Chip select.
    pub ncs: Pin,
    /// Data lines.
    pub io0: Pin,
    /// Data lines.
    pub io1: Pin,
    /// Data lines.
    pub io2: Pin,
    /// Data lines.
    pub io3: Pin,
}

/// The serial console.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Console {
    /// The USART or UART.
    pub peripheral: String,
    /// Its output.
    pub tx: Pin,
    /// Its input.
    pub rx: Pin,
    /// Speed of the other end.
    pub baud: u32,
}

/// A lamp.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Led {
    /// Its name in Python.
    pub name: String,
    /// The pin that drives it.
    pub pin: Pin,
    /// The level that lights it.
    pub active: Level,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its name in Python.
    pub name: String,
    /// The pin that reads it.
    pub pin: Pin,
    /// The pull that it needs.
    pub pull: Pull,
    /// The level that it gives when pressed.
    pub active: Level,
}

/// A logic level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// 0 V.
    Low,
    /// 3.3 V.
    High,
}

/// A resistor to one of the levels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Pull {
    /// To 3.3 V.
    Up,
    /// To 0 V.
    Down,
}

/// A pin, such as PB6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pin {
    /// 0 for port A.
    pub port: u8,
    /// 0 to 15.
    pub number: u8,
}

/// Why there is no such board.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BoardError {
    /// The name is not in the list.
    #[error("there is no board `{name}`; known are: {}", Board::known().join(", "))]
    Unknown {
        /// What was asked for.
        name: String,
    },
    /// The file does not say what it must.
    #[error("board file {file}: {reason}")]
    File {
        /// Which.
        file: String,
        /// Line and cause.
        reason: String,
    },
}

impl Board {
    /// The board of this name.
    pub fn named(name: &str) -> Result<Board, BoardError> {
        let (_, text) =
            FILES
                .iter()
                .find(|(known, _)| *known == name)
                .ok_or_else(|| BoardError::Unknown {
                    name: name.to_owned(),
                })?;
        Board::parse(&format!("board/{name}.toml"), text)
    }

    /// Names of all boards.
    pub fn known() -> Vec<&'static str> {
        FILES.iter().map(|(name, _)| *name).collect()
    }

    /// A board from the text of its file.
    pub fn parse(file: &str, text: &str) -> Result<Board, BoardError> {
        let fail = |reason: String| BoardError::File {
            file: file.to_owned(),
            reason,
        };
        let board: Board = toml::from_str(text).map_err(|e| fail(e.to_string()))?;
        let console = &board.console;
        chip::check_console(&console.peripheral, console.tx, console.rx).map_err(fail)?;
        Ok(board)
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "P{}{}", char::from(b'A' + self.port), self.number)
    }
}

impl TryFrom<String> for Pin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let expected = || format!("`{text}` is not a pin; expected PA0 to PK15");
        let mut letters = text.chars();
        let (Some('P'), Some(port @ 'A'..='K')) = (letters.next(), letters.next()) else {
            return Err(expected());
        };
        match letters.as_str().parse() {
            Ok(number @ 0..=15) => Ok(Pin {
                port: port as u8 - b'A',
                number,
            }),
            _ => Err(expected()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_board_file_can_be_read() {
        for name in Board::known() {
            let board = Board::named(name).unwrap();
            assert_eq!((board.mcu.as_str(), board.hse_hz), ("STM32H7A3VI", 25_000_000));
            assert!(!board.leds.is_empty());
        }
    }

    #[test]
    fn an_unknown_board_lists_the_known_ones() {
        let error = Board::named("nucleo").unwrap_err().to_string();
        assert_eq!(error, "there is no board `nucleo`; known are: devebox, weact");
    }

    #[test]
    fn a_mistake_in_a_file_is_told_with_its_line() {
        let text = include_str!("../../../../board/devebox.toml").replace("PB6", "PZ6");
        let error = Board::parse("x.toml", &text).unwrap_err().to_string();
        assert!(
            error.contains("x.toml") && error.contains("PZ6") && error.contains("line"),
            "{error}"
        );
    }

    #[test]
    fn a_console_that_the_chip_does_not_have_is_refused() {
        let text = include_str!("../../../../board/devebox.toml").replace("USART2", "USART11");
        let error = Board::parse("x.toml", &text).unwrap_err().to_string();
        assert!(error.contains("USART11") && error.contains("UART7"), "{error}");
    }

    #[test]
    fn a_console_on_pins_that_it_cannot_reach_is_refused() {
        let text = include_str!("../../../../board/devebox.toml").replace("\"PA3\"", "\"PA4\"");
        let error = Board::parse("x.toml", &text).unwrap_err().to_string();
        assert!(
            error.contains("rx is PA4") && error.contains("PA3, PD6"),
            "{error}"
        );
    }

    #[test]
    fn pins_are_read_by_their_names() {
        assert_eq!(Pin::try_from("PD11".to_owned()), Ok(Pin { port: 3, number: 11 }));
        for bad in ["PL1", "PA16", "PA", "A1", "PA-1"] {
            assert!(Pin::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
