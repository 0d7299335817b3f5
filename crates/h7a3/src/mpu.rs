//! Which memory is what: the MPU's regions as data.
//!
//! Where regions overlap, the higher number wins (DDI0403E B3.5.3); outside all of them the default map holds, with
//! AXI SRAM cached write-back, flash cached, peripherals Device and execute-never.
//!
//! The hole at 0x9000_0000 is closed before OCTOSPI is touched, because a core may read any Normal memory on speculation,
//! and such a read of an OCTOSPI that is not mapped, or beyond the chip's end, can lock the bus up (DDI0489F 5.2). The
//! memory chip gets its region only when it is mapped.

/// Size of OCTOSPI1's window (RM0455 table 6).
pub const WINDOW_BYTES: u32 = 256 << 20;
/// Where OCTOSPI1's window begins.
pub const WINDOW_BASE: u32 = 0x9000_0000;
const BANK_2_BASE: u32 = 0x0810_0000;
const BANK_2_BYTES: u32 = 1 << 20;
/// Where the files begin in the second bank of the flash, up to its end. Before them lies code.
pub const FILES_BASE: u32 = 0x0818_0000;
/// Size of the guard at address zero.
pub const NULL_GUARD_BYTES: u32 = 4096;
/// Size of the guard under the stack.
pub const STACK_GUARD_BYTES: u32 = 1024;

/// How the core may treat accesses (DDI0403E table B3-13).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Memory {
    /// Exact size, exact order, nothing cached, merged or guessed.
    StronglyOrdered,
    /// The same, but the core need not wait until a store has arrived.
    Device,
    /// Cached, allocated on read and on write, not shareable: only whole lines travel.
    WriteBack,
    /// Cached, but a store that misses goes out by itself. Only the lab sets it.
    WriteBackNoAllocate,
    /// Cached, and every store goes out. Only the lab sets it: the core's erratum 1259864 is about it.
    WriteThrough,
    /// Not cached, but may be merged and guessed.
    NonCacheable,
}

/// Who may do what.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    /// Nobody.
    Denied,
    /// Reads.
    ReadOnly,
    /// Reads and writes.
    Full,
}

impl Access {
    /// AP of MPU_RASR.
    const fn bits(self) -> u32 {
        match self {
            Access::Denied => 0b000,
            Access::ReadOnly => 0b110,
            Access::Full => 0b011,
        }
    }
}

/// One region. All are execute-never: code runs from flash and, for what Python compiles, from ITCM by the default map.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Region {
    /// Its first address, a multiple of its size.
    pub base: u32,
    /// Its size, a power of two from 32 on.
    pub bytes: u32,
    /// How.
    pub memory: Memory,
    /// Who.
    pub access: Access,
    /// How many of its eighths, from the first on, are not part of it (from 256 bytes on).
    pub skipped_eighths: u8,
}

impl Region {
    /// The word for MPU_RASR (DDI0403E B3.5.9): XN, AP, TEX S C B, SRD, SIZE, ENABLE.
    pub const fn rasr(&self) -> u32 {
        const EXECUTE_NEVER: u32 = 1 << 28;
        let (tex, s, c, b) = match self.memory {
            Memory::StronglyOrdered => (0b000, 0, 0, 0),
            Memory::Device => (0b010, 0, 0, 0),
            Memory::WriteBack => (0b001, 0, 1, 1),
            Memory::WriteBackNoAllocate => (0b000, 0, 1, 1),
            Memory::WriteThrough => (0b000, 0, 1, 0),
            Memory::NonCacheable => (0b001, 0, 0, 0),
        };
        let disabled = (1 << self.skipped_eighths) - 1;
        EXECUTE_NEVER
            | self.access.bits() << 24
            | tex << 19
            | s << 18
            | c << 17
            | b << 16
            | disabled << 8
            | size(self.bytes)
            | ENABLE
    }

    const fn is_valid(&self) -> bool {
        let splits = self.skipped_eighths == 0 || self.skipped_eighths < 8 && self.bytes >= 256;
        self.bytes.is_power_of_two() && self.bytes >= 32 && self.base % self.bytes == 0 && splits
    }
}

