//! Buffers that hardware touches behind the core's back: which part of one it may touch, and who moves the rest.
//!
//! A bus master knows nothing of the core's cache, and the cache nothing of it. It works in lines of 32 bytes, so a line
//! may belong to hardware or to the core, not to both: a dirty line would go out over what hardware has written beside
//! it. And in the memory chip, which has no mask pin, only 64-bit beats with all their bytes are sure to hit nothing else
//! (docs/corrupt-writes.md). Therefore:
//!
//! | | hardware writes ([`Receive`]) | hardware reads ([`Transmit`]) |
//! |---|---|---|
//! | memory chip | whole lines, if the master writes 64 bits at a time; else nothing | what it likes, after cleaning |
//! | AXI SRAM, flash | whole lines (flash: nothing) | the same |
//! | AHB SRAM, DTCM: not cached | what it likes | the same |
//! | where the master does not reach | nothing | nothing |
//!
//! What is left, head and tail, is bounced: hardware takes memory of the driver's, and the core copies; for hardware that
//! moves whole blocks, [`Bounce`] does it. The rules are the
//! same however the core reaches the chip; where nothing is cached, cleaning finds nothing to do.
//!
//! This module decides; it touches no register. A driver that moves memory by it is `mdma`.

mod blocks;
mod lease;
#[cfg(test)]
mod tests;

pub use blocks::Bounce;
pub use lease::{Core, Receive, Transmit};

/// What one line of the D-cache holds (DDI0489F 5.9).
pub const LINE_BYTES: usize = 32;
/// What OCTOSPI puts on the wire for a 64-bit beat, strobes or not.
const CHIP_BEAT_BYTES: usize = 8;

/// A kind of memory, as masters see it (RM0455 2.3, table 6).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// ITCM and DTCM.
    Tcm,
    /// Flash.
    Flash,
    /// AXI SRAM: cached.
    AxiSram,
    /// AHB SRAM: not cached (`mpu`).
    AhbSram,
    /// The memory chip: cached, and without a mask pin.
    Chip,
    /// Anything else.
    Elsewhere,
}

impl Place {
    /// What lies at an address.
    pub const fn of(address: usize) -> Place {
        match address {
            0x0000_0000..0x0001_0000 | 0x2000_0000..0x2002_0000 => Place::Tcm,
            0x0800_0000..0x0820_0000 => Place::Flash,
            0x2400_0000..0x2410_0000 => Place::AxiSram,
            0x3000_0000..0x3002_0000 => Place::AhbSram,
            0x9000_0000..0xA000_0000 => Place::Chip,
            _ => Place::Elsewhere,
        }
    }

    const fn is_cached(self) -> bool {
        matches!(self, Place::Flash | Place::AxiSram | Place::Chip)
    }
}

/// A bus master besides the core.
#[derive(Clone, Copy, Debug)]
pub struct Master {
    /// Its name in the manual.
    pub name: &'static str,
    /// The widest beat that it writes.
    beat_bytes: usize,
    /// Its addresses and lengths are multiples of this.
    grain_bytes: usize,
    reaches: &'static [Place],
}

/// DMA between memories: 64 bits on AXI, and a port of its own to the tightly coupled memories (RM0399 15.3.1).
pub const MDMA: Master = Master::new(
    "MDMA",
    8,
    1,
    &[
        Place::Tcm,
        Place::Flash,
        Place::AxiSram,
        Place::AhbSram,
        Place::Chip,
    ],
);

/// SDMMC1's own DMA: 32 bits, on word addresses (RM0433 SDMMC_IDMABASER), to memory on the AXI bus alone.
pub const SDMMC1: Master = Master::new("SDMMC1", 4, 4, &[Place::Flash, Place::AxiSram, Place::Chip]);

/// How a buffer is divided, in bytes: head and tail are the core's, what lies between is for hardware.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Parts {
    /// Before the first whole unit.
    pub head: usize,
    /// For hardware.
    pub direct: usize,
    /// Behind the last.
    pub tail: usize,
}

impl Parts {
    const fn bounced(bytes: usize) -> Self {
        Parts {
            head: bytes,
            direct: 0,
            tail: 0,
        }
    }

    /// Whole units of a grid for hardware.
    const fn on_grid(address: usize, bytes: usize, grid: usize) -> Self {
        let head = address.wrapping_neg() % grid;
        if bytes < head + grid {
            return Parts::bounced(bytes);
        }
        let tail = (bytes - head) % grid;
        Parts {
            head,
            direct: bytes - head - tail,
            tail,
        }
    }
}

impl Master {
    /// Another one: the widest beat that it writes, what its addresses and lengths are multiples of, and what it reaches.
    pub const fn new(
        name: &'static str,
        beat_bytes: usize,
        grain_bytes: usize,
        reaches: &'static [Place],
    ) -> Self {
        Master {
            name,
            beat_bytes,
            grain_bytes,
            reaches,
        }
    }

    fn reaches(&self, place: Place) -> bool {
        self.reaches.contains(&place)
    }

    /// The parts of a buffer that this master is to write.
    pub fn receive(&self, place: Place, address: usize, bytes: usize) -> Parts {
        let grid = match place {
            _ if !self.reaches(place) => return Parts::bounced(bytes),
            Place::Chip if self.beat_bytes < CHIP_BEAT_BYTES => return Parts::bounced(bytes),
            Place::Flash | Place::Elsewhere => return Parts::bounced(bytes),
            Place::Chip | Place::AxiSram => LINE_BYTES,
            Place::Tcm | Place::AhbSram => self.grain_bytes,
        };
        Parts::on_grid(address, bytes, grid)
    }

    /// The parts of a buffer that this master is to read.
    pub fn transmit(&self, place: Place, address: usize, bytes: usize) -> Parts {
        if self.reaches(place) {
            Parts::on_grid(address, bytes, self.grain_bytes)
        } else {
            Parts::bounced(bytes)
        }
    }
}
