//! Encodings as an assembler makes them, and what the pipeline has to know of each.

use super::*;
use crate::op::{Branch, Float};
use crate::regs::Regs;

fn load(bytes: u8) -> Unit {
    Unit::Load { bytes, place: None }
}

#[test]
fn instructions_are_read_as_the_manual_has_them() {
    let r = Regs::r;
    let table: &[(&str, &[u16], Op)] = &[
        (
            "ldr.w r3,[r1,r2,lsl #2]",
            &[0xF851, 0x3022],
            Op::new(4, load(4)).early(r(1) | r(2)).writes(r(3)),
        ),
        (
            "ldr r0,[r2],#4",
            &[0xF852, 0x0B04],
            Op::new(4, load(4)).early(r(2)).writes(r(0)).updates(r(2)),
        ),
        (
            "ldrsb r0,[r1,r2]",
            &[0x5688],
            Op::new(2, load(1)).early(r(1) | r(2)).writes(r(0)),
        ),
        (
            "strh.w r5,[r6,#2]!",
            &[0xF826, 0x5F02],
            Op::new(4, Unit::Store { bytes: 2 })
                .early(r(6))
                .data(r(5))
                .updates(r(6)),
        ),
        (
            "push {r4,r5,lr}",
            &[0xB530],
            Op::new(2, Unit::StoreMany(3))
                .early(Regs::SP)
                .data(r(4) | r(5) | Regs::LR)
                .updates(Regs::SP),
        ),
        (
            "pop {r4,pc}",
            &[0xBD10],
            Op::new(2, Unit::Branch(Branch::Return))
                .early(Regs::SP)
                .writes(r(4))
                .updates(Regs::SP),
        ),
        (
            "ldmia.w r0!,{r1,r2,r3,r8}",
            &[0xE8B0, 0x010E],
            Op::new(4, Unit::LoadMany(4))
                .early(r(0))
                .writes(r(1) | r(2) | r(3) | r(8))
                .updates(r(0)),
        ),
        (
            "strd r1,r2,[r3,#8]",
            &[0xE9C3, 0x1202],
            Op::new(4, Unit::StoreMany(2)).early(r(3)).data(r(1) | r(2)),
        ),
        (
            "add.w r0,r1,r2,lsl #3",
            &[0xEB01, 0x00C2],
            Op::new(4, Unit::Shifted).late(r(1)).early(r(2)).writes(r(0)),
        ),
        (
            "cmp.w r8,r9",
            &[0xEBB8, 0x0F09],
            Op::new(4, Unit::Simple).late(r(8) | r(9)).writes(Regs::FLAGS),
        ),
        (
            "adc.w r0,r1,r2",
            &[0xEB41, 0x0002],
            Op::new(4, Unit::Logic)
                .late(r(1) | r(2) | Regs::FLAGS)
                .writes(r(0)),
        ),
        (
            "mov.w r0,#0x40000000",
            &[0xF04F, 0x4080],
            Op::new(4, Unit::Shifted).writes(r(0)),
        ),
        (
            "orr.w r0,r1,#0x00ff00ff",
            &[0xF041, 0x10FF],
            Op::new(4, Unit::Logic).late(r(1)).writes(r(0)),
        ),
        (
            "ubfx r0,r1,#2,#3",
            &[0xF3C1, 0x0082],
            Op::new(4, Unit::Field).early(r(1)).writes(r(0)),
        ),
        (
            "smlabb r0,r1,r2,r3",
            &[0xFB11, 0x3002],
            Op::new(4, Unit::Multiply)
                .factors(r(1) | r(2))
                .accumulator(r(3))
                .writes(r(0)),
        ),
        (
            "smlal r0,r1,r2,r3",
            &[0xFBC2, 0x0103],
            Op::new(4, Unit::Multiply)
                .factors(r(2) | r(3))
                .accumulator(r(0) | r(1))
                .writes(r(0) | r(1)),
        ),
        (
            "udiv r0,r1,r2",
            &[0xFBB1, 0xF0F2],
            Op::new(4, Unit::Divide).late(r(1) | r(2)).writes(r(0)),
        ),
        (
            "tbb [pc,r1]",
            &[0xE8DF, 0xF001],
            Op::new(4, Unit::Branch(Branch::Indirect)).early(r(1)),
        ),
        (
            "bx lr",
            &[0x4770],
            Op::new(2, Unit::Branch(Branch::Return)).early(Regs::LR),
        ),
        (
            "blx r3",
            &[0x4798],
            Op::new(2, Unit::Branch(Branch::IndirectCall))
                .early(r(3))
                .writes(Regs::LR),
        ),
        (
            "cbz r1,.+8",
            &[0xB111],
            Op::new(2, Unit::Branch(Branch::Conditional)).late(r(1)),
        ),
        (
            "vldr s5,[r1,#8]",
            &[0xEDD1, 0x2A02],
            Op::new(4, Unit::Float(Float::Load))
                .early(r(1))
                .writes(Regs::s(5)),
        ),
        (
            "vfma.f32 s1,s2,s3",
            &[0xEEE1, 0x0A21],
            Op::new(4, Unit::Float(Float::Fused))
                .late(Regs::s(2) | Regs::s(3))
                .accumulator(Regs::s(1))
                .writes(Regs::s(1)),
        ),
        (
            "vmul.f64 d1,d2,d3",
            &[0xEE22, 0x1B03],
            Op::new(4, Unit::Float(Float::MultiplyDouble))
                .late(Regs::d(2) | Regs::d(3))
                .writes(Regs::d(1)),
        ),
        (
            "vldmia r0!,{s4-s7}",
            &[0xECB0, 0x2A04],
            Op::new(4, Unit::LoadMany(4))
                .early(r(0))
                .writes(Regs::s_range(4, 4))
                .updates(r(0)),
        ),
        (
            "vmov r0,s3",
            &[0xEE11, 0x0A90],
            Op::new(4, Unit::Float(Float::ToInteger))
                .late(Regs::s(3))
                .writes(r(0)),
        ),
        (
            "vcvt.f64.f32 d1,s2",
            &[0xEEB7, 0x1AC1],
            Op::new(4, Unit::Float(Float::Add))
                .late(Regs::s(2))
                .writes(Regs::d(1)),
        ),
        (
            "vcmp.f64 d1,d2",
            &[0xEEB4, 0x1B42],
            Op::new(4, Unit::Float(Float::Compare))
                .late(Regs::d(1) | Regs::d(2))
                .writes(Regs::FLAGS),
        ),
        ("dsb", &[0xF3BF, 0x8F4F], Op::new(4, Unit::Barrier)),
        ("nop.w", &[0xF3AF, 0x8000], Op::new(4, Unit::Nop)),
    ];
    for (text, code, wanted) in table {
        let bytes: Vec<u8> = code.iter().flat_map(|half| half.to_le_bytes()).collect();
        assert_eq!(decode(&bytes), Some(*wanted), "{text}");
    }
}

#[test]
fn what_is_cut_off_is_no_instruction() {
    assert_eq!(decode(&[]), None);
    assert_eq!(decode(&[0x00]), None);
    // The first half of a BL.
    assert_eq!(decode(&[0x00, 0xF0]), None);
}

#[test]
fn every_pair_of_half_words_decodes_to_something_of_its_size() {
    for first in 0..=u16::MAX {
        for second in [0x0000_u16, 0x0A10, 0x5555, 0x8000, 0xF0F0, 0xFFFF] {
            let bytes = [first.to_le_bytes(), second.to_le_bytes()].concat();
            let bytes_of_it = decode(&bytes).unwrap().bytes;
            assert_eq!(bytes_of_it == 4, first >> 11 >= 0b11101, "{first:04x}");
        }
    }
}
