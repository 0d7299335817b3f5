//! Circles: anti-aliased rim (A. Zingl 2012, listing 18, in integers), rings by two midpoint circles (Bresenham 1977).

use super::Paint;
use super::blend::{blend, hline, tame, vline};
use crate::{Point, ViewMut};

/// A circle around `centre`; the outline's thickness grows first outward, then inward.
pub fn circle(image: &mut ViewMut, centre: Point, radius: i32, paint: &Paint) {
    let centre = Point::new(tame(centre.x), tame(centre.y));
    let thickness = paint.thickness.clamp(0, 1 << 13);
    if !paint.fill && thickness == 0 {
        return;
    }
    if radius == 0 {
        image.set_pixel(centre.x, centre.y, paint.colour);
    }
    if radius <= 0 {
        return;
    }
    // Beyond this the square of the radius leaves 32 bits, and the circle any image.
    let radius = radius.min(1 << 14);
    if thickness == 1 || paint.fill {
        rim(image, centre, radius + thickness / 2, paint.colour, paint.fill);
        return;
    }
    let outer = radius + thickness / 2;
    let inner = (radius - (thickness - 1) / 2).max(0);
    ring(image, centre, outer, inner, paint.colour);
    rim(image, centre, outer, paint.colour, false);
    if inner > 0 {
        rim(image, centre, inner, paint.colour, false);
    }
}

/// A pixel of the first quarter, and the same turned by quarters.
fn quarters(image: &mut ViewMut, centre: Point, x: i32, y: i32, keep: i32, colour: u16) {
    for (dx, dy) in [(x, -y), (y, x), (-x, y), (-y, -x)] {
        blend(image, centre.x + dx, centre.y + dy, keep, colour);
    }
}

/// The rim, one pixel wide; `fill` closes it inward with runs.
fn rim(image: &mut ViewMut, centre: Point, radius: i32, colour: u16, fill: bool) {
    let (mut x, mut y) = (radius, 0);
    let mut error = 2 - 2 * radius;
    let scale = 1 - error;
    loop {
        let keep = 256 * (error + 2 * (x + y) - 2).abs() / scale;
        quarters(image, centre, x, y, keep, colour);
        if fill {
            hline(image, centre.x, centre.x + x - 1, centre.y - y, colour);
            vline(image, centre.x + y, centre.y, centre.y + x - 1, colour);
            hline(image, centre.x - x + 1, centre.x, centre.y + y, colour);
            vline(image, centre.x - y, centre.y - x + 1, centre.y, colour);
        }
        if x == 0 {
            return;
        }
        let (before, column) = (error, x);
        if error > y {
            let keep = 256 * (error + 2 * x - 1) / scale;
            if keep < 256 {
                quarters(image, centre, x, y - 1, keep, colour);
            }
            x -= 1;
            error -= 2 * x - 1;
        }
        if before <= column {
            let keep = 256 * (1 - 2 * y - before) / scale;
            if !fill && keep < 256 {
                quarters(image, centre, column - 1, y, keep, colour);
            }
            y -= 1;
            error -= 2 * y - 1;
        }
    }
}

/// The pixels between two circles, octant by octant.
fn ring(image: &mut ViewMut, centre: Point, outer: i32, inner: i32, colour: u16) {
    let (mut far, mut near, mut y) = (outer, inner, 0);
    let (mut far_error, mut near_error) = (1 - far, 1 - near);
    while far >= y {
        for row in [centre.y + y, centre.y - y] {
            hline(image, centre.x + near, centre.x + far, row, colour);
            hline(image, centre.x - far, centre.x - near, row, colour);
        }
        for column in [centre.x + y, centre.x - y] {
            vline(image, column, centre.y + near, centre.y + far, colour);
            vline(image, column, centre.y - far, centre.y - near, colour);
        }
        y += 1;
        step(&mut far, &mut far_error, y);
        if y > inner {
            near = y;
        } else {
            step(&mut near, &mut near_error, y);
        }
    }
}

/// The midpoint rule: the radius shrinks when the error says so.
fn step(x: &mut i32, error: &mut i32, y: i32) {
    if *error < 0 {
        *error += 2 * y + 1;
    } else {
        *x -= 1;
        *error += 2 * (y - *x + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    #[test]
    fn a_filled_circle_has_about_its_area() {
        let mut data = [0; 100 * 100];
        let mut image = ViewMut::new(&mut data, 100, 100, Format::Grey).unwrap();
        circle(
            &mut image,
            Point::new(50, 50),
            30,
            &Paint::new(255).filled().thick(0),
        );
        let sum: u32 = data.iter().map(|pixel| u32::from(*pixel)).sum();
        let area = f64::from(sum) / 255.0;
        // Pixels reach half a pixel beyond the radius.
        assert!((2827.0..3000.0).contains(&area), "{area}");
    }

    #[test]
    fn any_numbers_are_borne() {
        let mut data = [0; 64];
        let mut image = ViewMut::new(&mut data, 8, 8, Format::Grey).unwrap();
        for radius in [i32::MIN, -1, 0, 1, 5, i32::MAX] {
            for thickness in [i32::MIN, 0, 1, 2, 9, i32::MAX] {
                let paint = Paint::new(9).thick(thickness);
                circle(&mut image, Point::new(4, 4), radius, &paint);
                circle(
                    &mut image,
                    Point::new(i32::MAX, i32::MIN),
                    radius,
                    &paint.filled(),
                );
            }
        }
    }
}
