//! The file that `dfu-util` gives to the loader (ST UM0391), read on the board itself: what is to be written, and where.

use core::ops::Range;

use super::{SECTOR_BYTES, WORD_BYTES};
use crate::layout::{PROGRAM, SECOND};

/// Vendor and product number that stand in a file for our loader.
pub const LOADER_ID: (u16, u16) = (0x1209, 0x0002);
/// Elements of a file for it.
pub const ELEMENTS: usize = 3;

const PREFIX: &[u8] = b"DfuSe\x01";
const TARGET: &[u8] = b"Target";
const PREFIX_BYTES: usize = 11;
const TARGET_BYTES: usize = 274;
const SUFFIX_BYTES: usize = 16;

/// Bytes for the flash.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Element {
    /// Where they go.
    pub address: u32,
    /// Where they are in the file.
    pub bytes: Range<usize>,
}

/// What is wrong with a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FileFault {
    /// It is another format.
    NoDfuSe,
    /// It ends too early, or its sizes disagree.
    Torn,
    /// Its CRC is not that of its bytes.
    Sum,
    /// It is for another loader: vendor and product number.
    OtherLoader(u16, u16),
    /// It has not one target with up to three elements, each in sectors of its own.
    Shape,
    /// An element lies where no program is, or not in whole words from the start of a sector on.
    Outside(u32),
}

/// The elements of a file, in their order; those that it has not are empty. `sum` is the CRC-32 of bytes.
///
/// # Errors
/// What is wrong with it.
pub fn elements(file: &[u8], sum: impl FnOnce(&[u8]) -> u32) -> Result<[Element; ELEMENTS], FileFault> {
    let (count, end) = check(file, sum)?;
    let mut found: [Element; ELEMENTS] = Default::default();
    let mut at = PREFIX_BYTES + TARGET_BYTES;
    for n in 0..count {
        let element = element(file, at, end)?;
        let own = sectors(&element);
        let shares = |other: &Element| sectors(other).start < own.end && own.start < sectors(other).end;
        if found[..n].iter().any(shares) {
            return Err(FileFault::Shape);
        }
        at = element.bytes.end;
        found[n] = element;
    }
    if at == end {
        Ok(found)
    } else {
        Err(FileFault::Torn)
    }
}

/// All but the elements; how many there are, and where they end.
fn check(file: &[u8], sum: impl FnOnce(&[u8]) -> u32) -> Result<(usize, usize), FileFault> {
    if !file.starts_with(PREFIX) {
        return Err(FileFault::NoDfuSe);
    }
    let end = file.len().saturating_sub(SUFFIX_BYTES);
    if end < PREFIX_BYTES + TARGET_BYTES || word(file, 6) as usize != end {
        return Err(FileFault::Torn);
    }
    // The format leaves the last inversion out.
    if sum(&file[..file.len() - 4]) != !word(file, file.len() - 4) {
        return Err(FileFault::Sum);
    }
    let half = |at: usize| u16::from_le_bytes([file[at], file[at + 1]]);
    let (product, vendor) = (half(end + 2), half(end + 4));
    if (vendor, product) != LOADER_ID {
        return Err(FileFault::OtherLoader(vendor, product));
    }
    let target = &file[PREFIX_BYTES..end];
    let count = word(target, TARGET_BYTES - 4) as usize;
    let is_one = file[10] == 1 && target.starts_with(TARGET) && target[6] == 0;
    if is_one && (1..=ELEMENTS).contains(&count) {
        Ok((count, end))
    } else {
        Err(FileFault::Shape)
    }
}

/// The one that begins here.
fn element(file: &[u8], at: usize, end: usize) -> Result<Element, FileFault> {
    if end - at < 8 {
        return Err(FileFault::Torn);
    }
    let (address, bytes, at) = (word(file, at), word(file, at + 4), at + 8);
    if bytes as usize > end - at {
        return Err(FileFault::Torn);
    }
    let within = |area: &Range<u32>| area.contains(&address) && bytes <= area.end - address;
    let is_whole = address % SECTOR_BYTES == 0 && bytes as usize % WORD_BYTES == 0 && bytes > 0;
    if !is_whole || !within(&PROGRAM) && !within(&SECOND) {
        return Err(FileFault::Outside(address));
    }
    Ok(Element {
        address,
        bytes: at..at + bytes as usize,
    })
}

