// Hand-written; address, halfwords, mnemonic.
&[
    // vectors:
    0x1000, 0x2000, // 08000000 .word 0x20001000
    0x0009, 0x0800, // 08000004 .word 0x08000009
    // reset:
    0xf04f, 0x5410, // 08000008 mov.w r4, #603979776
    0x4d0a, // 0800000c ldr r5, [pc, #40]
    0x2600, // 0800000e movs r6, #0
    0x2700, // 08000010 movs r7, #0
    0x490a, // 08000012 ldr r1, [pc, #40]
    0xea41, 0x0107, // 08000014 orr.w r1, r1, r7
    0x6029, // 08000018 str r1, [r5, #0]
    0xf3bf, 0x8f4f, // 0800001a dsb sy
    0xf3bf, 0x8f6f, // 0800001e isb sy
    0xf045, 0x0201, // 08000022 orr.w r2, r5, #1
    0x4790, // 08000026 blx r2
    0x1836, // 08000028 adds r6, r6, r0
    0x3701, // 0800002a adds r7, #1
    0x2f64, // 0800002c cmp r7, #100
    0xd1f0, // 0800002e bne.n 8000012 <reset+0xa>
    0x6026, // 08000030 str r6, [r4, #0]
    0xb672, // 08000032 cpsid i
    0xbf30, // 08000034 wfi
    0xe7fd, // 08000036 b.n 8000034 <reset+0x2c>
    0x0000, 0x2404, // 08000038 .word 0x24040000
    0x2000, 0x4770, // 0800003c .word 0x47702000
]
