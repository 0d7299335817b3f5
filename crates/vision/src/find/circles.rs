//! Circles by the Hough transform with gradients (C. Kimme, D. Ballard and J. Sklansky, 1975): for each radius, each pixel
//! votes for the two middles that lie along its gradient, with its gradient's rounded length.
//!
//! Only circles that lie in the region count. Peaks are not below any of their eight neighbours; those of neighbouring
//! middles and radii are merged by weighted means, rounded down, and their magnitudes averaged.

use super::check_strides;
use super::sobel::{degrees, sobel};
use crate::math::{cos_degrees, round, sin_degrees, sqrt};
use crate::{Error, Found, Region, Scratch, View, bytes_for};

/// A circle that was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circle {
    /// The middle.
    pub x: i32,
    /// The middle.
    pub y: i32,
    /// The radius.
    pub r: i32,
    /// How strong it is.
    pub magnitude: u32,
}

/// What circles are looked for.
#[derive(Clone, Copy, Debug)]
pub struct CircleQuery {
    /// The part of the image.
    pub roi: Option<Region>,
    /// Every so many columns.
    pub x_stride: usize,
    /// Every so many rows.
    pub y_stride: usize,
    /// Least sum of votes.
    pub threshold: u32,
    /// Middles nearer than this are merged.
    pub x_margin: i32,
    /// Middles nearer than this are merged.
    pub y_margin: i32,
    /// Radii nearer than this are merged.
    pub r_margin: i32,
    /// The least radius.
    pub r_min: usize,
    /// The first radius that is too large; half the region's shorter side without.
    pub r_max: Option<usize>,
    /// From radius to radius.
    pub r_step: usize,
}

impl Default for CircleQuery {
    fn default() -> Self {
        CircleQuery {
            roi: None,
            x_stride: 2,
            y_stride: 1,
            threshold: 2000,
            x_margin: 10,
            y_margin: 10,
            r_margin: 10,
            r_min: 2,
            r_max: None,
            r_step: 2,
        }
    }
}

/// Bytes of working memory for [`find_circles`]; with half the bytes behind the first 4 a pixel it still works.
pub fn circles_scratch(width: usize, height: usize) -> usize {
    2 * bytes_for::<u16>(width * height) + bytes_for::<u32>((width + 2) * (height + 2))
}

/// The middles of one radius, coarser if memory is short.
struct Grid {
    shift: u32,
    width: i32,
    height: i32,
    columns: usize,
    rows: usize,
}

impl Grid {
    fn new(width: i32, height: i32, shift: u32) -> Grid {
        let cells = |length: i32| (length as usize + (1 << shift) - 1) >> shift;
        Grid {
            shift,
            width,
            height,
            // One cell of air on each side.
            columns: cells(width) + 2,
            rows: cells(height) + 2,
        }
    }

    /// The cell of a middle, if the circle lies in the region.
    fn cell(&self, x: i32, y: i32) -> Option<usize> {
        ((0..self.width).contains(&x) && (0..self.height).contains(&y))
            .then(|| ((y >> self.shift) as usize + 1) * self.columns + (x >> self.shift) as usize + 1)
    }
}

