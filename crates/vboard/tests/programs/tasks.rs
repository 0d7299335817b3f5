// Hand-written; address, halfwords, mnemonic.
&[
    // vectors:
    0x1000, 0x2000, // 08000000 .word 0x20001000
    0x0041, 0x0800, // 08000004 .word 0x08000041
    0x0000, 0x0000, // 08000008 .word 0x00000000
    0x0000, 0x0000, // 0800000c .word 0x00000000
    0x0000, 0x0000, // 08000010 .word 0x00000000
    0x0000, 0x0000, // 08000014 .word 0x00000000
    0x0000, 0x0000, // 08000018 .word 0x00000000
    0x0000, 0x0000, // 0800001c .word 0x00000000
    0x0000, 0x0000, // 08000020 .word 0x00000000
    0x0000, 0x0000, // 08000024 .word 0x00000000
    0x0000, 0x0000, // 08000028 .word 0x00000000
    0x0000, 0x0000, // 0800002c .word 0x00000000
    0x0000, 0x0000, // 08000030 .word 0x00000000
    0x0000, 0x0000, // 08000034 .word 0x00000000
    0x00eb, 0x0800, // 08000038 .word 0x080000eb
    0x0000, 0x0000, // 0800003c .word 0x00000000
    // reset:
    0x4835, // 08000040 ldr r0, [pc, #212]
    0xf44f, 0x0170, // 08000042 mov.w r1, #15728640
    0x6001, // 08000046 str r1, [r0, #0]
    0xf3bf, 0x8f4f, // 08000048 dsb sy
    0xf3bf, 0x8f6f, // 0800004c isb sy
    0xf04f, 0x5a10, // 08000050 mov.w sl, #603979776
    0xf04f, 0x2020, // 08000054 mov.w r0, #536879104
    0x4930, // 08000058 ldr r1, [pc, #192]
    0xf1a0, 0x0020, // 0800005a sub.w r0, r0, #32
    0x6181, // 0800005e str r1, [r0, #24]
    0xf04f, 0x7180, // 08000060 mov.w r1, #16777216
    0x61c1, // 08000064 str r1, [r0, #28]
    0x2100, // 08000066 movs r1, #0
    0x6141, // 08000068 str r1, [r0, #20]
    0xf1a0, 0x0024, // 0800006a sub.w r0, r0, #36
    0xf06f, 0x0102, // 0800006e mvn.w r1, #2
    0x6201, // 08000072 str r1, [r0, #32]
    0xf8c0, 0xa018, // 08000074 str.w sl, [r0, #24]
    0x4683, // 08000078 mov fp, r0
    0x4829, // 0800007a ldr r0, [pc, #164]
    0xf380, 0x8809, // 0800007c msr PSP, r0
    0x2002, // 08000080 movs r0, #2
    0xf380, 0x8814, // 08000082 msr CONTROL, r0
    0xf3bf, 0x8f6f, // 08000086 isb sy
    // task_a:
    0xeeb7, 0x0a00, // 0800008a vmov.f32 s0, #112
    0xeeb0, 0x8a00, // 0800008e vmov.f32 s16, #0
    0x2704, // 08000092 movs r7, #4
    0xf000, 0xf820, // 08000094 bl 80000d8 <yield>
    0xee30, 0x0a00, // 08000098 vadd.f32 s0, s0, s0
    0xee38, 0x8a08, // 0800009c vadd.f32 s16, s16, s16
    0x3f01, // 080000a0 subs r7, #1
    0xd1f7, // 080000a2 bne.n 8000094 <task_a+0xa>
    0xed8a, 0x0a00, // 080000a4 vstr s0, [sl]
    0xed8a, 0x8a01, // 080000a8 vstr s16, [sl, #4]
    0xf3ef, 0x8014, // 080000ac mrs r0, CONTROL
    0xf8ca, 0x0010, // 080000b0 str.w r0, [sl, #16]
    0xb672, // 080000b4 cpsid i
    0xbf30, // 080000b6 wfi
    0xe7fd, // 080000b8 b.n 80000b6 <task_a+0x2c>
    // task_b:
    0xeeb0, 0x0a08, // 080000ba vmov.f32 s0, #8
    0xeeb1, 0x8a04, // 080000be vmov.f32 s16, #20
    0xee30, 0x0a00, // 080000c2 vadd.f32 s0, s0, s0
    0xee38, 0x8a08, // 080000c6 vadd.f32 s16, s16, s16
    0xed8a, 0x0a02, // 080000ca vstr s0, [sl, #8]
    0xed8a, 0x8a03, // 080000ce vstr s16, [sl, #12]
    0xf000, 0xf801, // 080000d2 bl 80000d8 <yield>
    0xe7f4, // 080000d6 b.n 80000c2 <task_b+0x8>
    // yield:
    0x4812, // 080000d8 ldr r0, [pc, #72]
    0xf04f, 0x5180, // 080000da mov.w r1, #268435456
    0x6001, // 080000de str r1, [r0, #0]
    0xf3bf, 0x8f4f, // 080000e0 dsb sy
    0xf3bf, 0x8f6f, // 080000e4 isb sy
    0x4770, // 080000e8 bx lr
    // pendsv:
    0xf3ef, 0x8009, // 080000ea mrs r0, PSP
    0xf01e, 0x0f10, // 080000ee tst.w lr, #16
    0xbf08, // 080000f2 it eq
    0xed20, 0x8a10, // 080000f4 vstmdbeq r0!, {s16-s31}
    0xe920, 0x57f0, // 080000f8 stmdb r0!, {r4, r5, r6, r7, r8, r9, sl, ip, lr}
    0x4659, // 080000fc mov r1, fp
    0x4683, // 080000fe mov fp, r0
    0x4608, // 08000100 mov r0, r1
    0xe8b0, 0x57f0, // 08000102 ldmia.w r0!, {r4, r5, r6, r7, r8, r9, sl, ip, lr}
    0xf01e, 0x0f10, // 08000106 tst.w lr, #16
    0xbf08, // 0800010a it eq
    0xecb0, 0x8a10, // 0800010c vldmiaeq r0!, {s16-s31}
    0xf380, 0x8809, // 08000110 msr PSP, r0
    0x4770, // 08000114 bx lr
    0x0000, // 08000116 .short 0x0000
    0xed88, 0xe000, // 08000118 .word 0xe000ed88
    0x00bb, 0x0800, // 0800011c .word 0x080000bb
    0x3000, 0x2000, // 08000120 .word 0x20003000
    0xed04, 0xe000, // 08000124 .word 0xe000ed04
]
