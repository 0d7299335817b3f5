//! The memory array, with the defects that a test may ask for.

use super::part::SIZE_BYTES;

/// A defect of the array or of the wires to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// One bit of one byte always reads as `value`.
    StuckBit {
        /// Byte address.
        address: u32,
        /// 0 to 7.
        bit: u8,
        /// What it reads as.
        value: bool,
    },
    /// One address line inside the chip is stuck, so two addresses share a cell.
    AddressLine {
        /// 0 to 22.
        line: u8,
        /// The level that it is stuck at.
        value: bool,
    },
    /// Only this many bytes exist; higher addresses wrap into them. A power of two.
    Smaller {
        /// Bytes that exist.
        bytes: u32,
    },
}

/// 8 MB of memory.
#[derive(Clone, Debug)]
pub struct Cells {
    bytes: Vec<u8>,
    mask: u32,
    defects: Vec<Defect>,
}

impl Cells {
    /// Memory as it is after power-up: random, from `seed`, so that a run can be repeated.
    pub fn powered_up(seed: u64) -> Self {
        let mut bytes = vec![0; SIZE_BYTES as usize];
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for chunk in bytes.chunks_exact_mut(8) {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&scramble(state).to_le_bytes());
        }
        Cells {
            bytes,
            mask: SIZE_BYTES - 1,
            defects: Vec::new(),
        }
    }

    /// Add a defect.
    pub fn inject(&mut self, defect: Defect) {
        if let Defect::Smaller { bytes } = defect {
            self.mask &= bytes.next_power_of_two() - 1;
        } else {
            self.defects.push(defect);
        }
    }

    /// Where `address` ends up.
    fn place(&self, address: u32) -> usize {
        let mut place = address;
        for defect in &self.defects {
            if let Defect::AddressLine { line, value } = *defect {
                place = place & !(1 << line) | u32::from(value) << line;
            }
        }
        (place & self.mask) as usize
    }

    /// Read one byte. Address lines above the array are not connected.
    pub fn read(&self, address: u32) -> u8 {
        let mut byte = self.bytes[self.place(address)];
        for defect in &self.defects {
            match *defect {
                Defect::StuckBit {
                    address: at,
                    bit,
                    value,
                } if self.place(at) == self.place(address) => {
                    byte = byte & !(1 << bit) | u8::from(value) << bit;
                }
                _ => {}
            }
        }
        byte
    }

    /// Write one byte.
    pub fn write(&mut self, address: u32, byte: u8) {
        let place = self.place(address);
        self.bytes[place] = byte;
    }

    /// `len` bytes from `address` lose about half of their ones.
    pub fn decay(&mut self, address: u32, len: u32, seed: u64) {
        for offset in 0..len {
            let place = (address.wrapping_add(offset) & self.mask) as usize;
            self.bytes[place] &= scramble(seed ^ place as u64) as u8;
        }
    }

    /// The array as a plain slice, if `len` bytes from `address` lie in it in a row and nothing is wrong with it.
    pub fn run(&self, address: u32, len: usize) -> Option<&[u8]> {
        let start = self.start_of_run(address, len)?;
        self.bytes.get(start..start + len)
    }

    /// As `run`, to write to.
    pub fn run_mut(&mut self, address: u32, len: usize) -> Option<&mut [u8]> {
        let start = self.start_of_run(address, len)?;
        self.bytes.get_mut(start..start + len)
    }

    fn start_of_run(&self, address: u32, len: usize) -> Option<usize> {
        let start = (address & self.mask) as usize;
        let whole = self.defects.is_empty() && start + len <= self.mask as usize + 1;
        whole.then_some(start)
    }
}

/// The finaliser of SplitMix64: turns a counter into noise.
fn scramble(mut x: u64) -> u64 {
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}
