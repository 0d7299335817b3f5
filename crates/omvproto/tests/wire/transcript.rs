//! What is on the wire, byte for byte. The packets were made by a program of a few lines that computes the sums bit by bit, in another
//! language, from the protocol's description; the sums were compared with those of OpenMV's own client.

/// Why, what the host sends, and what the device does then.
pub const TRANSCRIPT: &[(&str, &str, &str)] = &[
    ("a new beginning", "aad5000000000000b0ac", "aad50000010000000846"),
    (
        "what the device can do",
        "aad5000000010000c3dd",
        "aad5000008011000ef0b0f000000f20f000000000000000000008d0e859e",
    ),
    ("its acknowledgement", "aad50000010100007b37", ""),
    (
        "what the host wants: shorter packets",
        "aad5010000021000c84f0f000000400000000000000000000000ecdb20ae",
        "aad5010001020000a0c3",
    ),
    (
        "versions",
        "aad5020000040000af5e",
        "aad502000804100083880100020708090405060000000000000008331575",
    ),
    ("its acknowledgement", "aad502000104000017b4", ""),
    (
        "the list of channels",
        "aad50300002000003518",
        "aad5030008203000b9030106737464696e00000000000000000002017374646f75740000000000000000031973747265616d0000000000000000f634a894",
    ),
    ("its acknowledgement", "aad50300012000008df2", ""),
    (
        "the script is forgotten",
        "aad504010028040059e803000000d4cc85b0",
        "aad5040101280000551b",
    ),
    (
        "another is written",
        "aad5050100271000632600000000080000007072696e742831293a16a612",
        "aad50501012700000baa",
    ),
    (
        "and run",
        "aad5060100280400c526020000004b31298a",
        "aad5060101280000c9d5",
    ),
    (
        "who has something",
        "aad5070000210000310d",
        "aad507000821040079a40e0000004656ab4f",
    ),
    ("its acknowledgement", "aad507000121000089e7", ""),
    (
        "how much it printed",
        "aad50802002500000f8e",
        "aad5080208250400472764000000cc8fdf2a",
    ),
    ("its acknowledgement", "aad5080201250000b764", ""),
    (
        "what it printed: the first fragment",
        "aad5090200260800bc490000000064000000f6fa548e",
        "aad50902182640009030000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f0d90b2fe",
    ),
    (
        "and, when that has come, the last one",
        "aad50902012600006c90",
        "aad50a0208262400eeb7404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f6061626351226bff",
    ),
    ("its acknowledgement", "aad50a0201260000be39", ""),
    (
        "the picture is kept",
        "aad50b0300220000b0d5",
        "aad50b0301220000083f",
    ),
    (
        "its sides",
        "aad50c030024000070c6",
        "aad50c0308240c00505c050000000700000002000000b1738a2d",
    ),
    ("its acknowledgement", "aad50c0301240000c82c", ""),
    (
        "the picture",
        "aad50d0300260800b07000000000460000000c44cb47",
        "aad50d03182640009c09030a11181f262d343b424950575e656c737a81888f969da4abb2b9c0c7ced5dce3eaf1f8ff060d141b222930373e454c535a61686f767d848b9299a0a7aeb5bccba79f27",
    ),
    (
        "the rest of it",
        "aad50d030126000060a9",
        "aad50e0308260600984fc3cad1d8dfe6c723677f",
    ),
    ("its acknowledgement", "aad50e0301260000b200", ""),
    (
        "the picture may go",
        "aad50f0300230000b4c0",
        "aad50f03012300000c2a",
    ),
    (
        "what a channel cannot do",
        "aad510020027090091f90000000001000000783d832ae1",
        "aad510020227020071ec0200d54a11c4",
    ),
    (
        "a wrong number",
        "aad50300000100001174",
        "aad5110002010200fbf20600de22819a",
    ),
    (
        "a wrong sum",
        "aad5120100280400212a03000000d4cc85b1",
        "aad512010228020070130500bb93f8dc",
    ),
    (
        "a system's command to a channel",
        "aad5130100010000f941",
        "aad51301020102001c610200d54a11c4",
    ),
];
