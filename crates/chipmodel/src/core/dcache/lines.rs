//! The arrays: 128 sets of 4 ways of 32 bytes. Plain and small, because every access of the window comes through
//! here.

/// Bytes of a line.
pub const LINE: u32 = 32;
const SETS: usize = 128;
const WAYS: usize = 4;
const SLOTS: usize = SETS * WAYS;
const WORDS: usize = LINE as usize / 4;

const VALID: u32 = 1;
const DIRTY: u32 = 2;

/// Tags and data. A slot is one way of one set.
#[derive(Clone, Debug)]
pub struct Lines {
    /// Line address, with the flags in the low bits.
    tags: [u32; SLOTS],
    words: Box<[u32; SLOTS * WORDS]>,
    /// The replacement policy of the core is pseudo-random; this one is, too, and repeats itself.
    lfsr: u16,
}

impl Lines {
    /// Everything invalid.
    pub fn new() -> Self {
        Lines {
            tags: [0; SLOTS],
            words: Box::new([0; SLOTS * WORDS]),
            lfsr: 0xace1,
        }
    }

    /// The slot that holds `addr`.
    #[inline(always)]
    pub fn find(&self, addr: u32) -> Option<usize> {
        let base = (addr / LINE) as usize % SETS * WAYS;
        let wanted = addr & !(LINE - 1) | VALID;
        (base..base + WAYS).find(|&slot| self.tags[slot] & !DIRTY == wanted)
    }

    /// The word at `addr` in `slot`.
    #[inline(always)]
    pub fn word(&self, slot: usize, addr: u32) -> u32 {
        self.words[(slot * WORDS + (addr / 4) as usize % WORDS) % (SLOTS * WORDS)]
    }

    /// Replace the bits of `mask` in the word at `addr`.
    #[inline(always)]
    pub fn merge(&mut self, slot: usize, addr: u32, value: u32, mask: u32) {
        let word = &mut self.words[(slot * WORDS + (addr / 4) as usize % WORDS) % (SLOTS * WORDS)];
        *word = *word & !mask | value & mask;
    }

    /// Remember that memory is behind.
    #[inline(always)]
    pub fn set_dirty(&mut self, slot: usize) {
        self.tags[slot] |= DIRTY;
    }

    /// Memory is up to date.
    pub fn set_clean(&mut self, slot: usize) {
        self.tags[slot] &= !DIRTY;
    }

    /// The line in `slot`, if it is valid, and whether it is dirty.
    pub fn tag(&self, slot: usize) -> Option<(u32, bool)> {
        let tag = self.tags[slot];
        (tag & VALID != 0).then_some((tag & !(LINE - 1), tag & DIRTY != 0))
    }

    /// Where the line of `addr` will go: a free way, else one by lot.
    pub fn victim(&mut self, addr: u32) -> usize {
        let base = (addr / LINE) as usize % SETS * WAYS;
        if let Some(free) = (base..base + WAYS).find(|&slot| self.tags[slot] & VALID == 0) {
            return free;
        }
        // Galois, taps 16 14 13 11.
        self.lfsr = self.lfsr >> 1 ^ if self.lfsr & 1 != 0 { 0xb400 } else { 0 };
        base + usize::from(self.lfsr) % WAYS
    }

    /// Put a clean line into `slot`.
    pub fn install(&mut self, slot: usize, addr: u32, beats: [u64; 4]) {
        self.tags[slot] = addr & !(LINE - 1) | VALID;
        let words = &mut self.words[slot * WORDS..][..WORDS];
        for (pair, beat) in words.chunks_exact_mut(2).zip(beats) {
            pair[0] = beat as u32;
            pair[1] = (beat >> 32) as u32;
        }
    }

    /// The data of `slot` as it goes over a 64-bit bus.
    pub fn beats(&self, slot: usize) -> [u64; 4] {
        let words = &self.words[slot * WORDS..][..WORDS];
        core::array::from_fn(|beat| u64::from(words[2 * beat]) | u64::from(words[2 * beat + 1]) << 32)
    }

    /// Forget the line in `slot`.
    pub fn invalidate(&mut self, slot: usize) {
        self.tags[slot] = 0;
    }

    /// The slot of a set/way operand: way in bits 31..30, set in bits 11..5 (Armv7-M ARM, for this geometry).
    pub fn set_way(operand: u32) -> usize {
        (operand >> 5) as usize % SETS * WAYS + (operand >> 30) as usize
    }

    /// Every slot.
    pub fn slots() -> core::ops::Range<usize> {
        0..SLOTS
    }
}
