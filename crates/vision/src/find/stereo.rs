//! Disparity of two views side by side in one image: H. Hirschmüller, "Correlation Based Stereo Vision", 2002: least sum of
//! absolute differences of blocks.

use super::grey_area;
use crate::{Error, Format, Scratch, View, ViewMut, bytes_for};

/// A block reaches from one pixel left and up of the middle to two pixels right and down.
const REACH: core::ops::RangeInclusive<isize> = -1..=2;

/// Bytes of working memory that [`disparity`] needs.
pub fn disparity_scratch(width: usize, height: usize) -> usize {
    bytes_for::<u8>(width * height)
}

/// Writes into the right half of a grey image how far each block of the left half has moved to the right there, in units of
/// 255 / `max_disparity`, cut to whole numbers. The search for a block ends where its difference is at most `threshold`. `reversed`
/// exchanges the halves.
///
/// # Errors
/// An image that is not grey or narrower than two pixels, a largest disparity of 0 or above 255, too little memory.
pub fn disparity(
    image: &mut ViewMut,
    reversed: bool,
    max_disparity: usize,
    threshold: u32,
    mut scratch: Scratch,
) -> Result<(), Error> {
    grey_area(&image.as_view(), None)?;
    let (width, height) = (image.width(), image.height());
    let refused = |name, found: usize, expected| {
        let found = found as f32;
        Err(Error::Argument {
            name,
            found,
            expected,
        })
    };
    if !(1..=255).contains(&max_disparity) {
        return refused("max_disparity", max_disparity, "1 to 255");
    }
    let half = width / 2;
    if half == 0 {
        return refused("width", width, "two views side by side");
    }
    let copy = scratch.take_dirty::<u8>(width * height)?;
    copy.copy_from_slice(image.data_mut());
    let copy = View::new(copy, width, height, Format::Grey)?;
    let (left, right) = if reversed { (half, 0) } else { (0, half) };
    let scale = 255 / max_disparity;
    for y in 0..height {
        crate::stop::check()?;
        let row = &mut image.row_mut(y)[right..right + half];
        for (x, pixel) in row.iter_mut().enumerate() {
            let mut best = (u32::MAX, 0);
            for shift in 0..=max_disparity.min(half - 1 - x) {
                let sum = difference(&copy, (left, right), half, (x, y), shift);
                if sum < best.0 {
                    best = (sum, shift);
                }
                if best.0 <= threshold {
                    break;
                }
            }
            *pixel = (best.1 * scale) as u8;
        }
    }
    Ok(())
}

/// The sum of absolute differences of the block at (x, y) and the other half's, `shift` pixels right of it.
fn difference(
    image: &View,
    (left, right): (usize, usize),
    half: usize,
    (x, y): (usize, usize),
    shift: usize,
) -> u32 {
    let mut sum = 0;
    for dy in REACH {
        let row = image.row_clamped(y as isize + dy);
        for dx in REACH {
            let at = |x: usize| (x as isize + dx).clamp(0, half as isize - 1) as usize;
            sum += u32::from(row[left + at(x)].abs_diff(row[right + at(x + shift)]));
        }
    }
    sum
}
