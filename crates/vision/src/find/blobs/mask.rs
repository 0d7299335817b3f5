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