/// Finds circles, from the least radius on.
///
/// # Errors
/// A region outside, strides or steps of 0, too little memory, more circles than `found` holds.
pub fn find_circles(
    image: &View,
    query: &CircleQuery,
    mut scratch: Scratch,
    found: &mut Found<Circle>,
) -> Result<(), Error> {
    check_strides(query.x_stride, query.y_stride)?;
    if query.r_step == 0 {
        return Err(Error::Argument {
            name: "r_step",
            found: 0.0,
            expected: "1 or more",
        });
    }
    let area = image.area_of(query.roi)?;
    let thetas = scratch.take::<u16>(area.pixels())?;
    let magnitudes = scratch.take::<u16>(area.pixels())?;
    sobel(image, area, (query.x_stride, query.y_stride), |x, y, gx, gy| {
        let at = (y - area.y) * area.w + x - area.x;
        thetas[at] = degrees(gx, gy, 360) as u16;
        magnitudes[at] = round(sqrt((gx * gx + gy * gy) as f32)) as u16;
    })?;
    found.clear();
    let largest = area.w.min(area.h) / 2;
    let end = query.r_max.unwrap_or(largest).min(largest + 1);
    for r in (query.r_min..end).step_by(query.r_step) {
        crate::stop::check()?;
        let (width, height) = (area.w as i32 - 2 * r as i32, area.h as i32 - 2 * r as i32);
        if width <= 0 || height <= 0 {
            break;
        }
        let mut scratch = scratch.step();
        let fits = |shift: &u32| {
            let grid = Grid::new(width, height, *shift);
            bytes_for::<u32>(grid.columns * grid.rows) <= scratch.left_bytes()
        };
        let grid = Grid::new(width, height, [0, 1, 2].into_iter().find(fits).unwrap_or(2));
        let votes = scratch.take::<u32>(grid.columns * grid.rows)?;
        vote(thetas, magnitudes, area.w, r as i32, &grid, votes)?;
        let offset = (area.x as i32 + r as i32, area.y as i32 + r as i32);
        peaks(votes, &grid, query.threshold, r as i32, offset, found)?;
    }
    found.merge(|circle, other| merge(circle, other, query))?;
    Ok(())
}

fn vote(
    thetas: &[u16],
    magnitudes: &[u16],
    width: usize,
    r: i32,
    grid: &Grid,
    votes: &mut [u32],
) -> Result<(), Error> {
    // C's `roundf`: halves away from zero.
    let offset = |of: f32| libm::roundf(r as f32 * of) as i32;
    for (at, (theta, magnitude)) in thetas.iter().zip(magnitudes).enumerate() {
        if at % 4096 == 0 {
            crate::stop::check()?;
        }
        if *magnitude == 0 {
            continue;
        }
        let (x, y) = ((at % width) as i32 - r, (at / width) as i32 - r);
        let theta = i32::from(*theta);
        let (dx, dy) = (offset(cos_degrees(theta)), offset(sin_degrees(theta)));
        for cell in [grid.cell(x + dx, y + dy), grid.cell(x - dx, y - dy)]
            .into_iter()
            .flatten()
        {
            votes[cell] += u32::from(*magnitude);
        }
    }
    Ok(())
}

fn peaks(
    votes: &[u32],
    grid: &Grid,
    threshold: u32,
    r: i32,
    offset: (i32, i32),
    found: &mut Found<Circle>,
) -> Result<(), Error> {
    for row in 1..grid.rows - 1 {
        crate::stop::check()?;
        let mut column = 1;
        while column < grid.columns - 1 {
            let at = row * grid.columns + column;
            let magnitude = votes[at];
            let is_peak = magnitude >= threshold
                && magnitude > 0
                && [at - grid.columns, at, at + grid.columns].iter().all(|middle| {
                    votes[middle - 1..=middle + 1]
                        .iter()
                        .all(|vote| magnitude >= *vote)
                });
            if is_peak {
                found.push(Circle {
                    x: ((column as i32 - 1) << grid.shift) + offset.0,
                    y: ((row as i32 - 1) << grid.shift) + offset.1,
                    r,
                    magnitude,
                })?;
                // The next one is lower and cannot be a peak.
                column += usize::from(magnitude > votes[at + 1]);
            }
            column += 1;
        }
    }
    Ok(())
}

/// Takes `other` into `circle` if both are near each other.
fn merge(circle: &mut Circle, other: &Circle, query: &CircleQuery) -> bool {
    let near = (circle.x - other.x).abs() < query.x_margin
        && (circle.y - other.y).abs() < query.y_margin
        && (circle.r - other.r).abs() < query.r_margin;
    if near {
        let sum = u64::from(circle.magnitude) + u64::from(other.magnitude);
        let mean = |one: i32, two: i32| {
            let weighted = one as u64 * u64::from(circle.magnitude) + two as u64 * u64::from(other.magnitude);
            (weighted / sum) as i32
        };
        *circle = Circle {
            x: mean(circle.x, other.x),
            y: mean(circle.y, other.y),
            r: mean(circle.r, other.r),
            magnitude: (sum / 2) as u32,
        };
    }
    near
}
