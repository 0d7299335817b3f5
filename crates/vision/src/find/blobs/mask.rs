//! For which pixels a threshold holds, a bit each, so that the search goes on by words of 32.

use crate::{Area, Binary, Error, Format, Grey, Pixel, Rgb565, Scratch, Threshold, View, bytes_for};
use core::ops::Range;

/// Two bits for each colour without its lowest bit: 0 not looked up yet, 1 does not hold, 3 holds.
const KNOWN_WORDS: usize = 32768 / 16;

/// Rows of bits, the lowest first.
pub(super) struct Mask<'a> {
    pub words: &'a mut [u32],
    pub row_words: usize,
    known: &'a mut [u32],
}

/// Bytes that a mask and the rows of another one need.
pub(super) fn mask_bytes(width: usize, height: usize) -> usize {
    2 * bytes_for::<u32>(width.div_ceil(32) * height) + bytes_for::<u32>(KNOWN_WORDS)
}

impl<'a> Mask<'a> {
    pub fn new(image: &View, scratch: &mut Scratch<'a>) -> Result<Self, Error> {
        let row_words = image.width().div_ceil(32);
        let is_colour = image.format() == Format::Rgb565;
        Ok(Mask {
            words: scratch.take(row_words * image.height())?,
            row_words,
            known: scratch.take_dirty(if is_colour { KNOWN_WORDS } else { 0 })?,
        })
    }

    /// Sets the bits of the pixels in the area for which the threshold holds, or does not hold.
    pub fn load(&mut self, image: &View, area: Area, threshold: &Threshold, invert: bool) {
        match image.format() {
            Format::Grey => {
                // Two loads and a shift for each pixel.
                let table: [u8; 256] =
                    core::array::from_fn(|level| u8::from(threshold.holds::<Grey>(level as u16) != invert));
                if let Some(range) = Range4::of(&table) {
                    self.rows(image, area, |_, row, columns| range.bits(&row[columns]));
                    return;
                }
                self.rows(image, area, |_, row, columns| {
                    bits(
                        row[columns]
                            .iter()
                            .map(|level| u32::from(table[usize::from(*level)])),
                    )
                });
            }
            Format::Rgb565 => {
                self.known.fill(0);
                self.rows(image, area, |known, row, columns| {
                    let pixels = row[2 * columns.start..2 * columns.end].as_chunks::<2>().0;
                    let colours = pixels.iter().map(|pixel| u16::from_le_bytes(*pixel));
                    bits(colours.map(|colour| u32::from(holds_colour(known, threshold, colour) != invert)))
                });
            }
            Format::Binary => self.rows(image, area, |_, row, columns| {
                bits(columns.map(|x| u32::from(threshold.holds::<Binary>(Binary::get(row, x)) != invert)))
            }),
        }
    }

    /// Fills the words of the area's rows; `of` makes the bits of some columns, as [`bits`] does.
    fn rows(&mut self, image: &View, area: Area, mut of: impl FnMut(&mut [u32], &[u8], Range<usize>) -> u32) {
        for y in area.y..area.bottom() {
            let row = image.row(y);
            let words = &mut self.words[y * self.row_words..][..self.row_words];
            for (n, word) in words.iter_mut().enumerate().skip(area.x / 32) {
                let start = area.x.max(32 * n);
                let end = area.right().min(32 * n + 32);
                if start >= end {
                    break;
                }
                *word = of(self.known, row, start..end) >> (32 - (end - start)) << (start % 32);
            }
        }
    }
}

/// Up to 32 answers, 0 or 1, as bits, the last one in the highest.
#[inline]
fn bits(answers: impl Iterator<Item = u32>) -> u32 {
    answers.fold(0, |bits, answer| bits << 1 | answer).reverse_bits()
}

/// Levels between two, or all others, for four pixels at a time: each in nine bits, of which the highest tells whether a sum or a
/// difference went beyond 255.
#[derive(Clone, Copy)]
struct Range4 {
    /// 256 less the lowest level, and 256 with the highest, twice.
    low: u32,
    high: u32,
    /// All ones to turn the answer round.
    turn: u32,
}

