//! The mean of the window, by sums of columns that run down and across: M. McDonnell, "Box-Filtering Techniques", 1981.
//!
//! Sum times (65536 / n) floored, shifted right by 16.

use super::{Adaptive, check, in_place, ring_bytes, window};
use crate::pixel::by_format;
use crate::{Error, Format, Pixel, Scratch, ViewMut, bytes_for};

/// Bytes of working memory that [`mean`] needs.
pub fn mean_scratch(format: Format, width: usize, height: usize, ksize: usize) -> usize {
    let channels = by_format!(format, P => P::CHANNELS);
    ring_bytes(format, width, height, ksize + 1) + bytes_for::<u32>(width * channels)
}

/// Replaces each pixel by the mean of its window.
///
/// # Errors
/// A `ksize` above [`super::MAX_KSIZE`], too little memory.
pub fn mean(
    image: &mut ViewMut,
    ksize: usize,
    adaptive: &Adaptive,
    mut scratch: Scratch,
) -> Result<(), Error> {
    check(ksize)?;
    by_format!(image.format(), P => run::<P>(image, ksize, adaptive, &mut scratch))
}

fn run<P: Pixel>(
    image: &mut ViewMut,
    ksize: usize,
    adaptive: &Adaptive,
    scratch: &mut Scratch,
) -> Result<(), Error> {
    let width = image.width();
    let sums = scratch.take::<u32>(width * P::CHANNELS)?;
    let share = (65536 / window(ksize)) as u32;
    let reach = ksize as isize;
    in_place(image, ksize + 1, scratch, |old, y, new| {
        let y = y as isize;
        if y == 0 {
            for step in -reach..=reach {
                add::<P>(sums, old.row_clamped(step), width, 1);
            }
        } else {
            add::<P>(sums, old.row_clamped(y - reach - 1), width, u32::MAX);
            add::<P>(sums, old.row_clamped(y + reach), width, 1);
        }
        let column = |x: isize| {
            let x = x.clamp(0, width as isize - 1) as usize;
            &sums[x * P::CHANNELS..(x + 1) * P::CHANNELS]
        };
        let mut totals = [0u32; 3];
        for x in 0..width as isize {
            if x == 0 {
                for step in -reach..=reach {
                    for (total, sum) in totals.iter_mut().zip(column(step)) {
                        *total += *sum;
                    }
                }
            } else {
                let (out, into) = (column(x - reach - 1), column(x + reach));
                for ((total, out), into) in totals.iter_mut().zip(out).zip(into) {
                    *total = *total - out + into;
                }
            }
            let at = x as usize;
            if adaptive.admits(at, y as usize) {
                let before = P::get(old.row(y as usize), at);
                let pixel = P::join(totals.map(|total| ((total * share) >> 16) as i32));
                P::put(new, at, adaptive.finish::<P>(pixel, before));
            }
        }
    })
}

/// Adds a row to the sums of columns, `times` of it; `u32::MAX` takes it away.
fn add<P: Pixel>(sums: &mut [u32], row: &[u8], width: usize, times: u32) {
    for (x, sums) in sums.chunks_exact_mut(P::CHANNELS).enumerate().take(width) {
        for (sum, channel) in sums.iter_mut().zip(P::split(P::get(row, x))) {
            *sum = sum.wrapping_add((channel as u32).wrapping_mul(times));
        }
    }
}
