//! 32-bit instructions (Armv7-M ARM A5.3).

use super::{alone, bit, bits, float};
use crate::op::{Branch, Op, Unit};
use crate::regs::Regs;

pub fn decode(first: u32, second: u32) -> Op {
    match (bits(first, 11, 2), bits(first, 4, 7)) {
        (1, op) if op & 0b110_0100 == 0 => multiple(first, second),
        (1, op) if op & 0b110_0100 == 4 => dual(first, second),
        (1, op) if op & 0b110_0000 == 0b010_0000 => shifted_register(first, second),
        (1 | 3, op) if op & 0b100_0000 != 0 => float::decode(first, second),
        (2, _) if bit(second, 15) => branch(first, second),
        (2, op) if op & 0b010_0000 == 0 => modified_immediate(first, second),
        (2, _) => plain_immediate(first, second),
        (3, op) if op & 0b111_0001 == 0 => store(first, second),
        (3, op) if op & 0b110_0001 == 1 || op & 0b110_0000 == 0 => load(first, second),
        (3, op) if op & 0b111_0000 == 0b010_0000 => register(first, second),
        (3, op) if op & 0b111_1000 == 0b011_0000 => multiply(first, second),
        (3, op) if op & 0b111_1000 == 0b011_1000 => long_multiply(first, second),
        _ => alone(4),
    }
}

fn new(unit: Unit) -> Op {
    Op::new(4, unit)
}

fn n(first: u32) -> Regs {
    Regs::r(bits(first, 0, 4))
}

fn d(second: u32) -> Regs {
    Regs::r(bits(second, 8, 4))
}

fn m(second: u32) -> Regs {
    Regs::r(bits(second, 0, 4))
}

fn a(second: u32) -> Regs {
    Regs::r(bits(second, 12, 4))
}

fn multiple(first: u32, second: u32) -> Op {
    let count = second.count_ones() as u8;
    let base = |op: Op| {
        let op = op.early(n(first));
        if bit(first, 5) { op.updates(n(first)) } else { op }
    };
    if !bit(first, 4) {
        return base(new(Unit::StoreMany(count)).data(Regs::list(second)));
    }
    let unit = if bit(second, 15) {
        Unit::Branch(Branch::Return)
    } else {
        Unit::LoadMany(count)
    };
    base(new(unit).writes(Regs::list(second)))
}

/// LDRD, STRD; exclusives; TBB, TBH.
fn dual(first: u32, second: u32) -> Op {
    let (index, update) = (bit(first, 8), bit(first, 5));
    if !index && !update {
        // LDREX and STREX, or with bit 7 their relatives and the table branches.
        return if bit(first, 7) && bit(first, 4) && bits(second, 5, 3) == 0 {
            new(Unit::Branch(Branch::Indirect)).early(n(first) | m(second))
        } else {
            alone(4)
        };
    }
    let pair = a(second) | d(second);
    let op = if bit(first, 4) {
        new(Unit::LoadMany(2)).writes(pair)
    } else {
        new(Unit::StoreMany(2)).data(pair)
    };
    let op = op.early(n(first));
    if update { op.updates(n(first)) } else { op }
}

/// What the data-processing operations read and write: (reads n, writes d), by opcode and whether n or d is r15.
fn operands(first: u32, second: u32, opcode: u32) -> (Regs, Regs) {
    let compares = bits(second, 8, 4) == 15 && bit(first, 4) && matches!(opcode, 0 | 4 | 8 | 13);
    let moves = bits(first, 0, 4) == 15 && matches!(opcode, 2 | 3);
    let mut reads = if moves { Regs::NONE } else { n(first) };
    if matches!(opcode, 10 | 11) {
        reads |= Regs::FLAGS;
    }
    let writes = if compares { Regs::NONE } else { d(second) };
    (reads, writes)
}

fn shifted_register(first: u32, second: u32) -> Op {
    let opcode = bits(first, 5, 4);
    let (reads, writes) = operands(first, second, opcode);
    let amount = bits(second, 6, 2) | bits(second, 12, 3) << 2;
    let shifts = amount != 0 || bits(second, 4, 2) != 0;
    let moves = bits(first, 0, 4) == 15 && opcode == 2;
    let op = match opcode {
        // PKHBT, PKHTB
        6 => new(Unit::Field).late(n(first)).early(m(second)),
        // A move of a shifted register is a plain shift.
        2 if moves => new(Unit::Simple).late(m(second)),
        _ if shifts => new(Unit::Shifted).late(reads).early(m(second)),
        8 | 13 | 14 => new(Unit::Simple).late(reads | m(second)),
        _ => new(Unit::Logic).late(reads | m(second)),
    };
    op.writes(writes).flags_if(bit(first, 4) && opcode != 6)
}

