//! The families of tags: their codes and where the bits lie.

use core::ops::BitOr;

/// A family.
#[derive(Debug)]
pub struct Family {
    /// The name that scripts know.
    pub name: &'static str,
    /// Least number of bits in which two tags differ.
    pub distance: u32,
    /// Cells between the corners.
    pub cells: i32,
    /// The border is white inside black.
    pub reversed: bool,
    /// The cell of each bit, from the highest.
    pub bits: &'static [(i8, i8)],
    /// The codes, by number.
    pub codes: Codes,
}

/// The codes of a family, in as few bytes as each needs.
#[derive(Debug)]
pub struct Codes {
    width: usize,
    bytes: &'static [u8],
}

impl Codes {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.bytes.len() / self.width
    }

    /// All of them, by number.
    pub fn iter(&self) -> impl Iterator<Item = u64> {
        let code = |bytes: &[u8]| {
            bytes
                .iter()
                .rev()
                .fold(0, |code, byte| code << 8 | u64::from(*byte))
        };
        self.bytes.chunks_exact(self.width).map(code)
    }
}

include!(concat!(env!("OUT_DIR"), "/families.rs"));

/// A choice of families, as bits of their places in [`FAMILIES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Families(pub u32);

impl Families {
    /// TAG16H5.
    pub const TAG16H5: Families = Families(1);
    /// TAG25H9.
    pub const TAG25H9: Families = Families(2);
    /// TAG36H10.
    pub const TAG36H10: Families = Families(4);
    /// TAG36H11, the usual one.
    pub const TAG36H11: Families = Families(8);
    /// TAGCIRCLE21H7.
    pub const TAGCIRCLE21H7: Families = Families(16);
    /// TAGSTANDARD41H12.
    pub const TAGSTANDARD41H12: Families = Families(32);
}

impl Default for Families {
    fn default() -> Self {
        Families::TAG36H11
    }
}

impl BitOr for Families {
    type Output = Families;

    fn bitor(self, other: Families) -> Families {
        Families(self.0 | other.0)
    }
}

impl Family {
    /// A code a quarter turn on: the bits of each quarter move to the next; a middle bit stays.
    pub fn turned(&self, code: u64) -> u64 {
        let count = self.bits.len() as u32;
        let middle = count % 4;
        let (rest, stays) = (code >> middle, code & ((1 << middle) - 1));
        let turning = count - middle;
        let turned = (rest << (turning / 4)) | (rest >> (turning - turning / 4));
        ((turned & ((1 << turning) - 1)) << middle) | stays
    }

    /// The tag nearest to a code within two bits: its number, the bits that differ, the quarter turns.
    pub fn lookup(&self, code: u64) -> Option<(u32, u32, u32)> {
        let mut best: Option<(u32, u32, u32)> = None;
        let mut turned = code;
        for turns in 0..4 {
            for (id, known) in self.codes.iter().enumerate() {
                let differs = (known ^ turned).count_ones();
                if differs <= 2 && best.is_none_or(|best| differs < best.1) {
                    best = Some((id as u32, differs, turns));
                }
            }
            turned = self.turned(turned);
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_keep_their_distance_in_all_turns() {
        for family in FAMILIES {
            // The large ones by samples.
            let step = family.codes.count().div_ceil(200).max(1);
            for (index, code) in family.codes.iter().enumerate().step_by(step) {
                let mut turned = code;
                for turns in 0..4 {
                    for (other, known) in family.codes.iter().enumerate() {
                        let differs = (known ^ turned).count_ones();
                        let same = other == index && turns == 0;
                        assert!(
                            same || differs >= family.distance,
                            "{} {index} {other} {turns}",
                            family.name
                        );
                    }
                    turned = family.turned(turned);
                }
                assert_eq!(turned, code);
                assert_eq!(family.lookup(code ^ 0b101), Some((index as u32, 2, 0)));
            }
        }
    }
}
