//! The bits in a quadrilateral, against a plane of brightness fitted to its border.

use super::quad::Quad;
use super::refine::between;
use super::{FAMILIES, Families, Family, Tag};
use crate::View;
use crate::geometry::Homography;

/// How much of its neighbours' difference is added to a bit.
const SHARPENING: f64 = 0.25;
/// Cells of the largest family with its surroundings.
const MOST_CELLS: usize = 16;

/// The tag in a quadrilateral, the clearest if several families see one.
pub(super) fn decode(image: &View, quad: &Quad, families: Families) -> Option<Tag> {
    let plane = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)];
    let corners = quad.corners.map(|[x, y]| (x, y));
    let map = Homography::solve(&plane, &corners)?;
    let mut best: Option<Tag> = None;
    for (index, family) in FAMILIES.iter().enumerate() {
        if families.0 >> index & 1 == 0 || family.reversed != (quad.reversed != 0) {
            continue;
        }
        let Some((code, margin)) = read(image, &map, family) else {
            continue;
        };
        let Some((id, hamming, turns)) = family.lookup(code) else {
            continue;
        };
        if best.as_ref().is_none_or(|best| margin > best.decision_margin) {
            best = Some(tag(&map, index, (id, hamming, turns), margin));
        }
    }
    best
}

fn tag(map: &[f64; 9], family: usize, (id, hamming, turns): (u32, u32, u32), decision_margin: f32) -> Tag {
    let (sin, cos) = [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)][turns as usize];
    let mut homography = [0.0; 9];
    for row in 0..3 {
        let [a, b, c] = [0, 1, 2].map(|column| map[3 * row + column]);
        homography[3 * row..3 * row + 3].copy_from_slice(&[a * cos + b * sin, b * cos - a * sin, c]);
    }
    let place = |x: f64, y: f64| {
        let (x, y) = project(&homography, x, y);
        (x as f32, y as f32)
    };
    Tag {
        family,
        id,
        hamming,
        decision_margin,
        centre: place(0.0, 0.0),
        corners: [
            place(-1.0, 1.0),
            place(1.0, 1.0),
            place(1.0, -1.0),
            place(-1.0, -1.0),
        ],
        homography,
    }
}

fn project(h: &[f64; 9], x: f64, y: f64) -> (f64, f64) {
    let w = h[6] * x + h[7] * y + h[8];
    ((h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w)
}

/// A plane of brightness over the tag, by least squares.
#[derive(Default)]
struct Plane {
    sums: [f64; 9],
}

impl Plane {
    fn add(&mut self, x: f64, y: f64, v: f64) {
        for (sum, added) in self
            .sums
            .iter_mut()
            .zip([1.0, x, y, x * x, x * y, y * y, v, x * v, y * v])
        {
            *sum += added;
        }
    }

    /// v = a x + b y + c.
    fn solve(&self) -> Option<[f64; 3]> {
        let [n, x, y, xx, xy, yy, v, xv, yv] = self.sums;
        let minor = |a: f64, b: f64, c: f64, d: f64| a * d - b * c;
        let determinant = xx * minor(yy, y, y, n) - xy * minor(xy, y, x, n) + x * minor(xy, yy, x, y);
        if determinant.abs() < 1e-9 {
            return None;
        }
        let solve = |p: [f64; 3], q: [f64; 3], r: [f64; 3]| {
            p[0] * minor(q[1], q[2], r[1], r[2]) - p[1] * minor(q[0], q[2], r[0], r[2])
                + p[2] * minor(q[0], q[1], r[0], r[1])
        };
        let a = solve([xv, xy, x], [yv, yy, y], [v, y, n]);
        let b = solve([xx, xv, x], [xy, yv, y], [x, v, n]);
        let c = solve([xx, xy, xv], [xy, yy, yv], [x, y, v]);
        Some([a / determinant, b / determinant, c / determinant])
    }
}

/// The bits as a code, and how clear they are.
fn read(image: &View, map: &[f64; 9], family: &Family) -> Option<(u64, f32)> {
    let cells = f64::from(family.cells);
    let on_tag = |cell: f64| 2.0 * (cell / cells - 0.5);
    let (white, black) = border(image, map, cells)?;
    let at = |plane: &[f64; 3], x: f64, y: f64| plane[0] * x + plane[1] * y + plane[2];
    // The border's contrast must have the family's sense.
    if (at(&white, 0.0, 0.0) < at(&black, 0.0, 0.0)) != family.reversed {
        return None;
    }
    let least = family.bits.iter().map(|(x, y)| *x.min(y)).min().unwrap_or(0);
    let place = |(x, y): (i8, i8)| {
        (
            (i32::from(x) - i32::from(least)) as usize + 1,
            (i32::from(y) - i32::from(least)) as usize + 1,
        )
    };
    // A rim of zeros on all sides.
    let mut values = [[0.0; MOST_CELLS]; MOST_CELLS];
    for bit in family.bits {
        let (x, y) = (on_tag(f64::from(bit.0) + 0.5), on_tag(f64::from(bit.1) + 0.5));
        let (px, py) = project(map, x, y);
        if let Some(level) = between(image, px - 0.5, py - 0.5) {
            let threshold = (at(&white, x, y) + at(&black, x, y)) / 2.0;
            let (column, row) = place(*bit);
            values[row][column] = level - threshold;
        }
    }
    let (mut code, mut ones, mut zeros) = (0u64, (0.0, 1.0), (0.0, 1.0));
    for bit in family.bits {
        let (x, y) = place(*bit);
        let around = values[y - 1][x] + values[y + 1][x] + values[y][x - 1] + values[y][x + 1];
        let value = values[y][x] + SHARPENING * (4.0 * values[y][x] - around);
        code <<= 1;
        let score = if value > 0.0 {
            code |= 1;
            &mut ones
        } else {
            &mut zeros
        };
        score.0 += value.abs();
        score.1 += 1.0;
    }
    Some((code, (ones.0 / ones.1).min(zeros.0 / zeros.1) as f32))
}

/// Planes fitted to the cells just outside the border and just inside.
fn border(image: &View, map: &[f64; 9], cells: f64) -> Option<([f64; 3], [f64; 3])> {
    let (mut outer, mut inner) = (Plane::default(), Plane::default());
    for step in 0..cells as usize {
        let along = step as f64 + 0.5;
        for (plane, low, high) in [(&mut outer, -0.5, cells + 0.5), (&mut inner, 0.5, cells - 0.5)] {
            for (x, y) in [(low, along), (high, along), (along, low), (along, high)] {
                let (x, y) = (2.0 * (x / cells - 0.5), 2.0 * (y / cells - 0.5));
                let (px, py) = project(map, x, y);
                if px >= 0.0 && py >= 0.0 && px < image.width() as f64 && py < image.height() as f64 {
                    plane.add(x, y, f64::from(image.row(py as usize)[px as usize]));
                }
            }
        }
    }
    Some((outer.solve()?, inner.solve()?))
}
