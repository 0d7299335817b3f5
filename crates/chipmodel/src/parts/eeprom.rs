//! A 24C256: 32 KB of EEPROM on I2C (Atmel AT24C256B data sheet, doc5279).
//!
//! Two bytes of address, pages of 64 bytes that a longer write wraps in, a write cycle of 5 ms in which nothing is acknowledged,
//! reads that go on past the end at the beginning. WP and A2 to A0 are at ground. Does NOT model: wear, the speed limit of 1 MHz.

use super::i2c_target::{OnI2c, Target};
use crate::{Effects, Picos, Time};

const BYTES: usize = 32 * 1024;
const PAGE_BYTES: usize = 64;
/// Binary 1010, then A2 to A0.
const ADDRESS: u8 = 0x50;
/// tWR, at most.
const WRITE_CYCLE: Picos = Picos::from_ns(5_000_000);

/// The memory.
#[derive(Clone, Debug)]
pub struct Eeprom {
    cells: Vec<u8>,
    /// Where the next byte is read or written.
    at: usize,
    /// Bytes of the address that this message has brought.
    address_bytes: u8,
    /// What waits for the stop: place and value.
    page: Vec<(usize, u8)>,
    busy_until: Time,
}

impl Eeprom {
    /// As delivered: all ones.
    pub fn on_bus() -> OnI2c<Eeprom> {
        OnI2c::new(Eeprom {
            cells: vec![0xFF; BYTES],
            at: 0,
            address_bytes: 0,
            page: Vec::new(),
            busy_until: Time(0),
        })
    }
}

impl Target for Eeprom {
    fn is_called(&mut self, address: u8, reads: bool, now: Time) -> bool {
        let called = address == ADDRESS && now >= self.busy_until;
        if called && !reads {
            self.address_bytes = 0;
        }
        called
    }

    fn write(&mut self, byte: u8, _fx: &mut Effects) -> bool {
        match self.address_bytes {
            0 => self.at = usize::from(byte & 0x7F) << 8,
            1 => self.at |= usize::from(byte),
            _ => {
                self.page.push((self.at, byte));
                let page = self.at / PAGE_BYTES * PAGE_BYTES;
                self.at = page + (self.at + 1) % PAGE_BYTES;
            }
        }
        self.address_bytes = (self.address_bytes + 1).min(2);
        true
    }

    fn read(&mut self) -> u8 {
        let byte = self.cells[self.at];
        self.at = (self.at + 1) % BYTES;
        byte
    }

    fn end(&mut self, stop: bool, now: Time) {
        let page = core::mem::take(&mut self.page);
        // A start in the middle of a write takes it back: only a stop begins the cycle.
        if stop && !page.is_empty() {
            self.busy_until = now + WRITE_CYCLE;
            for (at, byte) in page {
                self.cells[at] = byte;
            }
        }
    }

    fn content(&self) -> &[u8] {
        &self.cells
    }
}
