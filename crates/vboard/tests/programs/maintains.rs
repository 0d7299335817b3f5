// Hand-written; address, halfwords, mnemonic. Cleans before MDMA reads, invalidates before and after it writes.
&[
    // vectors:
    0x1000, 0x2000, // 08000000 .word 0x20001000
    0x0009, 0x0800, // 08000004 .word 0x08000009
    // reset:
    0xb672, // 08000008 cpsid i
    0x4825, // 0800000a ldr r0, [pc, #148]
    0x4925, // 0800000c ldr r1, [pc, #148]
    0x2200, // 0800000e movs r2, #0
    0xf04f, 0x4380, // 08000010 mov.w r3, #1073741824
    // sets:
    0x600a, // 08000014 str r2, [r1, #0]
    0x18d4, // 08000016 adds r4, r2, r3
    0x600c, // 08000018 str r4, [r1, #0]
    0x18e4, // 0800001a adds r4, r4, r3
    0x600c, // 0800001c str r4, [r1, #0]
    0x18e4, // 0800001e adds r4, r4, r3
    0x600c, // 08000020 str r4, [r1, #0]
    0x3220, // 08000022 adds r2, #32
    0xf5b2, 0x5f80, // 08000024 cmp.w r2, #4096
    0xd1f4, // 08000028 bne.n 8000014 <sets>
    0xf3bf, 0x8f4f, // 0800002a dsb sy
    0x6942, // 0800002e ldr r2, [r0, #20]
    0xf442, 0x3280, // 08000030 orr.w r2, r2, #65536
    0x6142, // 08000034 str r2, [r0, #20]
    0xf3bf, 0x8f4f, // 08000036 dsb sy
    0xf3bf, 0x8f6f, // 0800003a isb sy
    0x481a, // 0800003e ldr r0, [pc, #104]
    0x2201, // 08000040 movs r2, #1
    0x6002, // 08000042 str r2, [r0, #0]
    0x4c19, // 08000044 ldr r4, [pc, #100]
    0x4d1a, // 08000046 ldr r5, [pc, #104]
    0x4e1a, // 08000048 ldr r6, [pc, #104]
    // store:
    0x6026, // 0800004a str r6, [r4, #0]
    0x608c, // 0800004c str r4, [r1, #8]
    0xf114, 0x0220, // 0800004e adds.w r2, r4, #32
    0x608a, // 08000052 str r2, [r1, #8]
    0x3904, // 08000054 subs r1, #4
    0x600d, // 08000056 str r5, [r1, #0]
    0xf115, 0x0220, // 08000058 adds.w r2, r5, #32
    0x600a, // 0800005c str r2, [r1, #0]
    0x3104, // 0800005e adds r1, #4
    0xf3bf, 0x8f4f, // 08000060 dsb sy
    0x4814, // 08000064 ldr r0, [pc, #80]
    0x4a15, // 08000066 ldr r2, [pc, #84]
    0x6102, // 08000068 str r2, [r0, #16]
    0x2240, // 0800006a movs r2, #64
    0x6142, // 0800006c str r2, [r0, #20]
    0x6184, // 0800006e str r4, [r0, #24]
    0x61c5, // 08000070 str r5, [r0, #28]
    0x2200, // 08000072 movs r2, #0
    0x6282, // 08000074 str r2, [r0, #40]
    0x2201, // 08000076 movs r2, #1
    0x60c2, // 08000078 str r2, [r0, #12]
    0xf442, 0x3280, // 0800007a orr.w r2, r2, #65536
    0x60c2, // 0800007e str r2, [r0, #12]
    // poll:
    0x6802, // 08000080 ldr r2, [r0, #0]
    0x0792, // 08000082 lsls r2, r2, #30
    0xd5fc, // 08000084 bpl.n 8000080 <poll>
    0x3904, // 08000086 subs r1, #4
    0x600d, // 08000088 str r5, [r1, #0]
    0xf115, 0x0220, // 0800008a adds.w r2, r5, #32
    0x600a, // 0800008e str r2, [r1, #0]
    0xf3bf, 0x8f4f, // 08000090 dsb sy
    // load:
    0x682f, // 08000094 ldr r7, [r5, #0]
    0xf04f, 0x5310, // 08000096 mov.w r3, #603979776
    0x601f, // 0800009a str r7, [r3, #0]
    // idle:
    0xbf30, // 0800009c wfi
    0xe7fd, // 0800009e b.n 800009c <idle>
    0xed00, 0xe000, // 080000a0 .word 0xe000ed00
    0xef60, 0xe000, // 080000a4 .word 0xe000ef60
    0x4534, 0x5802, // 080000a8 .word 0x58024534
    0x1000, 0x2400, // 080000ac .word 0x24001000
    0x2000, 0x2400, // 080000b0 .word 0x24002000
    0xcafe, 0x600d, // 080000b4 .word 0x600dcafe
    0x0040, 0x5200, // 080000b8 .word 0x52000040
    0x0aaa, 0x72fc, // 080000bc .word 0x72fc0aaa
]
