// Hand-written; address, halfwords, mnemonic.
&[
    // vectors:
    0x1000, 0x2000, // 24000000 .word 0x20001000
    0x0009, 0x2400, // 24000004 .word 0x24000009
    // reset:
    0x4c06, // 24000008 ldr r4, [pc, #24]
    0x4807, // 2400000a ldr r0, [pc, #28]
    0x6800, // 2400000c ldr r0, [r0, #0]
    0x6020, // 2400000e str r0, [r4, #0]
    0x4806, // 24000010 ldr r0, [pc, #24]
    0x6800, // 24000012 ldr r0, [r0, #0]
    0x6060, // 24000014 str r0, [r4, #4]
    0xbf40, // 24000016 sev
    0xbf20, // 24000018 wfe
    0x2001, // 2400001a movs r0, #1
    0x60a0, // 2400001c str r0, [r4, #8]
    0xf3bf, 0x8f4f, // 2400001e dsb sy
    0xbe2a, // 24000022 bkpt 0x002a
    0x0400, 0x2400, // 24000024 .word 0x24000400
    0xed08, 0xe000, // 24000028 .word 0xe000ed08
    0xedf0, 0xe000, // 2400002c .word 0xe000edf0
]
