//! One small program for each rule; the bytes are those of an assembler. `J`, `M` and `Q` are explained in the module.

use super::*;

struct Micro {
    what: &'static str,
    source: &'static str,
    code: &'static [u16],
    cycles: u32,
}

const PROGRAMS: &[Micro] = &[
    Micro {
        what: "independent adds pair",
        source: "J: independent ALU pairs, 1 cycle",
        code: &[0xF100, 0x0001, 0xF101, 0x0101, 0xF102, 0x0201, 0xF103, 0x0301], // add r0,r0,#1; add r1,r1,#1; add r2,r2,#1; add r3,r3,#1
        cycles: 2,
    },
    Micro {
        what: "a chain of adds is one a cycle",
        source: "J: early, then late ALU of the first cycle",
        code: &[0xEB01, 0x0002, 0xEB00, 0x0002, 0xEB00, 0x0002, 0xEB00, 0x0002], // add.w r0,r1,r2; add.w r0,r0,r2; add.w r0,r0,r2; add.w r0,r0,r2
        cycles: 3,
    },
    Micro {
        what: "a carry chain does not pair",
        source: "J",
        code: &[0x4148, 0x415A], // adcs r0,r1; adcs r2,r3
        cycles: 2,
    },
    Micro {
        what: "movw and movt pair",
        source: "J",
        code: &[0xF240, 0x0001, 0xF2C0, 0x0002], // movw r0,#1; movt r0,#2
        cycles: 1,
    },
    Micro {
        what: "a sum and its sum may pair",
        source: "M",
        code: &[0xEB00, 0x0103, 0xEB01, 0x0102], // add.w r1,r0,r3; add.w r1,r1,r2
        cycles: 1,
    },
    Micro {
        what: "two shifted operands do not pair",
        source: "J: one a cycle",
        code: &[0xEB01, 0x00C2, 0xEB04, 0x03C5], // add.w r0,r1,r2,lsl #3; add.w r3,r4,r5,lsl #3
        cycles: 2,
    },
    Micro {
        what: "a shifted operand pairs with a plain one",
        source: "J",
        code: &[0xEB01, 0x00C2, 0xEB04, 0x0305], // add.w r0,r1,r2,lsl #3; add.w r3,r4,r5
        cycles: 1,
    },
    Micro {
        what: "a shifted operand is wanted one cycle earlier",
        source: "J: late ALU, then early use",
        code: &[0xEA83, 0x0204, 0xEB01, 0x00C2], // eor.w r2,r3,r4; add.w r0,r1,r2,lsl #3
        cycles: 3,
    },
    Micro {
        what: "bit fields do not pair with one another",
        source: "J: older slot only",
        code: &[0xF3C1, 0x00C3, 0xF3C3, 0x02C3], // ubfx r0,r1,#3,#4; ubfx r2,r3,#3,#4
        cycles: 2,
    },
    Micro {
        what: "a bit field pairs with an add behind it",
        source: "J",
        code: &[0xF3C1, 0x00C3, 0xEB03, 0x0204], // ubfx r0,r1,#3,#4; add.w r2,r3,r4
        cycles: 1,
    },
    Micro {
        what: "multiplies are one a cycle",
        source: "J",
        code: &[0xFB01, 0xF002, 0xFB04, 0xF305, 0xFB07, 0xF608], // mul r0,r1,r2; mul r3,r4,r5; mul r6,r7,r8
        cycles: 3,
    },
    Micro {
        what: "a product is there after two cycles",
        source: "J: latency 2",
        code: &[0xFB01, 0xF002, 0xEA80, 0x0304], // mul r0,r1,r2; eor.w r3,r0,r4
        cycles: 3,
    },
    Micro {
        what: "a chain of sums of products is one a cycle",
        source: "J",
        code: &[0xFB01, 0x0002, 0xFB03, 0x0004, 0xFB05, 0x0006, 0xFB01, 0x0002], // mla r0,r1,r2,r0; mla r0,r3,r4,r0; mla r0,r5,r6,r0; mla r0,r1,r2,r0
        cycles: 4,
    },
    Micro {
        what: "a multiply does not pair with a store",
        source: "J",
        code: &[0xFB01, 0xF002, 0x6023], // mul r0,r1,r2; str r3,[r4]
        cycles: 2,
    },
    Micro {
        what: "a multiply cannot take what was loaded in the cycle before",
        source: "J",
        code: &[0x6810, 0xFB00, 0xF103], // ldr r0,[r2]; mul r1,r0,r3
        cycles: 3,
    },
    Micro {
        what: "what it adds to may come from the cycle before, or a byte",
        source: "J: taken behind the late ALU",
        code: &[0x7810, 0xFB04, 0x0103], // ldrb r0,[r2]; mla r1,r4,r3,r0
        cycles: 2,
    },
    Micro {
        what: "loads of both banks pair",
        source: "J",
        code: &[0x6810, 0x6851], // ldr r0,[r2,#0]; ldr r1,[r2,#4]
        cycles: 1,
    },
    Micro {
        what: "loads of one bank do not",
        source: "J",
        code: &[0x6810, 0x6891], // ldr r0,[r2,#0]; ldr r1,[r2,#8]
        cycles: 2,
    },
    Micro {
        what: "a loaded word is there for the next cycle",
        source: "J",
        code: &[0x6810, 0xEA80, 0x0103], // ldr r0,[r2]; eor.w r1,r0,r3
        cycles: 2,
    },
    Micro {
        what: "a loaded word as an address comes one later",
        source: "Q: three cycles for the pair",
        code: &[0x6810, 0x6801], // ldr r0,[r2]; ldr r1,[r0]
        cycles: 3,
    },
    Micro {
        what: "a loaded byte comes one later",
        source: "J",
        code: &[0x7810, 0xEA80, 0x0103], // ldrb r0,[r2]; eor.w r1,r0,r3
        cycles: 3,
    },
    Micro {
        what: "addresses are updated for free",
        source: "J: every cycle unless used in the same one",
        code: &[0xF852, 0x0B04, 0xF852, 0x1B04, 0xF852, 0x3B04], // ldr r0,[r2],#4; ldr r1,[r2],#4; ldr r3,[r2],#4
        cycles: 3,
    },
    Micro {
        what: "stores are one a cycle",
        source: "J",
        code: &[0x6010, 0x6051], // str r0,[r2]; str r1,[r2,#4]
        cycles: 2,
    },
    Micro {
        what: "a store pairs with a load",
        source: "J",
        code: &[0x6810, 0x6019], // ldr r0,[r2]; str r1,[r3]
        cycles: 1,
    },
    Micro {
        what: "a store takes a result of its own cycle",
        source: "J",
        code: &[0xEA81, 0x0002, 0x6018], // eor.w r0,r1,r2; str r0,[r3]
        cycles: 1,
    },
    Micro {
        what: "eight registers are four cycles",
        source: "J: ceil(n/2), alone",
        code: &[0xBF00, 0xBF00, 0xE890, 0x01FE], // nop; nop; ldmia r0,{r1-r8}
        cycles: 5,
    },
    Micro {
        what: "without two narrow instructions near them they stall for one more",
        source: "J",
        code: &[0xE890, 0x01FE], // ldmia r0,{r1-r8}
        cycles: 5,
    },
    Micro {
        what: "three registers are two",
        source: "J",
        code: &[0xC00E, 0xBF00], // stmia r0!,{r1,r2,r3}; nop
        cycles: 3,
    },
    Micro {
        what: "ldrd is one cycle, alone",
        source: "J",
        code: &[0xF107, 0x0701, 0xE9D2, 0x0100, 0x3601, 0x3501], // add.w r7,r7,#1; ldrd r0,r1,[r2]; adds r6,#1; adds r5,#1
        cycles: 3,
    },
    Micro {
        what: "floats add one a cycle",
        source: "J: no two a cycle",
        code: &[0xEE30, 0x0A81, 0xEE72, 0x1A22, 0xEE23, 0x3A84], // vadd.f32 s0,s1,s2; vadd.f32 s3,s4,s5; vmul.f32 s6,s7,s8
        cycles: 3,
    },
    Micro {
        what: "a float sum is there after three",
        source: "J",
        code: &[0xEE30, 0x0A81, 0xEE70, 0x1A22], // vadd.f32 s0,s1,s2; vadd.f32 s3,s0,s5
        cycles: 4,
    },
    Micro {
        what: "a fused chain through the sum is three",
        source: "J",
        code: &[0xEEA0, 0x0A81, 0xEEA1, 0x0A82], // vfma.f32 s0,s1,s2; vfma.f32 s0,s3,s4
        cycles: 4,
    },
    Micro {
        what: "three sums keep the fused multiply at one a cycle",
        source: "J",
        code: &[
            0xEEA5, 0x0A25, 0xEEE6, 0x0A26, 0xEEA7, 0x1A27, 0xEEA8, 0x0A28, 0xEEE9, 0x0A29, 0xEEAA, 0x1A2A,
        ], // vfma.f32 s0,s10,s11; vfma.f32 s1,s12,s13; vfma.f32 s2,s14,s15; vfma.f32 s0,s16,s17; vfma.f32 s1,s18,s19; vfma.f32 s2,s20,s21
        cycles: 6,
    },
    Micro {
        what: "a fused result as an operand is five",
        source: "J",
        code: &[0xEEA0, 0x0A81, 0xEE70, 0x1A02], // vfma.f32 s0,s1,s2; vadd.f32 s3,s0,s4
        cycles: 6,
    },
    Micro {
        what: "an unfused one is six",
        source: "J",
        code: &[0xEE00, 0x0A81, 0xEE70, 0x1A02], // vmla.f32 s0,s1,s2; vadd.f32 s3,s0,s4
        cycles: 7,
    },
    Micro {
        what: "a float divide locks the pipe",
        source: "J: 16, pairs with one",
        code: &[0xEE80, 0x0A81, 0xEB01, 0x0002, 0xEB04, 0x0305], // vdiv.f32 s0,s1,s2; add.w r0,r1,r2; add.w r3,r4,r5
        cycles: 17,
    },
    Micro {
        what: "a loaded float pairs and is there at once",
        source: "J",
        code: &[0xED90, 0x0A00, 0xEDD0, 0x0A01], // vldr s0,[r0]; vldr s1,[r0,#4]
        cycles: 1,
    },
    Micro {
        what: "a double load is alone",
        source: "J",
        code: &[0xED90, 0x0B00, 0xF101, 0x0101], // vldr d0,[r0]; add.w r1,r1,#1
        cycles: 2,
    },
    Micro {
        what: "a double sum",
        source: "J: latency 3",
        code: &[0xEE31, 0x0B02, 0xEE30, 0x3B04], // vadd.f64 d0,d1,d2; vadd.f64 d3,d0,d4
        cycles: 4,
    },
    Micro {
        what: "a double quotient is thirty",
        source: "J",
        code: &[0xEE81, 0x0B02], // vdiv.f64 d0,d1,d2
        cycles: 30,
    },
    Micro {
        what: "an IT takes a slot",
        source: "J",
        code: &[0xBF08, 0x1888], // it eq; addeq r0,r1,r2
        cycles: 1,
    },
    Micro {
        what: "a load of floats waits behind a fused multiply",
        source: "J: not for three cycles; and the stall of a wide transfer",
        code: &[0xEEA0, 0x0A81, 0xECB2, 0x2A01], // vfma.f32 s0,s1,s2; vldmia r2!,{s4}
        cycles: 6,
    },
    Micro {
        what: "a fused multiply does not join a load",
        source: "J, and forum 9930",
        code: &[0xED92, 0x2A00, 0xEEA0, 0x0A81], // vldr s4,[r2]; vfma.f32 s0,s1,s2
        cycles: 2,
    },
    Micro {
        what: "a loaded float is the older of two behind a fused multiply",
        source: "J",
        code: &[0xEEA0, 0x0A81, 0xED92, 0x2A00], // vfma.f32 s0,s1,s2; vldr s4,[r2]
        cycles: 2,
    },
];

