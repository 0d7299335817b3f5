//! Histogram equalisation: floor(cumulative count * (range / pixels)), in `f32`. Colour keeps its U and V.

use crate::colour::yuv;
use crate::math::floor;
use crate::pixel::by_format;
use crate::view::admits;
use crate::{Error, Format, Pixel, View, ViewMut, stop};

/// Spreads the brightness over the whole range; the histogram is that of all pixels, only those in the mask change.
///
/// # Errors
/// [`Error::Stopped`].
pub fn equalize(image: &mut ViewMut, mask: Option<&View>) -> Result<(), Error> {
    let (width, height) = (image.width(), image.height());
    // First how many pixels have a level, then the level that it becomes.
    let mut levels = [0u32; 256];
    by_format!(image.format(), P => {
        for y in 0..height {
            stop::check()?;
            let row = image.as_view().row(y);
            for x in 0..width {
                levels[P::level(P::get(row, x)) as usize] += 1;
            }
        }
        let most = if P::FORMAT == Format::Binary { 1.0 } else { 255.0 };
        let scale = most / (width * height) as f32;
        let mut sum = 0;
        for level in &mut levels {
            sum += *level;
            *level = floor(scale * sum as f32).min(most as i32) as u32;
        }
        for y in 0..height {
            stop::check()?;
            let row = image.row_mut(y);
            for x in 0..width {
                if admits(mask, x, y) {
                    let pixel = P::get(row, x);
                    P::put(row, x, with_level::<P>(pixel, levels[P::level(pixel) as usize] as u16));
                }
            }
        }
    });
    Ok(())
}

/// The pixel with another brightness on the format's own scale.
pub(super) fn with_level<P: Pixel>(pixel: u16, level: u16) -> u16 {
    if P::FORMAT != Format::Rgb565 {
        return level;
    }
    let (_, u, v) = yuv::from_rgb565(pixel);
    yuv::to_rgb565(level as u8, u, v)
}
