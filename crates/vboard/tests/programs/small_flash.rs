// Hand-written; address, halfwords, mnemonic.
&[
    // vectors:
    0x1000, 0x2000, // 08000000 .word 0x20001000
    0x0009, 0x0800, // 08000004 .word 0x08000009
    // reset:
    0xf04f, 0x5410, // 08000008 mov.w r4, #603979776
    0x4805, // 0800000c ldr r0, [pc, #20]
    0x8800, // 0800000e ldrh r0, [r0, #0]
    0x6020, // 08000010 str r0, [r4, #0]
    0x4805, // 08000012 ldr r0, [pc, #20]
    0x6800, // 08000014 ldr r0, [r0, #0]
    0x6060, // 08000016 str r0, [r4, #4]
    0x4904, // 08000018 ldr r1, [pc, #16]
    0x6808, // 0800001a ldr r0, [r1, #0]
    0x60a0, // 0800001c str r0, [r4, #8]
    0xb672, // 0800001e cpsid i
    // end:
    0xbf30, // 08000020 wfi
    0xe7fd, // 08000022 b.n 8000020 <end>
    0xf80c, 0x08ff, // 08000024 .word 0x08fff80c
    0xfffc, 0x0801, // 08000028 .word 0x0801fffc
    0x0000, 0x0802, // 0800002c .word 0x08020000
]
