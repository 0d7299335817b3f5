//! Pieces of small Thumb programs that let MDMA copy a buffer in cached memory. Hand-written: halfwords, mnemonic. Each
//! piece runs at any place behind `START`.

/// Vectors; the D-cache emptied and switched on; MDMA with a clock. Leaves in r0 MDMA's channel 0, in r1 DCIMVAC, in r4 the
/// source, in r5 the target, in r6 what goes over, in r7 what MDMA_C0TCR is to be.
pub const START: &[u16] = &[
    // vectors:
    0x1000, 0x2000, // .word 0x20001000
    0x0009, 0x0800, // .word 0x08000009
    // reset:
    0xb672, // cpsid i
    0x4812, // ldr r0, [pc, #72]
    0x4912, // ldr r1, [pc, #72]
    0x2200, // movs r2, #0
    0xf04f, 0x4380, // mov.w r3, #1073741824
    // sets:
    0x600a, // str r2, [r1, #0]
    0x18d4, // adds r4, r2, r3
    0x600c, // str r4, [r1, #0]
    0x18e4, // adds r4, r4, r3
    0x600c, // str r4, [r1, #0]
    0x18e4, // adds r4, r4, r3
    0x600c, // str r4, [r1, #0]
    0x3220, // adds r2, #32
    0xf5b2, 0x5f80, // cmp.w r2, #4096
    0xd1f4, // bne sets
    0xf3bf, 0x8f4f, // dsb sy
    0x6942, // ldr r2, [r0, #20]
    0xf442, 0x3280, // orr.w r2, r2, #65536
    0x6142, // str r2, [r0, #20]
    0xf3bf, 0x8f4f, // dsb sy
    0xf3bf, 0x8f6f, // isb sy
    0x4807, // ldr r0, [pc, #28]
    0x2201, // movs r2, #1
    0x6002, // str r2, [r0, #0]
    0x4806, // ldr r0, [pc, #24]
    0x3904, // subs r1, #4
    0x4c06, // ldr r4, [pc, #24]
    0x4d07, // ldr r5, [pc, #28]
    0x4e07, // ldr r6, [pc, #28]
    0x4f08, // ldr r7, [pc, #32]
    0xe010, // b done
    0xbf00, // nop
    0xed00, 0xe000, // .word 0xe000ed00
    0xef60, 0xe000, // .word 0xe000ef60
    0x4534, 0x5802, // .word 0x58024534
    0x0040, 0x5200, // .word 0x52000040
    0x1000, 0x2400, // .word 0x24001000
    0x2000, 0x2400, // .word 0x24002000
    0xcafe, 0x600d, // .word 0x600dcafe
    0x0aaa, 0x72fc, // .word 0x72fc0aaa
];

/// Some 131,000 cycles.
pub const LATER: &[u16] = &[
    0xf64f, 0x72ff, // movw r2, #65535
    // late:
    0x3a01, // subs r2, #1
    0xd1fd, // bne late
];

/// The word into the source.
pub const STORE: &[u16] = &[
    0x6026, // str r6, [r4, #0]
];

/// Both lines of the source to memory.
pub const CLEAN: &[u16] = &[
    0x60cc, // str r4, [r1, #12]
    0xf114, 0x0220, // adds.w r2, r4, #32
    0x60ca, // str r2, [r1, #12]
];

/// Both lines of the target out of the cache.
pub const INVALIDATE: &[u16] = &[
    0x600d, // str r5, [r1, #0]
    0xf115, 0x0220, // adds.w r2, r5, #32
    0x600a, // str r2, [r1, #0]
    0xf3bf, 0x8f4f, // dsb sy
];

/// 64 bytes from the source to the target by MDMA, and waits for its end.
pub const TRANSFER: &[u16] = &[
    0xf3bf, 0x8f4f, // dsb sy
    0x6107, // str r7, [r0, #16]
    0x2240, // movs r2, #64
    0x6142, // str r2, [r0, #20]
    0x6184, // str r4, [r0, #24]
    0x61c5, // str r5, [r0, #28]
    0x2200, // movs r2, #0
    0x6282, // str r2, [r0, #40]
    0x2201, // movs r2, #1
    0x60c2, // str r2, [r0, #12]
    0xf442, 0x3280, // orr.w r2, r2, #65536
    0x60c2, // str r2, [r0, #12]
    // poll:
    0x6802, // ldr r2, [r0, #0]
    0x0792, // lsls r2, r2, #30
    0xd5fc, // bpl poll
];

/// The word from the target to the results; sleeps for good.
pub const LOAD: &[u16] = &[
    0x682a, // ldr r2, [r5, #0]
    0xf04f, 0x5310, // mov.w r3, #603979776
    0x601a, // str r2, [r3, #0]
    // idle:
    0xbf30, // wfi
    0xe7fd, // b idle
];
