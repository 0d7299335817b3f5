//! A Winbond W25Q64JV flash, for boards on which nobody has replaced it yet (W25Q64JV data sheet).
//!
//! Only what a visitor needs to recognise it: identity, status, and reads of an erased array on one line. Erasing,
//! programming and the quad reads are not modelled: such a command is reported when CE# rises and does nothing.

use crate::bus::qspi::{Lines, QspiChip};
use crate::{Kind, Picos, Report, Time};

const JEDEC_ID: [u8; 3] = [0xef, 0x40, 0x17];

const READ_STATUS_1: u8 = 0x05;
const READ_DATA: u8 = 0x03;
const FAST_READ: u8 = 0x0b;
const READ_STATUS_3: u8 = 0x15;
const READ_STATUS_2: u8 = 0x35;
const READ_JEDEC_ID: u8 = 0x9f;

/// Commands of the data sheet's instruction set that would do something that this model does not do. Reset (0x66,
/// 0x99) is not among them: a flash that nobody has written to looks the same afterwards.
const NOT_MODELLED: [u8; 24] = [
    0x01, 0x02, 0x06, 0x11, 0x20, 0x31, 0x32, 0x3b, 0x42, 0x44, 0x48, 0x4b, 0x50, 0x52, 0x5a, 0x6b, 0x77,
    0x90, 0xab, 0xb9, 0xbb, 0xd8, 0xeb, 0xc7,
];

/// The flash.
#[derive(Clone, Debug, Default)]
pub struct W25q64 {
    selected: bool,
    clocks: u32,
    shift: u8,
    opcode: Option<u8>,
}

impl W25q64 {
    /// A fresh chip.
    pub fn new() -> Self {
        W25q64::default()
    }

    /// The bit that it sends in clock `index` after the opcode; `None` leaves the line alone.
    fn bit(&self, index: u32) -> Option<u8> {
        let byte = match self.opcode? {
            // The three bytes come round again for as long as the clock runs.
            READ_JEDEC_ID => JEDEC_ID[(index / 8 % 3) as usize],
            READ_STATUS_1 | READ_STATUS_3 => 0,
            // QE is set at the factory on the parts that boards carry (-IQ).
            READ_STATUS_2 => 0x02,
            READ_DATA if index >= 24 => 0xff,
            FAST_READ if index >= 32 => 0xff,
            _ => return None,
        };
        Some(byte >> (7 - index % 8) & 1)
    }
}

impl QspiChip for W25q64 {
    fn select(&mut self, _at: Time, _period: Picos, _reports: &mut Vec<Report>) {
        *self = W25q64 {
            selected: true,
            ..W25q64::default()
        };
    }

    fn clock(&mut self, host: Lines) -> Lines {
        if !self.selected {
            return Lines::FLOATING;
        }
        let index = self.clocks;
        self.clocks = index.saturating_add(1);
        if index < 8 {
            self.shift = self.shift << 1 | host.seen() & 1;
            if index == 7 {
                self.opcode = Some(self.shift);
            }
            return Lines::FLOATING;
        }
        match self.bit(index - 8) {
            Some(bit) => Lines {
                level: bit << 1,
                driven: 0b0010,
            },
            None => Lines::FLOATING,
        }
    }

    fn deselect(&mut self, _at: Time, _hold: Picos, reports: &mut Vec<Report>) {
        self.selected = false;
        match self.opcode {
            Some(opcode) if NOT_MODELLED.contains(&opcode) => {
                reports.push(Report {
                    kind: Kind::Unmodelled,
                    address: None,
                    message: format!(
                        "w25q64: command 0x{opcode:02x} has no model, nothing was done (W25Q64JV)"
                    ),
                });
            }
            _ => {}
        }
    }
}
