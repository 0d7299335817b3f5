//! A line by its normal's angle and its distance, and the part of it in a region.

use crate::draw::clip;
use crate::math::{cos_degrees, round, sin_degrees, sqrt};
use crate::{Area, Point};

/// A line that was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// One end.
    pub from: Point,
    /// The other end.
    pub to: Point,
    /// How strong it is.
    pub magnitude: u32,
    /// Degrees of the normal, 0 to 179.
    pub theta: i32,
    /// Distance from the image's origin along the normal.
    pub rho: i32,
}

impl Line {
    /// The rounded distance of its ends.
    pub fn length(&self) -> i32 {
        let (dx, dy) = (self.to.x - self.from.x, self.to.y - self.from.y);
        round(sqrt((dx * dx + dy * dy) as f32))
    }

    /// The tuple of the API: x1, y1, x2, y2, length, magnitude, theta, rho.
    pub fn tuple(&self) -> [i32; 8] {
        [
            self.from.x,
            self.from.y,
            self.to.x,
            self.to.y,
            self.length(),
            self.magnitude as i32,
            self.theta,
            self.rho,
        ]
    }
}

/// The part in an area of a line whose `rho` counts from the area's corner.
pub(super) fn within(area: Area, theta: i32, rho: i32, magnitude: u32) -> Option<Line> {
    let (cos, sin) = (cos_degrees(theta), sin_degrees(theta));
    let (right, bottom) = (area.w as i32 - 1, area.h as i32 - 1);
    let distance = rho as f32;
    let (from, to) = if (45..135).contains(&theta) {
        let y = |x: i32| round((distance - x as f32 * cos) / sin);
        (Point::new(0, y(0)), Point::new(right, y(right)))
    } else {
        let x = |y: i32| round((distance - y as f32 * sin) / cos);
        (Point::new(x(0), 0), Point::new(x(bottom), bottom))
    };
    let (from, to) = clip(from, to, (right, bottom))?;
    let (left, top) = (area.x as i32, area.y as i32);
    Some(Line {
        from: Point::new(from.x + left, from.y + top),
        to: Point::new(to.x + left, to.y + top),
        magnitude,
        theta,
        rho: rho + round(left as f32 * cos + top as f32 * sin),
    })
}
