//! White balance: the grey world (G. Buchsbaum, 1980), or the brightest patch as white (E. Land and J. McCann, 1971).

use crate::{Error, Format, Pixel, Rgb565, ViewMut, stop};

/// Scales red and blue so that their means (or, with `max`, their largest values) meet green's. Others than colour images
/// stay as they are.
///
/// # Errors
/// [`Error::Stopped`].
pub fn white_balance(image: &mut ViewMut, max: bool) -> Result<(), Error> {
    if image.format() != Format::Rgb565 {
        return Ok(());
    }
    let (width, height) = (image.width(), image.height());
    let mut sums = [0u64; 3];
    for y in 0..height {
        stop::check()?;
        let row = image.as_view().row(y);
        for x in 0..width {
            for (sum, channel) in sums.iter_mut().zip(Rgb565::split(Rgb565::get(row, x))) {
                let channel = channel as u64;
                *sum = if max { (*sum).max(channel) } else { *sum + channel };
            }
        }
    }
    // Green has one bit more.
    let [red, green, blue] = [sums[0] * 2, sums[1], sums[2] * 2];
    let scaled = |channel: i32, own: u64| {
        if own == 0 {
            return channel;
        }
        ((channel as u64 * green + own / 2) / own).min(31) as i32
    };
    for y in 0..height {
        stop::check()?;
        let row = image.row_mut(y);
        for x in 0..width {
            let [r, g, b] = Rgb565::split(Rgb565::get(row, x));
            Rgb565::put(row, x, Rgb565::join([scaled(r, red), g, scaled(b, blue)]));
        }
    }
    Ok(())
}
