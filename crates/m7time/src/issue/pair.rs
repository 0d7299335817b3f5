//! Which two instructions issue in one cycle.

use crate::op::{Float, Op, Unit};

/// What issues in the cycle at hand.
#[derive(Default)]
pub struct Group {
    older: Option<Op>,
    full: bool,
}

impl Group {
    /// A cycle that begins with this instruction.
    pub fn start(op: &Op) -> Group {
        Group {
            older: Some(*op),
            full: stands_alone(op),
        }
    }

    /// Whether this one may join as the younger. Sources are the caller's matter.
    pub fn takes(&self, younger: &Op) -> bool {
        let Some(older) = &self.older else {
            return false;
        };
        !self.full && !stands_alone(younger) && !only_older(younger) && !collide(older, younger)
    }

    /// It joins.
    pub fn join(&mut self, _younger: &Op) {
        self.full = true;
    }
}

/// J: these issue alone.
fn stands_alone(op: &Op) -> bool {
    matches!(
        op.unit,
        Unit::LoadMany(_)
            | Unit::StoreMany(_)
            | Unit::Alone
            | Unit::Barrier
            | Unit::Divide
            | Unit::Float(Float::LoadDouble | Float::StoreDouble | Float::System)
            | Unit::Float(
                Float::MultiplyDouble | Float::MultiplyAddDouble | Float::DivideDouble | Float::RootDouble
            )
    )
}

/// J, and L's Slot0Only.
fn only_older(op: &Op) -> bool {
    matches!(op.unit, Unit::Field | Unit::Reverse)
}

/// Two that want the same thing.
fn collide(older: &Op, younger: &Op) -> bool {
    let both = |is: fn(&Op) -> bool| is(older) && is(younger);
    let mixed = |one: fn(&Op) -> bool, other: fn(&Op) -> bool| {
        one(older) && other(younger) || other(older) && one(younger)
    };
    both(is_store)
        || both(|op| op.unit == Unit::Multiply)
        || mixed(|op| op.unit == Unit::Multiply, is_store)
        || both(|op| op.unit == Unit::Shifted)
        // J: ubfx, bfi, rev, pkh not with a shifted operand.
        || mixed(|op| op.unit == Unit::Shifted, only_older)
        || both(|op| op.branch().is_some())
        || both(is_float_arithmetic)
        // J: never in one cycle, but for the first multiply of a row, which is left out here.
        || mixed(is_multiply_add, moves_floats)
        || both(|op| op.unit == Unit::IfThen)
        || is_load(older) && is_load(younger) && same_bank(older, younger)
}

fn is_load(op: &Op) -> bool {
    matches!(op.unit, Unit::Load { .. } | Unit::Float(Float::Load))
}

fn is_store(op: &Op) -> bool {
    matches!(op.unit, Unit::Store { .. } | Unit::Float(Float::Store))
}

fn is_float_arithmetic(op: &Op) -> bool {
    matches!(op.unit, Unit::Float(float) if !matches!(float, Float::Load | Float::Store))
}

/// With or without rounding between.
pub fn is_multiply_add(op: &Op) -> bool {
    matches!(op.unit, Unit::Float(Float::Fused | Float::MultiplyAdd))
}

/// Loads and stores of one single, and moves between the register files and among the floats.
pub fn moves_floats(op: &Op) -> bool {
    matches!(
        op.unit,
        Unit::Float(Float::Load | Float::Store | Float::Move | Float::FromInteger | Float::ToInteger)
    )
}

/// J: even and odd words are banks of their own. Two loads from one base tell their banks; of others nothing is known, and
/// they pair.
fn same_bank(older: &Op, younger: &Op) -> bool {
    match (older.unit, younger.unit) {
        (
            Unit::Load {
                place: Some((base, offset)),
                ..
            },
            Unit::Load {
                place: Some((other, next)),
                ..
            },
        ) => base == other && (offset ^ next) & 4 == 0,
        _ => false,
    }
}
