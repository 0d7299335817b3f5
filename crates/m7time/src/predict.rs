//! What the end of a straight run costs: predicted, or not.
//!
//! The Cortex-M7 has a branch target address cache (Arm's name; TRM 1.2): of a branch that stands there it is known whether
//! it was taken lately, and where to; any other is taken for one that goes on. Arm names no return stack. Its size is not
//! published, and is fitted here.

use crate::op::Branch;

/// Branches that are known. Fitted to one row of MicroPython (docs/silicon.md), whose loop meets about a hundred: with twice as
/// many it would be 9 % faster than silicon, with half as many 15 % slower.
const KNOWN: usize = 64;
/// A wrong prediction, and one whose flags were known early (jnk0le/random: 8, and 6 if set three cycles before).
const WRONG_CYCLES: u32 = 8;
const WRONG_EARLY_FLAGS_CYCLES: u32 = 6;
const EARLY_FLAGS_CYCLES: u32 = 3;
/// A jump through a register to somewhere new: half of what a call and its return add (emu_jit.h: 21.5 for both).
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
    known: Vec<Known>,
    /// Branches and wrong predictions so far.
    pub seen: u64,
    /// Of them.
    pub wrong: u64,
}

/// A branch that was taken once.
#[derive(Clone, Copy, Debug)]
struct Known {
    /// None at an odd address.
    from: u32,
    to: u32,
    /// Two bits: from 2 on it is taken for one that is taken.
    counter: u8,
}

impl Default for Predictor {
    fn default() -> Self {
        Predictor {
            known: vec![
                Known {
                    from: 1,
                    to: 0,
                    counter: 0,
                };
                KNOWN
            ],
            seen: 0,
            wrong: 0,
        }
    }
}

impl Predictor {
    /// The cycles that this jump costs beyond those of its block.
    pub fn cost_cycles(&mut self, jump: &Jump) -> u32 {
        let taken = jump.kind != Branch::Conditional || jump.to != jump.behind;
        let known = &mut self.known[(jump.from >> 1) as usize % KNOWN];
        let right = if known.from == jump.from {
            let right = taken == (known.counter >= 2) && (!taken || known.to == jump.to);
            if taken {
                known.counter = (known.counter + 1).min(3);
                known.to = jump.to;
            } else {
                known.counter = known.counter.saturating_sub(1);
            }
            right
        } else {
            if taken {
                *known = Known {
                    from: jump.from,
                    to: jump.to,
                    counter: 2,
                };
            }
            !taken
        };
        self.seen += 1;
        self.wrong += u64::from(!right);
        match jump.kind {
            _ if right => 0,
            Branch::Conditional if jump.flags_age_cycles >= EARLY_FLAGS_CYCLES => WRONG_EARLY_FLAGS_CYCLES,
            Branch::Conditional | Branch::Direct | Branch::Call => WRONG_CYCLES,
            Branch::Indirect | Branch::IndirectCall | Branch::Return => WRONG_TARGET_CYCLES,
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
    fn a_call_and_its_return_are_known_from_the_second_time_on() {
        let mut predictor = Predictor::default();
        let mut call = || {
            predictor.cost_cycles(&jump(Branch::Call, 0x1000, 0x2000))
                + predictor.cost_cycles(&jump(Branch::Return, 0x2040, 0x1002))
        };
        assert_eq!([call(), call()], [WRONG_CYCLES + WRONG_TARGET_CYCLES, 0]);
    }

    #[test]
    fn a_function_that_is_called_from_two_places_returns_at_a_cost() {
        let mut predictor = Predictor::default();
        let mut back = |to| predictor.cost_cycles(&jump(Branch::Return, 0x2040, to));
        back(0x1002);
        assert_eq!([back(0x1802), back(0x1002)], [WRONG_TARGET_CYCLES; 2]);
    }

    #[test]
    fn more_branches_than_it_knows_push_one_another_out() {
        let mut predictor = Predictor::default();
        let mut pass = |branches: u32| -> u32 {
            (0..branches)
                .map(|n| predictor.cost_cycles(&jump(Branch::Direct, 2 * n, 0x8000)))
                .sum()
        };
        pass(64);
        assert_eq!(pass(64), 0);
        assert_eq!(pass(128), 64 * WRONG_CYCLES);
        assert_eq!(pass(128), 128 * WRONG_CYCLES);
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
