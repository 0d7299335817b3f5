//! The memory array, with the defects that a test may ask for.

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
    /// Two address lines inside the chip touch: where they differ, both are low.
    TiedAddressLines {
        /// 0 to 22.
        a: u8,
        /// 0 to 22.
        b: u8,
    },
    /// Two address lines inside the chip are exchanged. Each cell only has another address than it should.
    SwappedAddressLines {
        /// 0 to 22.
        a: u8,
        /// 0 to 22.
        b: u8,
    },
    /// A bit that changes disturbs another one.
    Coupling {
        /// The one that changes.
        aggressor: Bit,
        /// From 0 to 1; else from 1 to 0.
        rising: bool,
        /// The one that suffers.
        victim: Bit,
        /// What becomes of it.
        effect: Effect,
    },
    /// Refresh does not reach a row: it forgets when nobody has opened it for a while.
    WeakRow {
        /// 0 to 8191.
        row: u32,
        /// How long it keeps what it holds.
        holds_ms: u32,
    },
}

/// A bit of the array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bit {
    /// Byte address.
    pub address: u32,
    /// 0 to 7.
    pub bit: u8,
}

/// What a disturbed bit becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// One, whatever it was.
    Set,
    /// Zero, whatever it was.
    Clear,
    /// The other value.
    Invert,
}

/// The memory.
#[derive(Clone, Debug)]
pub struct Cells {
    bytes: Vec<u8>,
    mask: u32,
    defects: Vec<Defect>,
}

impl Cells {
    /// Memory as it is after power-up: random, from `seed`, so that a run can be repeated. Its size is a power of two; higher
    /// addresses wrap into it.
    pub fn powered_up(size_bytes: u32, seed: u64) -> Self {
        assert!(size_bytes.is_power_of_two());
        let mut bytes = vec![0; size_bytes as usize];
        let mut state = seed ^ 0x9e37_79b9_7f4a_7c15;
        for chunk in bytes.chunks_exact_mut(8) {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            chunk.copy_from_slice(&scramble(state).to_le_bytes());
        }
        Cells {
            bytes,
            mask: size_bytes - 1,
            defects: Vec::new(),
        }
    }

    /// Add a defect of the array; a weak row is a matter of refresh.
    pub fn inject(&mut self, defect: Defect) {
        if !matches!(defect, Defect::WeakRow { .. }) {
            self.defects.push(defect);
        }
    }

    /// Where `address` ends up.
    fn place(&self, address: u32) -> usize {
        let mut place = address;
        for defect in &self.defects {
            let (level_a, level_b, a, b) = match *defect {
                Defect::AddressLine { line, value } => {
                    place = place & !(1 << line) | u32::from(value) << line;
                    continue;
                }
                Defect::TiedAddressLines { a, b } => {
                    let both = place >> a & place >> b & 1;
                    (both, both, a, b)
                }
                Defect::SwappedAddressLines { a, b } => (place >> b & 1, place >> a & 1, a, b),
                _ => continue,
            };
            place = place & !(1 << a | 1 << b) | level_a << a | level_b << b;
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
        let before = core::mem::replace(&mut self.bytes[place], byte);
        for index in 0..self.defects.len() {
            if let Defect::Coupling {
                aggressor,
                rising,
                victim,
                effect,
            } = self.defects[index]
            {
                let changed = if rising { !before & byte } else { before & !byte };
                if self.place(aggressor.address) == place && changed >> aggressor.bit & 1 == 1 {
                    self.disturb(victim, effect);
                }
            }
        }
    }

    fn disturb(&mut self, victim: Bit, effect: Effect) {
        let place = self.place(victim.address);
        let mask = 1 << victim.bit;
        match effect {
            Effect::Set => self.bytes[place] |= mask,
            Effect::Clear => self.bytes[place] &= !mask,
            Effect::Invert => self.bytes[place] ^= mask,
        }
    }

    /// The pages of `page_bytes` at `address`, and at each multiple of `stride_bytes` from there on, lose about half of their ones.
    pub fn decay(&mut self, address: u32, page_bytes: u32, stride_bytes: u32, seed: u64) {
        let first = address & self.mask;
        for start in (first..=self.mask).step_by(stride_bytes as usize) {
            for place in (start..start + page_bytes).map(|place| place as usize) {
                self.bytes[place] &= scramble(seed ^ place as u64) as u8;
            }
        }
    }

    /// The array as a plain slice, if `len` bytes from `address` lie in it in a row and nothing is wrong with them.
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
        let run = start..start + len;
        let whole = run.end <= self.mask as usize + 1;
        let sound = self.defects.iter().all(|defect| match *defect {
            Defect::StuckBit { address, .. } => !run.contains(&self.place(address)),
            Defect::Coupling { aggressor, .. } => !run.contains(&self.place(aggressor.address)),
            Defect::AddressLine { .. }
            | Defect::TiedAddressLines { .. }
            | Defect::SwappedAddressLines { .. } => false,
            // Elsewhere: in `Retention`.
            Defect::WeakRow { .. } => true,
        });
        (whole && sound).then_some(start)
    }
}

