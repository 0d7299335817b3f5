//! Clearing an image, and what lies outside a shape.

use super::Ellipse;
use crate::view::admits;
use crate::{Point, Region, View, ViewMut, math};

/// Sets all pixels that the mask admits to 0.
pub fn clear(image: &mut ViewMut, mask: Option<&View>) {
    match mask {
        None => image.data_mut().fill(0),
        Some(_) => blacken(image, |x, y| !admits(mask, x, y)),
    }
}

/// Sets all pixels outside a rectangle to 0; without one, outside the middle half.
pub fn mask_rectangle(image: &mut ViewMut, region: Option<Region>) {
    let (width, height) = (image.width() as i32, image.height() as i32);
    let region = region.unwrap_or(Region::new(width / 4, height / 4, width / 2, height / 2));
    let inside = |at: usize, start: i32, length: i32| {
        let at = at as i64 - i64::from(start);
        (0..i64::from(length)).contains(&at)
    };
    blacken(image, |x, y| {
        inside(x, region.x, region.w) && inside(y, region.y, region.h)
    });
}

/// Sets all pixels outside a circle to 0; without one, outside the largest in the middle.
pub fn mask_circle(image: &mut ViewMut, circle: Option<(Point, i32)>) {
    let (width, height) = (image.width() as i32, image.height() as i32);
    let (centre, radius) = circle.unwrap_or((Point::new(width / 2, height / 2), width.min(height) / 2));
    let squared = i64::from(radius) * i64::from(radius);
    blacken(image, |x, y| {
        let (dx, dy) = (x as i64 - i64::from(centre.x), y as i64 - i64::from(centre.y));
        radius >= 0 && dx * dx + dy * dy <= squared
    });
}

/// Sets all pixels outside an ellipse to 0; without one, outside the largest in the middle.
pub fn mask_ellipse(image: &mut ViewMut, ellipse: Option<&Ellipse>) {
    let (width, height) = (image.width() as i32, image.height() as i32);
    let largest = Ellipse {
        centre: Point::new(width / 2, height / 2),
        rx: width / 2,
        ry: height / 2,
        rotation: 0,
    };
    let shape = ellipse.unwrap_or(&largest);
    let (cos, sin) = (
        math::cos_degrees(shape.rotation),
        math::sin_degrees(shape.rotation),
    );
    let (rx, ry) = (shape.rx as f32, shape.ry as f32);
    blacken(image, |x, y| {
        let (dx, dy) = (x as f32 - shape.centre.x as f32, y as f32 - shape.centre.y as f32);
        let (u, v) = ((dx * cos + dy * sin) / rx, (dy * cos - dx * sin) / ry);
        u * u + v * v <= 1.0
    });
}

/// Sets all pixels to 0 for which `keep` is false.
fn blacken(image: &mut ViewMut, keep: impl Fn(usize, usize) -> bool) {
    for y in 0..image.height() {
        for x in 0..image.width() {
            if !keep(x, y) {
                image.set_pixel(x as i32, y as i32, 0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    #[test]
    fn outside_becomes_black() {
        let mut data = [9; 64];
        let mut image = ViewMut::new(&mut data, 8, 8, Format::Grey).unwrap();
        mask_rectangle(&mut image, None);
        assert_eq!(data.iter().filter(|pixel| **pixel == 9).count(), 16);
        let mut data = [9; 81];
        let mut image = ViewMut::new(&mut data, 9, 9, Format::Grey).unwrap();
        mask_circle(&mut image, Some((Point::new(4, 4), 1)));
        assert_eq!(data.iter().filter(|pixel| **pixel == 9).count(), 5);
        let mut data = [9; 81];
        let mut image = ViewMut::new(&mut data, 9, 9, Format::Grey).unwrap();
        let mut bits = [0; 36];
        bits[0] = 1;
        let mask = View::new(&bits, 9, 9, Format::Binary).unwrap();
        clear(&mut image, Some(&mask));
        assert_eq!(data.iter().filter(|pixel| **pixel == 0).count(), 1);
    }
}
