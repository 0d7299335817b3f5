//! The memories that the core reaches directly, and where nothing is at all (RM0455, memory map).

use chipmodel::noise::Noise;
use chipmodel::onchip::octospi::{WINDOW_1, WINDOW_BYTES};

/// One memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InternalMemory {
    /// First address.
    pub base: u32,
    /// Size.
    pub bytes: u32,
    /// Can stores change it?
    pub writable: bool,
}

const fn ram(base: u32, kilobytes: u32) -> InternalMemory {
    InternalMemory {
        base,
        bytes: kilobytes * 1024,
        writable: true,
    }
}

/// The flash array: mapped for reads while nothing is to be looked at; its cells are the model's (`chipmodel::onchip::flash`).
pub const FLASH: InternalMemory = InternalMemory {
    base: 0x0800_0000,
    bytes: 2048 * 1024,
    writable: false,
};

const AXI_SRAM: u32 = 0x2400_0000;

/// All memories by address: ITCM, flash, DTCM, AXI SRAM 1-3, AHB SRAM 1-2, SRD SRAM, backup SRAM.
pub const MEMORIES: [InternalMemory; 7] = [
    ram(0x0000_0000, 64),
    FLASH,
    ram(0x2000_0000, 128),
    ram(AXI_SRAM, 1024),
    ram(0x3000_0000, 128),
    ram(0x3800_0000, 32),
    ram(0x3880_0000, 4),
];

/// Where OCTOSPI1's memory lies: first address and bytes.
pub const WINDOW: (u32, u32) = (WINDOW_1, WINDOW_BYTES);

/// Is this address in the flash array?
#[inline]
pub const fn is_flash(address: u32) -> bool {
    address.wrapping_sub(FLASH.base) < FLASH.bytes
}

/// Is this address in the memory window?
#[inline]
pub const fn is_window(address: u32) -> bool {
    address.wrapping_sub(WINDOW.0) < WINDOW.1
}

/// Address ranges whose accesses go to models: OTP and identity, system memory, peripherals, the OCTOSPI windows, the core's own
/// registers.
pub const MODELLED: [(u32, u32); 6] = [
    (0x08FF_F000, 0x0000_1000),
    (0x1FF0_0000, 0x0002_0000),
    (0x4000_0000, 0x2000_0000),
    (0x7000_0000, 0x1000_0000),
    WINDOW,
    (0xE000_0000, 0x0010_0000),
];

/// May the D-cache hold this internal memory, if the MPU lets it? The TCMs have no cache, and what cannot be written is
/// never dirty.
pub fn is_cached_ram(address: u32) -> bool {
    let mut memories = MEMORIES.iter().filter(|m| m.writable && m.base >= AXI_SRAM);
    memories.any(|m| address.wrapping_sub(m.base) < m.bytes)
}

/// Does a model answer at this address?
pub fn is_modelled(address: u32) -> bool {
    MODELLED
        .iter()
        .any(|&(base, bytes)| address.wrapping_sub(base) < bytes)
}

/// Everything else, as inclusive ranges: an access there is a bus error.
pub fn holes() -> Vec<(u32, u32)> {
    let memories = MEMORIES.iter().map(|m| (m.base, m.bytes));
    let mut used: Vec<(u32, u32)> = memories.chain(MODELLED).collect();
    used.sort_unstable();
    let mut holes = Vec::new();
    let mut next = 0u64;
    for (base, bytes) in used {
        if next < u64::from(base) {
            holes.push((next as u32, base - 1));
        }
        next = u64::from(base) + u64::from(bytes);
    }
    holes.push((next as u32, u32::MAX));
    holes
}

/// Fill `bytes` as a RAM might be after power-up: anything but zeros, the same for the same seed and address.
pub fn power_up(seed: u64, base: u32, bytes: &mut [u8]) {
    let mut noise = Noise::new(seed ^ u64::from(base) << 32);
    for chunk in bytes.chunks_mut(8) {
        let word = noise.next().to_le_bytes();
        chunk.copy_from_slice(&word[..chunk.len()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_and_memories_cover_the_address_space_once() {
        let holes: u64 = holes().iter().map(|&(a, b)| u64::from(b - a) + 1).sum();
        let memories: u64 = MEMORIES.iter().map(|m| u64::from(m.bytes)).sum();
        let modelled: u64 = MODELLED.iter().map(|m| u64::from(m.1)).sum();
        assert_eq!(holes + memories + modelled, 1 << 32);
    }

    #[test]
    fn ram_at_power_up_is_not_zero_and_depends_on_the_seed_only() {
        let fill = |seed| {
            let mut bytes = vec![0; 4096];
            power_up(seed, 0x2400_0000, &mut bytes);
            bytes
        };
        assert_eq!(fill(1), fill(1));
        assert_ne!(fill(1), fill(2));
        let zeros = fill(1).iter().filter(|b| **b == 0).count();
        assert!(zeros < 64, "{zeros} zero bytes in 4096");
    }
}