/// The sectors that are erased for it.
fn sectors(element: &Element) -> Range<u32> {
    let bytes = element.bytes.len() as u32;
    element.address..element.address + bytes.next_multiple_of(SECTOR_BYTES)
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::vec::Vec;

    fn crc(bytes: &[u8]) -> u32 {
        crate::layout::sum().checksum(bytes)
    }

    /// A file with these elements, of bytes that say where they are.
    fn file(id: (u16, u16), elements: &[(u32, u32)]) -> Vec<u8> {
        let mut content = Vec::new();
        for (address, bytes) in elements {
            content.extend(address.to_le_bytes());
            content.extend(bytes.to_le_bytes());
            content.extend((0..*bytes).map(|n| n as u8));
        }
        let mut file = b"DfuSe\x01".to_vec();
        file.extend((11 + 274 + content.len() as u32).to_le_bytes());
        file.push(1);
        file.extend(b"Target\0");
        file.extend([0; 4 + 255]);
        file.extend((content.len() as u32).to_le_bytes());
        file.extend((elements.len() as u32).to_le_bytes());
        file.extend(content);
        for half in [0xFFFF, id.1, id.0, 0x011A] {
            file.extend(half.to_le_bytes());
        }
        file.extend(b"UFD\x10");
        file.extend((!crc(&file)).to_le_bytes());
        file
    }

    #[test]
    fn a_file_tells_what_goes_where() {
        let file = file(LOADER_ID, &[(0x0810_0000, 32), (0x0800_C000, 8192)]);
        let found = elements(&file, crc).unwrap();
        assert_eq!(found[0].address, 0x0810_0000);
        assert_eq!(file[found[0].bytes.clone()].len(), 32);
        assert_eq!(found[1].address, 0x0800_C000);
        assert_eq!(file[found[1].bytes.clone()][..3], [0, 1, 2]);
        assert_eq!(found[2], Element::default());
    }

    #[test]
    fn what_is_no_such_file_is_told_apart() {
        assert_eq!(elements(b"hello", crc), Err(FileFault::NoDfuSe));
        assert_eq!(elements(b"DfuSe\x01", crc), Err(FileFault::Torn));
        let rom = file((0x0483, 0xDF11), &[(0x0800_C000, 16)]);
        assert_eq!(elements(&rom, crc), Err(FileFault::OtherLoader(0x0483, 0xDF11)));
        for (address, bytes) in [
            (0x0800_0000, 16),
            (0x0818_0000, 16),
            (0x0817_E000, 8208),
            (0x0800_C010, 16),
            (0x0800_C000, 8),
            (0x0800_C000, 0),
        ] {
            let file = file(LOADER_ID, &[(address, bytes)]);
            assert_eq!(elements(&file, crc), Err(FileFault::Outside(address)), "{bytes}");
        }
        assert_eq!(elements(&file(LOADER_ID, &[]), crc), Err(FileFault::Shape));
        let shared = [(0x0800_C000, 8208), (0x0800_E000, 16)];
        assert_eq!(elements(&file(LOADER_ID, &shared), crc), Err(FileFault::Shape));
        let four = [(0x0800_C000, 16); 4];
        assert_eq!(elements(&file(LOADER_ID, &four), crc), Err(FileFault::Shape));
    }

    #[test]
    fn each_bit_counts_and_so_does_each_length() {
        let good = file(LOADER_ID, &[(0x0810_0000, 32), (0x0800_C000, 64)]);
        for bit in 0..8 * good.len() {
            let mut bad = good.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(elements(&bad, crc).is_err(), "bit {bit}");
        }
        for length in 0..good.len() {
            assert!(elements(&good[..length], crc).is_err(), "{length} bytes");
        }
    }
}
