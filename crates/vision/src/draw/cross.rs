//! An upright cross.

use super::blend::tame;
use super::{Paint, line};
use crate::{Point, ViewMut};

/// Two lines through `centre` that reach `size` pixels to each side.
pub fn cross(image: &mut ViewMut, centre: Point, size: i32, paint: &Paint) {
    let (x, y, size) = (tame(centre.x), tame(centre.y), tame(size));
    line(image, Point::new(x - size, y), Point::new(x + size, y), paint);
    line(image, Point::new(x, y - size), Point::new(x, y + size), paint);
}
