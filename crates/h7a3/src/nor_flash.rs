//! A NOR flash on SPI (W25Q64JV data sheet, and what all of its kind share): identity, reads, pages of 256 bytes, sectors of 4 KB.
//!
//! It never erases by itself: what is programmed must be erased. While the chip works the core sleeps.

use core::cell::Cell;

use crate::gpio::{PinId, Pull};
use crate::spi::{Format, Unit};
use crate::time;

/// What is erased at once.
pub const SECTOR_BYTES: u32 = 4096;
const PAGE_BYTES: u32 = 256;
/// SCK: below the 50 MHz of a plain read.
const HZ: u32 = 32_000_000;
const FORMAT: Format = Format {
    idle_high: false,
    second_edge: false,
    lsb_first: false,
    wide: false,
};

/// Longest times (W25Q64JV 9.6), doubled.
const PROGRAM_US: u64 = 6_000;
const ERASE_US: u64 = 800_000;
/// How long the core sleeps between two looks.
const PROGRAM_STEP_US: u64 = 100;
const ERASE_STEP_US: u64 = 1_000;

const WRITE_ENABLE: u8 = 0x06;
const READ_STATUS: u8 = 0x05;
const READ: u8 = 0x03;
const PROGRAM: u8 = 0x02;
const ERASE: u8 = 0x20;
const WAKE: u8 = 0xAB;
const READ_ID: u8 = 0x9F;
const BUSY: u8 = 1;
const ENABLED: u8 = 2;

/// What can go wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Error {
    /// Nothing answers.
    Absent,
    /// The bytes are not all in the chip.
    Outside,
    /// It refuses to be written: protected.
    Protected,
    /// It works for longer than its kind may.
    Stuck,
}

/// Where it is: pins with the numbers of their alternate functions.
#[derive(Clone, Copy, Debug)]
pub struct Wires {
    /// The SPI.
    pub unit: Unit,
    /// Chip select.
    pub cs: PinId,
    /// Clock, to the chip, from the chip.
    pub bus: [(PinId, u8); 3],
}

/// The chip.
#[derive(Clone, Copy, Debug)]
pub struct NorFlash {
    wires: Wires,
    bytes: u32,
    id: [u8; 3],
}

impl NorFlash {
    /// Looks for the chip, and takes its SPI if there is one.
    pub fn open(wires: Wires) -> Result<NorFlash, Error> {
        wires.cs.set(true);
        wires.cs.output(false, Pull::None);
        wires.unit.reserve(true);
        wires.unit.start(HZ, FORMAT);
        for (n, (pin, number)) in wires.bus.into_iter().enumerate() {
            // Where no chip drives it, the line from the chip is high.
            pin.alternate(number, false, if n == 2 { Pull::Up } else { Pull::None });
            pin.set_speed(2);
        }
        let mut flash = NorFlash {
            wires,
            bytes: 0,
            id: [0; 3],
        };
        flash.identify().inspect_err(|_| flash.close())?;
        Ok(flash)
    }

    /// Lets go of SPI and pins, but for the chip select.
    pub fn close(self) {
        self.wires.unit.stop();
        self.wires.unit.reserve(false);
        self.wires.bus.into_iter().for_each(|(pin, _)| pin.analog());
    }

    fn identify(&mut self) -> Result<(), Error> {
        // A reset of the board may have found it at work.
        if self.status() != 0xFF {
            self.wait(ERASE_US, ERASE_STEP_US)?;
        }
        self.talk(&[WAKE], &[], &[]);
        time::delay_us(3);
        let id = [const { Cell::new(0) }; 3];
        self.talk(&[READ_ID], &id, &id);
        self.id = id.map(|byte| byte.get());
        let [maker, _, capacity] = self.id;
        // Of larger ones the address has four bytes.
        if matches!(maker, 0 | 0xFF) || !(0x14..=0x18).contains(&capacity) {
            return Err(Error::Absent);
        }
        self.bytes = 1 << capacity;
        Ok(())
    }

    /// How large it is.
    pub fn bytes(&self) -> u32 {
        self.bytes
    }

    /// Maker, kind, capacity.
    pub fn id(&self) -> [u8; 3] {
        self.id
    }

    fn check(&self, at: u32, bytes: usize) -> Result<(), Error> {
        if at <= self.bytes && bytes <= (self.bytes - at) as usize {
            Ok(())
        } else {
            Err(Error::Outside)
        }
    }

    /// Reads.
    pub fn read(&self, at: u32, into: &[Cell<u8>]) -> Result<(), Error> {
        self.check(at, into.len())?;
        let [_, high, middle, low] = at.to_be_bytes();
        self.talk(&[READ, high, middle, low], into, into);
        Ok(())
    }

    /// Programs bytes that are erased.
    pub fn program(&self, at: u32, bytes: &[Cell<u8>]) -> Result<(), Error> {
        self.check(at, bytes.len())?;
        let mut at = at;
        let mut rest = bytes;
        while !rest.is_empty() {
            let in_page = (PAGE_BYTES - at % PAGE_BYTES) as usize;
            let (page, after) = rest.split_at(rest.len().min(in_page));
            self.enable()?;
            let [_, high, middle, low] = at.to_be_bytes();
            self.talk(&[PROGRAM, high, middle, low], page, &[]);
            self.finish(PROGRAM_US, PROGRAM_STEP_US)?;
            at += page.len() as u32;
            rest = after;
        }
        Ok(())
    }

    /// Erases a sector, by its number.
    pub fn erase(&self, sector: u32) -> Result<(), Error> {
        let at = sector.checked_mul(SECTOR_BYTES).ok_or(Error::Outside)?;
        self.check(at, SECTOR_BYTES as usize)?;
        self.enable()?;
        let [_, high, middle, low] = at.to_be_bytes();
        self.talk(&[ERASE, high, middle, low], &[], &[]);
        self.finish(ERASE_US, ERASE_STEP_US)
    }

    fn enable(&self) -> Result<(), Error> {
        self.talk(&[WRITE_ENABLE], &[], &[]);
        if self.status() & (ENABLED | BUSY) == ENABLED {
            Ok(())
        } else {
            Err(Error::Absent)
        }
    }

    /// After a command that changes the chip: one that it refuses does not make it busy.
    fn finish(&self, most_us: u64, step_us: u64) -> Result<(), Error> {
        if self.status() & BUSY == 0 {
            return Err(Error::Protected);
        }
        self.wait(most_us, step_us)
    }

    fn wait(&self, most_us: u64, step_us: u64) -> Result<(), Error> {
        let end = time::ticks_us() + most_us;
        while self.status() & BUSY != 0 {
            if time::ticks_us() >= end {
                return Err(Error::Stuck);
            }
            let next = time::ticks_us() + step_us;
            while time::ticks_us() < next {
                time::sleep(next, || false);
            }
        }
        Ok(())
    }

    fn status(&self) -> u8 {
        let status = [Cell::new(0)];
        self.talk(&[READ_STATUS], &status, &status);
        status[0].get()
    }

    /// One selection: a command, then data out, or in if there is a place for them.
    fn talk(&self, command: &[u8], out: &[Cell<u8>], into: &[Cell<u8>]) {
        let mut bytes = [const { Cell::new(0) }; 4];
        for (place, byte) in bytes.iter_mut().zip(command) {
            place.set(*byte);
        }
        let Wires { unit, cs, .. } = self.wires;
        cs.set(false);
        unit.transfer(&bytes[..command.len()], &[], FORMAT, || false);
        unit.transfer(out, into, FORMAT, || false);
        cs.set(true);
    }
}
