//! The four edges of a found rectangle, code or tag.

use super::{Paint, circle, hline, line};
use crate::{Point, ViewMut};

/// Lines between four corners in their order, and a circle of `size` at each if `size` is above 0.
pub fn edges(image: &mut ViewMut, corners: &[Point; 4], size: i32, paint: &Paint) {
    if paint.fill {
        fill(image, corners, paint.colour);
    }
    let outline = Paint {
        fill: false,
        ..*paint
    };
    for (index, corner) in corners.iter().enumerate() {
        line(image, *corner, corners[(index + 1) % 4], &outline);
    }
    if size > 0 {
        for corner in corners {
            circle(image, *corner, size, paint);
        }
    }
}

/// The inside, by even and odd crossings of each row.
fn fill(image: &mut ViewMut, corners: &[Point; 4], colour: u16) {
    for y in 0..image.height() as i32 {
        let mut crossings = [0.0f32; 4];
        let mut count = 0;
        for (index, a) in corners.iter().enumerate() {
            let b = corners[(index + 1) % 4];
            let (top, bottom) = if a.y < b.y { (*a, b) } else { (b, *a) };
            if (top.y..bottom.y).contains(&y) {
                let share = (y as f32 - top.y as f32) / (bottom.y as f32 - top.y as f32);
                crossings[count] = top.x as f32 + share * (bottom.x as f32 - top.x as f32);
                count += 1;
            }
        }
        crate::math::sort(&mut crossings[..count], |a, b| a.total_cmp(b).is_lt());
        for pair in crossings[..count].chunks_exact(2) {
            hline(
                image,
                libm::ceilf(pair[0]) as i32,
                libm::floorf(pair[1]) as i32,
                y,
                colour,
            );
        }
    }
}
