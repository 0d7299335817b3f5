// Hand-written; address, halfwords, mnemonic.
&[
    // vectors:
    0x1000, 0x2000, // 08000000 .word 0x20001000
    0x0009, 0x0800, // 08000004 .word 0x08000009
    // reset:
    0xf04f, 0x5410, // 08000008 mov.w r4, #603979776
    0x214d, // 0800000c movs r1, #77
    0x4803, // 0800000e ldr r0, [pc, #12]
    // a:
    0x6801, // 08000010 ldr r1, [r0, #0]
    0x6021, // 08000012 str r1, [r4, #0]
    0xb672, // 08000014 cpsid i
    0xbf30, // 08000016 wfi
    0xe7fd, // 08000018 b.n 8000016 <a+0x6>
    0x0000, // 0800001a .short 0x0000
    0xef90, 0xe000, // 0800001c .word 0xe000ef90
]
