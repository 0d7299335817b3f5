//! Interleaved 2 of 5: ISO/IEC 16390.

use super::code39::TWO_OF_FIVE;
use super::text::Text;
use super::widths::{are_narrow, wide_ones};
use super::{Reading, Symbology};

/// Shorter ones are seen in anything.
const LEAST_DIGITS: usize = 6;

fn digit(widths: &[u32], first: usize) -> Option<u32> {
    let five: [u32; 5] = core::array::from_fn(|at| widths[first + 2 * at]);
    let wide = wide_ones(&five, 2)?;
    let place = TWO_OF_FIVE.iter().position(|pattern| *pattern == wide)?;
    Some((place as u32 + 1) % 10)
}

pub fn read(widths: &[u32], text: &mut Text) -> Option<Reading> {
    let narrow = widths.get(1..5)?.iter().sum::<u32>() / 4;
    if widths[0] < 5 * narrow || !are_narrow(&widths[1..5], narrow) {
        return None;
    }
    let mut from = 5;
    loop {
        // The end: a wide bar, a narrow space and bar, then light.
        if let Some(&[bar, space, last, quiet]) = widths.get(from..from + 4)
            && quiet >= 5 * narrow
        {
            let ends = bar * 10 >= narrow * 15 && bar <= 4 * narrow && are_narrow(&[space, last], narrow);
            return (ends && text.as_bytes().len() >= LEAST_DIGITS).then_some(Reading {
                symbology: Symbology::Interleaved,
                count: from + 2,
            });
        }
        let ten = widths.get(from..from + 10)?;
        let total: u32 = ten.iter().sum();
        // Six narrow ones and four wide ones of two to three times that.
        if total < 11 * narrow || total > 22 * narrow {
            return None;
        }
        text.digit(digit(ten, 0)?)?;
        text.digit(digit(ten, 1)?)?;
        from += 10;
    }
}
