//! A line through all pixels that a threshold holds for: least squares by moments (B. Horn, "Robot Vision", chapter 3), or
//! the median of all slopes (H. Theil 1950, P. Sen 1968) over a reduced image.

use super::polar_line::within;
use super::{Line, check_strides};
use crate::math::{atan2, cos_degrees, floor, round, sin_degrees, sqrt};
use crate::pixel::by_format;
use crate::{Area, Error, Pixel, Region, Scratch, Threshold, View, bytes_for};
use core::f32::consts::FRAC_PI_2;

/// What is fitted.
#[derive(Clone, Copy, Debug)]
pub struct RegressionQuery<'a> {
    /// A pixel counts once for each of these that holds.
    pub thresholds: &'a [Threshold],
    /// Pixels for which a threshold does not hold.
    pub invert: bool,
    /// The part of the image.
    pub roi: Option<Region>,
    /// Every so many columns.
    pub x_stride: usize,
    /// Every so many rows.
    pub y_stride: usize,
    /// Least area of the box around the pixels.
    pub area_threshold: i64,
    /// Least number of pixels.
    pub pixels_threshold: i64,
    /// The median of all slopes instead of least squares.
    pub robust: bool,
    /// Cells to which the region is reduced before slopes are counted.
    pub target_size: (usize, usize),
}

impl Default for RegressionQuery<'_> {
    fn default() -> Self {
        RegressionQuery {
            thresholds: &[],
            invert: false,
            roi: None,
            x_stride: 2,
            y_stride: 1,
            area_threshold: 10,
            pixels_threshold: 10,
            robust: false,
            target_size: (80, 60),
        }
    }
}

/// Bytes of working memory that [`regression`] needs with this target size; none without `robust`.
pub fn regression_scratch((columns, rows): (usize, usize)) -> usize {
    let cells = columns * rows;
    bytes_for::<u8>(cells)
        + bytes_for::<u32>(2 * cells)
        + bytes_for::<[u16; 2]>(cells)
        + bytes_for::<i32>(cells)
}

/// Sums over the pixels.
#[derive(Default)]
struct Moments {
    count: i64,
    x: i64,
    y: i64,
    xx: i64,
    xy: i64,
    yy: i64,
    left: i64,
    top: i64,
    right: i64,
    bottom: i64,
}

/// Fits a line; nothing if there are too few pixels.
///
/// # Errors
/// A region outside, strides of 0, too little memory.
pub fn regression(
    image: &View,
    query: &RegressionQuery,
    mut scratch: Scratch,
) -> Result<Option<Line>, Error> {
    check_strides(query.x_stride, query.y_stride)?;
    let area = image.area_of(query.roi)?;
    let mut sums = Moments {
        left: area.right() as i64 - 1,
        top: area.bottom() as i64 - 1,
        right: area.x as i64,
        bottom: area.y as i64,
        ..Moments::default()
    };
    let (columns, rows) = (
        query.target_size.0.clamp(1, area.w),
        query.target_size.1.clamp(1, area.h),
    );
    let cells = if query.robust {
        scratch.take::<u8>(columns * rows)?
    } else {
        &mut []
    };
    each(image, area, query, |x, y| {
        let (i, j) = (x as i64, y as i64);
        sums.count += 1;
        sums.x += i;
        sums.y += j;
        sums.xx += i * i;
        sums.xy += i * j;
        sums.yy += j * j;
        sums.left = sums.left.min(i);
        sums.top = sums.top.min(j);
        sums.right = sums.right.max(i);
        sums.bottom = sums.bottom.max(j);
        if query.robust {
            cells[(y - area.y) * rows / area.h * columns + (x - area.x) * columns / area.w] = 1;
        }
    });
    let box_area = (sums.right - sums.left) * (sums.bottom - sums.top);
    if sums.count == 0 || box_area < query.area_threshold || sums.count < query.pixels_threshold {
        return Ok(None);
    }
    if query.robust {
        return median_slope(area, cells, (columns, rows), scratch);
    }
    Ok(least_squares(area, &sums))
}

/// Calls `at` for each pixel and threshold that holds.
fn each(image: &View, area: Area, query: &RegressionQuery, mut at: impl FnMut(usize, usize)) {
    by_format!(image.format(), P => for threshold in query.thresholds {
        for y in (area.y..area.bottom()).step_by(query.y_stride) {
            let row = image.row(y);
            for x in (area.x + y % query.x_stride..area.right()).step_by(query.x_stride) {
                if threshold.holds::<P>(P::get(row, x)) != query.invert {
                    at(x, y);
                }
            }
        }
    });
}

