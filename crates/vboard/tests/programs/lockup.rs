// Hand-written; address, halfwords, mnemonic.
&[
    // vectors:
    0x1000, 0x2000, // 08000000 .word 0x20001000
    0x0011, 0x0800, // 08000004 .word 0x08000011
    0x0000, 0x0000, // 08000008 .word 0x00000000
    0x0013, 0x0800, // 0800000c .word 0x08000013
    // reset:
    0xde00, // 08000010 udf #0
    // hard:
    0xde01, // 08000012 udf #1
]
