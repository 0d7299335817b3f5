//! Code 93: ANSI/AIM BC5, with its pairs for all of ASCII.

use super::text::Text;
use super::widths::{nearest, packed};
use super::{Reading, Symbology};

/// The patterns of the 47 values, then start and stop.
const PATTERNS: [u16; 48] = {
    const DIGITS: [u32; 48] = [
        131112, 111213, 111312, 111411, 121113, 121212, 121311, 111114, 131211, 141111, 211113, 211212,
        211311, 221112, 221211, 231111, 112113, 112212, 112311, 122112, 132111, 111123, 111222, 111321,
        121122, 131121, 212112, 212211, 211122, 211221, 221121, 222111, 112122, 112221, 122121, 123111,
        121131, 311112, 311211, 321111, 112131, 113121, 211131, 121221, 312111, 311121, 122211, 111141,
    ];
    let mut patterns = [0; 48];
    let mut at = 0;
    while at < patterns.len() {
        patterns[at] = packed(DIGITS[at]);
        at += 1;
    }
    patterns
};
const ENDS: usize = 47;
/// What values below 43 stand for.
const CHARACTERS: &[u8; 43] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";
/// Values with their two checks, of one code.
const MOST: usize = 100;

pub fn read(widths: &[u32], text: &mut Text) -> Option<Reading> {
    let body = widths.get(1..)?;
    let six = |at: usize| nearest(body.get(6 * at..6 * at + 6)?, &PATTERNS, 9);
    if widths[0] * 9 < body.get(..6)?.iter().sum::<u32>() * 5 || six(0)? != ENDS {
        return None;
    }
    let (mut values, mut count) = ([0; MOST], 0);
    loop {
        match six(count + 1)? {
            ENDS => break,
            value => *values.get_mut(count)? = value,
        }
        count += 1;
    }
    // A bar ends the stop.
    body.get(6 * count + 12)?;
    let (data, checks) = values[..count].split_at(count.checked_sub(2)?);
    let sum = |values: &[usize], most: usize| {
        let weighed = values
            .iter()
            .rev()
            .enumerate()
            .map(|(at, value)| (at % most + 1) * value);
        weighed.sum::<usize>() % 47
    };
    let good = !data.is_empty() && sum(data, 20) == checks[0] && sum(&values[..count - 1], 15) == checks[1];
    if !good {
        return None;
    }
    let mut shift = None;
    for value in data {
        match (shift.take(), CHARACTERS.get(*value)) {
            (None, Some(letter)) => text.push(*letter)?,
            (None, None) => shift = Some(*value),
            (Some(shift), letter) => text.push(shifted(shift, *letter?)?)?,
        }
    }
    Some(Reading {
        symbology: Symbology::Code93,
        count: 6 * count + 13,
    })
}

/// The character of a pair: a shift and a letter.
fn shifted(shift: usize, letter: u8) -> Option<u8> {
    let at = letter.is_ascii_uppercase().then(|| letter - b'A')?;
    Some(match (shift, at) {
        // ($): control characters.
        (43, _) => at + 1,
        (44, 0..5) => at + 27,
        (44, 5..10) => at - 5 + b';',
        (44, 10..15) => at - 10 + b'[',
        (44, 15..20) => at - 15 + b'{',
        (44, 20) => 0,
        (44, 21) => b'@',
        (44, 22) => b'`',
        // (/): signs.
        (45, 25) => b':',
        (45, 0..15) => at + b'!',
        // (+): small letters.
        (46, _) => letter.to_ascii_lowercase(),
        _ => return None,
    })
}
