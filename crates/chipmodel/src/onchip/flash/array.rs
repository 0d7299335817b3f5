//! The cells of the flash: sectors of 8 KB in two banks, in words of 128 bits with their check bits (RM0455 4.3).
//!
//! A word is programmed once after an erase. What is done besides, or cut short, leaves a word whose check bits do not fit:
//! a double error, which a read answers with a bus error. A clone shares sectors until one of both writes.

use crate::noise::Noise;
use std::ops::Range;
use std::sync::Arc;

/// Bytes of a sector, the least that can be erased.
pub const SECTOR_BYTES: usize = 8 * 1024;
/// Bytes of a word, the least that can be programmed.
pub const WORD_BYTES: usize = 16;
/// Bytes of a bank.
pub const BANK_BYTES: usize = 1024 * 1024;
/// Sectors of a bank.
pub const BANK_SECTORS: usize = BANK_BYTES / SECTOR_BYTES;

const WORDS: usize = SECTOR_BYTES / WORD_BYTES;
const ERASED: u8 = 0xFF;

#[derive(Clone)]
struct Sector {
    bytes: [u8; SECTOR_BYTES],
    /// Words that were programmed since the last erase.
    programmed: Bits,
    /// Words with a double error.
    damaged: Bits,
}

#[derive(Clone, Copy, PartialEq)]
struct Bits([u64; WORDS / 64]);

impl Bits {
    const NONE: Bits = Bits([0; WORDS / 64]);

    fn get(&self, word: usize) -> bool {
        self.0[word / 64] >> (word % 64) & 1 != 0
    }

    fn set(&mut self, word: usize, value: bool) {
        self.0[word / 64] = self.0[word / 64] & !(1 << (word % 64)) | u64::from(value) << (word % 64);
    }
}

impl Sector {
    const BLANK: Sector = Sector {
        bytes: [ERASED; SECTOR_BYTES],
        programmed: Bits::NONE,
        damaged: Bits::NONE,
    };
}

/// Both banks.
#[derive(Clone)]
pub struct Array {
    sectors: Vec<Arc<Sector>>,
}

impl std::fmt::Debug for Array {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Array({} sectors)", self.sectors.len())
    }
}

impl Default for Array {
    /// All erased.
    fn default() -> Self {
        Array {
            sectors: (0..2 * BANK_SECTORS).map(|_| Arc::new(Sector::BLANK)).collect(),
        }
    }
}

/// Sector, word in it, and first byte of that word, of an offset into the array.
fn place(offset: usize) -> (usize, usize, usize) {
    let within = offset % SECTOR_BYTES;
    (
        offset / SECTOR_BYTES,
        within / WORD_BYTES,
        within / WORD_BYTES * WORD_BYTES,
    )
}

/// Noise for what is left of an operation that was cut: the same for the same place and moment.
fn noise(seed: u64) -> u64 {
    Noise::new(seed).next()
}

impl Array {
    /// Put bytes there as a programmer does, whole words; what lies outside the array is dropped.
    pub fn load(&mut self, offset: usize, bytes: &[u8]) {
        for (n, chunk) in bytes.chunks(WORD_BYTES).enumerate() {
            let at = offset + n * WORD_BYTES;
            if chunk.iter().all(|byte| *byte == ERASED) || at / SECTOR_BYTES >= self.sectors.len() {
                continue;
            }
            let mut word = [ERASED; WORD_BYTES];
            word[..chunk.len()].copy_from_slice(chunk);
            self.put(at, word, false);
        }
    }

    /// Four bytes from an aligned offset; `None`: their word has a double error.
    pub fn read(&self, offset: usize) -> Option<u32> {
        let (sector, word, _) = place(offset);
        let sector = &self.sectors[sector];
        let at = (offset % SECTOR_BYTES) & !3;
        let bytes = [0, 1, 2, 3].map(|n| sector.bytes[at + n]);
        (!sector.damaged.get(word)).then(|| u32::from_le_bytes(bytes))
    }

    /// The bytes of a sector, whether damaged or not.
    pub fn sector(&self, index: usize) -> &[u8; SECTOR_BYTES] {
        &self.sectors[index].bytes
    }

    /// Take these sectors from another array.
    pub fn put_sectors(&mut self, range: Range<usize>, other: &Array) {
        self.sectors[range.clone()].clone_from_slice(&other.sectors[range]);
    }

    /// The sectors whose bytes differ from those of another array.
    pub fn differing(&self, other: &Array) -> Vec<usize> {
        let pairs = self.sectors.iter().zip(&other.sectors).enumerate();
        pairs
            .filter(|(_, (a, b))| !Arc::ptr_eq(a, b) && a.bytes != b.bytes)
            .map(|(index, _)| index)
            .collect()
    }

    /// Whether a sector has words with a double error.
    pub fn has_damage(&self, index: usize) -> bool {
        self.sectors[index].damaged != Bits::NONE
    }

    /// Offsets of all words with a double error.
    pub fn damaged(&self) -> Vec<usize> {
        let sectors = (0..self.sectors.len()).filter(|&index| self.has_damage(index));
        let words = sectors.flat_map(|index| (0..WORDS).map(move |n| index * SECTOR_BYTES + n * WORD_BYTES));
        words.filter(|&at| self.read(at).is_none()).collect()
    }

