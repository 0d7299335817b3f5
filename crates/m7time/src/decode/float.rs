//! Floating-point instructions (Armv7-M ARM A6.4 to A6.7).

use super::{alone, bit, bits};
use crate::op::{Float, Op, Unit};
use crate::regs::Regs;

pub fn decode(first: u32, second: u32) -> Op {
    // Coprocessors 10 and 11 are the floats; there is no other.
    if bits(second, 9, 3) != 0b101 {
        return alone(4);
    }
    let double = bit(second, 8);
    match bits(first, 8, 4) {
        12 | 13 => memory(first, second, double),
        14 | 15 if !bit(second, 4) => arithmetic(first, second, double),
        14 => transfer(first, second, double),
        _ => alone(4),
    }
}

fn new(float: Float) -> Op {
    Op::new(4, Unit::Float(float))
}

/// A register's number: four bits and a fifth, which comes last for singles and first for doubles.
fn number(four: u32, fifth: bool, double: bool) -> u32 {
    if double {
        four | u32::from(fifth) << 4
    } else {
        four << 1 | u32::from(fifth)
    }
}

fn register(four: u32, fifth: bool, double: bool) -> Regs {
    let number = number(four, fifth, double);
    if double { Regs::d(number) } else { Regs::s(number) }
}

fn destination(first: u32, second: u32, double: bool) -> Regs {
    register(bits(second, 12, 4), bit(first, 6), double)
}

fn left(first: u32, second: u32, double: bool) -> Regs {
    register(bits(first, 0, 4), bit(second, 7), double)
}

fn right(second: u32, double: bool) -> Regs {
    register(bits(second, 0, 4), bit(second, 5), double)
}

/// VLDR, VSTR, VLDM, VSTM, and the moves of two integer registers.
fn memory(first: u32, second: u32, double: bool) -> Op {
    let base = Regs::r(bits(first, 0, 4));
    let (load, write_back) = (bit(first, 4), bit(first, 5));
    let (up, index) = (bit(first, 7), bit(first, 8));
    if !index && !up && !write_back {
        return pair(first, second, double);
    }
    if index && !write_back {
        let register = destination(first, second, double);
        let op = match (load, double) {
            (true, false) => new(Float::Load).writes(register),
            (true, true) => new(Float::LoadDouble).writes(register),
            (false, false) => new(Float::Store).data(register),
            (false, true) => new(Float::StoreDouble).data(register),
        };
        return op.early(base);
    }
    let count = bits(second, 0, 8) & if double { !1 } else { !0 };
    let start = number(bits(second, 12, 4), bit(first, 6), double) * if double { 2 } else { 1 };
    let registers = Regs::s_range(start, count);
    let op = if load {
        Op::new(4, Unit::LoadMany(count as u8)).writes(registers)
    } else {
        Op::new(4, Unit::StoreMany(count as u8)).data(registers)
    };
    let op = op.early(base);
    if write_back { op.updates(base) } else { op }
}

/// VMOV between two integer registers and two singles or a double: alone.
fn pair(first: u32, second: u32, double: bool) -> Op {
    let integers = Regs::r(bits(second, 12, 4)) | Regs::r(bits(first, 0, 4));
    let floats = if double {
        right(second, true)
    } else {
        let start = number(bits(second, 0, 4), bit(second, 5), false);
        Regs::s_range(start, 2)
    };
    let op = alone(4);
    if bit(first, 4) {
        op.late(floats).writes(integers)
    } else {
        op.late(integers).writes(floats)
    }
}

/// VMOV of one register, VMRS, VMSR.
fn transfer(first: u32, second: u32, double: bool) -> Op {
    let integer = Regs::r(bits(second, 12, 4));
    let to_integer = bit(first, 4);
    if bits(first, 5, 3) == 7 {
        // VMRS to r15 is to the flags.
        let flags = bits(second, 12, 4) == 15;
        let target = if flags { Regs::FLAGS } else { integer };
        return new(Float::System).writes(if to_integer { target } else { Regs::NONE });
    }
    let float = left(first, second, double);
    if to_integer {
        new(Float::ToInteger).late(float).writes(integer)
    } else {
        new(Float::FromInteger).late(integer).writes(float)
    }
}

fn arithmetic(first: u32, second: u32, double: bool) -> Op {
    let (d, n, m) = (
        destination(first, second, double),
        left(first, second, double),
        right(second, double),
    );
    let pick = |single, twice| new(if double { twice } else { single });
    let sum = |op: Op| op.late(n | m).accumulator(d).writes(d);
    let two = |op: Op| op.late(n | m).writes(d);
    // VSEL, VMAXNM, VRINT, VCVTA: Armv8's, which the M7 has.
    if bits(first, 12, 4) == 15 {
        return two(pick(Float::Add, Float::AddDouble));
    }
    match (bit(first, 7), bits(first, 4, 2), bit(second, 6)) {
        // VMLA, VMLS; VNMLA, VNMLS
        (false, 0 | 1, _) => sum(pick(Float::MultiplyAdd, Float::MultiplyAddDouble)),
        (false, 2, _) => two(pick(Float::Multiply, Float::MultiplyDouble)),
        (false, _, _) => two(pick(Float::Add, Float::AddDouble)),
        (true, 0, _) => two(pick(Float::Divide, Float::DivideDouble)),
        (true, 1 | 2, _) => sum(pick(Float::Fused, Float::MultiplyAddDouble)),
        (true, _, false) => new(Float::Move).writes(d),
        (true, _, true) => other(first, second, double, d, m),
    }
}

/// VMOV, VABS, VNEG, VSQRT, VCMP, VCVT.
fn other(first: u32, second: u32, double: bool, d: Regs, m: Regs) -> Op {
    let high = bit(second, 7);
    match bits(first, 0, 4) {
        0 => new(Float::Move).late(m).writes(d),
        1 if high => new(if double { Float::RootDouble } else { Float::Root })
            .late(m)
            .writes(d),
        1 => new(Float::Move).late(m).writes(d),
        4 => new(Float::Compare).late(d | m).writes(Regs::FLAGS),
        5 => new(Float::Compare).late(d).writes(Regs::FLAGS),
        // Between single and double: the other width is that of the result.
        7 => new(Float::Add)
            .late(m)
            .writes(destination(first, second, !double)),
        // From an integer in a single register.
        8 => new(Float::Add).late(right(second, false)).writes(d),
        // To an integer in a single register.
        12..=15 if bits(first, 1, 3) == 6 => {
            new(Float::Add).late(m).writes(destination(first, second, false))
        }
        _ => new(Float::Add).late(m | d).writes(d),
    }
}
