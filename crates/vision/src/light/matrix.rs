//! Colour correction by a matrix on red, green and blue.

use crate::colour::rgb565;
use crate::math::round;
use crate::{Error, Format, Pixel, Rgb565, ViewMut, stop};

/// Multiplies (r, g, b, 1) of each pixel, 0 to 255, with three rows of four; the fourth column counts in full range. Others
/// than colour images stay as they are.
///
/// # Errors
/// [`Error::Stopped`].
pub fn colour_matrix(image: &mut ViewMut, rows: &[[f32; 4]; 3]) -> Result<(), Error> {
    if image.format() != Format::Rgb565 {
        return Ok(());
    }
    let width = image.width();
    for y in 0..image.height() {
        stop::check()?;
        let row = image.row_mut(y);
        for x in 0..width {
            let [r, g, b] = rgb565::to_rgb(Rgb565::get(row, x)).map(f32::from);
            let corrected = rows.map(|[of_r, of_g, of_b, offset]| {
                round(of_r * r + of_g * g + of_b * b + offset * 255.0).clamp(0, 255) as u8
            });
            Rgb565::put(row, x, rgb565::from_rgb(corrected));
        }
    }
    Ok(())
}
