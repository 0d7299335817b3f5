//! Shapes that shrink and grow: J. Serra, "Image Analysis and Mathematical Morphology", 1982, with a square of
//! 2 `ksize` + 1 pixels whose middle does not count.
//!
//! A pixel is set if it is not 0. Outside the image its edge pixels are repeated. Counting goes by sums of columns that run
//! down and across, so that time does not depend on the square's size.

use crate::compose::{Compose, Op, Source, compose};
use crate::filter::{MAX_KSIZE, in_place, ring_bytes};
use crate::pixel::by_format;
use crate::view::admits;
use crate::{Error, Format, Pixel, Scratch, View, ViewMut, bytes_for};

/// Bytes of working memory that [`erode`], [`dilate`], [`open`] and [`close`] need.
pub fn morphology_scratch(format: Format, width: usize, height: usize, ksize: usize) -> usize {
    ring_bytes(format, width, height, ksize + 1) + bytes_for::<u8>(padded(width, ksize))
}

/// Bytes of working memory that [`top_hat`] and [`black_hat`] need.
pub fn hat_scratch(format: Format, width: usize, height: usize, ksize: usize) -> usize {
    bytes_for::<u8>(format.image_bytes(width, height)) + morphology_scratch(format, width, height, ksize)
}

/// Blackens a pixel if more than `threshold` of its neighbours are not set.
///
/// # Errors
/// A `ksize` above 127, too little memory.
pub fn erode(
    image: &mut ViewMut,
    ksize: usize,
    threshold: i32,
    mask: Option<&View>,
    scratch: Scratch,
) -> Result<(), Error> {
    let neighbours = ((2 * ksize + 1) * (2 * ksize + 1)) as i32 - 1;
    change(image, ksize, mask, scratch, 0, |set| {
        set < neighbours.saturating_sub(threshold)
    })
}

/// Whitens a pixel if more than `threshold` of its neighbours are set.
///
/// # Errors
/// A `ksize` above 127, too little memory.
pub fn dilate(
    image: &mut ViewMut,
    ksize: usize,
    threshold: i32,
    mask: Option<&View>,
    scratch: Scratch,
) -> Result<(), Error> {
    let white = image.format().white();
    change(image, ksize, mask, scratch, white, |set| set > threshold)
}

/// Erodes, then dilates: small spots vanish.
///
/// # Errors
/// Those of [`erode`].
pub fn open(
    image: &mut ViewMut,
    ksize: usize,
    threshold: i32,
    mask: Option<&View>,
    mut scratch: Scratch,
) -> Result<(), Error> {
    erode(image, ksize, threshold, mask, scratch.step())?;
    dilate(image, ksize, threshold, mask, scratch)
}

/// Dilates, then erodes: small holes vanish.
///
/// # Errors
/// Those of [`erode`].
pub fn close(
    image: &mut ViewMut,
    ksize: usize,
    threshold: i32,
    mask: Option<&View>,
    mut scratch: Scratch,
) -> Result<(), Error> {
    dilate(image, ksize, threshold, mask, scratch.step())?;
    erode(image, ksize, threshold, mask, scratch)
}

/// What opening takes away.
///
/// # Errors
/// Those of [`erode`].
pub fn top_hat(
    image: &mut ViewMut,
    ksize: usize,
    threshold: i32,
    mask: Option<&View>,
    scratch: Scratch,
) -> Result<(), Error> {
    hat(image, mask, scratch, |copy, scratch| {
        open(copy, ksize, threshold, mask, scratch)
    })
}

/// What closing adds.
///
/// # Errors
/// Those of [`erode`].
pub fn black_hat(
    image: &mut ViewMut,
    ksize: usize,
    threshold: i32,
    mask: Option<&View>,
    scratch: Scratch,
) -> Result<(), Error> {
    hat(image, mask, scratch, |copy, scratch| {
        close(copy, ksize, threshold, mask, scratch)
    })
}

/// The difference between an image and what becomes of its copy.
fn hat(
    image: &mut ViewMut,
    mask: Option<&View>,
    mut scratch: Scratch,
    work: impl FnOnce(&mut ViewMut, Scratch) -> Result<(), Error>,
) -> Result<(), Error> {
    let data = scratch.take_dirty::<u8>(image.data_mut().len())?;
    data.copy_from_slice(image.data_mut());
    let mut copy = ViewMut::new(data, image.width(), image.height(), image.format())?;
    work(&mut copy, scratch)?;
    let how = Compose {
        op: Op::Difference,
        mask: mask.copied(),
        ..Compose::default()
    };
    compose(image, &Source::Image(copy.as_view()), &how)
}

