//! Gamma, contrast and brightness of each channel: floor((value ^ (1 / gamma) * contrast + brightness) * range), its power in
//! double precision.

use crate::math::floor;
use crate::pixel::by_format;
use crate::{Error, Pixel, ViewMut, stop};

/// Bends the brightness of each channel.
///
/// # Errors
/// A gamma that is 0 or no number.
pub fn gamma(image: &mut ViewMut, gamma: f32, contrast: f32, brightness: f32) -> Result<(), Error> {
    if gamma == 0.0 || !gamma.is_finite() {
        return Err(Error::Argument {
            name: "gamma",
            found: gamma,
            expected: "a number other than 0",
        });
    }
    let width = image.width();
    by_format!(image.format(), P => {
        let mut tables = [[0u8; 256]; 3];
        for (table, most) in tables.iter_mut().zip(P::MAX).take(P::CHANNELS) {
            for (value, place) in table.iter_mut().enumerate().take(most as usize + 1) {
                let share = value as f32 / most as f32;
                let power = libm::pow(f64::from(share), f64::from(1.0 / gamma)) as f32;
                *place = floor((power * contrast + brightness) * most as f32).clamp(0, most) as u8;
            }
        }
        for y in 0..image.height() {
            stop::check()?;
            let row = image.row_mut(y);
            for x in 0..width {
                let channels = P::split(P::get(row, x));
                let mut bent = [0; 3];
                for ((bent, table), channel) in bent.iter_mut().zip(&tables).zip(channels) {
                    *bent = i32::from(table[channel as usize]);
                }
                P::put(row, x, P::join(bent));
            }
        }
    });
    Ok(())
}