impl Range4 {
    /// The range that a table holds, if it is one.
    fn of(table: &[u8; 256]) -> Option<Range4> {
        let turn = table[0] != 0 && table[255] != 0 && table.contains(&0);
        let holds = |level: &usize| (table[*level] != 0) != turn;
        let low = (0..256).find(holds)?;
        let high = (0..256).rev().find(holds)?;
        (low..=high).all(|level| holds(&level)).then(|| Range4 {
            low: (256 - low as u32) * 0x0001_0001,
            high: (256 + high as u32) * 0x0001_0001,
            turn: if turn { u32::MAX } else { 0 },
        })
    }

    /// The answers for up to 32 pixels, the last one in the highest bit.
    #[inline]
    fn bits(self, pixels: &[u8]) -> u32 {
        let (words, rest) = pixels.as_chunks::<4>();
        let mut bits = 0u32;
        for word in words {
            bits = bits >> 4 | self.four(*word) << 28;
        }
        if !rest.is_empty() {
            let mut word = [0; 4];
            word[..rest.len()].copy_from_slice(rest);
            let count = rest.len() as u32;
            bits = bits >> count | (self.four(word) << (32 - count));
        }
        bits ^ self.turn
    }

    /// The answers for four pixels.
    #[inline]
    fn four(self, pixels: [u8; 4]) -> u32 {
        let word = u32::from_le_bytes(pixels);
        let (even, odd) = (word & 0x00FF_00FF, word >> 8 & 0x00FF_00FF);
        let within = |half: u32| (half + self.low) & (self.high - half);
        let both = (within(even) >> 8 & 0x0001_0001) | (within(odd) >> 7 & 0x0002_0002);
        (both | both >> 14) & 15
    }
}

/// Whether the threshold holds for a colour; L, a and b of each are looked up once.
#[inline]
fn holds_colour(known: &mut [u32], threshold: &Threshold, colour: u16) -> bool {
    let index = usize::from(colour >> 1);
    let (word, shift) = (&mut known[index / 16 % KNOWN_WORDS], index % 16 * 2);
    let bits = *word >> shift & 3;
    if bits != 0 {
        return bits == 3;
    }
    let holds = threshold.holds::<Rgb565>(colour);
    *word |= if holds { 3 } else { 1 } << shift;
    holds
}

/// The bits of word `index` from `left` to `right`, both included.
pub(super) fn within(index: usize, left: usize, right: usize) -> u32 {
    let start = 32 * index;
    let low = if left > start {
        u32::MAX << (left - start).min(31)
    } else {
        u32::MAX
    };
    let high = if right < start + 31 {
        u32::MAX >> (start + 31 - right)
    } else {
        u32::MAX
    };
    low & high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_pixels_at_a_time_are_judged_like_one() {
        let pixels: [u8; 29] = core::array::from_fn(|at| (at * 91 + at * at) as u8);
        for (low, high, turn) in [
            (0, 255, false),
            (0, 0, false),
            (255, 255, false),
            (40, 200, false),
            (40, 200, true),
            (0, 99, true),
        ] {
            let holds = |level: usize| ((low..=high).contains(&level)) != turn;
            let table: [u8; 256] = core::array::from_fn(|level| u8::from(holds(level)));
            let range = Range4::of(&table).expect("it is one");
            for count in 1..=pixels.len() {
                let expected = bits(
                    pixels[..count]
                        .iter()
                        .map(|level| u32::from(holds(usize::from(*level)))),
                );
                assert_eq!(
                    range.bits(&pixels[..count]) >> (32 - count),
                    expected >> (32 - count),
                    "{low} {high} {count}"
                );
            }
        }
        let mut table = [0; 256];
        table[3] = 1;
        table[5] = 1;
        assert!(Range4::of(&table).is_none());
    }

    #[test]
    fn bits_between_two_columns() {
        for (left, right) in [(0, 31), (3, 3), (31, 32), (33, 60), (5, 70)] {
            for x in 0..96 {
                let bit = within(x / 32, left, right) >> (x % 32) & 1;
                // Words outside of both are never asked for.
                if (left / 32..=right / 32).contains(&(x / 32)) {
                    assert_eq!(bit == 1, (left..=right).contains(&x), "{left} {right} {x}");
                }
            }
        }
    }
}
