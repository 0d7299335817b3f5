//! The mean of the window, by sums of columns that run down and across: M. McDonnell, "Box-Filtering Techniques", 1981.
//!
//! Sum times (65536 / n) floored, shifted right by 16.

use super::{Adaptive, check, in_place, ring_bytes, window};
use crate::pixel::by_format;
use crate::{Error, Format, Pixel, Scratch, ViewMut, bytes_for};

/// Bytes of working memory that [`mean`] needs.
pub fn mean_scratch(format: Format, width: usize, height: usize, ksize: usize) -> usize {
    let channels = by_format!(format, P => P::CHANNELS);
    ring_bytes(format, width, height, ksize + 1) + bytes_for::<u32>(padded(width, ksize) * channels)
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
    // Sums of columns, and those beyond the edges: one more to the left than a window reaches.
    let sums = scratch.take::<u32>(padded(width, ksize) * P::CHANNELS)?;
    let (start, end) = ((ksize + 1) * P::CHANNELS, (ksize + 1 + width) * P::CHANNELS);
    let share = (65536 / window(ksize)) as u32;
    let reach = ksize as isize;
    in_place(image, ksize + 1, scratch, |old, y, new| {
        let own = &mut sums[start..end];
        if y == 0 {
            for step in -reach..=reach {
                enter::<P>(own, old.row_clamped(step));
            }
        } else {
            let y = y as isize;
            exchange::<P>(own, old.row_clamped(y - reach - 1), old.row_clamped(y + reach));
        }
        repeat(sums, start, end, P::CHANNELS);
        let ahead = &sums[(2 * ksize + 1) * P::CHANNELS..];
        let mut totals = [0u32; 3];
        for sums in sums.chunks_exact(P::CHANNELS).take(2 * ksize + 1) {
            for (total, sum) in totals.iter_mut().zip(sums) {
                *total += *sum;
            }
        }
        let row = old.row(y);
        let columns = sums
            .chunks_exact(P::CHANNELS)
            .zip(ahead.chunks_exact(P::CHANNELS));
        for (at, (out, into)) in columns.take(width).enumerate() {
            for ((total, out), into) in totals.iter_mut().zip(out).zip(into) {
                *total = *total + *into - *out;
            }
            if adaptive.admits(at, y) {
                let pixel = P::join(totals.map(|total| ((total * share) >> 16) as i32));
                P::put(new, at, adaptive.finish::<P>(pixel, P::get(row, at)));
            }
        }
    })
}

/// Columns of a row with those that windows reach beyond its edges.
const fn padded(width: usize, ksize: usize) -> usize {
    width + 2 * ksize + 1
}

/// Repeats the first and the last column beyond the edges.
fn repeat(sums: &mut [u32], start: usize, end: usize, channels: usize) {
    for at in (0..start).rev() {
        sums[at] = sums[at + channels];
    }
    for at in end..sums.len() {
        sums[at] = sums[at - channels];
    }
}

/// Adds a row to the sums of columns.
fn enter<P: Pixel>(sums: &mut [u32], row: &[u8]) {
    for (x, sums) in sums.chunks_exact_mut(P::CHANNELS).enumerate() {
        for (sum, channel) in sums.iter_mut().zip(P::split(P::get(row, x))) {
            *sum += channel as u32;
        }
    }
}

/// Takes one row from the sums of columns and adds another.
fn exchange<P: Pixel>(sums: &mut [u32], left: &[u8], entered: &[u8]) {
    for (x, sums) in sums.chunks_exact_mut(P::CHANNELS).enumerate() {
        let (left, entered) = (P::split(P::get(left, x)), P::split(P::get(entered, x)));
        for ((sum, left), entered) in sums.iter_mut().zip(left).zip(entered) {
            *sum = *sum + entered as u32 - left as u32;
        }
    }
}
