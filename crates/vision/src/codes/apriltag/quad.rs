//! Four straight edges through a cluster of points.

use super::cluster::Edge;
use crate::math::sqrt_double;
use crate::{Error, Scratch, View};

/// A quadrilateral.
#[derive(Clone, Copy, Debug, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C)]
pub(super) struct Quad {
    /// In the order of the tag's plane.
    pub corners: [[f64; 2]; 4],
    /// 1 if the inside is white.
    pub reversed: u64,
}

/// Mean squared distance from a line beyond which it is none, in pixels squared.
const WORST_FIT: f64 = 10.0;
/// The cosine of 10 degrees: neighbouring edges differ more.
const STRAIGHT: f64 = 0.984_807_753_012_208;
/// At most so many corners are tried.
const MOST_CORNERS: usize = 10;
/// The least side of a tag.
const LEAST_SIDE: f64 = 5.0;

/// A point and how far round it is, as the bits of a number that is not below 0.
#[derive(Clone, Copy, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C)]
struct Turn {
    angle: u64,
    x: u16,
    y: u16,
    unused: u32,
}

/// Sums over points up to and including one: weight, and first and second moments.
type Sums = [f64; 6];

/// A line: a point of it, its normal, the error of all its points and the mean of it.
#[derive(Clone, Copy, Default)]
struct Line {
    x: f64,
    y: f64,
    nx: f64,
    ny: f64,
    error: f64,
    mean: f64,
}

/// Fits a quadrilateral; nothing if the points are none.
pub(super) fn fit(image: &View, points: &[Edge], mut scratch: Scratch) -> Result<Option<Quad>, Error> {
    let span = |of: fn(&Edge) -> u16| {
        let low = points.iter().map(of).min().unwrap_or(0);
        let high = points.iter().map(of).max().unwrap_or(0);
        (f64::from(low), f64::from(high))
    };
    let ((left, right), (top, bottom)) = (span(|edge| edge.x), span(|edge| edge.y));
    if (right - left) * (bottom - top) < LEAST_SIDE {
        return Ok(None);
    }
    // Not quite the middle, so that no point lies in the very direction of an axis.
    let (cx, cy) = ((left + right) * 0.5 + 0.05118, (top + bottom) * 0.5 - 0.028581);
    let outward: f64 = points
        .iter()
        .map(|p| (f64::from(p.x) - cx) * f64::from(p.gx) + (f64::from(p.y) - cy) * f64::from(p.gy))
        .sum();
    let turns = scratch.take::<Turn>(points.len())?;
    for (turn, point) in turns.iter_mut().zip(points) {
        // Numbers above 0 are in the order of their bits.
        *turn = Turn {
            angle: around(point, cx, cy).to_bits(),
            x: point.x,
            y: point.y,
            unused: 0,
        };
    }
    turns.sort_unstable_by_key(|turn| turn.angle);
    let sums = scratch.take::<Sums>(turns.len())?;
    accumulate(image, turns, sums);
    let Some(corners) = corner_points(sums, scratch)? else {
        return Ok(None);
    };
    Ok(quad_of(sums, corners).map(|corners| Quad {
        corners,
        reversed: u64::from(outward < 0.0),
    }))
}

/// Grows with the angle around the middle.
fn around(point: &Edge, cx: f64, cy: f64) -> f64 {
    let (dx, dy) = (f64::from(point.x) - cx, f64::from(point.y) - cy);
    let quarter = match (dx > 0.0, dy > 0.0) {
        (true, false) => 0.0,
        (true, true) => 2.0,
        (false, true) => 4.0,
        (false, false) => 6.0,
    };
    // Within a quarter turn the share of the side that grows.
    let share = match (dx > 0.0, dy > 0.0) {
        (true, false) | (false, true) => dx.abs() / (dx.abs() + dy.abs()),
        _ => dy.abs() / (dx.abs() + dy.abs()),
    };
    quarter + share
}

