//! The pipeline: a straight run of instructions, two a cycle at most, in order.
//!
//! For each register it is known from which cycle on an instruction may issue that wants it at the late ALU, at the early
//! one, as the sum of a multiply, or as what a store writes. An instruction issues in the first cycle in which all its sources
//! are there; it joins the one before if the two may pair.
//!
//! Sources of the rules: measurements on an STM32H743 (jnk0le/random, "pipeline cycle test"), called J below; LLVM's
//! ARMScheduleM7, which is Arm's own, called L; GCC's cortex-m7.md, called G.

mod accesses;
mod occupancy;
mod pair;
mod ready;
mod seam;

use crate::decode::decode;
use crate::op::{Branch, Float, Op, Unit};
use crate::regs::Regs;
pub use accesses::Accesses;
use occupancy::occupancy;
use pair::Group;
use ready::Ready;
pub use seam::{Head, Tail};

/// A multiply and add of floats is in the way of others for the three cycles behind its own (J).
const FUSED_CYCLES: u32 = 4;
/// What a straight run costs when all its memory answers at once and its end is predicted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BlockCost {
    /// Cycles.
    pub cycles: u32,
    /// Instructions.
    pub instructions: u32,
    /// How it ends, if by a branch.
    pub end: Option<Branch>,
    /// How many cycles before that branch the flags were set: early flags make a wrong prediction cheaper.
    pub flags_age_cycles: u32,
    /// When each access begins.
    pub accesses: Accesses,
    /// What it asks for at its beginning.
    pub head: Head,
    /// What it has under way at its end.
    pub tail: Tail,
}

impl BlockCost {
    /// The cycles that it waits for what the block before has under way.
    pub fn wait_behind(&self, tail: &Tail) -> u32 {
        self.head.wait_behind(tail)
    }
}

/// The cost of this straight run of code; it ends with the code, or behind the first branch that is always taken.
pub fn block(code: &[u8]) -> BlockCost {
    let mut pipeline = Pipeline {
        narrow_pairs: ops(code).filter(|op| op.bytes == 2).count() / 2,
        ..Pipeline::default()
    };
    ops(code).for_each(|op| pipeline.issue(&op));
    pipeline.finish()
}

fn ops(code: &[u8]) -> impl Iterator<Item = Op> {
    let mut at = 0;
    core::iter::from_fn(move || {
        let op = decode(&code[at..])?;
        at += usize::from(op.bytes);
        Some(op)
    })
}

#[derive(Default)]
struct Pipeline {
    ready: Ready,
    group: Group,
    /// The cycle of the last group; the first is 1.
    now: u32,
    /// Until then nothing issues.
    blocked_until: u32,
    /// The cycle of the last multiply and add of floats, or none.
    fused_at: Option<u32>,
    /// J: each transfer of several registers stalls for a cycle, unless two 16-bit instructions near it make up for it. Near
    /// is taken as: in the same run of code.
    narrow_pairs: usize,
    /// The last cycle in which the flags were set.
    flags_at: u32,
    written: Regs,
    cost: BlockCost,
}

impl Pipeline {
    fn issue(&mut self, op: &Op) {
        let fused_over = self.fused_at.map_or(0, |at| at + FUSED_CYCLES);
        let mut wanted = self.ready.first_cycle(op);
        if waits_for_fused(op) {
            wanted = wanted.max(fused_over);
        }
        let too_young = self.now < fused_over && pair::moves_floats(op);
        let joins = wanted <= self.now && !too_young && self.group.takes(op);
        let older = !joins;
        if joins {
            self.group.join(op);
        } else {
            self.now = wanted.max(self.now + 1).max(self.blocked_until);
            self.group = Group::start(op);
        }
        let early = older && self.ready.has_early(op, self.now);
        self.ready.publish(op, self.now, early);
        self.cost.head.note(op, self.now - 1);
        self.written |= op.writes;
        if matches!(op.unit, Unit::LoadMany(_) | Unit::StoreMany(_)) {
            match self.narrow_pairs.checked_sub(1) {
                Some(left) => self.narrow_pairs = left,
                None => self.now += 1,
            }
        }
        // The older of a pair may hold the pipeline longer.
        self.blocked_until = self.blocked_until.max(self.now + occupancy(op));
        if pair::is_multiply_add(op) {
            self.fused_at = Some(self.now);
        }
        if op.writes.meets(Regs::FLAGS) {
            self.flags_at = self.now;
        }
        self.count(op);
    }

    fn count(&mut self, op: &Op) {
        self.cost.instructions += 1;
        self.cost.accesses.note(op, self.now - 1);
        if let Some(branch) = op.branch() {
            self.cost.end = Some(branch);
            self.cost.flags_age_cycles = self.now.saturating_sub(self.flags_at);
        } else {
            self.cost.end = None;
        }
    }

    fn finish(mut self) -> BlockCost {
        self.cost.cycles = self.now.max(self.blocked_until.saturating_sub(1));
        self.cost.tail = Tail::of(&self.ready, self.written, self.cost.cycles + 1);
        self.cost
    }
}

/// J: for three cycles behind a multiply and add of floats these do not issue, and what moves floats not as the younger of two.
fn waits_for_fused(op: &Op) -> bool {
    match op.unit {
        Unit::Float(Float::Add | Float::LoadDouble) => true,
        Unit::LoadMany(_) => op.writes.meets(Regs::s_range(0, 32)),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
