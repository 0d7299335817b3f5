//! Segments of lines: C. Akinlar and C. Topal, "EDLines: A real-time line segment detector with a false detection control",
//! 2011. Edges are drawn from anchor to anchor, cut into straight pieces, and what chance alone could have made goes.
//!
//! The brightness is smoothed with a binomial 5 x 5; a pixel's strength is (|gx| + |gy|) / 2 of Sobel's kernels.

mod drawing;
mod pieces;

use super::Line;
use crate::math::{atan2, round, sqrt};
use crate::pixel::by_format;
use crate::{Area, Error, Found, Pixel, Point, Region, Scratch, View, bytes_for};
use drawing::Drawing;

/// What segments are looked for.
#[derive(Clone, Copy, Debug)]
pub struct SegmentQuery {
    /// The part of the image.
    pub roi: Option<Region>,
    /// Segments that run alike and are nearer than this become one; 0 leaves all as they are.
    pub merge_distance: u32,
    /// The most degrees between two that are merged.
    pub max_theta_diff: u32,
    /// The least strength of an edge.
    pub threshold: u32,
}

impl Default for SegmentQuery {
    fn default() -> Self {
        SegmentQuery {
            roi: None,
            merge_distance: 0,
            max_theta_diff: 15,
            threshold: 50,
        }
    }
}

/// Pixels of an edge that are kept at a time: a longer one is cut.
const LONGEST: usize = 8192;

/// Bytes of working memory that [`find_line_segments`] needs for a region of this size.
pub fn segments_scratch(width: usize, height: usize) -> usize {
    2 * bytes_for::<u8>(width * height)
        + bytes_for::<u16>(width * height)
        + bytes_for::<u16>(width)
        + bytes_for::<[u16; 2]>(LONGEST)
}

/// Finds segments, in the order of their edges' first anchors. The magnitude is the mean strength along the edge.
///
/// # Errors
/// A region outside, too little memory, more segments than `found` holds.
pub fn find_line_segments(
    image: &View,
    query: &SegmentQuery,
    mut scratch: Scratch,
    found: &mut Found<Line>,
) -> Result<(), Error> {
    let area = image.area_of(query.roi)?;
    found.clear();
    let smooth = scratch.take_dirty::<u8>(area.pixels())?;
    let marks = scratch.take_dirty::<u8>(area.pixels())?;
    smoothen(image, area, marks, smooth, scratch.step())?;
    marks.fill(0);
    let strengths = scratch.take::<u16>(area.pixels())?;
    let mut chain = scratch.list::<[u16; 2]>(LONGEST, "pixels of an edge")?;
    let smooth = View::new(smooth, area.w, area.h, crate::Format::Grey)?;
    let least = query.threshold.clamp(1, 2000) as u16;
    drawing::strengths(&smooth, area, strengths, least)?;
    let mut drawing = Drawing {
        strengths,
        marks,
        width: area.w,
    };
    for y in 1..area.h.saturating_sub(1) {
        crate::stop::check()?;
        for x in 1..area.w - 1 {
            if drawing.is_anchor(x, y) {
                drawing.edge(x, y, &mut chain);
                pieces::straight(&smooth, drawing.strengths, &chain, found)?;
            }
        }
    }
    if query.merge_distance > 0 {
        found.merge(|line, other| merge(line, other, query))?;
    }
    for line in found.iter_mut() {
        let (left, top) = (area.x as i32, area.y as i32);
        *line = of_ends(
            Point::new(line.from.x + left, line.from.y + top),
            Point::new(line.to.x + left, line.to.y + top),
            line.magnitude,
        );
    }
    Ok(())
}

/// A line through its ends; angle and distance are its normal's.
pub(super) fn of_ends(from: Point, to: Point, magnitude: u32) -> Line {
    let (dx, dy) = ((to.x - from.x) as f32, (to.y - from.y) as f32);
    let length = sqrt(dx * dx + dy * dy);
    let theta = round(atan2(dx, -dy) * 57.29578).rem_euclid(180);
    // The normal, turned like the angle: from 0 to below 180 degrees.
    let (mut nx, mut ny) = if length > 0.0 {
        (-dy / length, dx / length)
    } else {
        (1.0, 0.0)
    };
    if ny < 0.0 || (ny == 0.0 && nx < 0.0) {
        (nx, ny) = (-nx, -ny);
    }
    // Rounded up to half a turn it is the opposite one.
    if theta == 0 && nx < 0.0 {
        (nx, ny) = (-nx, -ny);
    }
    Line {
        from,
        to,
        magnitude,
        theta,
        rho: round(from.x as f32 * nx + from.y as f32 * ny),
    }
}

