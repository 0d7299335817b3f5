//! When the accesses of a block begin, in the order of the program.

use crate::op::{Branch, Float, Op, Unit};
use crate::regs::Regs;

/// Accesses that are remembered; later ones begin with the last.
const KNOWN: usize = 46;

/// For each access its cycle in the block, from zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accesses {
    count: u8,
    at_cycles: [u8; KNOWN],
}

impl Default for Accesses {
    fn default() -> Self {
        Accesses {
            count: 0,
            at_cycles: [0; KNOWN],
        }
    }
}

impl Accesses {
    /// Notes those of an instruction that issues in this cycle.
    pub(super) fn note(&mut self, op: &Op, cycle: u32) {
        for number in 0..words(op) {
            if usize::from(self.count) < KNOWN {
                self.at_cycles[usize::from(self.count)] = u8::try_from(cycle + number / 2).unwrap_or(u8::MAX);
                self.count += 1;
            }
        }
    }

    /// The cycle of the access of this number.
    pub fn cycle(&self, number: usize) -> u32 {
        let last = usize::from(self.count).saturating_sub(1);
        u32::from(self.at_cycles[number.min(last)])
    }
}

/// How many accesses an instruction makes.
fn words(op: &Op) -> u32 {
    match op.unit {
        Unit::Load { .. } | Unit::Store { .. } | Unit::Float(Float::Load | Float::Store) => 1,
        Unit::Float(Float::LoadDouble | Float::StoreDouble) => 2,
        Unit::LoadMany(count) | Unit::StoreMany(count) => u32::from(count),
        // POP with the program counter.
        Unit::Branch(Branch::Return) if op.updates.meets(Regs::SP) => op.writes.iter().count() as u32 + 1,
        _ => 0,
    }
}
