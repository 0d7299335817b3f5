//! Equalisation by place: K. Zuiderveld, "Contrast Limited Adaptive Histogram Equalization", Graphics Gems IV, 1994.
//!
//! The image is parted into up to 8 x 8 tiles, each with its own map; between the tiles' middles maps are mixed, all in
//! integers.

use super::equalize::with_level;
use crate::pixel::by_format;
use crate::view::admits;
use crate::{Error, Format, Pixel, Scratch, View, ViewMut, bytes_for, stop};

/// Tiles along a side.
const TILES: usize = 8;

/// Bytes of working memory that [`clahe`] needs.
pub fn clahe_scratch() -> usize {
    bytes_for::<[u8; 256]>(TILES * TILES) + bytes_for::<u32>(256)
}

/// Tiles along a side of this length, each at least 8 pixels wide.
fn tiles(length: usize) -> usize {
    (length / 8).clamp(1, TILES)
}

/// Equalises each neighbourhood; no bin counts more than `clip_limit` times the mean bin, below 0 without limit.
///
/// # Errors
/// Too little memory.
pub fn clahe(
    image: &mut ViewMut,
    clip_limit: f32,
    mask: Option<&View>,
    mut scratch: Scratch,
) -> Result<(), Error> {
    if image.format() == Format::Binary {
        return super::equalize(image, mask);
    }
    let (width, height) = (image.width(), image.height());
    let (across, down) = (tiles(width), tiles(height));
    let maps = scratch.take::<[u8; 256]>(across * down)?;
    let counts = scratch.take::<u32>(256)?;
    by_format!(image.format(), P => {
        for (index, map) in maps.iter_mut().enumerate() {
            let (column, row) = (index % across, index / across);
            counts.fill(0);
            let columns = column * width / across..(column + 1) * width / across;
            let rows = row * height / down..(row + 1) * height / down;
            let pixels = (columns.len() * rows.len()) as u32;
            for y in rows {
                stop::check()?;
                let row = image.as_view().row(y);
                for x in columns.clone() {
                    counts[P::level(P::get(row, x)) as usize] += 1;
                }
            }
            if clip_limit >= 0.0 {
                clip(counts, (clip_limit * pixels as f32 / 256.0) as u32);
            }
            let mut sum = 0;
            for (place, count) in map.iter_mut().zip(counts.iter()) {
                sum += u64::from(*count);
                *place = (sum * 255 / u64::from(pixels)).min(255) as u8;
            }
        }
        for y in 0..height {
            stop::check()?;
            let (up, low, down_share) = between(y, height, down);
            let row = image.row_mut(y);
            for x in 0..width {
                if !admits(mask, x, y) {
                    continue;
                }
                let (left, right, right_share) = between(x, width, across);
                let pixel = P::get(row, x);
                let level = P::level(pixel) as usize;
                let map = |row: usize, column: usize| u32::from(maps[row * across + column][level]);
                let mix = |row| map(row, left) * (256 - right_share) + map(row, right) * right_share;
                let level = (mix(up) * (256 - down_share) + mix(low) * down_share) >> 16;
                P::put(row, x, with_level::<P>(pixel, level as u16));
            }
        }
    });
    Ok(())
}

/// Cuts bins at the limit, at least 1, and deals the excess out evenly.
fn clip(counts: &mut [u32], limit: u32) {
    let limit = limit.max(1);
    let mut excess = 0;
    for count in counts.iter_mut() {
        excess += count.saturating_sub(limit);
        *count = (*count).min(limit);
    }
    let (each, rest) = (excess / 256, excess % 256);
    for (index, count) in counts.iter_mut().enumerate() {
        *count += each + u32::from((index as u32 * rest) / 256 != ((index as u32 + 1) * rest) / 256);
    }
}

/// The tiles whose middles lie around a place, and the share of the second in 256 parts.
fn between(at: usize, length: usize, tiles: usize) -> (usize, usize, u32) {
    // In 512ths of a tile, counted from the middle of the first.
    let place = ((2 * at + 1) * tiles * 256 / length) as isize - 256;
    let first = place.div_euclid(512);
    let share = (place.rem_euclid(512) / 2) as u32;
    let last = tiles as isize - 1;
    let clamp = |tile: isize| tile.clamp(0, last) as usize;
    (clamp(first), clamp(first + 1), share)
}
