//! The gradient of brightness by Sobel's kernels (1968): from right to left and from bottom to top.

use crate::pixel::by_format;
use crate::{Area, Error, Pixel, View};
use core::f32::consts::FRAC_PI_2;

/// Calls `at(x, y, gx, gy)` for the pixels of an area that have all neighbours in it, every `x_stride`-th of every
/// `y_stride`-th row; rows begin at column 1 + y % `x_stride` of the area, `y` counted in the image.
pub(super) fn sobel(
    image: &View,
    area: Area,
    (x_stride, y_stride): (usize, usize),
    mut at: impl FnMut(usize, usize, i32, i32),
) -> Result<(), Error> {
    by_format!(image.format(), P => {
        for y in (area.y + 1..(area.bottom() - 1).max(area.y + 1)).step_by(y_stride) {
            crate::stop::check()?;
            let rows = [image.row(y - 1), image.row(y), image.row(y + 1)];
            let first = area.x + y % x_stride + 1;
            for x in (first..area.right() - 1).step_by(x_stride) {
                let p = |row: usize, column: usize| i32::from(P::grey(P::get(rows[row], x + column - 1)));
                let gx = p(0, 0) - p(0, 2) + 2 * (p(1, 0) - p(1, 2)) + p(2, 0) - p(2, 2);
                let gy = p(0, 0) + 2 * p(0, 1) + p(0, 2) - p(2, 0) - 2 * p(2, 1) - p(2, 2);
                at(x, y, gx, gy);
            }
        }
    });
    Ok(())
}

/// The direction of a gradient in whole degrees, 0 to `turn` less 1; straight up and down is 90 where `gx` is 0.
pub(super) fn degrees(gx: i32, gy: i32, turn: i32) -> i32 {
    let angle = if gx == 0 {
        FRAC_PI_2
    } else {
        crate::math::atan2(gy as f32, gx as f32)
    };
    crate::math::round(angle * 57.29578).rem_euclid(turn)
}
