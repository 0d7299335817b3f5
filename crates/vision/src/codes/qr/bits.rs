//! From modules to code words: format, mask, order, blocks.

use super::tables::{blocks, spare, words};
use super::{MOST_WORDS, QrCode, payload};
use crate::codes::reed_solomon;
use crate::{Error, Found};

/// Reads a code; nothing if its format or its words are beyond correction.
pub(super) fn decode(
    modules: &[u8],
    fixed: &[u8],
    version: usize,
    room: &mut [u8],
    bytes: &mut Found<u8>,
) -> Result<Option<QrCode>, Error> {
    let size = 17 + 4 * version;
    let Some(format) = format(modules, size) else {
        return Ok(None);
    };
    let (level, mask) = (format >> 3, format & 7);
    let (raw, data) = room.split_at_mut(MOST_WORDS);
    let raw = &mut raw[..words(version)];
    collect(modules, fixed, size, mask, raw);
    let Some(length) = deinterleave(raw, data, version, level) else {
        return Ok(None);
    };
    let start = bytes.len();
    let Some((data_type, eci)) = payload::read(&data[..length], version, bytes)? else {
        return Ok(None);
    };
    Ok(Some(QrCode {
        version: version as u32,
        ecc_level: level,
        mask,
        data_type,
        eci,
        payload: (start, bytes.len() - start),
        ..QrCode::default()
    }))
}

/// The 15 bits of a format of 5 bits.
fn with_check(format: u32) -> u32 {
    let mut rest = format << 10;
    for bit in (10..15).rev() {
        if rest >> bit & 1 != 0 {
            rest ^= 0x537 << (bit - 10);
        }
    }
    (format << 10 | rest) ^ 0x5412
}

/// Level and mask, from whichever of both places is nearer to a valid format.
fn format(modules: &[u8], size: usize) -> Option<u32> {
    let at = |x: usize, y: usize| u32::from(modules[y * size + x]);
    let (mut first, mut second) = (0, 0);
    // From the highest bit: along row 8, then up column 8; and at the other two finders.
    for index in 0..15 {
        let (x, y) = match index {
            0..6 => (index, 8),
            6 => (7, 8),
            7 => (8, 8),
            8 => (8, 7),
            _ => (8, 14 - index),
        };
        first = first << 1 | at(x, y);
        let (x, y) = if index < 7 {
            (8, size - 1 - index)
        } else {
            (size - 15 + index, 8)
        };
        second = second << 1 | at(x, y);
    }
    (0..32)
        .map(|format| {
            let known = with_check(format);
            let differs = (known ^ first).count_ones().min((known ^ second).count_ones());
            (differs, format)
        })
        .min()
        .filter(|(differs, _)| *differs <= 3)
        .map(|(_, format)| format)
}

/// True where a mask turns a module round.
fn masked(mask: u32, x: usize, y: usize) -> bool {
    match mask {
        0 => (x + y).is_multiple_of(2),
        1 => y.is_multiple_of(2),
        2 => x.is_multiple_of(3),
        3 => (x + y).is_multiple_of(3),
        4 => (x / 3 + y / 2).is_multiple_of(2),
        5 => x * y % 2 + x * y % 3 == 0,
        6 => (x * y % 2 + x * y % 3).is_multiple_of(2),
        _ => ((x + y) % 2 + x * y % 3).is_multiple_of(2),
    }
}

/// The words in pairs of columns from the right, up and down, past column 6.
fn collect(modules: &[u8], fixed: &[u8], size: usize, mask: u32, words: &mut [u8]) {
    words.fill(0);
    let mut bit = 0;
    let mut right = size as i32 - 1;
    let mut upward = true;
    while right > 0 {
        if right == 6 {
            right = 5;
        }
        for step in 0..size {
            let y = if upward { size - 1 - step } else { step };
            for x in [right as usize, right as usize - 1] {
                let at = y * size + x;
                if fixed[at] != 0 {
                    continue;
                }
                if let Some(word) = words.get_mut(bit / 8) {
                    let set = (modules[at] != 0) != masked(mask, x, y);
                    *word |= u8::from(set) << (7 - bit % 8);
                }
                bit += 1;
            }
        }
        upward = !upward;
        right -= 2;
    }
}

/// Sorts the words into their blocks, corrects each, and joins their data; its length, or nothing if one is beyond.
fn deinterleave(raw: &[u8], data: &mut [u8], version: usize, level: u32) -> Option<usize> {
    let (count, correction) = blocks(version, level);
    let short = raw.len() / count - correction;
    let long_blocks = raw.len() % count;
    let mut length = 0;
    for block in 0..count {
        let own = short + usize::from(block >= count - long_blocks);
        let mut words = [0u8; 256];
        for (index, word) in words.iter_mut().enumerate().take(own) {
            // The last words of long blocks stand alone.
            *word = if index < short {
                raw[index * count + block]
            } else {
                raw[short * count + block - (count - long_blocks)]
            };
        }
        let rest = short * count + long_blocks;
        for (index, word) in words[own..own + correction].iter_mut().enumerate() {
            *word = raw[rest + index * count + block];
        }
        let block = &mut words[..own + correction];
        if !reed_solomon::correct(&reed_solomon::QR, block, correction, spare(version, level)) {
            return None;
        }
        data[length..length + own].copy_from_slice(&words[..own]);
        length += own;
    }
    Some(length)
}
