//! From which cycle on a register may be used, and how.

use super::occupancy::{ALONE_CYCLES, DIVIDE_CYCLES};
use crate::op::{Float, Op, Unit};
use crate::regs::{self, Regs};

/// The ways of using a register: the tables of [`Ready`].
pub const WAYS: usize = 5;

/// For each way of using a register the first cycle in which an instruction that does so may issue.
pub struct Ready {
    late: [u32; regs::COUNT],
    early: [u32; regs::COUNT],
    factor: [u32; regs::COUNT],
    sum: [u32; regs::COUNT],
    stored: [u32; regs::COUNT],
}

impl Default for Ready {
    fn default() -> Self {
        let all = [0; regs::COUNT];
        Ready {
            late: all,
            early: all,
            factor: all,
            sum: all,
            stored: all,
        }
    }
}

/// When a result is there, in cycles behind the instruction's own.
struct Latency {
    late: u32,
    early: u32,
    factor: u32,
    sum: u32,
    stored: u32,
}

impl Latency {
    /// A result of the integer side, by when the late ALU can have it.
    const fn integer(late: u32) -> Latency {
        Latency {
            late,
            early: late + 1,
            factor: late,
            // J: a sum takes what the late ALU has in the same cycle, or a byte that was loaded in the one before.
            sum: late.saturating_sub(1),
            // J: a store takes what is produced in the same cycle.
            stored: late.saturating_sub(1),
        }
    }

    /// A result of the floating-point side: as an operand, as a sum, as what is stored.
    const fn float(late: u32, sum: u32, stored: u32) -> Latency {
        Latency {
            late,
            early: late,
            factor: late,
            sum,
            stored,
        }
    }
}

impl Ready {
    /// The first cycle in which all sources are there.
    pub fn first_cycle(&self, op: &Op) -> u32 {
        let last = |set: Regs, table: &[u32; regs::COUNT]| set.iter().map(|at| table[at]).max().unwrap_or(0);
        last(op.late, &self.late)
            .max(last(op.early, &self.early))
            .max(last(op.factors, &self.factor))
            .max(last(op.accumulator, &self.sum))
            .max(last(op.data, &self.stored))
    }

    /// For how many cycles from `next` on a register is missing, for each way of using it.
    pub fn missing(&self, at: usize, next: u32) -> [u8; WAYS] {
        [&self.late, &self.early, &self.factor, &self.sum, &self.stored]
            .map(|table| u8::try_from(table[at].saturating_sub(next)).unwrap_or(u8::MAX))
    }

    /// Whether the early ALU could have this instruction in this cycle.
    pub fn has_early(&self, op: &Op, cycle: u32) -> bool {
        op.late.iter().all(|at| self.early[at] <= cycle)
    }

    /// Notes the results of an instruction that issues now; `early`: the early ALU may have it.
    pub fn publish(&mut self, op: &Op, now: u32, early: bool) {
        let latency = latency(op, early);
        for at in op.writes.iter() {
            self.late[at] = now + latency.late;
            self.early[at] = now + latency.early;
            self.factor[at] = now + latency.factor;
            self.sum[at] = now + latency.sum;
            self.stored[at] = now + latency.stored;
        }
        // J: an updated address comes from the early ALU.
        for at in op.updates.iter() {
            self.late[at] = now;
            self.early[at] = now + 1;
            self.factor[at] = now;
            self.sum[at] = now;
            self.stored[at] = now;
        }
    }
}

/// Early ALU: the late ALU of the same cycle, the early one of the next (J).
const EARLY: Latency = Latency {
    late: 0,
    early: 1,
    factor: 0,
    sum: 0,
    stored: 0,
};

fn latency(op: &Op, early: bool) -> Latency {
    match op.unit {
        Unit::Simple if early => EARLY,
        Unit::Reverse => EARLY,
        // J: a word is there for the late ALU of the next cycle, less than a word one cycle later.
        // J: a multiply cannot take what was loaded in the cycle before.
        Unit::Load { bytes: 4, .. } => Latency {
            factor: 2,
            ..Latency::integer(1)
        },
        Unit::Load { .. } => Latency::integer(2),
        Unit::LoadMany(count) => {
            let late = u32::from(count).div_ceil(2).max(1);
            Latency {
                factor: late + 1,
                ..Latency::integer(late)
            }
        }
        // J: result after 2; a chain through the sum goes on every cycle.
        Unit::Multiply => Latency {
            late: 2,
            early: 3,
            factor: 2,
            sum: 1,
            stored: 1,
        },
        Unit::Divide => Latency::integer(DIVIDE_CYCLES),
        Unit::Alone => Latency::integer(ALONE_CYCLES),
        Unit::Float(float) => float_latency(float),
        _ => Latency::integer(1),
    }
}

/// J, but for what is marked.
fn float_latency(float: Float) -> Latency {
    match float {
        Float::Add | Float::Multiply => Latency::float(3, 3, 1),
        Float::MultiplyAdd => Latency::float(6, 3, 4),
        Float::Fused => Latency::float(5, 3, 3),
        Float::Divide => Latency::float(16, 16, 16),
        Float::Root => Latency::float(14, 14, 14),
        // L
        Float::Compare => Latency::float(1, 1, 1),
        Float::FromInteger | Float::Move => Latency::float(3, 3, 1),
        Float::ToInteger => Latency::integer(1),
        Float::Load | Float::LoadDouble => Latency::float(1, 3, 1),
        Float::AddDouble => Latency::float(3, 3, 3),
        Float::MultiplyDouble => Latency::float(7, 7, 7),
        Float::MultiplyAddDouble => Latency::float(11, 8, 11),
        Float::DivideDouble | Float::RootDouble => Latency::float(30, 30, 30),
        Float::System | Float::Store | Float::StoreDouble => Latency::integer(1),
    }
}
