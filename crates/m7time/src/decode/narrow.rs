//! 16-bit instructions (Armv7-M ARM A5.2).

use super::{alone, bit, bits};
use crate::op::{Branch, Op, Unit};
use crate::regs::Regs;

pub fn decode(word: u32) -> Op {
    match word >> 12 {
        0 | 1 => shift_add(word),
        2 | 3 => immediate(word),
        4 if word >> 10 == 0b01_0000 => logic(word),
        4 if word >> 10 == 0b01_0001 => high(word),
        4 => load(word, 4, Some((15, 0))).writes(Regs::r(bits(word, 8, 3))),
        5 => by_register(word),
        6..=9 => by_immediate(word),
        10 => {
            let sp = if bit(word, 11) { Regs::SP } else { Regs::NONE };
            new(Unit::Simple).late(sp).writes(Regs::r(bits(word, 8, 3)))
        }
        11 => miscellaneous(word),
        12 => multiple(word),
        13 => conditional(word),
        _ => new(Unit::Branch(Branch::Direct)),
    }
}

fn new(unit: Unit) -> Op {
    Op::new(2, unit)
}

fn low(word: u32, at: u32) -> Regs {
    Regs::r(bits(word, at, 3))
}

/// Shifts by a constant; add and subtract of three registers or a small constant. All of them set the flags outside an IT.
fn shift_add(word: u32) -> Op {
    let op = new(Unit::Simple)
        .late(low(word, 3))
        .writes(low(word, 0) | Regs::FLAGS);
    let three_registers = word >> 11 == 0b00011 && !bit(word, 10);
    if three_registers {
        op.late(low(word, 6))
    } else {
        op
    }
}

/// MOV, CMP, ADD, SUB with eight bits.
fn immediate(word: u32) -> Op {
    let register = Regs::r(bits(word, 8, 3));
    let op = new(Unit::Simple).writes(Regs::FLAGS);
    match bits(word, 11, 2) {
        0 => op.writes(register),
        1 => op.late(register),
        _ => op.late(register).writes(register),
    }
}

fn logic(word: u32) -> Op {
    let (d, m) = (low(word, 0), low(word, 3));
    match bits(word, 6, 4) {
        // ADC, SBC
        5 | 6 => new(Unit::Logic).late(d | m | Regs::FLAGS).writes(d | Regs::FLAGS),
        // TST, CMP, CMN
        8 | 10 | 11 => new(Unit::Logic).late(d | m).writes(Regs::FLAGS),
        // RSB from zero
        9 => new(Unit::Simple).late(m).writes(d | Regs::FLAGS),
        13 => new(Unit::Multiply).factors(d | m).writes(d | Regs::FLAGS),
        // MVN
        15 => new(Unit::Logic).late(m).writes(d | Regs::FLAGS),
        _ => new(Unit::Logic).late(d | m).writes(d | Regs::FLAGS),
    }
}

/// ADD, CMP, MOV with all registers; BX, BLX.
fn high(word: u32) -> Op {
    let d = bits(word, 0, 3) | u32::from(bit(word, 7)) << 3;
    let m = bits(word, 3, 4);
    match bits(word, 8, 2) {
        0 if d == 15 => new(Unit::Branch(Branch::Indirect)).early(Regs::r(m)),
        0 => new(Unit::Simple).late(Regs::r(d) | Regs::r(m)).writes(Regs::r(d)),
        1 => new(Unit::Logic).late(Regs::r(d) | Regs::r(m)).writes(Regs::FLAGS),
        2 if d == 15 => new(Unit::Branch(Branch::Indirect)).early(Regs::r(m)),
        2 => new(Unit::Simple).late(Regs::r(m)).writes(Regs::r(d)),
        _ if bit(word, 7) => new(Unit::Branch(Branch::IndirectCall))
            .early(Regs::r(m))
            .writes(Regs::LR),
        _ if m == 14 => new(Unit::Branch(Branch::Return)).early(Regs::LR),
        _ => new(Unit::Branch(Branch::Indirect)).early(Regs::r(m)),
    }
}

