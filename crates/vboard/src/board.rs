//! What is on the board around the processor: devices, their addresses and interrupt lines.

use chipmodel::{Clocks, Device, Effects};

/// A board's wiring, from its TOML file.
#[derive(Clone, Debug)]
pub struct Wiring {
    /// The board's name.
    pub name: String,
}

/// Why a board could not be built.
#[derive(Debug, thiserror::Error)]
pub enum BoardError {
    /// There is no such board.
    #[error("no board is called `{0}`")]
    Unknown(String),
}

/// What is soldered where the memory chip goes.
#[derive(Clone, Copy, Debug)]
pub enum MemoryChip {
    /// Nothing.
    None,
}

/// One device's place.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// First address.
    pub base: u32,
    /// Bytes that it decodes.
    pub size: u32,
    /// Name in the reference manual.
    pub name: &'static str,
    /// Its interrupt numbers.
    pub irqs: &'static [u16],
}

/// The devices.
#[derive(Clone, Debug, Default)]
pub struct Board {}

impl Board {
    /// All devices in their state after power-up.
    pub fn new(_wiring: &Wiring, _chip: MemoryChip) -> Result<Self, BoardError> {
        Ok(Board {})
    }

    /// The address map.
    pub fn rows(&self) -> &'static [Row] {
        &[]
    }

    /// The device of a row.
    pub fn device(&mut self, _row: usize) -> Option<&mut dyn Device> {
        None
    }

    /// The clock tree now; HSI after reset.
    pub fn clocks(&self) -> Clocks {
        Clocks { cpu_hz: 64_000_000, ..Clocks::default() }
    }

    /// The wires between devices, after one of them has changed.
    pub fn couple(&mut self, _fx: &mut Effects) {}

    /// Bytes for the console's receiver.
    pub fn console_push(&mut self, _bytes: &[u8]) {}

    /// Bytes that the console has sent.
    pub fn console_take(&mut self) -> Vec<u8> {
        Vec::new()
    }

    /// System reset: all devices, but nobody takes the memory chip's power away.
    pub fn reset(&mut self) {}
}
