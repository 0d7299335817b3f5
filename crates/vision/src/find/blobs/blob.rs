//! A blob and everything that can be asked of it.

use super::bins::BinRange;
use crate::math::{floor, ratio, round, sqrt};
use crate::{Point, Region};
use core::f32::consts::PI;

/// Directions in which the furthest place is kept, clockwise from the left.
pub const CORNERS: usize = 20;

/// Degrees of a direction.
pub(super) const fn corner_angle(index: usize) -> i32 {
    (index * 360 / CORNERS) as i32
}

/// A centre as a whole number: rounded, halves to the even one.
pub(super) fn whole(value: f32) -> i32 {
    round(value)
}

/// A blob.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Blob {
    /// The box.
    pub region: Region,
    /// How many pixels.
    pub pixels: u32,
    /// The centre, exact.
    pub x: f32,
    /// The centre, exact.
    pub y: f32,
    /// Direction of the longer axis, 0 to pi.
    pub rotation: f32,
    /// A bit for each threshold whose blobs are in it.
    pub code: u32,
    /// How many blobs were merged.
    pub count: u32,
    /// Pixels at the edge.
    pub perimeter: u32,
    /// 0 a line, 1 a circle.
    pub roundness: f32,
    /// The furthest place in each direction.
    pub hull: [Point; CORNERS],
    /// Where the histogram of columns lies in the bins.
    pub x_bins: BinRange,
    /// Where the histogram of rows lies in the bins.
    pub y_bins: BinRange,
    /// Sums of centre, direction and roundness, weighted by pixels, for merging.
    pub(super) sums: [f32; 5],
}

impl Blob {
    /// The centre in whole pixels, as generation 5 rounds it; generation 4 truncates [`Blob::x`].
    pub fn cx(&self) -> i32 {
        whole(self.x)
    }

    /// The centre in whole pixels.
    pub fn cy(&self) -> i32 {
        whole(self.y)
    }

    /// Area of the box.
    pub fn area(&self) -> i32 {
        self.region.w * self.region.h
    }

    /// Share of the box that is filled.
    pub fn density(&self) -> f32 {
        ratio(self.pixels as f32, self.area() as f32)
    }

    /// Pixels against those of a circle of the same perimeter.
    pub fn compactness(&self) -> f32 {
        let perimeter = self.perimeter as f32;
        ratio(self.pixels as f32 * 4.0 * PI, perimeter * perimeter)
    }

    /// 0 a circle, 1 a line.
    pub fn elongation(&self) -> f32 {
        1.0 - self.roundness
    }

    /// The four corners: furthest to the left, up, right, down.
    pub fn corners(&self) -> [Point; 4] {
        [0, 5, 10, 15].map(|index| self.hull[index])
    }

    /// The corners of the smallest turned rectangle around the furthest places, clockwise (H. Freeman and R. Shapira, 1975).
    pub fn min_corners(&self) -> [Point; 4] {
        let mut best = (f32::INFINITY, [Point::default(); 4]);
        for (index, from) in self.hull.iter().enumerate() {
            let to = self.hull[(index + 1) % CORNERS];
            let (dx, dy) = ((to.x - from.x) as f32, (to.y - from.y) as f32);
            let length = sqrt(dx * dx + dy * dy);
            if length == 0.0 {
                continue;
            }
            let (ux, uy) = (dx / length, dy / length);
            let found = self.around(ux, uy);
            if found.0 < best.0 {
                best = found;
            }
        }
        if best.0.is_infinite() {
            return [self.hull[0]; 4];
        }
        best.1
    }

    /// Area and corners of the rectangle along a direction.
    fn around(&self, ux: f32, uy: f32) -> (f32, [Point; 4]) {
        let mut along = (f32::INFINITY, f32::NEG_INFINITY);
        let mut across = along;
        for place in &self.hull {
            let (x, y) = (place.x as f32, place.y as f32);
            let (u, v) = (x * ux + y * uy, y * ux - x * uy);
            along = (along.0.min(u), along.1.max(u));
            across = (across.0.min(v), across.1.max(v));
        }
        let corner = |u: f32, v: f32| Point::new(round(u * ux - v * uy), round(u * uy + v * ux));
        let corners = [
            corner(along.0, across.0),
            corner(along.1, across.0),
            corner(along.1, across.1),
            corner(along.0, across.1),
        ];
        ((along.1 - along.0) * (across.1 - across.0), corners)
    }

    /// Pixels against the area of the smallest turned rectangle.
    pub fn solidity(&self) -> f32 {
        let [a, b, c, _] = self.min_corners();
        let side = |a: Point, b: Point| {
            let (dx, dy) = ((b.x - a.x) as f32, (b.y - a.y) as f32);
            // Corners are pixels' middles.
            sqrt(dx * dx + dy * dy) + 1.0
        };
        ratio(self.pixels as f32, side(a, b) * side(b, c))
    }

    /// Perimeter of the smallest turned rectangle against the blob's.
    pub fn convexity(&self) -> f32 {
        let corners = self.min_corners();
        let mut around = 0.0;
        for (index, corner) in corners.iter().enumerate() {
            let next = corners[(index + 1) % 4];
            let (dx, dy) = ((next.x - corner.x) as f32, (next.y - corner.y) as f32);
            around += sqrt(dx * dx + dy * dy);
        }
        ratio(around, self.perimeter as f32)
    }

    /// Middles of the shorter sides, then of the longer sides, of the smallest turned rectangle.
    fn axes(&self) -> [(Point, Point); 2] {
        let corners = self.min_corners();
        let middle = |a: Point, b: Point| Point::new((a.x + b.x) / 2, (a.y + b.y) / 2);
        let one = (middle(corners[0], corners[1]), middle(corners[2], corners[3]));
        let other = (middle(corners[1], corners[2]), middle(corners[3], corners[0]));
        let squared = |(a, b): (Point, Point)| (a.x - b.x).pow(2) + (a.y - b.y).pow(2);
        if squared(one) >= squared(other) {
            [one, other]
        } else {
            [other, one]
        }
    }

    /// The line along the smallest turned rectangle.
    pub fn major_axis_line(&self) -> (Point, Point) {
        self.axes()[0]
    }

    /// The line across the smallest turned rectangle.
    pub fn minor_axis_line(&self) -> (Point, Point) {
        self.axes()[1]
    }

    /// A circle around the middle of the smallest turned rectangle that holds all furthest places.
    pub fn enclosing_circle(&self) -> (Point, i32) {
        let corners = self.min_corners();
        let sum = corners
            .iter()
            .fold((0, 0), |sum, corner| (sum.0 + corner.x, sum.1 + corner.y));
        let centre = Point::new(sum.0 / 4, sum.1 / 4);
        let furthest = self
            .hull
            .iter()
            .map(|place| (place.x - centre.x).pow(2) + (place.y - centre.y).pow(2))
            .max()
            .unwrap_or(0);
        (centre, round(sqrt(furthest as f32)))
    }

    /// The ellipse in the smallest turned rectangle: middle, half axes, degrees.
    pub fn enclosed_ellipse(&self) -> crate::draw::Ellipse {
        let [(a, b), (c, d)] = self.axes();
        let half = |a: Point, b: Point| {
            let (dx, dy) = ((b.x - a.x) as f32, (b.y - a.y) as f32);
            floor(sqrt(dx * dx + dy * dy) / 2.0)
        };
        let (centre, _) = self.enclosing_circle();
        crate::draw::Ellipse {
            centre,
            rx: half(a, b),
            ry: half(c, d),
            rotation: round(self.rotation.to_degrees()) % 180,
        }
    }
}
