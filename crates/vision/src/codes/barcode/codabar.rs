//! Codabar: EN 798. The payload begins and ends with the letters that enclose it.

use super::text::Text;
use super::widths::wide_ones;
use super::{Reading, Symbology};

/// Which of seven elements are wide, and the character. The last four begin and end a code.
const CHARACTERS: [(u32, u8); 20] = [
    (0b0000011, b'0'),
    (0b0000110, b'1'),
    (0b0001001, b'2'),
    (0b1100000, b'3'),
    (0b0010010, b'4'),
    (0b1000010, b'5'),
    (0b0100001, b'6'),
    (0b0100100, b'7'),
    (0b0110000, b'8'),
    (0b1001000, b'9'),
    (0b0001100, b'-'),
    (0b0011000, b'$'),
    (0b1000101, b':'),
    (0b1010001, b'/'),
    (0b1010100, b'.'),
    (0b0010101, b'+'),
    (0b0011010, b'A'),
    (0b0101001, b'B'),
    (0b0001011, b'C'),
    (0b0001110, b'D'),
];
/// Characters of a code, with its ends.
const LEAST: usize = 4;

fn character(widths: &[u32]) -> Option<u8> {
    [2, 3].into_iter().find_map(|count| {
        let wide = wide_ones(widths, count)?;
        let found = CHARACTERS.iter().find(|(pattern, _)| *pattern == wide)?;
        Some(found.1)
    })
}

pub fn read(widths: &[u32], text: &mut Text) -> Option<Reading> {
    let first = widths.get(1..8)?;
    let size: u32 = first.iter().sum();
    if widths[0] * 2 < size || !character(first)?.is_ascii_uppercase() {
        return None;
    }
    for at in 0.. {
        let from = 1 + 8 * at;
        let seven = widths.get(from..from + 7)?;
        let own: u32 = seven.iter().sum();
        if own * 10 < size * 6 || own * 10 > size * 15 || (at > 0 && widths[from - 1] * 2 > size) {
            return None;
        }
        let letter = character(seven)?;
        text.push(letter)?;
        if at > 0 && letter.is_ascii_uppercase() {
            let quiet = widths.get(from + 7).is_some_and(|width| width * 2 >= size);
            return (quiet && text.as_bytes().len() >= LEAST).then_some(Reading {
                symbology: Symbology::Codabar,
                count: from + 6,
            });
        }
    }
    None
}
