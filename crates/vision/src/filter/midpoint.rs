//! Between the least and the largest of the window: least + floor((largest - least) * bias).

use super::{Adaptive, check, in_place, ring_bytes};
use crate::math::floor;
use crate::pixel::by_format;
use crate::{Error, Format, Pixel, Scratch, View, ViewMut, bytes_for};

/// Bytes of working memory that [`midpoint`] needs.
pub fn midpoint_scratch(format: Format, width: usize, height: usize, ksize: usize) -> usize {
    ring_bytes(format, width, height, ksize) + bytes_for::<[[u8; 2]; 3]>(width)
}

/// Replaces each pixel by a value between the least (`bias` 0) and the largest (1) of its window, channel by channel.
///
/// # Errors
/// A `ksize` above [`super::MAX_KSIZE`], a bias outside 0 to 1, too little memory.
pub fn midpoint(
    image: &mut ViewMut,
    ksize: usize,
    bias: f32,
    adaptive: &Adaptive,
    mut scratch: Scratch,
) -> Result<(), Error> {
    check(ksize)?;
    if !(0.0..=1.0).contains(&bias) {
        return Err(Error::Argument {
            name: "bias",
            found: bias,
            expected: "0 to 1",
        });
    }
    // Least and largest of each column of the windows of a row.
    let columns = scratch.take::<[[u8; 2]; 3]>(image.width())?;
    by_format!(image.format(), P => {
        in_place(image, ksize, &mut scratch, |old, y, new| {
            extremes::<P>(old, y, ksize, columns);
            row::<P>(old, y, new, columns, ksize, bias, adaptive);
        })
    })
}

fn extremes<P: Pixel>(old: &View, y: usize, ksize: usize, columns: &mut [[[u8; 2]; 3]]) {
    columns.fill([[255, 0]; 3]);
    let reach = ksize as isize;
    for step in -reach..=reach {
        let row = old.row_clamped(y as isize + step);
        for (x, column) in columns.iter_mut().enumerate() {
            let channels = P::split(P::get(row, x));
            for ([least, largest], channel) in column.iter_mut().zip(channels).take(P::CHANNELS) {
                *least = (*least).min(channel as u8);
                *largest = (*largest).max(channel as u8);
            }
        }
    }
}

fn row<P: Pixel>(
    old: &View,
    y: usize,
    new: &mut [u8],
    columns: &[[[u8; 2]; 3]],
    ksize: usize,
    bias: f32,
    adaptive: &Adaptive,
) {
    for x in 0..old.width() {
        if !adaptive.admits(x, y) {
            continue;
        }
        // Beyond the edge its own column is repeated, which changes no extreme.
        let window = &columns[x.saturating_sub(ksize)..(x + ksize + 1).min(columns.len())];
        let mut channels = [0; 3];
        for (index, channel) in channels.iter_mut().enumerate().take(P::CHANNELS) {
            let least = window.iter().map(|column| column[index][0]).min().unwrap_or(0);
            let largest = window.iter().map(|column| column[index][1]).max().unwrap_or(0);
            *channel = i32::from(least) + floor(f32::from(largest - least) * bias);
        }
        let before = P::get(old.row(y), x);
        P::put(new, x, adaptive.finish::<P>(P::join(channels), before));
    }
}
