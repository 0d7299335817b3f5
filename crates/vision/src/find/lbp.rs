//! Local binary patterns: T. Ahonen, A. Hadid and M. Pietikäinen, "Face Description with Local Binary Patterns", 2006.
//!
//! Counting and weights are OpenMV's, so that faces compare as they do there.

use super::grey_area;
use crate::{Error, Region, View};

/// Regions along a side of a face.
const GRID: usize = 7;
/// 58 uniform patterns, and one bin for the others.
const BINS: usize = 59;
/// Eyes and mouth count more, the outermost cheeks not at all.
const WEIGHTS: [[u8; GRID]; GRID] = [
    [2, 1, 1, 1, 1, 1, 2],
    [2, 4, 4, 1, 4, 4, 2],
    [1, 1, 1, 0, 1, 1, 1],
    [0, 1, 1, 0, 1, 1, 0],
    [0, 1, 1, 1, 1, 1, 0],
    [0, 1, 1, 2, 1, 1, 0],
    [0, 1, 1, 1, 1, 1, 0],
];

/// Bytes of a face's description.
pub const LBP_BYTES: usize = GRID * GRID * BINS;

/// The bin of a pattern: uniform ones, with at most two changes around, in their order.
fn bin(pattern: u8) -> usize {
    let uniform = |pattern: u8| (pattern ^ pattern.rotate_left(1)).count_ones() <= 2;
    if !uniform(pattern) {
        return BINS - 1;
    }
    (0..pattern).filter(|other| uniform(*other)).count()
}

/// Describes a face as histograms of 7 x 7 regions, region by region; counts wrap at 256. Columns and rows that the grid leaves
/// over count in the next region.
///
/// # Errors
/// An image that is not grey, a region outside or smaller than the grid.
pub fn lbp(image: &View, roi: Region, bins: &mut [u8; LBP_BYTES]) -> Result<(), Error> {
    let area = grey_area(image, Some(roi))?;
    let (columns, rows) = (area.w / GRID, area.h / GRID);
    if columns == 0 || rows == 0 {
        return Err(Error::Argument {
            name: "roi",
            found: area.w.min(area.h) as f32,
            expected: "at least 7 pixels wide and high",
        });
    }
    let table: [u8; 256] = core::array::from_fn(|pattern| bin(pattern as u8) as u8);
    // Clockwise, the lowest bit first.
    const AROUND: [(usize, usize); 8] = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)];
    bins.fill(0);
    for y in 0..area.h.saturating_sub(3) {
        crate::stop::check()?;
        let lines = [0, 1, 2].map(|row| &image.row(area.y + y + row)[area.x..area.right()]);
        for x in 0..area.w.saturating_sub(3) {
            let middle = lines[1][x + 1];
            let mut pattern = 0;
            for (bit, (dx, dy)) in AROUND.into_iter().enumerate() {
                pattern |= usize::from(lines[dy][x + dx] >= middle) << bit;
            }
            let region = y / rows * GRID + x / columns;
            if let Some(count) = bins.get_mut(region * BINS + usize::from(table[pattern])) {
                *count = count.wrapping_add(1);
            }
        }
    }
    Ok(())
}

/// How far apart two faces are: the weighted chi square distance, each term cut to a whole number; 0 for equal faces.
pub fn lbp_distance(one: &[u8; LBP_BYTES], other: &[u8; LBP_BYTES]) -> u32 {
    let mut sum = 0;
    for (at, (a, b)) in one.iter().zip(other).enumerate() {
        let region = at / BINS;
        let weight = u32::from(WEIGHTS[region / GRID][region % GRID]);
        let apart = u32::from(a.abs_diff(*b));
        sum += weight * (apart * apart / (u32::from(*a) + u32::from(*b)).max(1));
    }
    sum
}
