//! Polar maps: column angle, row distance; the distance straight or logarithmic (E. Schwartz, 1977).

use super::bend;
use crate::math::atan2;
use crate::{Error, Scratch, ViewMut};
use core::f32::consts::TAU;

/// Which polar map.
#[derive(Clone, Copy, Debug)]
pub struct Polar {
    /// The middle; that of the image without.
    pub centre: Option<(f32, f32)>,
    /// Rows go by the logarithm of the distance.
    pub log: bool,
    /// From the polar image back.
    pub reverse: bool,
}

/// Replaces an image by its polar map, or back; takes a copy of the image from `scratch`.
///
/// # Errors
/// Too little memory.
pub fn polar(image: &mut ViewMut, how: &Polar, mut scratch: Scratch) -> Result<(), Error> {
    let (width, height) = (image.width() as f32, image.height() as f32);
    let (cx, cy) = how.centre.unwrap_or((width / 2.0, height / 2.0));
    let furthest = crate::math::sqrt(width * width + height * height) / 2.0;
    let log_scale = libm::logf(furthest.max(1.0) + 1.0) / height;
    bend(image, &mut scratch, |x, y| {
        let (x, y) = (x as f32, y as f32);
        if how.reverse {
            let (dx, dy) = (x - cx, y - cy);
            let distance = crate::math::sqrt(dx * dx + dy * dy);
            let row = if how.log {
                libm::logf(distance + 1.0) / log_scale
            } else {
                distance * height / furthest
            };
            let column = atan2(dy, dx) * width / TAU;
            // The last half column is the first one again.
            Some((if column >= width - 0.5 { 0.0 } else { column }, row))
        } else {
            let distance = if how.log {
                libm::expf(y * log_scale) - 1.0
            } else {
                y * furthest / height
            };
            let angle = x * TAU / width;
            Some((
                cx + distance * libm::cosf(angle),
                cy + distance * libm::sinf(angle),
            ))
        }
    })
}
