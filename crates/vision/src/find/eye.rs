//! The middle of an iris: F. Timm and E. Barth, "Accurate Eye Centre Localisation by Means of Gradients", 2011. In `f32`.

use crate::math::sqrt;
use crate::{Error, Found, Point, Region, Scratch, View, bytes_for};

/// A gradient: its length, its direction, its place.
#[derive(Clone, Copy, bytemuck::Zeroable, bytemuck::Pod)]
#[repr(C)]
struct Gradient {
    length: f32,
    direction: [f32; 2],
    place: [i32; 2],
}

/// Bytes of working memory that [`find_eye`] needs for a region of this size.
pub fn eye_scratch(width: usize, height: usize) -> usize {
    bytes_for::<Gradient>(width * height)
}

/// Finds the darkest place to which the gradients of an eye's region point; eyebrow and left corner are skipped.
///
/// # Errors
/// An image that is not grey, a region outside, too little memory.
pub fn find_eye(image: &View, roi: Region, mut scratch: Scratch) -> Result<Point, Error> {
    let area = super::grey_area(image, Some(roi))?;
    let (skip_x, skip_y) = ((0.15 * area.w as f32) as usize, (0.40 * area.h as f32) as usize);
    let (left, top) = (area.x + skip_x, area.y + skip_y);
    let (width, height) = (area.w - skip_x, area.h - skip_y);
    let mut gradients = scratch.list::<Gradient>(width * height, "gradients of an eye")?;
    collect(image, (left, top), (width, height), &mut gradients)?;
    keep_usual(&mut gradients);
    let mut best = (0.0f32, Point::default());
    for y in top..top + height {
        for x in left..left + width {
            let dark = (255 - i32::from(image.row(y)[x])) as f32;
            let score = score(&gradients, x as f32, y as f32, dark);
            if score > best.0 {
                best = (score, Point::new(x as i32, y as i32));
            }
        }
    }
    Ok(best.1)
}

/// Gradients longer than 200; each counts at the middle of its three by three pixels.
fn collect(
    image: &View,
    (left, top): (usize, usize),
    (width, height): (usize, usize),
    gradients: &mut Found<Gradient>,
) -> Result<(), Error> {
    for y in top..(top + height).saturating_sub(3) {
        crate::stop::check()?;
        for x in left..(left + width).saturating_sub(3) {
            let p = |row: usize, column: usize| i32::from(image.row(y + row)[x + column]);
            let gx = p(0, 0) - p(0, 2) + 2 * (p(1, 0) - p(1, 2)) + p(2, 0) - p(2, 2);
            let gy = p(0, 0) + 2 * p(0, 1) + p(0, 2) - p(2, 0) - 2 * p(2, 1) - p(2, 2);
            let length = sqrt((gx * gx + gy * gy) as f32);
            if length > 200.0 {
                gradients.push(Gradient {
                    length,
                    direction: [gx as f32 / length, gy as f32 / length],
                    place: [x as i32 + 1, y as i32 + 1],
                })?;
            }
        }
    }
    Ok(())
}

/// Drops what differs from the mean length by more than 100. What follows a dropped one is kept unseen, as the rule has it.
fn keep_usual(gradients: &mut Found<Gradient>) {
    let total = gradients
        .iter()
        .fold(0.0f32, |sum, gradient| sum + gradient.length);
    let mean = total / gradients.len() as f32;
    let mut dropped = false;
    gradients.retain(|gradient| {
        dropped = !dropped && (gradient.length - mean).abs() > 100.0;
        !dropped
    });
}

fn score(gradients: &[Gradient], x: f32, y: f32, dark: f32) -> f32 {
    let mut sum = 0.0f32;
    for gradient in gradients {
        let (dx, dy) = (x - gradient.place[0] as f32, y - gradient.place[1] as f32);
        let length = sqrt(dx * dx + dy * dy);
        let along = dx / length * gradient.direction[0] + dy / length * gradient.direction[1];
        // Not a number at the gradient's own place, which then does not count.
        if along > 0.0 {
            sum += along * along * dark;
        }
    }
    sum / gradients.len() as f32
}