/// Writes `value` where `when` says so for the number of neighbours that are set.
fn change(
    image: &mut ViewMut,
    ksize: usize,
    mask: Option<&View>,
    mut scratch: Scratch,
    value: u16,
    when: impl Fn(i32) -> bool,
) -> Result<(), Error> {
    if ksize > MAX_KSIZE {
        return Err(Error::Argument {
            name: "size",
            found: ksize as f32,
            expected: "0 to 127",
        });
    }
    let width = image.width();
    let sums = scratch.take::<u8>(padded(width, ksize))?;
    by_format!(image.format(), P => {
        in_place(image, ksize + 1, &mut scratch, |old, y, new| {
            count::<P>(old, y, ksize, &mut sums[ksize + 1..][..width]);
            let (first, last) = (sums[ksize + 1], sums[ksize + width]);
            sums[..=ksize].fill(first);
            sums[ksize + 1 + width..].fill(last);
            let window = 2 * ksize + 1;
            let mut set: i32 = sums[..window].iter().map(|sum| i32::from(*sum)).sum();
            let row = old.row(y);
            let columns = sums.iter().zip(&sums[window..]);
            if P::FORMAT == Format::Grey && mask.is_none() {
                for (((left, entered), old), new) in columns.zip(row).zip(new) {
                    set += i32::from(*entered) - i32::from(*left);
                    if when(set - i32::from(*old != 0)) {
                        *new = value as u8;
                    }
                }
                return;
            }
            for (x, (left, entered)) in columns.enumerate() {
                set += i32::from(*entered) - i32::from(*left);
                let neighbours = set - i32::from(P::get(row, x) != 0);
                if when(neighbours) && admits(mask, x, y) {
                    P::put(new, x, value);
                }
            }
        })
    })
}

/// Sums of columns in a row and beyond its edges: one more to the left than a window reaches, and all that it reaches to the right.
const fn padded(width: usize, ksize: usize) -> usize {
    width + 2 * ksize + 1
}

/// How many pixels are set in each column of the windows of row `y`, from those of the row before: 255 at most.
fn count<P: Pixel>(old: &View, y: usize, ksize: usize, columns: &mut [u8]) {
    let (y, reach) = (y as isize, ksize as isize);
    if y == 0 {
        for step in -reach..=reach {
            let row = old.row_clamped(step);
            for (x, column) in columns.iter_mut().enumerate() {
                *column += u8::from(P::get(row, x) != 0);
            }
        }
        return;
    }
    let (left, entered) = (old.row_clamped(y - reach - 1), old.row_clamped(y + reach));
    let mut done = 0;
    if P::FORMAT == Format::Grey {
        let words = left.as_chunks::<4>().0.iter().zip(entered.as_chunks::<4>().0);
        for (column, (left, entered)) in columns.as_chunks_mut::<4>().0.iter_mut().zip(words) {
            // No byte is less than what is taken from it, nor more than 255 with what comes.
            let sums = u32::from_le_bytes(*column) - set_bytes(*left) + set_bytes(*entered);
            *column = sums.to_le_bytes();
            done += 4;
        }
    }
    for (x, column) in columns.iter_mut().enumerate().skip(done) {
        *column = *column - u8::from(P::get(left, x) != 0) + u8::from(P::get(entered, x) != 0);
    }
}

/// A byte of 1 for each of four bytes that is not 0.
#[inline]
fn set_bytes(bytes: [u8; 4]) -> u32 {
    let word = u32::from_le_bytes(bytes);
    (((word & 0x7F7F_7F7F) + 0x7F7F_7F7F) | word) >> 7 & 0x0101_0101
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_bytes_are_looked_at_together() {
        for byte in 0..=255u8 {
            let expected = u32::from(byte != 0);
            assert_eq!(set_bytes([byte, 0, byte, 0]), expected | expected << 16);
            assert_eq!(
                set_bytes([0, byte, 255, byte]),
                expected << 8 | 1 << 16 | expected << 24
            );
        }
    }
}