/// Degrees of the normal from a direction.
fn normal(rotation: f32) -> i32 {
    round(rotation * 57.29578).rem_euclid(180)
}

fn least_squares(area: Area, sums: &Moments) -> Option<Line> {
    let (mx, my) = (sums.x / sums.count, sums.y / sums.count);
    let a = sums.xx - 2 * mx * sums.x + sums.count * mx * mx;
    let b = sums.xy - (mx * sums.y + my * sums.x) + sums.count * mx * my;
    let c = sums.yy - 2 * my * sums.y + sums.count * my * my;
    let direction = if a == c {
        FRAC_PI_2
    } else {
        atan2((2 * b) as f32, (a - c) as f32) / 2.0
    };
    let theta = normal(direction + FRAC_PI_2);
    let rho = distance(mx as i32 - area.x as i32, my as i32 - area.y as i32, theta);
    let half = (a + c) as f32 / 2.0;
    let (b, difference) = (b as f32, (a - c) as f32);
    let spread = sqrt(4.0 * b * b + difference * difference) / 2.0;
    let (long, short) = (sqrt(half + spread), sqrt((half - spread).max(0.0)));
    let magnitude = round(long / short).saturating_sub(1).max(0) as u32;
    within(area, theta, rho, magnitude)
}

fn distance(x: i32, y: i32, theta: i32) -> i32 {
    round(x as f32 * cos_degrees(theta) + y as f32 * sin_degrees(theta))
}

/// The median of the directions between all pairs of cells, and of the distances that the cells then have.
fn median_slope(
    area: Area,
    cells: &[u8],
    (columns, rows): (usize, usize),
    mut scratch: Scratch,
) -> Result<Option<Line>, Error> {
    // How many pairs lie so far apart, right and down.
    let width = 2 * columns;
    let steps = scratch.take::<u32>(width * rows)?;
    let mut points = scratch.list::<[u16; 2]>(columns * rows, "cells of a regression")?;
    for (at, _) in cells.iter().enumerate().filter(|(_, cell)| **cell != 0) {
        points.push([(at % columns) as u16, (at / columns) as u16])?;
    }
    if points.len() < 2 {
        return Ok(None);
    }
    for (index, [x, y]) in points.iter().enumerate() {
        for [other_x, other_y] in &points[index + 1..] {
            let right = usize::from(*other_x) + columns - usize::from(*x);
            steps[usize::from(other_y - y) * width + right] += 1;
        }
    }
    let (cell_w, cell_h) = (area.w as f32 / columns as f32, area.h as f32 / rows as f32);
    let mut directions = [0u32; 180];
    for (at, count) in steps.iter().enumerate().filter(|(_, count)| **count > 0) {
        let right = ((at % width) as f32 - columns as f32) * cell_w;
        let down = (at / width) as f32 * cell_h;
        directions[round(atan2(down, right).to_degrees()).rem_euclid(180) as usize] += count;
    }
    let (direction, most) = middle_direction(&directions);
    let theta = (direction + 90) % 180;
    let distances = scratch.take::<i32>(points.len())?;
    for (place, [x, y]) in distances.iter_mut().zip(points.iter()) {
        let middle = |index: u16, size: f32| floor((f32::from(index) + 0.5) * size);
        *place = distance(middle(*x, cell_w), middle(*y, cell_h), theta);
    }
    crate::math::sort(distances, |a, b| a < b);
    Ok(within(area, theta, distances[distances.len() / 2], most))
}

/// The median of directions, which are counted from a quarter turn before the most frequent, and that one's share of all
/// pairs in thousandths.
fn middle_direction(directions: &[u32; 180]) -> (i32, u32) {
    let mut peak = 0;
    for (direction, count) in directions.iter().enumerate() {
        if *count > directions[peak] {
            peak = direction;
        }
    }
    let total: u64 = directions.iter().map(|count| u64::from(*count)).sum();
    let mut sum = 0;
    let middle = (peak + 90..peak + 270)
        .map(|direction| direction % 180)
        .find(|direction| {
            sum += u64::from(directions[*direction]);
            2 * sum >= total
        });
    let share = u64::from(directions[peak]) * 1000 / total.max(1);
    (middle.unwrap_or(peak) as i32, share as u32)
}
