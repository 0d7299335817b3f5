//! Lines by the Hough transform (R. Duda and P. Hart, 1972), each edge pixel voting for its own direction only.
//!
//! A pixel votes with (|gx| + |gy|) / 2 if that is at least 126, for the rounded angle of its gradient and the rounded
//! distance. Peaks are not below any of their eight neighbours. Lines that are nearer than the margins are merged by
//! weighted circular means, and their magnitudes averaged.

use super::polar_line::within;
use super::sobel::{degrees, sobel};
use super::{Line, check_strides};
use crate::math::{atan2, cos_degrees, round, sin_degrees, sqrt};
use crate::{Area, Error, Found, Region, Scratch, View, bytes_for};

/// Edges weaker than this do not vote.
const WEAKEST: i32 = 126;

/// What lines are looked for.
#[derive(Clone, Copy, Debug)]
pub struct LineQuery {
    /// The part of the image.
    pub roi: Option<Region>,
    /// Every so many columns.
    pub x_stride: usize,
    /// Every so many rows.
    pub y_stride: usize,
    /// Least sum of votes.
    pub threshold: u32,
    /// Lines nearer than this in degrees are merged.
    pub theta_margin: i32,
    /// Lines nearer than this in distance are merged.
    pub rho_margin: i32,
}

impl Default for LineQuery {
    fn default() -> Self {
        LineQuery {
            roi: None,
            x_stride: 2,
            y_stride: 1,
            threshold: 1000,
            theta_margin: 25,
            rho_margin: 25,
        }
    }
}

/// The grid of votes, coarser if memory is short.
struct Grid {
    /// 1, 2 or 4 degrees and pixels a cell.
    divide: i32,
    /// Cells from rho 0 to its end.
    half: i32,
    columns: usize,
    rows: usize,
}

impl Grid {
    fn new(width: usize, height: usize, divide: i32) -> Grid {
        let diagonal = round(sqrt((width * width + height * height) as f32));
        let half = (diagonal + divide - 1) / divide;
        Grid {
            divide,
            half,
            // One column of air on each side.
            columns: 2 + ((180 + divide - 1) / divide) as usize,
            rows: (2 * half + 1) as usize,
        }
    }

    fn cells(&self) -> usize {
        self.columns * self.rows
    }
}

/// Bytes of working memory for [`find_lines`] at full resolution; with a half or a quarter of the cells it still works.
pub fn lines_scratch(width: usize, height: usize) -> usize {
    bytes_for::<u32>(Grid::new(width, height, 1).cells())
}

/// Finds lines, in the order of distance, then angle.
///
/// # Errors
/// A region outside, strides of 0, too little memory, more lines than `found` holds.
pub fn find_lines(
    image: &View,
    query: &LineQuery,
    mut scratch: Scratch,
    found: &mut Found<Line>,
) -> Result<(), Error> {
    check_strides(query.x_stride, query.y_stride)?;
    let area = image.area_of(query.roi)?;
    let fits =
        |divide: &i32| bytes_for::<u32>(Grid::new(area.w, area.h, *divide).cells()) <= scratch.left_bytes();
    let divide = [1, 2, 4].into_iter().find(fits).unwrap_or(4);
    let grid = Grid::new(area.w, area.h, divide);
    let votes = scratch.take::<u32>(grid.cells())?;
    sobel(image, area, (query.x_stride, query.y_stride), |x, y, gx, gy| {
        let magnitude = (gx.abs() + gy.abs()) / 2;
        if magnitude >= WEAKEST {
            let theta = degrees(gx, gy, 180);
            let (x, y) = ((x - area.x) as f32, (y - area.y) as f32);
            let rho = round(x * cos_degrees(theta) + y * sin_degrees(theta)) / grid.divide + grid.half;
            let cell = rho as usize * grid.columns + (theta / grid.divide) as usize + 1;
            votes[cell] += magnitude as u32;
        }
    })?;
    found.clear();
    peaks(votes, &grid, query.threshold, found)?;
    found.merge(|line, other| merge(line, other, query))?;
    finish(area, found);
    Ok(())
}

fn peaks(votes: &[u32], grid: &Grid, threshold: u32, found: &mut Found<Line>) -> Result<(), Error> {
    for row in 1..grid.rows - 1 {
        crate::stop::check()?;
        for column in 1..grid.columns - 1 {
            let at = row * grid.columns + column;
            let magnitude = votes[at];
            if magnitude < threshold || magnitude == 0 {
                continue;
            }
            let is_peak = [at - grid.columns, at, at + grid.columns].iter().all(|middle| {
                votes[middle - 1..=middle + 1]
                    .iter()
                    .all(|vote| magnitude >= *vote)
            });
            if is_peak {
                found.push(Line {
                    magnitude,
                    theta: (column as i32 - 1) * grid.divide,
                    rho: (row as i32 - grid.half) * grid.divide,
                    ..Line::default()
                })?;
            }
        }
    }
    Ok(())
}

/// Takes `other` into `line` if both are near each other.
fn merge(line: &mut Line, other: &Line, query: &LineQuery) -> bool {
    let forward = |line: &Line| {
        if line.rho < 0 {
            (-line.rho, line.theta + 180)
        } else {
            (line.rho, line.theta)
        }
    };
    let ((rho, theta), (other_rho, other_theta)) = (forward(line), forward(other));
    let turn = (theta - other_theta).abs();
    let turn = if turn >= 180 { 360 - turn } else { turn };
    if turn >= query.theta_margin || (rho - other_rho).abs() >= query.rho_margin {
        return false;
    }
    let (weight, other_weight) = (line.magnitude, other.magnitude);
    let sum = weight + other_weight;
    let mean =
        |of: fn(i32) -> f32| (of(theta) * weight as f32 + of(other_theta) * other_weight as f32) / sum as f32;
    line.theta = round(atan2(mean(sin_degrees), mean(cos_degrees)) * 57.29578).rem_euclid(360);
    let weighted = rho as u64 * u64::from(weight) + other_rho as u64 * u64::from(other_weight);
    line.rho = (weighted / u64::from(sum)) as i32;
    line.magnitude = sum / 2;
    if line.theta >= 180 {
        line.rho = -line.rho;
        line.theta -= 180;
    }
    true
}

/// Gives the lines their ends; those that miss the area go.
fn finish(area: Area, found: &mut Found<Line>) {
    for line in found.iter_mut() {
        let ends = within(area, line.theta, line.rho, line.magnitude);
        // A magnitude of 0 marks those to go.
        *line = ends.unwrap_or_default();
    }
    found.retain(|line| line.magnitude > 0);
}
