//! Segments of characters.

use super::DataType;
use crate::{Error, Found};

const ALPHANUMERIC: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    /// Up to 16 bits; nothing behind the end.
    fn take(&mut self, count: usize) -> Option<u32> {
        if self.at + count > self.data.len() * 8 {
            return None;
        }
        let mut value = 0;
        for _ in 0..count {
            value = value << 1 | u32::from(self.data[self.at / 8] >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }
}

/// Appends the characters of all segments; nothing if they do not make sense.
pub(super) fn read(
    data: &[u8],
    version: usize,
    out: &mut Found<u8>,
) -> Result<Option<(DataType, u32)>, Error> {
    let mut bits = Bits { data, at: 0 };
    let (mut data_type, mut eci) = (DataType::default(), 0);
    // The wider the version, the more bits a count has.
    let group = match version {
        ..10 => 0,
        10..27 => 1,
        _ => 2,
    };
    loop {
        let read = match bits.take(4) {
            None | Some(0) => return Ok(Some((data_type, eci))),
            Some(1) => numeric(&mut bits, [10, 12, 14][group], out)?.map(|()| DataType::Numeric),
            Some(2) => alphanumeric(&mut bits, [9, 11, 13][group], out)?.map(|()| DataType::Alphanumeric),
            Some(4) => binary(&mut bits, [8, 16, 16][group], out)?.map(|()| DataType::Binary),
            Some(8) => kanji(&mut bits, [8, 10, 12][group], out)?.map(|()| DataType::Kanji),
            Some(3) => {
                // Part of several codes: number, count and parity are passed over.
                bits.take(16).map(|_| data_type)
            }
            Some(7) => named_page(&mut bits).map(|page| {
                eci = page;
                data_type
            }),
            Some(5) => Some(data_type),
            Some(9) => bits.take(8).map(|_| data_type),
            _ => None,
        };
        let Some(read) = read else {
            return Ok(None);
        };
        data_type = read;
    }
}

fn named_page(bits: &mut Bits) -> Option<u32> {
    let first = bits.take(8)?;
    Some(match first {
        0..0x80 => first,
        0x80..0xC0 => (first & 0x3F) << 8 | bits.take(8)?,
        _ => (first & 0x1F) << 16 | bits.take(16)?,
    })
}

type Read = Result<Option<()>, Error>;

fn numeric(bits: &mut Bits, width: usize, out: &mut Found<u8>) -> Read {
    let Some(count) = bits.take(width) else {
        return Ok(None);
    };
    let mut left = count;
    while left > 0 {
        let digits = left.min(3);
        let Some(value) = bits
            .take([0, 4, 7, 10][digits as usize])
            .filter(|value| *value < 10u32.pow(digits))
        else {
            return Ok(None);
        };
        for place in (0..digits).rev() {
            out.push(b'0' + (value / 10u32.pow(place) % 10) as u8)?;
        }
        left -= digits;
    }
    Ok(Some(()))
}

fn alphanumeric(bits: &mut Bits, width: usize, out: &mut Found<u8>) -> Read {
    let Some(count) = bits.take(width) else {
        return Ok(None);
    };
    let mut left = count;
    while left > 0 {
        let letters = left.min(2);
        let Some(value) = bits
            .take([0, 6, 11][letters as usize])
            .filter(|value| *value < 45u32.pow(letters))
        else {
            return Ok(None);
        };
        if letters == 2 {
            out.push(ALPHANUMERIC[value as usize / 45])?;
        }
        out.push(ALPHANUMERIC[value as usize % 45])?;
        left -= letters;
    }
    Ok(Some(()))
}

fn binary(bits: &mut Bits, width: usize, out: &mut Found<u8>) -> Read {
    let Some(count) = bits.take(width) else {
        return Ok(None);
    };
    for _ in 0..count {
        let Some(byte) = bits.take(8) else {
            return Ok(None);
        };
        out.push(byte as u8)?;
    }
    Ok(Some(()))
}

/// As Shift JIS, two bytes each.
fn kanji(bits: &mut Bits, width: usize, out: &mut Found<u8>) -> Read {
    let Some(count) = bits.take(width) else {
        return Ok(None);
    };
    for _ in 0..count {
        let Some(value) = bits.take(13) else {
            return Ok(None);
        };
        let joined = ((value / 0xC0) << 8) | (value % 0xC0);
        let code = joined + if joined < 0x1F00 { 0x8140 } else { 0xC140 };
        out.push((code >> 8) as u8)?;
        out.push(code as u8)?;
    }
    Ok(Some(()))
}
