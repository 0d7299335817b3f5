//! A rank of the window, by a histogram that runs across: T. S. Huang, "A fast two-dimensional median filtering algorithm",
//! 1979.
//!
//! Grey has 64 bins, each of four values, and gives the lowest of the four; the rank is floor(n * percentile), the bin the
//! first whose cumulative count reaches it.

use super::{Adaptive, check, in_place, ring_bytes, window};
use crate::math::floor;
use crate::pixel::by_format;
use crate::{Error, Format, Pixel, Scratch, View, ViewMut};

/// Bytes of working memory that [`median`] needs.
pub fn median_scratch(format: Format, width: usize, height: usize, ksize: usize) -> usize {
    ring_bytes(format, width, height, ksize)
}

/// Replaces each pixel by a rank of its window: `percentile` 0 the least, 0.5 the median, 1 the largest.
///
/// # Errors
/// A `ksize` above [`super::MAX_KSIZE`], a percentile outside 0 to 1, too little memory.
pub fn median(
    image: &mut ViewMut,
    ksize: usize,
    percentile: f32,
    adaptive: &Adaptive,
    mut scratch: Scratch,
) -> Result<(), Error> {
    check(ksize)?;
    if !(0.0..=1.0).contains(&percentile) {
        return Err(Error::Argument {
            name: "percentile",
            found: percentile,
            expected: "0 to 1",
        });
    }
    let rank = floor(percentile * window(ksize) as f32).max(1) as u32;
    by_format!(image.format(), P => {
        in_place(image, ksize, &mut scratch, |old, y, new| row::<P>(old, y, new, ksize, rank, adaptive))
    })
}

fn row<P: Pixel>(old: &View, y: usize, new: &mut [u8], ksize: usize, rank: u32, adaptive: &Adaptive) {
    // 255 becomes 63, what has fewer bits stays.
    let shift = if P::MAX[0] == 255 { 2 } else { 0 };
    let mut bins = [[0u16; 64]; 3];
    sweep::<P>(old, y, ksize, &mut bins, shift, |x, bins| {
        if !adaptive.admits(x, y) {
            return;
        }
        let mut channels = [0; 3];
        for (channel, bins) in channels.iter_mut().zip(bins.iter()).take(P::CHANNELS) {
            let mut sum = 0;
            let bin = bins.iter().position(|count| {
                sum += u32::from(*count);
                sum >= rank
            });
            *channel = (bin.unwrap_or(63) as i32) << shift;
        }
        let before = P::get(old.row(y), x);
        P::put(new, x, adaptive.finish::<P>(P::join(channels), before));
    });
}

/// Calls `at(x, bins)` for each pixel of a row with the histogram of its window.
pub(super) fn sweep<P: Pixel>(
    old: &View,
    y: usize,
    ksize: usize,
    bins: &mut [[u16; 64]; 3],
    shift: u32,
    mut at: impl FnMut(usize, &[[u16; 64]; 3]),
) {
    let (width, reach, y) = (old.width() as isize, ksize as isize, y as isize);
    let column = |bins: &mut [[u16; 64]; 3], x: isize, enters: bool| {
        let x = x.clamp(0, width - 1) as usize;
        for step in -reach..=reach {
            let channels = P::split(P::get(old.row_clamped(y + step), x));
            for (bins, channel) in bins.iter_mut().zip(channels).take(P::CHANNELS) {
                let bin = &mut bins[channel as usize >> shift];
                *bin = if enters { *bin + 1 } else { *bin - 1 };
            }
        }
    };
    for step in -reach..=reach {
        column(bins, step, true);
    }
    for x in 0..width {
        if x > 0 {
            column(bins, x - reach - 1, false);
            column(bins, x + reach, true);
        }
        at(x as usize, bins);
    }
}