/// Points count by the contrast at their place.
fn accumulate(image: &View, points: &[Turn], sums: &mut [Sums]) {
    let mut total = [0.0; 6];
    for (point, place) in points.iter().zip(sums) {
        let (x, y) = (f64::from(point.x) * 0.5 + 0.5, f64::from(point.y) * 0.5 + 0.5);
        let (column, row) = (x as usize, y as usize);
        let mut weight = 1.0;
        if column > 0 && column + 1 < image.width() && row > 0 && row + 1 < image.height() {
            let level = |x: usize, y: usize| i32::from(image.row(y)[x]);
            let gx = level(column + 1, row) - level(column - 1, row);
            let gy = level(column, row + 1) - level(column, row - 1);
            let square = gx * gx + gy * gy;
            if square > 0 {
                weight += sqrt_double(f64::from(square));
            }
        }
        let added = [
            weight,
            weight * x,
            weight * y,
            weight * x * x,
            weight * x * y,
            weight * y * y,
        ];
        for (total, added) in total.iter_mut().zip(added) {
            *total += added;
        }
        *place = total;
    }
}

/// What the points from `first` to `last`, both included, round the end if need be, say of a line through them.
struct Spread {
    points: usize,
    x: f64,
    y: f64,
    cxx: f64,
    cxy: f64,
    cyy: f64,
    /// The eigenvalues of the covariances.
    small: f64,
    large: f64,
}

fn spread(sums: &[Sums], first: usize, last: usize) -> Spread {
    let count = sums.len();
    let upto = |index: usize| sums[index];
    let before = if first > 0 { sums[first - 1] } else { [0.0; 6] };
    let mut m = [0.0; 6];
    for (index, value) in m.iter_mut().enumerate() {
        *value = upto(last)[index] - before[index];
        if first >= last {
            *value += sums[count - 1][index];
        }
    }
    let points = if first < last {
        last - first + 1
    } else {
        count - first + last + 1
    };
    let [weight, mx, my, mxx, mxy, myy] = m;
    let (x, y) = (mx / weight, my / weight);
    let (cxx, cxy, cyy) = (mxx / weight - x * x, mxy / weight - x * y, myy / weight - y * y);
    let root = root((cxx - cyy) * (cxx - cyy) + 4.0 * cxy * cxy);
    Spread {
        points,
        x,
        y,
        cxx,
        cxy,
        cyy,
        small: 0.5 * (cxx + cyy - root),
        large: 0.5 * (cxx + cyy + root),
    }
}

/// Square root of a number that is not below 0.
pub(super) fn root(value: f64) -> f64 {
    if value.is_normal() {
        sqrt_double(value)
    } else {
        0.0
    }
}

/// The line through those points.
fn line(sums: &[Sums], first: usize, last: usize) -> Line {
    let spread = spread(sums, first, last);
    let Spread {
        x,
        y,
        cxx,
        cxy,
        cyy,
        small,
        large,
        ..
    } = spread;
    // The normal belongs to the smaller eigenvalue; of two ways to it the longer is exact.
    let (ax, ay) = (cxx - large, cxy);
    let (bx, by) = (cxy, cyy - large);
    let (nx, ny) = if ax * ax + ay * ay > bx * bx + by * by {
        (ax, ay)
    } else {
        (bx, by)
    };
    let length = root(nx * nx + ny * ny);
    let (nx, ny) = if length < 1e-12 {
        (0.0, 0.0)
    } else {
        (nx / length, ny / length)
    };
    Line {
        x,
        y,
        nx,
        ny,
        error: spread.points as f64 * small,
        mean: small,
    }
}

/// The four points at which edges meet: where lines through neighbours fit worst.
fn corner_points(sums: &[Sums], mut scratch: Scratch) -> Result<Option<[usize; 4]>, Error> {
    let count = sums.len();
    let reach = (count / 12).min(20);
    if reach < 2 {
        return Ok(None);
    }
    let raw = scratch.take::<f64>(count)?;
    for (index, error) in raw.iter_mut().enumerate() {
        let spread = spread(sums, (index + count - reach) % count, (index + reach) % count);
        *error = spread.points as f64 * spread.small;
    }
    // A gaussian of deviation 1, down to 0.05.
    const SMOOTH: [f64; 7] = [
        0.011_109, 0.135_335, 0.606_531, 1.0, 0.606_531, 0.135_335, 0.011_109,
    ];
    let errors = scratch.take::<f64>(count)?;
    for (index, error) in errors.iter_mut().enumerate() {
        *error = SMOOTH
            .iter()
            .enumerate()
            .map(|(step, weight)| weight * raw[(index + step + count - 3) % count])
            .sum();
    }
    let mut peaks = [(0usize, 0.0f64); MOST_CORNERS];
    let mut found = 0;
    for index in 0..count {
        let error = errors[index];
        if error <= errors[(index + 1) % count] || error <= errors[(index + count - 1) % count] {
            continue;
        }
        if found < MOST_CORNERS {
            peaks[found] = (index, error);
            found += 1;
        } else {
            // The least of them makes room.
            let least = (0..MOST_CORNERS)
                .min_by(|a, b| peaks[*a].1.total_cmp(&peaks[*b].1))
                .unwrap_or(0);
            if peaks[least].1 < error {
                peaks.copy_within(least + 1.., least);
                peaks[MOST_CORNERS - 1] = (index, error);
            }
        }
    }
    Ok(best_four(sums, &peaks[..found]))
}

