//! What the chips understand, as a table: which command exists in which mode, with which lines and dummy cycles.
//!
//! The four datasheets agree on all of it (ESP-PSRAM64H v1.1 section 5.4, LY68L6400 rev. 0.7 section 10.5,
//! IPS6404L-SQ v1.1 section 8.5, APS6404L-3SQR rev. 2.3), so the table stands here and not with the parts.
//! There is no write enable, no status register and no sleep. The driver uses only what [`crate::driver`] needs; the
//! rest is listed so that a reader need not open a datasheet to know what is missing.

use crate::bus::{Frame, Lines};

/// The two modes of a chip. After power-up and after a reset it is in SPI mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Commands on one line.
    Spi,
    /// Commands, addresses and data on four lines.
    Qpi,
}

/// How fast a command may be clocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockLimit {
    /// Up to the part's maximum; slower when a burst crosses a page (both stand in [`crate::part::Part`]).
    Part,
    /// Up to 33 MHz: the one read without dummy cycles.
    SlowRead,
}

/// One row of the truth table.
#[derive(Clone, Copy, Debug)]
pub struct Command {
    /// The datasheets' name.
    pub name: &'static str,
    /// The first byte on the wire.
    pub opcode: u8,
    /// Its frame in SPI mode, if it exists there.
    pub spi: Option<Frame>,
    /// Its frame in QPI mode, if it exists there.
    pub qpi: Option<Frame>,
    /// How fast.
    pub limit: ClockLimit,
}

impl Command {
    /// The frame in `mode`; `None` where the chip would ignore the command.
    pub const fn frame(&self, mode: Mode) -> Option<Frame> {
        match mode {
            Mode::Spi => self.spi,
            Mode::Qpi => self.qpi,
        }
    }
}

const fn frame(opcode: u8, command: Lines, address: Lines, dummy_cycles: u8, data: Lines) -> Option<Frame> {
    Some(Frame {
        opcode,
        command,
        address,
        dummy_cycles,
        data,
    })
}

const fn row(name: &'static str, opcode: u8, spi: Option<Frame>, qpi: Option<Frame>) -> Command {
    Command {
        name,
        opcode,
        spi,
        qpi,
        limit: ClockLimit::Part,
    }
}

use Lines::{Four, None as No, One};

/// Read without dummy cycles: slow, SPI only.
pub const READ: Command = Command {
    limit: ClockLimit::SlowRead,
    ..row("Read", 0x03, frame(0x03, One, One, 0, One), None)
};
/// Read with dummy cycles: SPI only. (LY rev. 0.5 took it out of QPI mode.)
pub const FAST_READ: Command = row("Fast Read", 0x0B, frame(0x0B, One, One, 8, One), None);
/// Read with address and data on four lines.
pub const FAST_READ_QUAD: Command = row(
    "Fast Read Quad",
    0xEB,
    frame(0xEB, One, Four, 6, Four),
    frame(0xEB, Four, Four, 6, Four),
);
/// Write. In SPI mode LY forbids linear bursts with it: use [`QUAD_WRITE`].
pub const WRITE: Command = row(
    "Write",
    0x02,
    frame(0x02, One, One, 0, One),
    frame(0x02, Four, Four, 0, Four),
);
/// Write with address and data on four lines.
pub const QUAD_WRITE: Command = row(
    "Quad Write",
    0x38,
    frame(0x38, One, Four, 0, Four),
    frame(0x38, Four, Four, 0, Four),
);
/// From SPI to QPI mode.
pub const ENTER_QUAD: Command = row("Enter Quad Mode", 0x35, frame(0x35, One, No, 0, No), None);
/// From QPI to SPI mode.
pub const EXIT_QUAD: Command = row("Exit Quad Mode", 0xF5, None, frame(0xF5, Four, No, 0, No));
/// Arms [`RESET`]; any other command in between disarms it.
pub const RESET_ENABLE: Command = row(
    "Reset Enable",
    0x66,
    frame(0x66, One, No, 0, No),
    frame(0x66, Four, No, 0, No),
);
/// Back to SPI mode and linear bursts.
pub const RESET: Command = row(
    "Reset",
    0x99,
    frame(0x99, One, No, 0, No),
    frame(0x99, Four, No, 0, No),
);
/// Toggles between linear bursts and 32-byte wrap. A toggle, so its state is known only after a reset: not used.
pub const BURST_TOGGLE: Command = row(
    "Wrap Boundary Toggle",
    0xC0,
    frame(0xC0, One, No, 0, No),
    frame(0xC0, Four, No, 0, No),
);
/// Maker, known good die, and 48 bits of die identity. The 24 address bits are ignored. SPI only.
pub const READ_ID: Command = row("Read ID", 0x9F, frame(0x9F, One, One, 0, One), None);