fn load(word: u32, bytes: u8, place: Option<(u8, i16)>) -> Op {
    let _ = word;
    new(Unit::Load { bytes, place })
}

fn by_register(word: u32) -> Op {
    let address = low(word, 3) | low(word, 6);
    let register = low(word, 0);
    let store = |bytes| new(Unit::Store { bytes }).early(address).data(register);
    let load = |bytes| {
        new(Unit::Load { bytes, place: None })
            .early(address)
            .writes(register)
    };
    match bits(word, 9, 3) {
        0 => store(4),
        1 => store(2),
        2 => store(1),
        // LDRSB, LDR, LDRH, LDRB, LDRSH
        3 | 6 => load(1),
        4 => load(4),
        _ => load(2),
    }
}

fn by_immediate(word: u32) -> Op {
    let (bytes, scale) = match word >> 12 {
        6 | 9 => (4, 4),
        7 => (1, 1),
        _ => (2, 2),
    };
    let (base, register, offset) = if word >> 12 == 9 {
        (13, Regs::r(bits(word, 8, 3)), bits(word, 0, 8) * scale)
    } else {
        (bits(word, 3, 3), low(word, 0), bits(word, 6, 5) * scale)
    };
    let op = if bit(word, 11) {
        let place = Some((base as u8, offset as i16));
        new(Unit::Load { bytes, place }).writes(register)
    } else {
        new(Unit::Store { bytes }).data(register)
    };
    op.early(Regs::r(base))
}

fn miscellaneous(word: u32) -> Op {
    match bits(word, 8, 4) {
        0 => new(Unit::Simple).late(Regs::SP).writes(Regs::SP),
        // CBZ, CBNZ
        1 | 3 | 9 | 11 => new(Unit::Branch(Branch::Conditional)).late(low(word, 0)),
        // SXTH, SXTB, UXTH, UXTB
        2 => new(Unit::Field).late(low(word, 3)).writes(low(word, 0)),
        4 | 5 => {
            let list = bits(word, 0, 8) | u32::from(bit(word, 8)) << 14;
            new(Unit::StoreMany(list.count_ones() as u8))
                .early(Regs::SP)
                .data(Regs::list(list))
                .updates(Regs::SP)
        }
        12 | 13 => {
            let list = bits(word, 0, 8);
            let count = list.count_ones() as u8 + u8::from(bit(word, 8));
            let unit = if bit(word, 8) {
                Unit::Branch(Branch::Return)
            } else {
                Unit::LoadMany(count)
            };
            new(unit)
                .early(Regs::SP)
                .writes(Regs::list(list))
                .updates(Regs::SP)
        }
        10 => new(Unit::Reverse).early(low(word, 3)).writes(low(word, 0)),
        15 if bits(word, 0, 4) != 0 => new(Unit::IfThen),
        15 if bits(word, 4, 4) == 0 => new(Unit::Nop),
        _ => alone(2),
    }
}

/// STMIA, LDMIA.
fn multiple(word: u32) -> Op {
    let (list, base) = (bits(word, 0, 8), bits(word, 8, 3));
    let count = list.count_ones() as u8;
    if bit(word, 11) {
        let op = new(Unit::LoadMany(count))
            .early(Regs::r(base))
            .writes(Regs::list(list));
        if bit(list, base) {
            op
        } else {
            op.updates(Regs::r(base))
        }
    } else {
        new(Unit::StoreMany(count))
            .early(Regs::r(base))
            .data(Regs::list(list))
            .updates(Regs::r(base))
    }
}

fn conditional(word: u32) -> Op {
    match bits(word, 8, 4) {
        // UDF, SVC
        14 | 15 => alone(2),
        _ => new(Unit::Branch(Branch::Conditional)),
    }
}
