//! Which pins a bus of the chip can have: `board::FUNCTIONS`, asked by the bus's name.

use super::pin;
use crate::board::{self, FUNCTIONS};
use core::fmt::Write;
use h7a3::gpio::PinId;
use upy::{Error, Kind, Result};

/// A peripheral's name, `I2C1` for one.
pub type Name = heapless::String<8>;

/// The name of a peripheral of this kind.
pub fn name(kind: &str, number: u8) -> Name {
    let mut name = Name::new();
    // A digit behind four letters at most.
    let _ = write!(name, "{kind}{number}");
    name
}

/// The alternate function that puts a signal of the peripheral on a pin, if it reaches it.
pub fn lookup(peripheral: &str, pin: PinId, signal: &str) -> Option<u8> {
    let mut functions = FUNCTIONS.iter();
    functions
        .find(|f| f.pin == pin && f.peripheral == peripheral && f.signal == signal)
        .and_then(|f| f.number)
}

/// The same, or a ValueError that names the pins that can be.
pub fn number(peripheral: &str, pin: PinId, signal: &str) -> Result<u8> {
    if let Some(number) = lookup(peripheral, pin, signal) {
        return Ok(number);
    }
    let mut known = heapless::String::<40>::new();
    for f in FUNCTIONS
        .iter()
        .filter(|f| f.peripheral == peripheral && f.signal == signal)
    {
        // What does not fit is left out.
        let _ = write!(known, " {}", pin::spelled(f.pin));
    }
    Err(Error::new(
        Kind::Value,
        format_args!(
            "{} is not {signal} of {peripheral}; these can be:{known}",
            pin::spelled(pin)
        ),
    ))
}

/// A pin by its name, if the board leaves it to programs.
pub fn free(name: &str) -> Option<PinId> {
    let pin = PinId::parse(name)?;
    let taken = board::RESERVED.iter().any(|reserved| reserved.pin == pin);
    (!taken).then_some(pin)
}