#[test]
fn each_rule_costs_what_was_measured() {
    let mut wrong = String::new();
    for Micro {
        what,
        source,
        code,
        cycles,
    } in PROGRAMS
    {
        let bytes: Vec<u8> = code.iter().flat_map(|half| half.to_le_bytes()).collect();
        let found = block(&bytes).cycles;
        if found != *cycles {
            wrong += &format!("{what} ({source}): expected {cycles}, found {found}\n");
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn what_is_under_way_at_the_end_of_a_block_is_waited_for_in_the_next() {
    let code = |halves: &[u16]| -> Vec<u8> { halves.iter().flat_map(|half| half.to_le_bytes()).collect() };
    // vfma.f32 s0, s1, s2, alone in a loop: three cycles for each sum, not one.
    let sum = block(&code(&[0xEEA0, 0x0A81]));
    assert_eq!(sum.cycles + sum.wait_behind(&sum.tail), 3);
    // mul r0, r1, r2 and eor.w r3, r0, r4 in two blocks cost what they cost in one.
    let (product, use_of_it) = (block(&code(&[0xFB01, 0xF002])), block(&code(&[0xEA80, 0x0304])));
    assert_eq!(
        product.cycles + use_of_it.cycles + use_of_it.wait_behind(&product.tail),
        3
    );
    // What the second block writes itself is not waited for: mul r0, then mov r0 and its use.
    let anew = block(&code(&[0x2000, 0xEA80, 0x0304]));
    assert_eq!(anew.wait_behind(&product.tail), 0);
}
