//! Images bent: lenses, rotation in space, polar maps.

mod homography;
mod lens;
mod polar;
mod rotation;

pub use homography::Homography;
pub use lens::{Lens, lens_correction};
pub use polar::{Polar, polar};
pub use rotation::{Rotation, rotation_correction};

use crate::pixel::by_format;
use crate::{Error, Format, Pixel, Scratch, View, ViewMut, bytes_for, stop};

/// Bytes of working memory that a bend needs: a copy of the image.
pub fn bend_scratch(format: Format, width: usize, height: usize) -> usize {
    bytes_for::<u8>(format.image_bytes(width, height))
}

/// Fills each pixel from the place that `from` names, or with 0.
fn bend(
    image: &mut ViewMut,
    scratch: &mut Scratch,
    from: impl Fn(usize, usize) -> Option<(f32, f32)>,
) -> Result<(), Error> {
    let copy = scratch.take_dirty::<u8>(image.data_mut().len())?;
    copy.copy_from_slice(image.data_mut());
    let copy = View::new(copy, image.width(), image.height(), image.format())?;
    let width = image.width();
    by_format!(image.format(), P => for y in 0..image.height() {
        stop::check()?;
        let row = image.row_mut(y);
        for x in 0..width {
            let pixel = from(x, y).and_then(|(x, y)| {
                // Beyond the range of `i32` conversion saturates, and so lies outside.
                copy.pixel(crate::math::round(x), crate::math::round(y))
            });
            P::put(row, x, pixel.unwrap_or(0));
        }
    });
    Ok(())
}