/// The whole truth table.
pub const ALL: [Command; 11] = [
    READ,
    FAST_READ,
    FAST_READ_QUAD,
    WRITE,
    QUAD_WRITE,
    ENTER_QUAD,
    EXIT_QUAD,
    RESET_ENABLE,
    RESET,
    BURST_TOGGLE,
    READ_ID,
];

/// The same opcode as flash chips understand it: 9F without an address, answered by maker, type and capacity
/// (JEDEC JEP106, W25Q64JV "Read JEDEC ID"). A PSRAM takes the data phase for the address and says nothing.
pub const FLASH_ID: Frame = Frame {
    opcode: 0x9F,
    command: One,
    address: No,
    dummy_cycles: 0,
    data: One,
};

/// The frame of a command that is known to exist in the mode. Only for constants: an absent one stops the build.
pub(crate) const fn must(command: &Command, mode: Mode) -> Frame {
    match command.frame(mode) {
        Some(frame) => frame,
        None => panic!("the command does not exist in this mode"),
    }
}

/// The read of the mapped window and of indirect transfers in QPI mode.
pub const QPI_READ: Frame = must(&FAST_READ_QUAD, Mode::Qpi);
/// The write of the mapped window and of indirect transfers in QPI mode.
pub const QPI_WRITE: Frame = must(&QUAD_WRITE, Mode::Qpi);

/// The read on one line: of the mapped window where four lines cannot be had.
pub const SPI_READ: Frame = must(&FAST_READ, Mode::Spi);
/// The write on one line.
pub const SPI_WRITE: Frame = must(&WRITE, Mode::Spi);

#[cfg(test)]
mod tests {
    use super::*;

    /// The truth table in the notation of the datasheets: name, code, then command, address, wait and data in SPI
    /// mode and in QPI mode, `S` for serial, `Q` for quad, `-` for none, a dot where the mode has no such command.
    const DATASHEET: &str = "
        Read                 03  S S 0 S   .
        Fast Read            0B  S S 8 S   .
        Fast Read Quad       EB  S Q 6 Q   Q Q 6 Q
        Write                02  S S 0 S   Q Q 0 Q
        Quad Write           38  S Q 0 Q   Q Q 0 Q
        Enter Quad Mode      35  S - 0 -   .
        Exit Quad Mode       F5  .         Q - 0 -
        Reset Enable         66  S - 0 -   Q - 0 -
        Reset                99  S - 0 -   Q - 0 -
        Wrap Boundary Toggle C0  S - 0 -   Q - 0 -
        Read ID              9F  S S 0 S   .";

    fn lines(text: &str) -> Lines {
        match text {
            "S" => One,
            "Q" => Four,
            "-" => No,
            other => panic!("no such lines: {other}"),
        }
    }

    #[test]
    fn the_table_is_that_of_the_datasheets() {
        for (text, command) in DATASHEET.trim().lines().zip(ALL) {
            let (name, rest) = text.trim().split_at(21);
            assert_eq!(name.trim(), command.name);
            let mut words = rest.split_whitespace();
            assert_eq!(
                u8::from_str_radix(words.next().unwrap(), 16).unwrap(),
                command.opcode,
                "{name}"
            );
            for (mode, found) in [("SPI", command.spi), ("QPI", command.qpi)] {
                let expected = match words.next().unwrap() {
                    "." => None,
                    first => frame(
                        command.opcode,
                        lines(first),
                        lines(words.next().unwrap()),
                        words.next().unwrap().parse().unwrap(),
                        lines(words.next().unwrap()),
                    ),
                };
                assert_eq!(found, expected, "{name} in {mode} mode");
            }
        }
        assert_eq!(DATASHEET.trim().lines().count(), ALL.len());
    }

    #[test]
    fn a_line_of_32_bytes_takes_78_clocks_to_read_and_72_to_write() {
        assert_eq!(QPI_READ.cycles(32), 78);
        assert_eq!(QPI_WRITE.cycles(32), 72);
        assert_eq!(READ_ID.spi.unwrap().cycles(8), 8 + 24 + 64);
    }
}
