//! The pins of the LQFP100 package by their names.

use core::fmt;
use core::str::FromStr;
use serde::Deserialize;

/// A pin of the chip, such as PB6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Pin {
    /// 0 for port A.
    pub port: u8,
    /// 0 to 15.
    pub number: u8,
}

/// A text that names no pin of the package.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a pin of the LQFP100 package; expected PA0 to PE15, PH0 or PH1")]
pub struct PinError(String);

impl Pin {
    /// The pin of port `letter` with this number, whether or not the package has it.
    pub const fn new(letter: char, number: u8) -> Pin {
        Pin {
            port: letter as u8 - b'A',
            number,
        }
    }

    /// The letter of its port.
    pub fn letter(self) -> char {
        char::from(b'A' + self.port)
    }

    /// Does it leave the package? Ports A to E do, and PH0, PH1 (DS13195, LQFP100 pinout).
    pub const fn is_on_package(self) -> bool {
        match self.port {
            0..=4 => self.number < 16,
            7 => self.number < 2,
            _ => false,
        }
    }
}

/// All pins of the package, by name.
pub fn package() -> impl Iterator<Item = Pin> {
    (0..=7)
        .flat_map(|port| (0..16).map(move |number| Pin { port, number }))
        .filter(|pin| pin.is_on_package())
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("P{}{}", self.letter(), self.number))
    }
}

impl FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        let wrong = || PinError(text.to_owned());
        let mut letters = text.chars();
        let (Some('P'), Some(port @ 'A'..='K')) = (letters.next(), letters.next()) else {
            return Err(wrong());
        };
        let digits = letters.as_str();
        // `parse` would take a sign and leading zeros.
        if digits.is_empty()
            || !digits.bytes().all(|b| b.is_ascii_digit())
            || digits.len() > 1 && digits.starts_with('0')
        {
            return Err(wrong());
        }
        let number = digits.parse().map_err(|_| wrong())?;
        let pin = Pin::new(port, number);
        if pin.is_on_package() {
            Ok(pin)
        } else {
            Err(wrong())
        }
    }
}

impl TryFrom<String> for Pin {
    type Error = PinError;

    fn try_from(text: String) -> Result<Self, PinError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_read_by_their_names() {
        assert_eq!("PD11".parse(), Ok(Pin { port: 3, number: 11 }));
        assert_eq!(Pin::new('H', 1).to_string(), "PH1");
        for bad in [
            "PL1",
            "PA16",
            "PA",
            "A1",
            "PA-1",
            "PA+1",
            "PA01",
            "pa1",
            "PF0",
            "PH2",
            "PA1 ",
            "",
            "PA99999999999",
        ] {
            let error = bad.parse::<Pin>().unwrap_err().to_string();
            assert!(
                error.contains(&format!("`{bad}`")) && error.contains("PH1"),
                "{error}"
            );
        }
    }

    #[test]
    fn the_package_has_82_pins() {
        let pins: Vec<Pin> = package().collect();
        assert_eq!(pins.len(), 82);
        for pin in pins {
            assert_eq!(pin.to_string().parse(), Ok(pin));
        }
    }
}
