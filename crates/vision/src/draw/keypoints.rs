//! Keypoints: a circle and a line that shows its direction.

use super::blend::tame;
use super::{Paint, circle, line};
use crate::math::{cos_degrees, round, sin_degrees};
use crate::{Point, ViewMut};

/// A place with a direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Where.
    pub place: Point,
    /// Degrees.
    pub angle: i32,
}

/// Draws a circle of radius `size` at each mark, and a line from its middle along the angle.
pub fn keypoints(image: &mut ViewMut, marks: &[Mark], size: i32, paint: &Paint) {
    let size = tame(size);
    for mark in marks {
        let (x, y) = (tame(mark.place.x), tame(mark.place.y));
        let tip = Point::new(
            x + round(cos_degrees(mark.angle) * size as f32),
            y + round(sin_degrees(mark.angle) * size as f32),
        );
        line(image, Point::new(x, y), tip, paint);
        circle(image, Point::new(x, y), (size - 2).max(0), paint);
    }
}
