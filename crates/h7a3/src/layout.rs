//! Who owns which part of the flash, and what a program says of itself, so that the boot loader can tell a whole one from a torn
//! one. Pure; `cargo xtask build` fills the header, `boot` reads it.
//!
//! The header stands right behind the program's vector table. It lists the pieces of flash that the program consists of, all but
//! the header itself, and their CRC-32; its last word is the CRC-32 of the header.

use core::ops::Range;

use crc::{CRC_32_ISO_HDLC, Crc, Table};

/// The boot loader.
pub const LOADER: Range<u32> = 0x0800_0000..0x0800_C000;
/// The program, in the rest of the first bank.
pub const PROGRAM: Range<u32> = 0x0800_C000..0x0810_0000;
/// What of the program lies in the second bank.
pub const SECOND: Range<u32> = 0x0810_0000..0x0818_0000;
/// The volume /flash.
pub const VOLUME: Range<u32> = 0x0818_0000..0x0820_0000;

/// Where the header stands, from the program's first byte on: behind the vectors of the chip.
pub const HEADER_OFFSET: u32 = 0x2C0;
/// Its size.
pub const HEADER_BYTES: usize = 64;
/// What it begins with; the last digit is the format's.
pub const MAGIC: [u8; 8] = *b"spiram 1";
/// Pieces that it has room for.
pub const PIECES: usize = 3;
/// The longest name of a board.
pub const BOARD_BYTES: usize = 16;

/// The header of a board's program before `cargo xtask build` has filled it.
pub const fn unfilled(board: &str) -> [u8; HEADER_BYTES] {
    let mut header = [0; HEADER_BYTES];
    let mut n = 0;
    while n < MAGIC.len() {
        header[n] = MAGIC[n];
        n += 1;
    }
    let name = board.as_bytes();
    assert!(
        name.len() <= BOARD_BYTES,
        "a board's name is too long for the header"
    );
    n = 0;
    while n < name.len() {
        header[MAGIC.len() + n] = name[n];
        n += 1;
    }
    header
}

/// The sum: zlib's, PNG's and the DFU format's; this is the fast form of it, for the loader.
pub type Sum = Crc<u32, Table<16>>;

/// Its table. 16 KB, to be kept in RAM.
pub const fn sum() -> Sum {
    Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC)
}

/// Bytes of flash that belong to the program.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Piece {
    /// Its first address, of a word.
    pub address: u32,
    /// Its size, in whole words.
    pub bytes: u32,
}

/// What a program says of itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    board: [u8; BOARD_BYTES],
    pieces: [Piece; PIECES],
    /// The CRC-32 over the pieces.
    pub crc: u32,
}

/// Why there is no program to start.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The flash is blank where the header would be.
    Missing,
    /// Something else is there, or the header itself is damaged.
    NoHeader,
    /// A piece lies where no program may.
    Outside(Piece),
    /// It is for another board.
    OtherBoard([u8; BOARD_BYTES]),
    /// A word of the flash cannot be read: the power failed while it was written.
    Torn(u32),
    /// Something has changed since the header was written, or is not yet written.
    Sum {
        /// By the header.
        expected: u32,
        /// In the flash.
        found: u32,
    },
}

impl Header {
    /// Reads one; `sum` is the CRC-32 of bytes.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(bytes: &[u8; HEADER_BYTES], sum: impl FnOnce(&[u8]) -> u32) -> Result<Header, Fault> {
        if bytes.iter().all(|&byte| byte == 0xFF) {
            return Err(Fault::Missing);
        }
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        let (covered, _) = bytes.split_at(HEADER_BYTES - 4);
        if !bytes.starts_with(&MAGIC) || sum(covered) != word(HEADER_BYTES - 4) {
            return Err(Fault::NoHeader);
        }
        let mut board = [0; BOARD_BYTES];
        board.copy_from_slice(&bytes[8..8 + BOARD_BYTES]);
        let piece = |n: usize| Piece {
            address: word(24 + 8 * n),
            bytes: word(28 + 8 * n),
        };
        let header = Header {
            board,
            pieces: [piece(0), piece(1), piece(2)],
            crc: word(48),
        };
        match header.pieces().find(|piece| !piece.is_allowed()) {
            Some(piece) => Err(Fault::Outside(*piece)),
            None => Ok(header),
        }
    }

    /// The board that the program is for.
    pub fn is_for(&self, board: &str) -> bool {
        let name = self.board.split(|&byte| byte == 0).next();
        name == Some(board.as_bytes())
    }

    /// What it consists of.
    pub fn pieces(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| piece.bytes > 0)
    }

    /// Looks at all of it. `read` copies words from an address on; the answer is how many could be read. `add` adds to the sum.
    ///
    /// # Errors
    /// What is wrong.
    pub fn read(
        &self,
        board: &str,
        mut read: impl FnMut(u32, &mut [u32]) -> usize,
        mut add: impl FnMut(&[u8]),
    ) -> Result<(), Fault> {
        if !self.is_for(board) {
            return Err(Fault::OtherBoard(self.board));
        }
        let mut buffer = [0; BUFFER_WORDS];
        for piece in self.pieces() {
            let (mut at, mut left) = (piece.address, piece.bytes as usize / 4);
            while left > 0 {
                let words = &mut buffer[..left.min(BUFFER_WORDS)];
                let count = read(at, words);
                if count < words.len() {
                    return Err(Fault::Torn(at + 4 * count as u32));
                }
                add(bytemuck::cast_slice(words));
                at += 4 * count as u32;
                left -= count;
            }
        }
        Ok(())
    }

    /// Whether what was added is as it was when the header was written.
    ///
    /// # Errors
    /// Both sums.
    pub fn compare(&self, found: u32) -> Result<(), Fault> {
        let expected = self.crc;
        if expected == found {
            Ok(())
        } else {
            Err(Fault::Sum { expected, found })
        }
    }
}

