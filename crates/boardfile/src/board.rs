//! What a board file says: the tables that every board has.

use crate::level::{Level, Pull};
use crate::part::{Camera, Display, Flash, Header, Sd, Usb};
use crate::pin::Pin;
use serde::Deserialize;

/// A board.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Board {
    /// Its name for people.
    pub name: String,
    /// The processor.
    pub mcu: String,
    /// Main crystal, on PH0 and PH1.
    pub hse_hz: u32,
    /// Clock crystal, on PC14 and PC15.
    pub lse_hz: u32,
    /// The memory footprint on OCTOSPI port 1.
    pub memory: Memory,
    /// Where the console is.
    pub console: Console,
    /// Lamps.
    #[serde(default, rename = "led")]
    pub leds: Vec<Led>,
    /// Keys.
    #[serde(default, rename = "key")]
    pub keys: Vec<Key>,
    /// The second flash.
    pub flash: Option<Flash>,
    /// The SD socket.
    pub sd: Option<Sd>,
    /// The camera connector.
    pub camera: Option<Camera>,
    /// The display connector.
    pub display: Option<Display>,
    /// The USB connector.
    pub usb: Option<Usb>,
    /// Pin headers.
    #[serde(default, rename = "header")]
    pub headers: Vec<Header>,
}

/// Parts on this die, by the beginning of their order code; the letter behind that of the package; kilobytes of each bank
/// (DS13195, ordering information, and those of STM32H7B3 and STM32H7B0).
const PARTS: [(&str, char, [u32; 2]); 4] = [
    ("STM32H7A3", 'I', [1024, 1024]),
    ("STM32H7A3", 'G', [512, 512]),
    ("STM32H7B3", 'I', [1024, 1024]),
    ("STM32H7B0", 'B', [128, 0]),
];

impl Board {
    /// The banks of the processor's flash, in kilobytes. `None`: it is not a part on this die.
    pub fn flash_banks_kb(&self) -> Option<[u32; 2]> {
        let fits = |family: &str, letter: char| {
            let rest = self.mcu.strip_prefix(family);
            rest.is_some_and(|rest| rest.chars().nth(1) == Some(letter))
        };
        let part = PARTS.iter().find(|(family, letter, _)| fits(family, *letter));
        part.map(|(_, _, banks)| *banks)
    }

    /// Whether the processor's package has the pins of the step-down converter: its order code ends with Q.
    pub fn has_smps(&self) -> bool {
        self.mcu.ends_with('Q')
    }
}

/// The 8-pin memory footprint on OCTOSPI port 1.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Memory {
    /// What is soldered there if nothing else is asked for.
    pub part: String,
    /// How the firmware chooses its clock; the chip does not care.
    pub timing: String,
    /// The clock that the firmware does not exceed if it is to be safe.
    pub safe_hz: u32,
    /// Clock.
    pub clk: Pin,
    /// Chip select.
    pub ncs: Pin,
    /// Data line 0.
    pub io0: Pin,
    /// Data line 1.
    pub io1: Pin,
    /// Data line 2.
    pub io2: Pin,
    /// Data line 3.
    pub io3: Pin,
    /// What these lines are made of.
    pub copper: Copper,
}

/// The copper of the memory's lines, from which follows how late edges are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Copper {
    /// From the processor to the memory.
    pub length_mm: u32,
    /// What branches off to a pin header.
    pub stub_mm: u32,
    /// Impedance of the line.
    pub line_ohms: u32,
    /// Impedance of the branch.
    pub stub_ohms: u32,
    /// How much of an edge comes back from the end of the branch: 100 where nothing is plugged in.
    pub reflection_percent: u32,
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
    /// The pull that the pin needs: the key itself only closes to one side.
    pub pull: Pull,
    /// The level that it gives when pressed.
    pub active: Level,
}