/// The choice of four corners whose lines fit best.
fn best_four(sums: &[Sums], peaks: &[(usize, f64)]) -> Option<[usize; 4]> {
    let mut best: Option<([usize; 4], f64)> = None;
    for (i, (a, _)) in peaks.iter().enumerate() {
        for (j, (b, _)) in peaks.iter().enumerate().skip(i + 1) {
            let first = line(sums, *a, *b);
            if first.mean > WORST_FIT {
                continue;
            }
            for (k, (c, _)) in peaks.iter().enumerate().skip(j + 1) {
                let second = line(sums, *b, *c);
                if second.mean > WORST_FIT || straight(&first, &second) {
                    continue;
                }
                for (d, _) in peaks.iter().skip(k + 1) {
                    let (third, fourth) = (line(sums, *c, *d), line(sums, *d, *a));
                    if third.mean > WORST_FIT || fourth.mean > WORST_FIT {
                        continue;
                    }
                    let error = first.error + second.error + third.error + fourth.error;
                    if best.is_none_or(|best| error < best.1) {
                        best = Some(([*a, *b, *c, *d], error));
                    }
                }
            }
        }
    }
    best.filter(|(_, error)| error / (sums.len() as f64) < WORST_FIT)
        .map(|(corners, _)| corners)
}

/// True if two lines hardly differ in direction.
fn straight(one: &Line, other: &Line) -> bool {
    (one.nx * other.nx + one.ny * other.ny).abs() > STRAIGHT
}

/// Where two lines meet.
fn crossing(one: &Line, other: &Line) -> Option<[f64; 2]> {
    let determinant = one.ny * other.nx - one.nx * other.ny;
    if determinant.abs() < 0.001 {
        return None;
    }
    let (bx, by) = (other.x - one.x, other.y - one.y);
    let along = (other.nx * bx + other.ny * by) / determinant;
    Some([one.x + along * one.ny, one.y - along * one.nx])
}

/// The corners, if they make a quadrilateral that is large and convex enough.
fn quad_of(sums: &[Sums], corners: [usize; 4]) -> Option<[[f64; 2]; 4]> {
    let lines: [Line; 4] = core::array::from_fn(|index| line(sums, corners[index], corners[(index + 1) % 4]));
    if lines.iter().any(|line| line.mean > WORST_FIT) {
        return None;
    }
    let mut places = [[0.0; 2]; 4];
    for (index, place) in places.iter_mut().enumerate() {
        *place = crossing(&lines[index], &lines[(index + 1) % 4])?;
    }
    if area(&places) < 0.95 * LEAST_SIDE * LEAST_SIDE {
        return None;
    }
    for index in 0..4 {
        let [a, b, c] = [0, 1, 2].map(|step| places[(index + step) % 4]);
        let (ux, uy, vx, vy) = (b[0] - a[0], b[1] - a[1], c[0] - b[0], c[1] - b[1]);
        let cos = (ux * vx + uy * vy) / root((ux * ux + uy * uy) * (vx * vx + vy * vy));
        // Sides turn all the same way, and neither hardly nor nearly back.
        let bends = cos.abs() < STRAIGHT && ux * vy >= uy * vx;
        if !bends {
            return None;
        }
    }
    Some(places)
}

fn area(places: &[[f64; 2]; 4]) -> f64 {
    let mut twice = 0.0;
    for (index, a) in places.iter().enumerate() {
        let b = places[(index + 1) % 4];
        twice += a[0] * b[1] - b[0] * a[1];
    }
    (twice / 2.0).abs()
}
