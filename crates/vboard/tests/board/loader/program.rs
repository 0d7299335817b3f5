//! A program that does nothing, in as many bytes as one likes: what the loader wants to see of it, from its own description
//! (docs/boot.md).

use vboard::FlashArray;

const BANK_BYTES: usize = 0x10_0000;
pub const PROGRAM: u32 = 0x0800_C000;
pub const SECOND: u32 = 0x0810_0000;
const SECTOR_BYTES: usize = 8192;
const HEADER: usize = 0x2C0;
const HEADER_END: usize = 0x300;

/// What lies in the first bank, and in the second.
#[derive(Clone)]
pub struct Program {
    pub first: Vec<u8>,
    pub second: Vec<u8>,
}

impl Program {
    /// Of so many bytes in each, filled with what follows from a number.
    pub fn new(board: &str, first: usize, second: usize, seed: u8) -> Self {
        let fill = |bytes: usize| {
            (0..bytes)
                .map(|n| (n * 5 + n / 256) as u8 ^ seed)
                .collect::<Vec<u8>>()
        };
        let (mut first, second) = (fill(first), fill(second));
        // The stack, the entry, and there a branch to itself.
        first[..4].copy_from_slice(&0x2001_0000u32.to_le_bytes());
        first[4..8].copy_from_slice(&(PROGRAM + HEADER_END as u32 + 1).to_le_bytes());
        first[HEADER_END..HEADER_END + 2].copy_from_slice(&0xE7FEu16.to_le_bytes());
        let mut header = b"spiram 1".to_vec();
        header.extend(board.bytes());
        header.resize(24, 0);
        let rest = first.len() - HEADER_END;
        for (at, bytes) in [
            (PROGRAM, HEADER),
            (PROGRAM + HEADER_END as u32, rest),
            (SECOND, second.len()),
        ] {
            header.extend(at.to_le_bytes());
            header.extend((bytes as u32).to_le_bytes());
        }
        let all = [&first[..HEADER], &first[HEADER_END..], &second].concat();
        header.extend(crc(&all).to_le_bytes());
        header.resize(60, 0);
        header.extend(crc(&header).to_le_bytes());
        first[HEADER..HEADER_END].copy_from_slice(&header);
        Program { first, second }
    }

    /// The file for a loader with these numbers, as `cargo xtask build` writes it: the program's first sector last.
    pub fn file(&self, (vendor, product): (u16, u16)) -> Vec<u8> {
        let (head, rest) = self.first.split_at(self.first.len().min(SECTOR_BYTES));
        let mut content = Vec::new();
        let mut elements = 0u32;
        for (at, bytes) in [
            (SECOND, &self.second[..]),
            (PROGRAM + SECTOR_BYTES as u32, rest),
            (PROGRAM, head),
        ] {
            if !bytes.is_empty() {
                content.extend(at.to_le_bytes());
                content.extend((bytes.len() as u32).to_le_bytes());
                content.extend(bytes);
                elements += 1;
            }
        }
        let mut file = b"DfuSe\x01".to_vec();
        file.extend((11 + 274 + content.len() as u32).to_le_bytes());
        file.extend(b"\x01Target\0");
        file.extend([0; 4 + 255]);
        file.extend((content.len() as u32).to_le_bytes());
        file.extend(elements.to_le_bytes());
        file.extend(content);
        for half in [0xFFFF, product, vendor, 0x011A] {
            file.extend(half.to_le_bytes());
        }
        file.extend(b"UFD\x10");
        file.extend((!crc(&file)).to_le_bytes());
        file
    }

    /// Whether that is in the flash, to the last byte.
    pub fn is_in(&self, flash: &FlashArray) -> bool {
        let holds = |offset: usize, bytes: &[u8]| {
            bytes
                .chunks_exact(4)
                .zip((offset..).step_by(4))
                .all(|(word, at)| flash.read(at).is_some_and(|found| found.to_le_bytes() == *word))
        };
        holds(0xC000, &self.first) && holds(BANK_BYTES, &self.second)
    }
}

/// CRC-32 by its definition, bit by bit.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
        })
    })
}