/// Words that are read at a time.
const BUFFER_WORDS: usize = 512;

impl Piece {
    /// In the flash of the program, all of it, in whole words.
    fn is_allowed(&self) -> bool {
        let within =
            |area: &Range<u32>| area.contains(&self.address) && self.bytes <= area.end - self.address;
        self.address % 4 == 0 && self.bytes % 4 == 0 && (within(&PROGRAM) || within(&SECOND))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    /// A flash in which each word is its address, and a program of two pieces for a board.
    fn example(board: &[u8; 16]) -> [u8; HEADER_BYTES] {
        let pieces = [
            (PROGRAM.start, 0x2C0u32),
            (PROGRAM.start + 0x300, 5000),
            (SECOND.start, 64),
        ];
        let content = |(at, bytes): &(u32, u32)| (*at..at + bytes).step_by(4).flat_map(u32::to_le_bytes);
        let all: Vec<u8> = pieces.iter().flat_map(content).collect();
        let mut header = Vec::from(MAGIC);
        header.extend(board);
        for (at, bytes) in pieces {
            header.extend(at.to_le_bytes());
            header.extend(bytes.to_le_bytes());
        }
        header.extend(crc(&all).to_le_bytes());
        header.extend([0; 8]);
        header.extend(crc(&header).to_le_bytes());
        header.try_into().unwrap()
    }

    /// CRC-32 by its definition, bit by bit.
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| {
                (crc >> 1) ^ (0xEDB8_8320 & (crc & 1).wrapping_neg())
            })
        })
    }

    fn read(at: u32, words: &mut [u32]) -> usize {
        for (n, word) in words.iter_mut().enumerate() {
            *word = at + 4 * n as u32;
        }
        words.len()
    }

    fn check(header: &Header, board: &str, read: impl FnMut(u32, &mut [u32]) -> usize) -> Result<(), Fault> {
        let sum = sum();
        let mut digest = sum.digest();
        header.read(board, read, |bytes| digest.update(bytes))?;
        header.compare(digest.finalize())
    }

    const BOARD: &[u8; 16] = b"devebox\0\0\0\0\0\0\0\0\0";

    #[test]
    fn a_whole_program_is_told_from_one_with_a_changed_or_a_torn_word() {
        let header = Header::parse(&example(BOARD), crc).unwrap();
        assert_eq!(check(&header, "devebox", read), Ok(()));
        let changed = |at, words: &mut [u32]| {
            let count = read(at, words);
            words
                .iter_mut()
                .filter(|word| **word == PROGRAM.start + 0x1000)
                .for_each(|word| *word ^= 1);
            count
        };
        assert!(matches!(
            check(&header, "devebox", changed),
            Err(Fault::Sum { .. })
        ));
        let torn = |at, words: &mut [u32]| read(at, words) - usize::from(at > PROGRAM.start + 0x300);
        assert!(matches!(check(&header, "devebox", torn), Err(Fault::Torn(_))));
        assert!(matches!(check(&header, "weact", read), Err(Fault::OtherBoard(_))));
        assert!(matches!(check(&header, "deve", read), Err(Fault::OtherBoard(_))));
    }

    #[test]
    fn each_bit_of_the_header_counts() {
        let good = example(BOARD);
        for bit in 0..8 * HEADER_BYTES {
            let mut bad = good;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(Header::parse(&bad, crc), Err(Fault::NoHeader), "bit {bit}");
        }
        assert_eq!(Header::parse(&[0xFF; HEADER_BYTES], crc), Err(Fault::Missing));
    }

    #[test]
    fn a_piece_that_reaches_the_loader_or_the_volume_is_refused() {
        for (address, bytes) in [
            (LOADER.start, 64),
            (PROGRAM.start, PROGRAM.end - PROGRAM.start + 4),
            (VOLUME.start, 4),
            (SECOND.start, u32::MAX - 3),
            (PROGRAM.start + 2, 4),
            (PROGRAM.start, 3),
        ] {
            assert!(!Piece { address, bytes }.is_allowed(), "{address:#x} {bytes}");
        }
        assert!(
            Piece {
                address: PROGRAM.start,
                bytes: PROGRAM.end - PROGRAM.start
            }
            .is_allowed()
        );
    }
}
