//! White where one of the thresholds holds, black elsewhere.

use crate::pixel::by_format;
use crate::threshold::Threshold;
use crate::view::admits;
use crate::{Binary, Error, Pixel, View, ViewMut, stop};

/// How an image is made binary.
#[derive(Clone, Copy, Debug, Default)]
pub struct Binarize<'a> {
    /// A pixel is chosen if one of these holds.
    pub thresholds: &'a [Threshold],
    /// A pixel is chosen if one of these does not hold.
    pub invert: bool,
    /// Chosen pixels become black, the others stay.
    pub zero: bool,
    /// Only pixels that are set in it change.
    pub mask: Option<View<'a>>,
}

impl Binarize<'_> {
    fn chooses<P: Pixel>(&self, pixel: u16) -> bool {
        self.thresholds
            .iter()
            .any(|threshold| threshold.holds::<P>(pixel) != self.invert)
    }
}

/// Makes an image binary in its own format.
///
/// # Errors
/// [`Error::Stopped`].
pub fn binarize(image: &mut ViewMut, how: &Binarize) -> Result<(), Error> {
    let width = image.width();
    by_format!(image.format(), P => for y in 0..image.height() {
        stop::check()?;
        let row = image.row_mut(y);
        for x in 0..width {
            if !admits(how.mask.as_ref(), x, y) {
                continue;
            }
            let chosen = how.chooses::<P>(P::get(row, x));
            match (chosen, how.zero) {
                (true, false) => P::put(row, x, P::FORMAT.white()),
                (false, true) => {}
                _ => P::put(row, x, 0),
            }
        }
    });
    Ok(())
}

/// Sets the bits of a binary image where `image` is chosen; where the mask is not set they stay.
///
/// # Errors
/// [`Error::Mismatch`] of sizes, [`Error::Format`] if `bits` is not binary.
pub fn binarize_to(bits: &mut ViewMut, image: &View, how: &Binarize) -> Result<(), Error> {
    image.same_size(&bits.as_view())?;
    if bits.format() != Binary::FORMAT {
        return Err(Error::Format {
            found: bits.format().name(),
            expected: "a binary image for the result",
        });
    }
    by_format!(image.format(), P => for y in 0..image.height() {
        stop::check()?;
        let row = bits.row_mut(y);
        for x in 0..image.width() {
            if admits(how.mask.as_ref(), x, y) {
                Binary::put(row, x, u16::from(how.chooses::<P>(P::get(image.row(y), x))));
            }
        }
    });
    Ok(())
}
