//! Edges moved to where the full image changes most.

use super::quad::{Quad, root};
use crate::View;

/// Levels across an edge, quarters of a pixel apart, for a range of three pixels.
const MOST_LEVELS: usize = 8 * 3 + 9;

/// Brightness at a place, between its neighbours.
pub(super) fn between(image: &View, x: f64, y: f64) -> Option<f64> {
    // There is a pixel to the right and one below.
    let (right, bottom) = (image.width() as u32 - 1, image.height() as u32 - 1);
    if !(x >= 0.0 && y >= 0.0 && x < f64::from(right) && y < f64::from(bottom)) {
        return None;
    }
    let (column, row) = (x as u32, y as u32);
    let (fx, fy) = (x - f64::from(column), y - f64::from(row));
    let pair = |y: u32| {
        let levels = &image.row(y as usize)[column as usize..][..2];
        f64::from(levels[0]) * (1.0 - fx) + f64::from(levels[1]) * fx
    };
    let (upper, lower) = (pair(row), pair(row + 1));
    Some(upper * (1.0 - fy) + lower * fy)
}

/// Moves each edge by samples across it, within `decimate` and one pixels, and the corners to where they then meet.
pub(super) fn refine(image: &View, quad: &mut Quad, decimate: f64) {
    let mut lines = [[0.0; 4]; 4];
    for (edge, line) in lines.iter_mut().enumerate() {
        *line = fitted(image, quad, edge, decimate + 1.0);
    }
    for index in 0..4 {
        let (one, other) = (lines[index], lines[(index + 1) % 4]);
        let determinant = one[3] * other[2] - one[2] * other[3];
        if determinant.abs() > 0.001 {
            let (bx, by) = (other[0] - one[0], other[1] - one[1]);
            let along = (other[2] * bx + other[3] * by) / determinant;
            quad.corners[(index + 1) % 4] = [one[0] + along * one[3], one[1] - along * one[2]];
        }
    }
}

/// A point and the normal of an edge.
fn fitted(image: &View, quad: &Quad, edge: usize, range: f64) -> [f64; 4] {
    let (a, b) = (quad.corners[edge], quad.corners[(edge + 1) % 4]);
    let (mut nx, mut ny) = (b[1] - a[1], a[0] - b[0]);
    let length = root(nx * nx + ny * ny);
    (nx, ny) = (nx / length, ny / length);
    if quad.reversed != 0 {
        (nx, ny) = (-nx, -ny);
    }
    let samples = ((length / 8.0) as usize).clamp(16, 4096);
    let mut sums = [0.0; 6];
    for sample in 0..samples {
        let share = (1.0 + sample as f64) / (samples as f64 + 1.0);
        let (x, y) = (
            share * a[0] + (1.0 - share) * b[0],
            share * a[1] + (1.0 - share) * b[1],
        );
        let (mut moment, mut weight) = (0.0, 0.0);
        // Each level is once outside and once inside, two pixels further.
        let mut levels = [None; MOST_LEVELS];
        for (step, level) in levels.iter_mut().enumerate() {
            let n = -range - 1.0 + 0.25 * step as f64;
            *level = between(image, x + n * nx - 0.5, y + n * ny - 0.5);
        }
        for step in 0..=((8.0 * range) as usize).min(MOST_LEVELS - 9) {
            let n = -range + 0.25 * step as f64;
            let (Some(outer), Some(inner)) = (levels[step + 8], levels[step]) else {
                continue;
            };
            // Outside is brighter.
            if outer >= inner {
                let contrast = (outer - inner) * (outer - inner);
                moment += contrast * n;
                weight += contrast;
            }
        }
        if weight > 0.0 {
            let n = moment / weight;
            let (x, y) = (x + n * nx, y + n * ny);
            for (sum, added) in sums.iter_mut().zip([1.0, x, y, x * x, x * y, y * y]) {
                *sum += added;
            }
        }
    }
    let [count, mx, my, mxx, mxy, myy] = sums;
    if count < 2.0 {
        return [a[0], a[1], nx, ny];
    }
    let (x, y) = (mx / count, my / count);
    let (cxx, cxy, cyy) = (mxx / count - x * x, mxy / count - x * y, myy / count - y * y);
    let theta = 0.5 * libm::atan2(-2.0 * cxy, cyy - cxx);
    [x, y, libm::cos(theta), libm::sin(theta)]
}
