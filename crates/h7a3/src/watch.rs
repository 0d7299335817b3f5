//! Which memory of the heap is written: a write barrier made by the MPU.
//!
//! While it is on, AXI SRAM and the memory chip may only be read. The first store to a piece of [`PIECE_BYTES`] faults, at that
//! very instruction (the MPU's faults are precise, DDI0403E B3.5.1); the handler (`fault::entry`) notes the piece, lays a small
//! writable region over it, and the store is done again. So each store is seen, whoever makes it, and a program that is
//! not watched pays nothing.
//!
//! A store reaches two pieces at most, and [`WINDOWS`] of them are open at a time, so that none faults for ever.
#![allow(unsafe_code)]

use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};

use crate::mpu::{self, Access, Memory, Region};
use crate::{armv7m, fault};

/// What one note stands for: what the collector looks at again.
pub const PIECE_BYTES: u32 = 1024;

/// Regions of the MPU above all others: two that deny, then the windows in them.
const FIRST_REGION: u8 = mpu::CHIP + 1;
const DENIED: u8 = 2;
const WINDOWS: u8 = 16 - FIRST_REGION - DENIED;
const _: () = assert!(WINDOWS >= 4);

const SRAM_BASE: u32 = 0x2400_0000;
const SRAM_BYTES: u32 = 1 << 20;
/// The largest chip.
const CHIP_BYTES: u32 = psram::size::ADDRESSED_BYTES;

const SRAM_PIECES: u32 = SRAM_BYTES / PIECE_BYTES;
const WORDS: usize = ((SRAM_PIECES + CHIP_BYTES / PIECE_BYTES) / 32) as usize;

/// A bit for each piece that was written, and one for each word of these that is not zero.
static NOTES: [AtomicU32; WORDS] = [const { AtomicU32::new(0) }; WORDS];
static NOTED: [AtomicU32; WORDS.div_ceil(32)] = [const { AtomicU32::new(0) }; WORDS.div_ceil(32)];

/// How many watch, each inside the one before.
static WATCHERS: AtomicUsize = AtomicUsize::new(0);
/// Windows that were opened, since it is on.
static OPENED: AtomicUsize = AtomicUsize::new(0);

/// The pieces' number, or `None` outside.
const fn piece(address: u32) -> Option<u32> {
    let (sram, chip) = (
        address.wrapping_sub(SRAM_BASE),
        address.wrapping_sub(mpu::WINDOW_BASE),
    );
    if sram < SRAM_BYTES {
        Some(sram / PIECE_BYTES)
    } else if chip < CHIP_BYTES {
        Some(SRAM_PIECES + chip / PIECE_BYTES)
    } else {
        None
    }
}

const fn address(piece: u32) -> u32 {
    if piece < SRAM_PIECES {
        SRAM_BASE + piece * PIECE_BYTES
    } else {
        mpu::WINDOW_BASE + (piece - SRAM_PIECES) * PIECE_BYTES
    }
}

/// From here on stores are noted. For an interrupt, whose end calls [`end`].
pub fn begin() {
    critical_section::with(|_| {
        if WATCHERS.fetch_add(1, Relaxed) > 0 {
            return;
        }
        OPENED.store(0, Relaxed);
        fault::set_denied(Some(store_denied));
        let sram = Region {
            base: SRAM_BASE,
            bytes: SRAM_BYTES,
            memory: Memory::WriteBack,
            access: Access::ReadOnly,
            skipped_eighths: 0,
        };
        armv7m::set_mpu_region(FIRST_REGION, sram.base, sram.rasr());
        let chip = armv7m::mpu_rasr(mpu::CHIP);
        if mpu::is_on(chip) {
            armv7m::set_mpu_region(FIRST_REGION + 1, mpu::WINDOW_BASE, mpu::read_only(chip));
        }
    });
}

/// The counterpart.
pub fn end() {
    critical_section::with(|_| {
        if WATCHERS.fetch_sub(1, Relaxed) > 1 {
            return;
        }
        let windows = OPENED.load(Relaxed).min(WINDOWS.into()) as u8;
        for region in FIRST_REGION..FIRST_REGION + DENIED + windows {
            armv7m::clear_mpu_region(region);
        }
        fault::set_denied(None);
    });
}

/// In the fault: opens a window over what was to be written. `false`: it is none of this.
extern "C" fn store_denied(at: u32) -> bool {
    let Some(piece) = piece(at) else { return false };
    let word = piece / 32;
    NOTES[word as usize].fetch_or(1 << (piece % 32), Relaxed);
    NOTED[word as usize / 32].fetch_or(1 << (word % 32), Relaxed);
    let window = OPENED.fetch_add(1, Relaxed) % usize::from(WINDOWS);
    let below = if at < mpu::WINDOW_BASE {
        FIRST_REGION
    } else {
        FIRST_REGION + 1
    };
    armv7m::with_mpu_number(|| {
        let rasr = mpu::writable(armv7m::mpu_rasr(below), PIECE_BYTES);
        armv7m::set_mpu_region(FIRST_REGION + DENIED + window as u8, address(piece), rasr);
    });
    true
}

/// Takes the notes: the first address of each piece that was written since. Watched interrupts may come meanwhile.
pub fn take(mut see: impl FnMut(u32)) {
    for (group, noted) in (0..).zip(&NOTED) {
        // Before its words, so that what is noted meanwhile is not forgotten.
        let mut words = noted.swap(0, Relaxed);
        while words != 0 {
            let word = group * 32 + words.trailing_zeros();
            words &= words - 1;
            let mut bits = NOTES[word as usize].swap(0, Relaxed);
            while bits != 0 {
                see(address(word * 32 + bits.trailing_zeros()));
                bits &= bits - 1;
            }
        }
    }
}
