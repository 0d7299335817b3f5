//! The registers of a card (SD Physical Layer Simplified Specification 6.00, chapter 5).

use super::BLOCK_BYTES;

/// 2.7 to 3.6 V; not ready yet.
pub const OCR: u32 = 0x00FF_8000;

/// Manufacturer 0x53, "SP", "VIRT1", revision 1.0, serial 1, November 2026; CRC7 is the controller's.
pub const CID: [u32; 4] = [0x5353_5056, 0x4952_5431, 0x1000_0000, 0x0101_AB01];

/// SCR: version 3, one line and four, no erase to ones.
pub const SCR: [u8; 8] = [0x02, 0x35, 0x80, 0x00, 0, 0, 0, 0];

/// Of SDSC: C_SIZE has 12 bits, C_SIZE_MULT is 2 to 9 as a shift.
fn standard(blocks: u32) -> Option<(u32, u32)> {
    (0..8).find_map(|mult| {
        let shift = mult + 2;
        let size = blocks >> shift;
        (blocks == size << shift && (1..=4096).contains(&size)).then_some((size - 1, mult))
    })
}

/// Is there a card of this kind with so many bytes?
pub fn check_size(bytes: usize, high_capacity: bool) -> Result<(), String> {
    const UNIT: usize = 512 << 10;
    if high_capacity {
        if bytes % UNIT == 0 {
            return Ok(());
        }
        return Err(format!(
            "{bytes} bytes are no multiple of {UNIT}, as SDHC cards are"
        ));
    }
    let blocks = u32::try_from(bytes / BLOCK_BYTES).unwrap_or(u32::MAX);
    if bytes % BLOCK_BYTES == 0 && standard(blocks).is_some() {
        return Ok(());
    }
    Err(format!(
        "no SDSC card has {bytes} bytes: up to 1 GB, and at most 4096 times a power of two of at least 2048"
    ))
}

/// Bits `high` to `low` of a register of 128.
fn put(words: &mut [u32; 4], high: usize, low: usize, value: u32) {
    for bit in low..=high {
        if value >> (bit - low) & 1 != 0 {
            words[3 - bit / 32] |= 1 << (bit % 32);
        }
    }
}

/// CSD of version 1 or 2.
pub fn csd(blocks: u32, high_capacity: bool, protected: bool) -> [u32; 4] {
    let mut csd = [0; 4];
    // TAAC, NSAC, TRAN_SPEED (25 MHz), CCC, READ_BL_LEN.
    put(&mut csd, 119, 112, if high_capacity { 0x0E } else { 0x26 });
    put(&mut csd, 103, 96, 0x32);
    put(&mut csd, 95, 84, 0x5B5);
    put(&mut csd, 83, 80, 9);
    if high_capacity {
        put(&mut csd, 127, 126, 1);
        put(&mut csd, 69, 48, (blocks / 1024).wrapping_sub(1));
    } else {
        let (size, mult) = standard(blocks).unwrap_or_default();
        put(&mut csd, 73, 62, size);
        put(&mut csd, 49, 47, mult);
    }
    // ERASE_BLK_EN, SECTOR_SIZE, R2W_FACTOR, WRITE_BL_LEN.
    put(&mut csd, 46, 46, 1);
    put(&mut csd, 45, 39, 0x7F);
    put(&mut csd, 28, 26, 2);
    put(&mut csd, 25, 22, 9);
    put(&mut csd, 12, 12, protected.into());
    put(&mut csd, 0, 0, 1);
    csd
}

/// SD status: 64 bytes.
pub fn status(four_lines: bool) -> Vec<u8> {
    let mut status = vec![0; 64];
    status[0] = if four_lines { 0x80 } else { 0 };
    // Speed class 4.
    status[8] = 2;
    status
}