/// MPU_RASR: the region counts; and its size, 2^(SIZE+1) bytes.
const ENABLE: u32 = 1;
const SIZE: u32 = 0x1F << 1;
const ACCESS: u32 = 0b111 << 24;

const fn size(bytes: u32) -> u32 {
    (bytes.trailing_zeros() - 1) << 1
}

/// Whether the region with this MPU_RASR is there.
pub const fn is_on(rasr: u32) -> bool {
    rasr & ENABLE != 0
}

/// The same region, which may only be read.
pub const fn read_only(rasr: u32) -> u32 {
    rasr & !ACCESS | Access::ReadOnly.bits() << 24
}

/// A region of such memory with so many bytes, which may be written.
pub const fn writable(rasr: u32, bytes: u32) -> u32 {
    rasr & !(ACCESS | SIZE) | Access::Full.bits() << 24 | size(bytes)
}

/// The region of the mapped memory chip; it lies over the closed window and therefore stands above it.
pub const CHIP: u8 = 7;

/// What holds from start on; the index is the region's number.
pub const AT_START: [Region; 7] = [
    // OCTOSPI1's window: closed.
    Region {
        base: WINDOW_BASE,
        bytes: WINDOW_BYTES,
        memory: Memory::StronglyOrdered,
        access: Access::Denied,
        skipped_eighths: 0,
    },
    // The bottom of ITCM: a null pointer, and a field behind one, faults instead of reading zeros. The rest of ITCM is
    // under the default map, which lets code run there.
    Region {
        base: 0x0000_0000,
        bytes: NULL_GUARD_BYTES,
        memory: Memory::StronglyOrdered,
        access: Access::Denied,
        skipped_eighths: 0,
    },
    // The guard under the stack, at the bottom of DTCM.
    Region {
        base: 0x2000_0000,
        bytes: STACK_GUARD_BYTES,
        memory: Memory::StronglyOrdered,
        access: Access::Denied,
        skipped_eighths: 0,
    },
    // AHB SRAM 1 and 2: for buffers that DMA fills behind the cache's back.
    Region {
        base: 0x3000_0000,
        bytes: 128 << 10,
        memory: Memory::NonCacheable,
        access: Access::Full,
        skipped_eighths: 0,
    },
    // Files in the second bank of the flash, which change and are no code. Code has its first eighths.
    Region {
        base: BANK_2_BASE,
        bytes: BANK_2_BYTES,
        memory: Memory::NonCacheable,
        access: Access::Full,
        skipped_eighths: ((FILES_BASE - BANK_2_BASE) / (BANK_2_BYTES / 8)) as u8,
    },
    // Windows of FMC and OCTOSPI2, which have no clock: Normal memory by the default map, so that the core may guess reads there.
    closed(0x6000_0000, 512 << 20),
    closed(0x8000_0000, 256 << 20),
];

const fn closed(base: u32, bytes: u32) -> Region {
    Region {
        base,
        bytes,
        memory: Memory::StronglyOrdered,
        access: Access::Denied,
        skipped_eighths: 0,
    }
}

const _: () = {
    let mut number = 0;
    while number < AT_START.len() {
        assert!(AT_START[number].is_valid());
        number += 1;
    }
    assert!(CHIP as usize >= AT_START.len());
};

/// The region of a mapped chip of `bytes`; `None` if a region cannot have that size.
pub const fn chip(bytes: u32, memory: Memory) -> Option<Region> {
    let region = Region {
        base: WINDOW_BASE,
        bytes,
        memory,
        access: Access::Full,
        skipped_eighths: 0,
    };
    if region.is_valid() && bytes <= WINDOW_BYTES {
        Some(region)
    } else {
        None
    }
}

/// Writes the table and switches the MPU on. Early in boot, before the caches and before OCTOSPI.
#[cfg(target_os = "none")]
pub fn start() {
    for (number, region) in (0..).zip(&AT_START) {
        crate::armv7m::set_mpu_region(number, region.base, region.rasr());
    }
    crate::armv7m::enable_mpu();
}

