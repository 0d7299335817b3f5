//! Lens correction: the distance from the middle goes by an arc tangent, as a fisheye's equidistant projection does.

use super::bend;
use crate::{Error, Scratch, ViewMut};

/// How strongly, and where.
#[derive(Clone, Copy, Debug)]
pub struct Lens {
    /// 0 none; larger bends more.
    pub strength: f32,
    /// Magnification.
    pub zoom: f32,
    /// The optical middle beside the image's, as a share of the width.
    pub x_corr: f32,
    /// The optical middle beside the image's, as a share of the height.
    pub y_corr: f32,
}

/// Straightens what a wide lens bends; takes a copy of the image from `scratch`.
///
/// # Errors
/// A strength that is not above 0, a zoom of 0, too little memory.
pub fn lens_correction(image: &mut ViewMut, lens: &Lens, mut scratch: Scratch) -> Result<(), Error> {
    let positive = |name, found: f32| {
        if found > 0.0 && found.is_finite() {
            return Ok(());
        }
        Err(Error::Argument {
            name,
            found,
            expected: "a number above 0",
        })
    };
    positive("strength", lens.strength)?;
    positive("zoom", lens.zoom)?;
    let (width, height) = (image.width() as f32, image.height() as f32);
    let bend_per_pixel = lens.strength / crate::math::sqrt(width * width + height * height);
    let (cx, cy) = (
        (width - 1.0) / 2.0 + lens.x_corr * width,
        (height - 1.0) / 2.0 + lens.y_corr * height,
    );
    bend(image, &mut scratch, |x, y| {
        let (dx, dy) = ((x as f32 - cx) / lens.zoom, (y as f32 - cy) / lens.zoom);
        let distance = bend_per_pixel * crate::math::sqrt(dx * dx + dy * dy);
        let share = if distance == 0.0 {
            1.0
        } else {
            libm::atanf(distance) / distance
        };
        Some((cx + share * dx, cy + share * dy))
    })
}
