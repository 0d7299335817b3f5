//! Disparity of two views side by side in one image: H. Hirschmüller, "Correlation Based Stereo Vision", 2002: least sum of
//! absolute differences over 5 x 5 pixels.

use crate::{Error, Format, Scratch, View, ViewMut, bytes_for};

/// Half the block's side.
const REACH: isize = 2;

/// Bytes of working memory that [`disparity`] needs.
pub fn disparity_scratch(width: usize, height: usize) -> usize {
    bytes_for::<u8>(width * height)
}

/// Replaces the left half of a grey image by the disparity to the right half, scaled to 255, and blackens the right half.
/// Places whose best difference a pixel is above `threshold` are black. `reversed` exchanges the halves.
///
/// # Errors
/// An image that is not grey or of odd width, a largest disparity of 0, too little memory.
pub fn disparity(
    image: &mut ViewMut,
    reversed: bool,
    max_disparity: usize,
    threshold: u32,
    mut scratch: Scratch,
) -> Result<(), Error> {
    if image.format() != Format::Grey {
        return Err(Error::Format {
            found: image.format().name(),
            expected: "a grayscale image",
        });
    }
    let (width, height) = (image.width(), image.height());
    if !width.is_multiple_of(2) || max_disparity == 0 {
        let (name, found, expected) = if max_disparity == 0 {
            ("max_disparity", 0, "1 or more")
        } else {
            ("width", width, "an even width, two views side by side")
        };
        return Err(Error::Argument {
            name,
            found: found as f32,
            expected,
        });
    }
    let copy = scratch.take_dirty::<u8>(width * height)?;
    copy.copy_from_slice(image.data_mut());
    let copy = View::new(copy, width, height, Format::Grey)?;
    let half = width / 2;
    let (left, right) = if reversed { (half, 0) } else { (0, half) };
    for y in 0..height {
        for x in 0..half {
            let mut best = (u32::MAX, 0);
            for shift in 0..=max_disparity.min(x) {
                let sum = difference(&copy, (left, right), half, (x, y), shift);
                if sum < best.0 {
                    best = (sum, shift);
                }
            }
            let block = (2 * REACH + 1).pow(2) as u32;
            let near = best.0 <= threshold.saturating_mul(block);
            let value = if near { best.1 * 255 / max_disparity } else { 0 };
            image.set_pixel(x as i32, y as i32, value as u16);
            image.set_pixel((x + half) as i32, y as i32, 0);
        }
    }
    Ok(())
}

/// The sum of absolute differences of the blocks around (x, y) and `shift` pixels left of it.
fn difference(
    image: &View,
    (left, right): (usize, usize),
    half: usize,
    (x, y): (usize, usize),
    shift: usize,
) -> u32 {
    let mut sum = 0;
    for dy in -REACH..=REACH {
        let row = image.row_clamped(y as isize + dy);
        for dx in -REACH..=REACH {
            let at = |x: isize| x.clamp(0, half as isize - 1) as usize;
            let one = row[left + at(x as isize + dx)];
            let other = row[right + at(x as isize + dx - shift as isize)];
            sum += u32::from(one.abs_diff(other));
        }
    }
    sum
}