/// The finaliser of SplitMix64: turns a counter into noise.
fn scramble(mut x: u64) -> u64 {
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(defect: Defect) -> Cells {
        let mut cells = Cells::powered_up(8 << 20, 1);
        cells.inject(defect);
        cells
    }

    #[test]
    fn shorted_address_lines_are_both_low_unless_both_are_high() {
        let mut cells = array(Defect::TiedAddressLines { a: 0, b: 4 });
        cells.write(0x00, 1);
        cells.write(0x11, 2);
        let found: Vec<u8> = [0x00, 0x01, 0x10, 0x11].map(|address| cells.read(address)).into();
        assert_eq!(found, [1, 1, 1, 2]);
    }

    #[test]
    fn exchanged_address_lines_give_each_cell_one_other_address() {
        let mut cells = array(Defect::SwappedAddressLines { a: 0, b: 4 });
        for (address, byte) in [(0x00, 1), (0x01, 2), (0x10, 3), (0x11, 4)] {
            cells.write(address, byte);
        }
        assert_eq!(
            [0x00, 0x01, 0x10, 0x11].map(|address| cells.read(address)),
            [1, 2, 3, 4]
        );
        cells.defects.clear();
        assert_eq!(
            [0x00, 0x01, 0x10, 0x11].map(|address| cells.read(address)),
            [1, 3, 2, 4]
        );
    }

    #[test]
    fn only_the_edge_of_the_aggressor_disturbs_the_victim() {
        let (aggressor, victim) = (Bit { address: 8, bit: 2 }, Bit { address: 40, bit: 7 });
        // Effect, what the victim held, what it holds after the edge.
        for (effect, before, after) in [
            (Effect::Set, 0x00, 0x80),
            (Effect::Set, 0x80, 0x80),
            (Effect::Clear, 0xff, 0x7f),
            (Effect::Invert, 0x00, 0x80),
            (Effect::Invert, 0x80, 0x00),
        ] {
            for rising in [false, true] {
                let mut cells = array(Defect::Coupling {
                    aggressor,
                    rising,
                    victim,
                    effect,
                });
                let (rest, edge) = if rising { (0x00, 0x04) } else { (0x04, 0x00) };
                cells.write(8, rest);
                cells.write(40, before);
                cells.write(8, rest ^ 0xf0);
                assert_eq!(cells.read(40), before, "another bit of the byte");
                cells.write(8, edge);
                assert_eq!(cells.read(40), after, "{effect:?} of {before:#x}");
                cells.write(8, edge);
                assert_eq!(cells.read(40), after, "no edge");
            }
        }
    }

    #[test]
    fn only_bytes_with_a_defect_are_left_out_of_a_plain_run() {
        let cells = array(Defect::StuckBit {
            address: 100,
            bit: 0,
            value: true,
        });
        assert!(cells.run(64, 36).is_some() && cells.run(101, 100).is_some());
        assert!(cells.run(64, 37).is_none());
        assert!(
            array(Defect::AddressLine {
                line: 20,
                value: false
            })
            .run(0, 1)
            .is_none()
        );
    }
}
