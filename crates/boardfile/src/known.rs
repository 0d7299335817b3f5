//! The boards there are, and what is wrong with a file.

use crate::board::Board;
use crate::net::nets;
use std::collections::BTreeSet;

include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// What a console may run at: MicroPython's tools start at 2400, and 4 Mbaud is 16 times less than the slowest kernel clock.
const BAUD: core::ops::RangeInclusive<u32> = 2_400..=4_000_000;
/// Why there is no such board.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BoardError {
    /// The name is not that of a file.
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
    /// Names of all boards: the files of `board/` without their ending.
    pub fn known() -> Vec<&'static str> {
        FILES.iter().map(|(name, _)| *name).collect()
    }

    /// The board of this name.
    ///
    /// # Errors
    /// If there is no such file, or if it is not a board.
    pub fn named(name: &str) -> Result<Board, BoardError> {
        match FILES.iter().find(|(known, _)| *known == name) {
            Some((_, text)) => Board::parse(&format!("board/{name}.toml"), text),
            None => Err(BoardError::Unknown {
                name: name.to_owned(),
            }),
        }
    }

    /// A board from the text of its file; `file` is for messages.
    ///
    /// # Errors
    /// If the text is not a board, with the line or the entry that is wrong.
    pub fn parse(file: &str, text: &str) -> Result<Board, BoardError> {
        let fail = |reason: String| BoardError::File {
            file: file.to_owned(),
            reason,
        };
        let board: Board = toml::from_str(text).map_err(|e| fail(e.to_string()))?;
        check(&board).map_err(fail)?;
        Ok(board)
    }
}

/// What the types cannot say.
fn check(board: &Board) -> Result<(), String> {
    let Board { mcu, console, .. } = board;
    if board.flash_banks_kb().is_none() {
        return Err(format!(
            "mcu is `{mcu}`; expected STM32H7A3, STM32H7B3 or STM32H7B0 with the letters of package and flash, as STM32H7A3VI \
             or STM32H7B0VBT6"
        ));
    }
    if !BAUD.contains(&console.baud) {
        let (found, least, most) = (console.baud, BAUD.start(), BAUD.end());
        return Err(format!("console.baud is {found}; expected {least} to {most}"));
    }
    let names = board
        .leds
        .iter()
        .map(|led| &led.name)
        .chain(board.keys.iter().map(|key| &key.name));
    let mut seen = BTreeSet::new();
    for name in names.chain(board.headers.iter().map(|header| &header.name)) {
        if !seen.insert(name) {
            return Err(format!(
                "two parts are called `{name}`; Python needs a name for each"
            ));
        }
    }
    for net in nets(board) {
        let mut seen = BTreeSet::new();
        for joint in &net.joints {
            if !seen.insert(joint.part.as_str()) {
                return Err(format!("`{}` is joined to {} twice", joint.part, net.pin));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEVEBOX: &str = include_str!("../../../board/devebox.toml");

    #[test]
    fn the_processor_may_be_another_of_the_die() {
        let with = |mcu: &str| Board::parse("x", &DEVEBOX.replace("\"STM32H7A3VI\"", &format!("{mcu:?}")));
        assert!(with("STM32H7A3ZIT6Q").unwrap().has_smps());
        assert!(!with("STM32H7B3VIT6").unwrap().has_smps());
        for (mcu, banks) in [
            ("STM32H7A3VI", [1024, 1024]),
            ("STM32H7A3RGT6", [512, 512]),
            ("STM32H7B0VBT6", [128, 0]),
        ] {
            assert_eq!(with(mcu).unwrap().flash_banks_kb(), Some(banks), "{mcu}");
        }
        for other in ["STM32H7B0VIT6", "STM32H750VBT6", "STM32H7A3", "STM32H7A3é", ""] {
            let error = with(other).unwrap_err().to_string();
            assert!(error.contains("STM32H7A3VI"), "{other}: {error}");
        }
    }

    #[test]
    fn every_board_file_can_be_read() {
        assert!(Board::known().len() >= 2);
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
    fn each_mistake_in_a_file_is_told_with_what_was_found() {
        for (good, bad, words) in [
            (
                "\"PB6\"",
                "\"PZ6\"",
                &["`PZ6` is not a pin", "PH1", "line"] as &[_],
            ),
            ("\"PB6\"", "\"PF6\"", &["`PF6` is not a pin", "line"]),
            ("\"PB6\"", "6", &["line", "expected a string"]),
            (
                "pull = \"up\"",
                "pull = \"sideways\"",
                &["sideways", "line", "none"],
            ),
            ("clk =", "clock =", &["clock", "line"]),
            (
                "\"STM32H7A3VI\"",
                "\"STM32H743VI\"",
                &["STM32H743VI", "STM32H7A3V"],
            ),
            ("115_200", "300", &["console.baud is 300", "2400"]),
            ("\"K2\"", "\"K1\"", &["two parts are called `K1`"]),
            (
                "io1 = \"PD12\"",
                "io1 = \"PD11\"",
                &["`memory` is joined to PD11 twice"],
            ),
            ("hse_hz = 25_000_000", "", &["hse_hz"]),
        ] {
            let text = DEVEBOX.replacen(good, bad, 1);
            assert_ne!(text, DEVEBOX, "{good} is not in the file");
            let error = Board::parse("x.toml", &text).unwrap_err().to_string();
            assert!(error.starts_with("board file x.toml: "), "{error}");
            assert!(words.iter().all(|word| error.contains(word)), "{bad}: {error}");
        }
    }

    #[test]
    fn a_key_may_do_without_a_pull() {
        let board = Board::parse("x.toml", &DEVEBOX.replace("pull = \"up\"", "pull = \"none\"")).unwrap();
        assert!(board.keys.iter().all(|key| key.pull == crate::Pull::None));
    }
}