fn modified_immediate(first: u32, second: u32) -> Op {
    let opcode = bits(first, 5, 4);
    let (reads, writes) = operands(first, second, opcode);
    // A rotated byte goes through the shifter; a byte, or a pattern of it, does not.
    let rotated = bit(first, 10) || bits(second, 12, 3) >= 4;
    let moves = bits(first, 0, 4) == 15 && matches!(opcode, 2 | 3);
    let unit = match opcode {
        _ if rotated => Unit::Shifted,
        8 | 13 | 14 => Unit::Simple,
        2 if moves => Unit::Simple,
        _ => Unit::Logic,
    };
    new(unit).late(reads).writes(writes).flags_if(bit(first, 4))
}

fn plain_immediate(first: u32, second: u32) -> Op {
    let (source, result) = (n(first), d(second));
    match bits(first, 4, 5) {
        // ADDW, SUBW, and ADR, which they are with r15
        0 | 10 => new(Unit::Simple).late(source).writes(result),
        // MOVW
        4 => new(Unit::Simple).writes(result),
        // MOVT keeps the lower half, and may pair with the MOVW before it.
        12 => new(Unit::Simple).late(result).writes(result),
        // BFI; BFC has r15 for a source
        22 => new(Unit::Field).late(result).early(source).writes(result),
        // SBFX, UBFX
        20 | 28 => new(Unit::Field).early(source).writes(result),
        // Saturation
        _ => new(Unit::Field).late(source).writes(result | Regs::FLAGS),
    }
}

fn branch(first: u32, second: u32) -> Op {
    match (bit(second, 14), bit(second, 12)) {
        (true, true) => new(Unit::Branch(Branch::Call)).writes(Regs::LR),
        (false, true) => new(Unit::Branch(Branch::Direct)),
        (false, false) if bits(first, 7, 3) != 7 => new(Unit::Branch(Branch::Conditional)),
        // NOP.W and the other hints
        _ if bits(first, 4, 7) == 0b011_1010 && bits(second, 0, 8) < 4 => new(Unit::Nop),
        _ if first == 0xF3BF && matches!(second >> 4, 0x8F4..=0x8F6) => new(Unit::Barrier),
        // MSR, MRS
        _ => alone(4),
    }
}

fn store(first: u32, second: u32) -> Op {
    let bytes = 1 << bits(first, 5, 2).min(2);
    let op = new(Unit::Store { bytes }).early(n(first)).data(a(second));
    indexed(op, first, second)
}

fn load(first: u32, second: u32) -> Op {
    let size = bits(first, 5, 2);
    if size == 3 {
        return alone(4);
    }
    // Into r15: a jump through memory, or a preload for narrower ones.
    if bits(second, 12, 4) == 15 {
        return match size {
            2 => new(Unit::Branch(Branch::Indirect)).early(n(first)),
            _ => new(Unit::Nop).early(n(first)),
        };
    }
    let plain = bit(first, 7) || bits(first, 0, 4) == 15;
    let place = plain.then(|| (bits(first, 0, 4) as u8, bits(second, 0, 12) as i16));
    let op = new(Unit::Load {
        bytes: 1 << size,
        place,
    });
    let op = op.early(n(first)).writes(a(second));
    if bits(first, 0, 4) == 15 {
        op
    } else {
        indexed(op, first, second)
    }
}

/// The second address register, or the update of the first.
fn indexed(op: Op, first: u32, second: u32) -> Op {
    if bit(first, 7) {
        return op;
    }
    match (bit(second, 11), bit(second, 8)) {
        (false, _) => op.early(m(second)),
        (true, true) => op.updates(n(first)),
        (true, false) => op,
    }
}

/// Shifts by a register, extensions, SIMD, and the miscellaneous operations.
fn register(first: u32, second: u32) -> Op {
    let opcode = bits(first, 4, 4);
    let both = n(first) | m(second);
    if bits(second, 12, 4) != 15 {
        return alone(4);
    }
    match (opcode, bits(second, 4, 4)) {
        (_, 0) => new(Unit::Logic)
            .late(both)
            .writes(d(second))
            .flags_if(bit(first, 4)),
        (0..=5, 8..) if bits(first, 0, 4) == 15 => new(Unit::Field).late(m(second)).writes(d(second)),
        (0..=5, 8..) => new(Unit::Field).late(n(first)).early(m(second)).writes(d(second)),
        // REV, REV16, RBIT, REVSH
        (9, 8..=11) => new(Unit::Reverse).early(m(second)).writes(d(second)),
        _ => new(Unit::Field).late(both).writes(d(second)),
    }
}

/// MUL, MLA, MLS and those of half-words.
fn multiply(first: u32, second: u32) -> Op {
    let op = new(Unit::Multiply)
        .factors(n(first) | m(second))
        .writes(d(second));
    op.accumulator(a(second))
}

/// SMULL to UMAAL; SDIV, UDIV.
fn long_multiply(first: u32, second: u32) -> Op {
    let sources = n(first) | m(second);
    match bits(first, 4, 3) {
        1 | 3 => new(Unit::Divide).late(sources).writes(d(second)),
        0 | 2 => new(Unit::Multiply).factors(sources).writes(a(second) | d(second)),
        _ => new(Unit::Multiply)
            .factors(sources)
            .accumulator(a(second) | d(second))
            .writes(a(second) | d(second)),
    }
}
