//! How long an instruction holds the pipeline. J, L and G are the sources that the file above names.

use crate::op::{Branch, Float, Op, Unit};
use crate::regs::Regs;

/// A divide of integers: no measurement by operand is known. L has 7, G 4 at least; operands of programs are small.
pub const DIVIDE_CYCLES: u32 = 7;
/// A change of state.
pub const ALONE_CYCLES: u32 = 2;
/// One barrier in each of two functions adds 22 cycles on an H7A3 (firmware-nucleo-h7).
const BARRIER_CYCLES: u32 = 11;

/// For how many cycles nothing else issues, itself included.
pub fn occupancy(op: &Op) -> u32 {
    match op.unit {
        Unit::LoadMany(count) | Unit::StoreMany(count) => u32::from(count).div_ceil(2).max(1),
        // POP with the program counter: its loads, then the jump.
        Unit::Branch(Branch::Return) if op.updates.meets(Regs::SP) => {
            (op.writes.iter().count() as u32 + 1).div_ceil(2)
        }
        Unit::Divide => DIVIDE_CYCLES,
        Unit::Alone => ALONE_CYCLES,
        Unit::Barrier => BARRIER_CYCLES,
        // J: the pipe is locked from the next cycle on.
        Unit::Float(Float::Divide) => 16,
        Unit::Float(Float::Root) => 14,
        Unit::Float(Float::DivideDouble | Float::RootDouble) => 30,
        Unit::Float(Float::MultiplyDouble) => 5,
        Unit::Float(Float::MultiplyAddDouble) => 8,
        _ => 1,
    }
}
