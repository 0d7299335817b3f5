//! Arrows.

use super::blend::tame;
use super::{Paint, line};
use crate::math::{ratio, round, sqrt};
use crate::{Point, ViewMut};

/// A line from `from` to `to` with a head of `size` pixels at `to`, as wide as it is long.
pub fn arrow(image: &mut ViewMut, from: Point, to: Point, size: i32, paint: &Paint) {
    let (from, to) = (
        Point::new(tame(from.x), tame(from.y)),
        Point::new(tame(to.x), tame(to.y)),
    );
    let (dx, dy) = ((to.x - from.x) as f32, (to.y - from.y) as f32);
    let length = sqrt(dx * dx + dy * dy);
    let (ux, uy) = (ratio(dx, length), ratio(dy, length));
    let size = tame(size) as f32;
    let (back_x, back_y) = (to.x as f32 - ux * size, to.y as f32 - uy * size);
    let half = size / 2.0;
    let left = Point::new(round(back_x + uy * half), round(back_y - ux * half));
    let right = Point::new(round(back_x - uy * half), round(back_y + ux * half));
    line(image, from, to, paint);
    if size != 0.0 {
        line(image, to, left, paint);
        line(image, to, right, paint);
    }
}
