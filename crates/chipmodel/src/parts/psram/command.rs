//! Which opcodes a chip knows, in SPI mode and in QPI mode (truth table of ESP-PSRAM64H v1.1, 5.4; the same in
//! LY68L6400 Rev. 0.7, 10.5 and IPS6404L-SQ v1.1, 8.5).

use crate::bus::qspi::Lanes;

/// What follows the address and the wait cycles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// Nothing; the command takes effect when CE# rises.
    None,
    /// The chip sends memory.
    Read,
    /// The chip takes memory.
    Write,
    /// The chip sends its identity.
    Id,
}

/// One row of the table, for one mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Command {
    /// The opcode.
    pub opcode: u8,
    /// Lines of the 24-bit address; no address phase without.
    pub address: Option<Lanes>,
    /// Clocks between address and data.
    pub wait: u8,
    /// What follows.
    pub data: Data,
    /// Lines of the data.
    pub data_lanes: Lanes,
}

/// Slow read.
pub const READ: u8 = 0x03;
/// Fast read on one line.
pub const FAST_READ: u8 = 0x0b;
/// Fast read on four lines.
pub const FAST_READ_QUAD: u8 = 0xeb;
/// Write.
pub const WRITE: u8 = 0x02;
/// Write on four lines.
pub const WRITE_QUAD: u8 = 0x38;
/// SPI mode to QPI mode.
pub const ENTER_QUAD: u8 = 0x35;
/// QPI mode to SPI mode.
pub const EXIT_QUAD: u8 = 0xf5;
/// Arms `RESET`.
pub const RESET_ENABLE: u8 = 0x66;
/// Reset, if the frame before was `RESET_ENABLE`.
pub const RESET: u8 = 0x99;
/// Linear burst to 32-byte wrap and back.
pub const WRAP_TOGGLE: u8 = 0xc0;
/// Identity.
pub const READ_ID: u8 = 0x9f;

const fn moves(opcode: u8, address: Lanes, wait: u8, data: Data, data_lanes: Lanes) -> Command {
    Command {
        opcode,
        address: Some(address),
        wait,
        data,
        data_lanes,
    }
}

const fn bare(opcode: u8) -> Command {
    Command {
        opcode,
        address: None,
        wait: 0,
        data: Data::None,
        data_lanes: Lanes::One,
    }
}

static SPI: [Command; 10] = [
    moves(READ, Lanes::One, 0, Data::Read, Lanes::One),
    moves(FAST_READ, Lanes::One, 8, Data::Read, Lanes::One),
    moves(FAST_READ_QUAD, Lanes::Four, 6, Data::Read, Lanes::Four),
    moves(WRITE, Lanes::One, 0, Data::Write, Lanes::One),
    moves(WRITE_QUAD, Lanes::Four, 0, Data::Write, Lanes::Four),
    moves(READ_ID, Lanes::One, 0, Data::Id, Lanes::One),
    bare(ENTER_QUAD),
    bare(RESET_ENABLE),
    bare(RESET),
    bare(WRAP_TOGGLE),
];

static QPI: [Command; 7] = [
    moves(FAST_READ_QUAD, Lanes::Four, 6, Data::Read, Lanes::Four),
    moves(WRITE_QUAD, Lanes::Four, 0, Data::Write, Lanes::Four),
    moves(WRITE, Lanes::Four, 0, Data::Write, Lanes::Four),
    bare(EXIT_QUAD),
    bare(RESET_ENABLE),
    bare(RESET),
    bare(WRAP_TOGGLE),
];

/// The row for `opcode` with commands on `lanes` lines; `None` if the chip does not decode it in that mode.
pub fn decode(lanes: Lanes, opcode: u8) -> Option<&'static Command> {
    let table: &'static [Command] = if lanes == Lanes::Four { &QPI } else { &SPI };
    table.iter().find(|command| command.opcode == opcode)
}
