// Hand-written; address, halfwords, mnemonic.
&[
    // vectors:
    0x1000, 0x2000, // 08000000 .word 0x20001000
    0x0009, 0x0800, // 08000004 .word 0x08000009
    // reset:
    0xf04f, 0x5410, // 08000008 mov.w r4, #603979776
    0x490c, // 0800000c ldr r1, [pc, #48]
    0x6822, // 0800000e ldr r2, [r4, #0]
    0x4291, // 08000010 cmp r1, r2
    0xd00d, // 08000012 beq.n 8000030 <reset+0x28>
    0x6021, // 08000014 str r1, [r4, #0]
    0x480b, // 08000016 ldr r0, [pc, #44]
    0xf04f, 0x6100, // 08000018 mov.w r1, #134217728
    0xf501, 0x6180, // 0800001c add.w r1, r1, #1024
    0x6001, // 08000020 str r1, [r0, #0]
    0xf381, 0x8811, // 08000022 msr BASEPRI, r1
    0x4908, // 08000026 ldr r1, [pc, #32]
    0x6041, // 08000028 str r1, [r0, #4]
    0xf3bf, 0x8f4f, // 0800002a dsb sy
    0xe7fe, // 0800002e b.n 800002e <reset+0x26>
    0x4804, // 08000030 ldr r0, [pc, #16]
    0x6801, // 08000032 ldr r1, [r0, #0]
    0x6061, // 08000034 str r1, [r4, #4]
    0x4669, // 08000036 mov r1, sp
    0x60a1, // 08000038 str r1, [r4, #8]
    0xb672, // 0800003a cpsid i
    0xbf30, // 0800003c wfi
    0xe7fd, // 0800003e b.n 800003c <reset+0x34>
    0xcafe, 0x600d, // 08000040 .word 0x600dcafe
    0xed08, 0xe000, // 08000044 .word 0xe000ed08
    0x0004, 0x05fa, // 08000048 .word 0x05fa0004
]