    /// Give the word at this offset a double error.
    pub fn damage(&mut self, offset: usize) {
        let (sector, word, _) = place(offset);
        let sector = Arc::make_mut(&mut self.sectors[sector]);
        sector.damaged.set(word, true);
        sector.programmed.set(word, true);
    }

    /// Program a word. False: it was not erased, and now has a double error.
    pub fn program(&mut self, offset: usize, data: [u8; WORD_BYTES]) -> bool {
        let (sector, word, _) = place(offset);
        let fresh = !self.sectors[sector].programmed.get(word);
        self.put(offset, data, !fresh);
        fresh
    }

    fn put(&mut self, offset: usize, data: [u8; WORD_BYTES], damaged: bool) {
        let (sector, word, at) = place(offset);
        let sector = Arc::make_mut(&mut self.sectors[sector]);
        for (cell, new) in sector.bytes[at..at + WORD_BYTES].iter_mut().zip(data) {
            *cell &= new;
        }
        sector.programmed.set(word, true);
        sector.damaged.set(word, damaged);
    }

    /// Erase a sector.
    pub fn erase(&mut self, index: usize) {
        self.sectors[index] = Arc::new(Sector::BLANK);
    }

    /// The power fails while a word is programmed: it is as before, or done, or some of its bits are, with a double error.
    pub fn cut_program(&mut self, offset: usize, data: [u8; WORD_BYTES], seed: u64) {
        let draw = noise(seed ^ offset as u64);
        match draw % 4 {
            0 => {}
            1 => {
                self.program(offset, data);
            }
            _ => {
                let mut partly = data;
                for (n, byte) in partly.iter_mut().enumerate() {
                    *byte |= noise(draw ^ n as u64) as u8;
                }
                self.put(offset, partly, true);
            }
        }
    }

    /// The power fails while a sector is erased: it is as before, or erased, or some of its words are, and others damaged.
    pub fn cut_erase(&mut self, index: usize, seed: u64) {
        let draw = noise(seed ^ index as u64);
        match draw % 4 {
            0 => return,
            1 => return self.erase(index),
            _ => {}
        }
        let sector = Arc::make_mut(&mut self.sectors[index]);
        for word in 0..WORDS {
            let draw = noise(draw ^ word as u64);
            let cells = &mut sector.bytes[word * WORD_BYTES..][..WORD_BYTES];
            match draw % 3 {
                0 => {}
                1 => {
                    cells.fill(ERASED);
                    sector.programmed.set(word, false);
                    sector.damaged.set(word, false);
                }
                _ => {
                    for (n, cell) in cells.iter_mut().enumerate() {
                        *cell |= noise(draw ^ n as u64) as u8;
                    }
                    sector.programmed.set(word, true);
                    sector.damaged.set(word, true);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_programmed_once_and_erased_with_its_sector() {
        let mut array = Array::default();
        assert!(array.program(BANK_BYTES, [0xA5; 16]));
        assert_eq!(array.read(BANK_BYTES + 12), Some(0xA5A5_A5A5));
        assert_eq!(array.read(BANK_BYTES + 16), Some(u32::MAX));
        assert!(!array.program(BANK_BYTES, [0xA5; 16]));
        assert_eq!(array.read(BANK_BYTES + 4), None);
        assert_eq!(array.damaged(), [BANK_BYTES]);
        array.erase(BANK_SECTORS);
        assert_eq!(array.read(BANK_BYTES), Some(u32::MAX));
        assert!(array.program(BANK_BYTES, [0; 16]));
    }

    #[test]
    fn a_clone_does_not_see_what_comes_later() {
        let mut array = Array::default();
        let before = array.clone();
        array.program(0, [1; 16]);
        assert_eq!(
            (before.read(0), array.read(0)),
            (Some(u32::MAX), Some(0x0101_0101))
        );
    }

    #[test]
    fn a_cut_touches_its_own_word_or_sector_and_has_every_outcome() {
        let (mut torn, mut whole, mut untouched) = (0, 0, 0);
        for seed in 0..64 {
            let mut array = Array::default();
            array.cut_program(32, [0x5A; 16], seed);
            match array.read(32) {
                None => torn += 1,
                Some(u32::MAX) => untouched += 1,
                Some(word) => {
                    assert_eq!(word, 0x5A5A_5A5A);
                    whole += 1;
                }
            }
            assert_eq!((array.read(16), array.read(48)), (Some(u32::MAX), Some(u32::MAX)));
        }
        assert!(torn > 0 && whole > 0 && untouched > 0);
        let mut array = Array::default();
        array.load(0, &[7; 3 * SECTOR_BYTES]);
        array.cut_erase(1, 5);
        assert!(
            (0..SECTOR_BYTES)
                .step_by(4)
                .all(|at| array.read(at) == Some(0x0707_0707))
        );
        assert!(
            (2 * SECTOR_BYTES..3 * SECTOR_BYTES)
                .step_by(4)
                .all(|at| array.read(at) == Some(0x0707_0707))
        );
    }
}