/// Switches the MPU off, for the program that comes next.
#[cfg(target_os = "none")]
pub fn stop() {
    crate::armv7m::disable_mpu();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closed_window_is_256_mb_strongly_ordered_without_access() {
        // DDI0403E B3.5.9: XN = bit 28, SIZE = 27 in bits 5:1, ENABLE = bit 0; AP, TEX, S, C, B all zero.
        assert_eq!(AT_START[0].base, 0x9000_0000);
        assert_eq!(AT_START[0].rasr(), 1 << 28 | 27 << 1 | 1);
    }

    #[test]
    fn no_window_without_a_memory_is_open() {
        // From 0x6000_0000 to the end of OCTOSPI1's window; beyond it the default map has Device.
        for address in [
            0x6000_0000u32,
            0x7FFF_FFFF,
            0x8000_0000,
            0x8FFF_FFFF,
            0x9000_0000,
            0x9FFF_FFFF,
        ] {
            let covers = |region: &&Region| address.wrapping_sub(region.base) < region.bytes;
            let last = AT_START.iter().rfind(covers).map(|region| region.access);
            assert_eq!(last, Some(Access::Denied), "{address:#x}");
        }
    }

    #[test]
    fn the_chip_is_8_mb_write_back_write_allocate_and_not_shareable() {
        // TEX = 001, C = B = 1, S = 0 (DDI0403E table B3-13), AP = 011, SIZE = 22.
        let region = chip(8 << 20, Memory::WriteBack).map(|r| (r.base, r.rasr()));
        assert_eq!(
            region,
            Some((
                0x9000_0000,
                0x1000_0000 | 0x0300_0000 | 0x0008_0000 | 0x0003_0000 | 22 << 1 | 1
            ))
        );
    }

    #[test]
    fn a_watched_chip_is_read_only_but_for_a_window_and_cached_as_before() {
        let rasr = chip(8 << 20, Memory::WriteBack).unwrap().rasr();
        // AP = 110: read-only for all; SIZE = 22, and 9 for 1 KB.
        assert_eq!(
            read_only(rasr),
            0x1000_0000 | 0x0600_0000 | 0x000B_0000 | 22 << 1 | 1
        );
        let window = writable(read_only(rasr), 1024);
        assert_eq!(window, 0x1000_0000 | 0x0300_0000 | 0x000B_0000 | 9 << 1 | 1);
        assert!(is_on(window) && !is_on(0));
    }

    #[test]
    fn buffers_for_dma_are_normal_but_not_cached() {
        // TEX = 001, C = B = 0, AP = 011, SIZE = 16 for 128 KB.
        assert_eq!(
            AT_START[3].rasr(),
            0x1000_0000 | 0x0300_0000 | 0x0008_0000 | 16 << 1 | 1
        );
    }

    #[test]
    fn files_are_not_cached_and_code_before_them_is_outside_of_the_region() {
        let region = &AT_START[4];
        let skipped = region.bytes / 8 * u32::from(region.skipped_eighths);
        assert_eq!(region.base + skipped, FILES_BASE);
        assert_eq!(region.base + region.bytes, 0x0820_0000);
        // SRD is in bits 15:8, the lowest for the first eighth; SIZE = 19.
        let normal = 0x1000_0000 | 0x0300_0000 | 0x0008_0000;
        assert_eq!(region.rasr(), normal | 0b1111 << 8 | 19 << 1 | 1);
    }

    #[test]
    fn every_memory_type_has_the_bits_of_the_manual() {
        // DDI0403E table B3-13, not shareable: TEX in bits 21:19, C in 17, B in 16.
        let table = [
            (Memory::StronglyOrdered, 0b000, 0, 0),
            (Memory::Device, 0b010, 0, 0),
            (Memory::WriteThrough, 0b000, 1, 0),
            (Memory::WriteBackNoAllocate, 0b000, 1, 1),
            (Memory::NonCacheable, 0b001, 0, 0),
            (Memory::WriteBack, 0b001, 1, 1),
        ];
        for (memory, tex, c, b) in table {
            let attributes = chip(8 << 20, memory).map(|region| region.rasr() >> 16 & 0x3F);
            assert_eq!(attributes, Some(tex << 3 | c << 1 | b), "{memory:?}");
        }
    }

    #[test]
    fn a_size_that_no_region_can_have_is_refused() {
        for bytes in [0, 16, 48, (8 << 20) - 32, 512 << 20] {
            assert_eq!(chip(bytes, Memory::WriteBack), None, "{bytes}");
        }
    }
}