/// Brightness smoothed by 1 4 6 4 1 across and down; `grey` holds the brightness in between.
fn smoothen(
    image: &View,
    area: Area,
    grey: &mut [u8],
    smooth: &mut [u8],
    mut scratch: Scratch,
) -> Result<(), Error> {
    by_format!(image.format(), P => for (y, out) in grey.chunks_exact_mut(area.w).enumerate() {
        let row = image.row(area.y + y);
        for (x, out) in out.iter_mut().enumerate() {
            *out = P::grey(P::get(row, area.x + x));
        }
    });
    let sums = scratch.take_dirty::<u16>(area.w)?;
    for (y, out) in smooth.chunks_exact_mut(area.w).enumerate() {
        crate::stop::check()?;
        let rows = [-2, -1, 0, 1, 2].map(|step: isize| {
            let y = (y as isize + step).clamp(0, area.h as isize - 1) as usize;
            &grey[y * area.w..(y + 1) * area.w]
        });
        for (x, sum) in sums.iter_mut().enumerate() {
            let [a, b, c, d, e] = rows.map(|row| u16::from(row[x]));
            *sum = a + e + 4 * (b + d) + 6 * c;
        }
        for (x, out) in out.iter_mut().enumerate() {
            let at =
                |step: isize| u32::from(sums[(x as isize + step).clamp(0, area.w as isize - 1) as usize]);
            *out = ((at(-2) + at(2) + 4 * (at(-1) + at(1)) + 6 * at(0) + 128) >> 8) as u8;
        }
    }
    Ok(())
}

/// Takes `other` into `line` if both run alike and are near each other.
fn merge(line: &mut Line, other: &Line, query: &SegmentQuery) -> bool {
    let turn = (line.theta - other.theta).rem_euclid(180);
    let near = |a: Point, b: Point| {
        let (dx, dy) = ((a.x - b.x) as f32, (a.y - b.y) as f32);
        dx * dx + dy * dy
    };
    let ends = [(line.from, line.to), (other.from, other.to)];
    let least = [
        (ends[0].0, ends[1]),
        (ends[0].1, ends[1]),
        (ends[1].0, ends[0]),
        (ends[1].1, ends[0]),
    ]
    .into_iter()
    .map(|(point, of)| distance_squared(point, of))
    .fold(f32::MAX, f32::min);
    let limit = query.merge_distance as f32;
    if turn.min(180 - turn) > query.max_theta_diff.min(180) as i32 || least > limit * limit {
        return false;
    }
    // The two of the four ends that are farthest from each other.
    let points = [ends[0].0, ends[0].1, ends[1].0, ends[1].1];
    let mut farthest = (points[0], points[1]);
    for (index, a) in points.iter().enumerate() {
        for b in &points[index + 1..] {
            if near(*a, *b) > near(farthest.0, farthest.1) {
                farthest = (*a, *b);
            }
        }
    }
    let weights = [line.length().max(1) as u64, other.length().max(1) as u64];
    let sum = u64::from(line.magnitude) * weights[0] + u64::from(other.magnitude) * weights[1];
    *line = of_ends(farthest.0, farthest.1, (sum / (weights[0] + weights[1])) as u32);
    true
}

/// How far a point is from a segment, squared.
fn distance_squared(point: Point, (from, to): (Point, Point)) -> f32 {
    let (dx, dy) = ((to.x - from.x) as f32, (to.y - from.y) as f32);
    let (px, py) = ((point.x - from.x) as f32, (point.y - from.y) as f32);
    let square = dx * dx + dy * dy;
    let along = if square > 0.0 {
        ((px * dx + py * dy) / square).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (ox, oy) = (px - along * dx, py - along * dy);
    ox * ox + oy * oy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angle_and_distance_are_the_normal_s() {
        for (from, to, theta, rho) in [
            ((0, 7), (20, 7), 90, 7),
            ((5, 0), (5, 30), 0, 5),
            ((30, 0), (0, 30), 45, 21),
            ((0, 0), (20, 20), 135, 0),
        ] {
            let (from, to) = (Point::new(from.0, from.1), Point::new(to.0, to.1));
            for line in [of_ends(from, to, 1), of_ends(to, from, 1)] {
                assert_eq!((line.theta, line.rho), (theta, rho), "{line:?}");
            }
        }
    }

    #[test]
    fn two_halves_become_one() {
        let mut line = of_ends(Point::new(0, 0), Point::new(10, 0), 40);
        let other = of_ends(Point::new(14, 1), Point::new(30, 1), 60);
        let query = |merge_distance| SegmentQuery {
            merge_distance,
            ..SegmentQuery::default()
        };
        assert!(!merge(&mut line, &other, &query(4)));
        assert!(merge(&mut line, &other, &query(5)));
        assert_eq!((line.from, line.to), (Point::new(0, 0), Point::new(30, 1)));
        assert_eq!(line.magnitude, 52);
    }
}
