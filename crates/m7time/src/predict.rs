//! What the end of a straight run costs: predicted, or not.
//!
//! Arm publishes no more than that there is a table of targets and a history. Here each conditional branch has a counter of
//! two bits, indirect ones their last target, and returns a short stack. Sizes are assumptions; penalties are measured.

use crate::op::Branch;

/// Counters. An assumption: the trace of no program at hand asks for more.
const COUNTERS: usize = 1024;
/// Remembered targets of indirect branches. An assumption.
const TARGETS: usize = 64;
/// Remembered return addresses. An assumption.
const RETURNS: usize = 8;
/// A wrong prediction, and one whose flags were known early (jnk0le/random: 8, and 6 if set three cycles before).
const WRONG_CYCLES: u32 = 8;
const WRONG_EARLY_FLAGS_CYCLES: u32 = 6;
const EARLY_FLAGS_CYCLES: u32 = 3;
/// An indirect branch to somewhere new: half of what a call and its return add (emu_jit.h: 21.5 for both).
const WRONG_TARGET_CYCLES: u32 = 11;

/// How a run of code ended, and where the next began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Jump {
    /// Address of the branch, or of anything that names it alone.
    pub from: u32,
    /// Address behind it.
    pub behind: u32,
    /// Address of what is executed next.
    pub to: u32,
    /// What it is.
    pub kind: Branch,
    /// How many cycles before it the flags were set.
    pub flags_age_cycles: u32,
}

/// The history of branches.
#[derive(Clone, Debug)]
pub struct Predictor {
    counters: Vec<u8>,
    targets: Vec<(u32, u32)>,
    returns: [u32; RETURNS],
    depth: usize,
    /// Branches and wrong predictions so far.
    pub seen: u64,
    /// Of them.
    pub wrong: u64,
}

impl Default for Predictor {
    fn default() -> Self {
        Predictor {
            // Weakly not taken.
            counters: vec![1; COUNTERS],
            targets: vec![(0, 0); TARGETS],
            returns: [0; RETURNS],
            depth: 0,
            seen: 0,
            wrong: 0,
        }
    }
}

impl Predictor {
    /// The cycles that this jump costs beyond those of its block.
    pub fn cost_cycles(&mut self, jump: &Jump) -> u32 {
        self.seen += 1;
        let cost = match jump.kind {
            Branch::Direct => 0,
            Branch::Call => {
                self.push(jump.behind);
                0
            }
            Branch::Conditional => self.conditional(jump),
            Branch::Indirect => self.indirect(jump),
            Branch::IndirectCall => {
                self.push(jump.behind);
                self.indirect(jump)
            }
            Branch::Return => self.back(jump),
        };
        self.wrong += u64::from(cost > 0);
        cost
    }

    fn conditional(&mut self, jump: &Jump) -> u32 {
        let taken = jump.to != jump.behind;
        let counter = &mut self.counters[(jump.from >> 1) as usize % COUNTERS];
        let predicted = *counter >= 2;
        *counter = if taken {
            (*counter + 1).min(3)
        } else {
            counter.saturating_sub(1)
        };
        match (predicted == taken, jump.flags_age_cycles >= EARLY_FLAGS_CYCLES) {
            (true, _) => 0,
            (false, true) => WRONG_EARLY_FLAGS_CYCLES,
            (false, false) => WRONG_CYCLES,
        }
    }

    fn indirect(&mut self, jump: &Jump) -> u32 {
        let entry = &mut self.targets[(jump.from >> 1) as usize % TARGETS];
        let right = *entry == (jump.from, jump.to);
        *entry = (jump.from, jump.to);
        if right { 0 } else { WRONG_TARGET_CYCLES }
    }

    fn push(&mut self, address: u32) {
        self.returns[self.depth % RETURNS] = address;
        self.depth += 1;
    }

    fn back(&mut self, jump: &Jump) -> u32 {
        if self.depth == 0 {
            return WRONG_TARGET_CYCLES;
        }
        self.depth -= 1;
        if self.returns[self.depth % RETURNS] == jump.to {
            0
        } else {
            WRONG_TARGET_CYCLES
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jump(kind: Branch, from: u32, to: u32) -> Jump {
        Jump {
            from,
            behind: from + 2,
            to,
            kind,
            flags_age_cycles: 0,
        }
    }

    #[test]
    fn a_loop_is_learned_and_its_end_costs_once() {
        let mut predictor = Predictor::default();
        let taken = jump(Branch::Conditional, 0x100, 0x80);
        let left = jump(Branch::Conditional, 0x100, 0x102);
        let costs: Vec<u32> = (0..10).map(|_| predictor.cost_cycles(&taken)).collect();
        assert_eq!(costs.iter().sum::<u32>(), WRONG_CYCLES, "{costs:?}");
        assert_eq!(predictor.cost_cycles(&left), WRONG_CYCLES);
        assert_eq!(
            predictor.cost_cycles(&taken),
            0,
            "one way out does not change its mind"
        );
    }

    #[test]
    fn early_flags_make_a_wrong_guess_cheaper() {
        let early = Jump {
            flags_age_cycles: 3,
            ..jump(Branch::Conditional, 0x100, 0x80)
        };
        assert_eq!(Predictor::default().cost_cycles(&early), WRONG_EARLY_FLAGS_CYCLES);
    }

    #[test]
    fn calls_return_for_nothing_until_the_stack_is_too_deep() {
        let mut predictor = Predictor::default();
        let calls = 12;
        for n in 0..calls {
            assert_eq!(
                predictor.cost_cycles(&jump(Branch::Call, 0x1000 + n * 0x100, 0x1100 + n * 0x100)),
                0
            );
        }
        let costs: Vec<u32> = (0..calls)
            .rev()
            .map(|n| predictor.cost_cycles(&jump(Branch::Return, 0x5000, 0x1002 + n * 0x100)))
            .collect();
        assert!(costs[..RETURNS].iter().all(|&cost| cost == 0), "{costs:?}");
        assert!(
            costs[RETURNS..].iter().all(|&cost| cost == WRONG_TARGET_CYCLES),
            "{costs:?}"
        );
    }

    #[test]
    fn an_indirect_branch_is_guessed_by_its_last_target() {
        let mut predictor = Predictor::default();
        let mut go = |to| predictor.cost_cycles(&jump(Branch::Indirect, 0x200, to));
        assert_eq!(
            [go(0x300), go(0x300), go(0x400), go(0x300)],
            [WRONG_TARGET_CYCLES, 0, WRONG_TARGET_CYCLES, WRONG_TARGET_CYCLES]
        );
    }
}
