//! Code 39: ISO/IEC 16388.

use super::text::Text;
use super::widths::wide_ones;
use super::{Reading, Symbology};

/// Which two of five elements are wide, for 1 to 9, then 0; Interleaved 2 of 5 has the same.
pub const TWO_OF_FIVE: [u32; 10] = [
    0b10001, 0b01001, 0b11000, 0b00101, 0b10100, 0b01100, 0b00011, 0b10010, 0b01010, 0b00110,
];
/// Characters whose bars have two wide ones as above, by the space that is wide: the second, the third, the last, the first.
const ROWS: [(u32, &[u8; 10]); 4] = [
    (0b0100, b"1234567890"),
    (0b0010, b"ABCDEFGHIJ"),
    (0b0001, b"KLMNOPQRST"),
    (0b1000, b"UVWXYZ-. *"),
];
/// Characters of which three spaces are wide.
const SIGNS: [(u32, u8); 4] = [(0b1110, b'$'), (0b1101, b'/'), (0b1011, b'+'), (0b0111, b'%')];

/// The character of nine elements.
fn character(widths: &[u32]) -> Option<u8> {
    let wide = wide_ones(widths, 3)?;
    let pick = |first: u32| {
        (first..9)
            .step_by(2)
            .fold(0, |bits, at| (bits << 1) | ((wide >> (8 - at)) & 1))
    };
    let (bars, spaces) = (pick(0), pick(1));
    if bars == 0 {
        return SIGNS
            .iter()
            .find(|(sign, _)| *sign == spaces)
            .map(|(_, sign)| *sign);
    }
    let (_, row) = ROWS.iter().find(|(row, _)| *row == spaces)?;
    Some(row[TWO_OF_FIVE.iter().position(|pattern| *pattern == bars)?])
}

pub fn read(widths: &[u32], text: &mut Text) -> Option<Reading> {
    let first = widths.get(1..10)?;
    let size: u32 = first.iter().sum();
    if widths[0] * 3 < size || character(first)? != b'*' {
        return None;
    }
    for at in 1.. {
        let from = 1 + 10 * at;
        let nine = widths.get(from..from + 9)?;
        let own: u32 = nine.iter().sum();
        // Characters are about as wide as the first, and the gap before is narrow.
        if own.abs_diff(size) * 4 > size || widths[from - 1] * 3 > size {
            return None;
        }
        match character(nine)? {
            b'*' => {
                let quiet = widths.get(from + 9).is_some_and(|width| width * 3 >= size);
                return (at > 1 && quiet).then_some(Reading {
                    symbology: Symbology::Code39,
                    count: from + 8,
                });
            }
            letter => text.push(letter)?,
        }
    }
    None
}
