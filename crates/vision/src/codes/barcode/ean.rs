//! EAN-13 and EAN-8, UPC-A and UPC-E, and the two or five digits beside them: ISO/IEC 15420.

use super::text::{Text, check_digit};
use super::widths::{are_narrow, nearest, packed};
use super::{Reading, Symbology};

/// The widths of digits 0 to 9, as they are on the right and in set A on the left; then those of set B, which are mirrored.
const DIGITS: [u16; 20] = [
    packed(3211),
    packed(2221),
    packed(2122),
    packed(1411),
    packed(1132),
    packed(1231),
    packed(1114),
    packed(1312),
    packed(1213),
    packed(3112),
    packed(1123),
    packed(1222),
    packed(2212),
    packed(1141),
    packed(2311),
    packed(1321),
    packed(4111),
    packed(2131),
    packed(3121),
    packed(2113),
];

/// Which digits on the left are of set B, the first as the highest bit, for the digit that is not printed.
const FIRST: [u32; 10] = [
    0b000000, 0b001011, 0b001101, 0b001110, 0b010011, 0b011001, 0b011100, 0b010101, 0b010110, 0b011010,
];
/// The same for the check digit of UPC-E of number system 0; system 1 is the other way round.
const UPC_E: [u32; 10] = [
    0b111000, 0b110100, 0b110010, 0b110001, 0b101100, 0b100110, 0b100011, 0b101010, 0b101001, 0b100101,
];
/// The same for the check sum of five digits beside a code.
const FIVE: [u32; 10] = [
    0b11000, 0b10100, 0b10010, 0b10001, 0b01100, 0b00110, 0b00011, 0b01010, 0b01001, 0b00101,
];

/// Reads so many digits; which of them are of set B.
fn digits(widths: &[u32], count: usize, text: &mut Text) -> Option<u32> {
    let mut sets = 0;
    for at in 0..count {
        let digit = nearest(widths.get(4 * at..4 * at + 4)?, &DIGITS, 7)? as u32;
        text.digit(digit % 10)?;
        sets = (sets << 1) | (digit / 10);
    }
    Some(sets)
}

pub fn read(widths: &[u32], text: &mut Text) -> Option<Reading> {
    let module = widths.get(1..4)?.iter().sum::<u32>() / 3;
    if widths[0] < 4 * module || !are_narrow(&widths[1..4], module) {
        return None;
    }
    let body = &widths[4..];
    let long = double(body, 6, text);
    if long.is_some() {
        return long;
    }
    text.clear();
    let short = double(body, 4, text);
    if short.is_some() {
        return short;
    }
    text.clear();
    zero_suppressed(body, text)
}

/// A code of two halves.
fn double(body: &[u32], half: usize, text: &mut Text) -> Option<Reading> {
    // What is not printed is the first digit.
    if half == 6 {
        text.push(b'0')?;
    }
    let sets = digits(body, half, text)?;
    let (middle, right) = (4 * half, 4 * half + 5);
    let module = body[..middle].iter().sum::<u32>() / (7 * half as u32);
    if !are_narrow(body.get(middle..right)?, module) {
        return None;
    }
    let right_sets = digits(&body[right..], half, text)?;
    let end = right + 4 * half;
    let ends = are_narrow(body.get(end..end + 3)?, module) && *body.get(end + 3)? >= 3 * module;
    if right_sets != 0 || !ends {
        return None;
    }
    let count = 3 + end + 3;
    if half == 4 {
        let symbology = Symbology::Ean8;
        return (sets == 0 && checked(text.as_bytes())).then_some(Reading { symbology, count });
    }
    let first = FIRST.iter().position(|set| *set == sets)?;
    let mut all = [0; 13];
    all.copy_from_slice(text.as_bytes());
    all[0] += first as u8;
    if !checked(&all) {
        return None;
    }
    text.clear();
    let symbology = match &all {
        [b'0', ..] => Symbology::UpcA,
        [b'9', b'7', b'8' | b'9', ..] => Symbology::Isbn13,
        _ => Symbology::Ean13,
    };
    let printed = usize::from(symbology == Symbology::UpcA);
    for digit in &all[printed..] {
        text.push(*digit)?;
    }
    Some(Reading { symbology, count })
}

fn checked(digits: &[u8]) -> bool {
    let Some((last, before)) = digits.split_last() else {
        return false;
    };
    check_digit(before) == u32::from(last - b'0')
}

/// UPC-E: six digits that stand for ten.
fn zero_suppressed(body: &[u32], text: &mut Text) -> Option<Reading> {
    text.push(b'0')?;
    let sets = digits(body, 6, text)?;
    let module = body[..24].iter().sum::<u32>() / 42;
    if !are_narrow(body.get(24..30)?, module) || *body.get(30)? < 3 * module {
        return None;
    }
    let (system, check) = [sets, sets ^ 0b111111]
        .into_iter()
        .enumerate()
        .find_map(|(system, sets)| Some((system as u32, UPC_E.iter().position(|set| *set == sets)?)))?;
    let mut short = [0; 7];
    short.copy_from_slice(text.as_bytes());
    short[0] += system as u8;
    if check_digit(&whole(&short)) != check as u32 {
        return None;
    }
    text.clear();
    for digit in short {
        text.push(digit)?;
    }
    text.digit(check as u32)?;
    Some(Reading {
        symbology: Symbology::UpcE,
        count: 33,
    })
}

/// The eleven digits of UPC-A for number system and six digits of UPC-E.
fn whole(&[system, a, b, c, d, e, f]: &[u8; 7]) -> [u8; 11] {
    const O: u8 = b'0';
    match f {
        b'0'..=b'2' => [system, a, b, f, O, O, O, O, c, d, e],
        b'3' => [system, a, b, c, O, O, O, O, O, d, e],
        b'4' => [system, a, b, c, d, O, O, O, O, O, e],
        _ => [system, a, b, c, d, e, O, O, O, O, f],
    }
}

/// The two or five digits beside a code.
pub fn read_addition(widths: &[u32], text: &mut Text) -> Option<Reading> {
    let module = widths.get(1..4)?.iter().sum::<u32>() / 4;
    let begins = are_narrow(&[widths[1], widths[2], widths[3] / 2], module);
    if !begins || widths[0] < 4 * module {
        return None;
    }
    let body = &widths[4..];
    [5, 2].into_iter().find_map(|count| {
        text.clear();
        addition(body, count, module, text)
    })
}

fn addition(body: &[u32], count: usize, module: u32, text: &mut Text) -> Option<Reading> {
    let mut sets = 0;
    for at in 0..count {
        // A space and a bar stand between two digits.
        let from = 6 * at;
        if at > 0 && !are_narrow(body.get(from - 2..from)?, module) {
            return None;
        }
        sets = (sets << 1) | digits(&body[from.min(body.len())..], 1, text)?;
    }
    let end = 6 * count - 2;
    if *body.get(end)? < 3 * module {
        return None;
    }
    let value = text.as_bytes().iter().map(|digit| u32::from(digit - b'0'));
    let (symbology, fits) = if count == 5 {
        let sum: u32 = value
            .enumerate()
            .map(|(at, digit)| digit * if at % 2 == 0 { 3 } else { 9 })
            .sum();
        (Symbology::Ean5, FIVE[(sum % 10) as usize] == sets)
    } else {
        let number = value.fold(0, |number, digit| 10 * number + digit);
        (Symbology::Ean2, number % 4 == sets)
    };
    fits.then_some(Reading {
        symbology,
        count: 3 + end,
    })
}
