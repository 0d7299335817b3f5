//! What the boot loader says of itself, as `dfu-util -l` prints it for an STM32H7A3VIT6.

/// Its memories are alternate settings of one interface.
pub const ALTERNATES: usize = 3;
/// Bytes of a block.
pub const TRANSFER_BYTES: u16 = 1024;

/// Texts by number: those of the device, then of the alternate settings.
const TEXTS: [&str; 3 + ALTERNATES] = [
    "STMicroelectronics",
    "DFU in FS Mode",
    "200364500000",
    "@Internal Flash   /0x08000000/256*08Kg",
    "@Option Bytes   /0x5200201C/01*297 e",
    "@OTP Memory   /0x08FFF000/01*1024 e",
];

/// 0483:DF11, version 2.00.
const DEVICE: [u8; 18] = [18, 1, 0, 1, 0, 0, 0, 64, 0x83, 0x04, 0x11, 0xDF, 0, 2, 1, 2, 3, 1];

/// The descriptor of this kind and number; `None` if there is none.
pub fn find(kind: u8, number: u8) -> Option<Vec<u8>> {
    match (kind, number) {
        (1, 0) => Some(DEVICE.to_vec()),
        (2, 0) => Some(configuration()),
        (3, 0) => Some(vec![4, 3, 0x09, 0x04]),
        (3, number) => TEXTS.get(usize::from(number) - 1).map(|text| {
            let mut descriptor = vec![2 + 2 * text.len() as u8, 3];
            descriptor.extend(text.bytes().flat_map(|letter| [letter, 0]));
            descriptor
        }),
        _ => None,
    }
}

fn configuration() -> Vec<u8> {
    let mut all = vec![9, 2, 0, 0, 1, 1, 0, 0xC0, 50];
    for alternate in 0..ALTERNATES as u8 {
        // Application specific, DFU, in DFU mode.
        all.extend([9, 4, 0, alternate, 0, 0xFE, 1, 2, 4 + alternate]);
    }
    let [low, high] = TRANSFER_BYTES.to_le_bytes();
    // It downloads, uploads, and is gone after a detach; DfuSe is version 1.1a.
    all.extend([9, 0x21, 0x0B, 0xFF, 0, low, high, 0x1A, 0x01]);
    all[2] = all.len() as u8;
    all
}
