//! Turned ellipses, row by row from their equation: no anti-aliasing.

use super::Paint;
use super::blend::{hline, tame};
use crate::math::{ceil, floor, sqrt};
use crate::{Point, ViewMut, math};

/// An ellipse with its axes turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ellipse {
    /// The middle.
    pub centre: Point,
    /// Half the axis along x before the turn.
    pub rx: i32,
    /// Half the axis along y before the turn.
    pub ry: i32,
    /// Degrees, clockwise in an image.
    pub rotation: i32,
}

/// Draws an ellipse; the outline's thickness grows first outward, then inward.
pub fn ellipse(image: &mut ViewMut, shape: &Ellipse, paint: &Paint) {
    if shape.rx < 0 || shape.ry < 0 || (!paint.fill && paint.thickness <= 0) {
        return;
    }
    let thickness = tame(paint.thickness.max(0));
    let (low, high) = (thickness / 2, (thickness - 1).max(0) / 2);
    let outer = Span::new(shape, low);
    let inner = (!paint.fill).then(|| Span::new(shape, -high - 1));
    let rows = outer.half_height();
    let (cx, cy) = (tame(shape.centre.x), tame(shape.centre.y));
    let first = (cy.saturating_sub(rows)).max(0);
    let last = (cy.saturating_add(rows)).min(image.height() as i32 - 1);
    for y in first..=last {
        let Some((left, right)) = outer.row(y - cy) else {
            continue;
        };
        let hole = inner.as_ref().and_then(|inner| inner.row(y - cy));
        match hole {
            Some((from, to)) if from <= to => {
                hline(image, cx + left, cx + from - 1, y, paint.colour);
                hline(image, cx + to + 1, cx + right, y, paint.colour);
            }
            _ => hline(image, cx + left, cx + right, y, paint.colour),
        }
    }
}

/// A x^2 + 2 B x y + C y^2 <= 1.
struct Span {
    a: f32,
    b: f32,
    c: f32,
    empty: bool,
}

impl Span {
    /// The ellipse with both half axes longer by `grow` and half a pixel, so that the rim's pixels are inside.
    fn new(shape: &Ellipse, grow: i32) -> Span {
        let (rx, ry) = (tame(shape.rx) + grow, tame(shape.ry) + grow);
        let empty = rx < 0 || ry < 0;
        let (rx, ry) = (rx as f32 + 0.5, ry as f32 + 0.5);
        let (cos, sin) = (
            math::cos_degrees(shape.rotation),
            math::sin_degrees(shape.rotation),
        );
        let (p, q) = (1.0 / (rx * rx), 1.0 / (ry * ry));
        Span {
            a: cos * cos * p + sin * sin * q,
            b: cos * sin * (p - q),
            c: sin * sin * p + cos * cos * q,
            empty,
        }
    }

    fn half_height(&self) -> i32 {
        ceil(sqrt(self.a / (self.a * self.c - self.b * self.b))) + 1
    }

    /// First and last column of a row, from the middle.
    fn row(&self, y: i32) -> Option<(i32, i32)> {
        let y = y as f32;
        let root = self.b * self.b * y * y - self.a * (self.c * y * y - 1.0);
        if self.empty || root < 0.0 {
            return None;
        }
        let root = sqrt(root);
        Some((
            ceil((-self.b * y - root) / self.a),
            floor((-self.b * y + root) / self.a),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    #[test]
    fn area_and_turn() {
        let mut data = [0; 80 * 80];
        let mut image = ViewMut::new(&mut data, 80, 80, Format::Grey).unwrap();
        let mut shape = Ellipse {
            centre: Point::new(40, 40),
            rx: 30,
            ry: 10,
            rotation: 0,
        };
        ellipse(&mut image, &shape, &Paint::new(1).filled().thick(0));
        let area: u32 = data.iter().map(|pixel| u32::from(*pixel)).sum();
        // pi * 30.5 * 10.5
        assert!((970..1040).contains(&area), "{area}");
        let mut turned = [0; 80 * 80];
        let mut image = ViewMut::new(&mut turned, 80, 80, Format::Grey).unwrap();
        shape.rotation = 90;
        ellipse(&mut image, &shape, &Paint::new(1).filled().thick(0));
        for y in 0..80 {
            for x in 0..80 {
                assert_eq!(data[y * 80 + x], turned[x * 80 + y]);
            }
        }
    }

    #[test]
    fn an_outline_has_a_hole() {
        let mut data = [0; 40 * 40];
        let mut image = ViewMut::new(&mut data, 40, 40, Format::Grey).unwrap();
        let shape = Ellipse {
            centre: Point::new(20, 20),
            rx: 12,
            ry: 8,
            rotation: 30,
        };
        ellipse(&mut image, &shape, &Paint::new(1));
        assert_eq!(image.as_view().pixel(20, 20), Some(0));
        assert!(data.contains(&1));
    }
}
