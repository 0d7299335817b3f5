//! Where two blocks meet: what the first has under way when it ends, and how soon the second asks for it.

use super::ready::{Ready, WAYS};
use crate::op::Op;
use crate::regs::Regs;

/// Registers that may be under way at the end of a block, at most.
const TAIL: usize = 4;
/// First uses that are remembered, at most: those of later cycles find everything there.
const HEAD: usize = 8;
/// Cycles of a block that are looked at.
const REACH: u32 = 6;

/// What is under way at the end of a block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tail {
    count: u8,
    /// Register, and how many cycles of the next block it is missing for each way of using it.
    under_way: [(u8, [u8; WAYS]); TAIL],
}

/// What a block asks for in its first cycles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    count: u8,
    /// Register, way, cycle.
    uses: [(u8, u8, u8); HEAD],
    written: Regs,
}

impl Tail {
    /// From what is known at the end, where the next block's first cycle is `next`.
    pub fn of(ready: &Ready, written: Regs, next: u32) -> Tail {
        let mut tail = Tail::default();
        for register in written.iter() {
            let missing = ready.missing(register, next);
            if missing.iter().any(|&cycles| cycles > 0) && usize::from(tail.count) < TAIL {
                tail.under_way[usize::from(tail.count)] = (register as u8, missing);
                tail.count += 1;
            }
        }
        tail
    }
}

impl Head {
    /// Notes the sources of an instruction that issues in this cycle of the block, from zero.
    pub fn note(&mut self, op: &Op, cycle: u32) {
        if cycle < REACH {
            for (way, set) in [op.late, op.early, op.factors, op.accumulator, op.data]
                .into_iter()
                .enumerate()
            {
                for register in set.iter().filter(|&at| !self.written.has(at)) {
                    if usize::from(self.count) < HEAD {
                        self.uses[usize::from(self.count)] = (register as u8, way as u8, cycle as u8);
                        self.count += 1;
                    }
                }
            }
        }
        self.written |= op.writes | op.updates;
    }

    /// The cycles that this block waits for what the one before has under way.
    pub fn wait_behind(&self, tail: &Tail) -> u32 {
        let mut wait = 0;
        for (register, missing) in &tail.under_way[..usize::from(tail.count)] {
            for (used, way, cycle) in &self.uses[..usize::from(self.count)] {
                if used == register {
                    wait = wait.max(u32::from(missing[usize::from(*way)]).saturating_sub(u32::from(*cycle)));
                }
            }
        }
        wait
    }
}
