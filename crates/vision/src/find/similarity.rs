//! Structural similarity: Z. Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", 2004,
//! over blocks of 8 x 8 pixels, in `f32`.

use crate::pixel::by_format;
use crate::{Error, Format, Pixel, View};

/// Mean, deviation, least and largest similarity of the blocks: 1 for equal ones, down to -1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Similarity {
    /// Mean.
    pub mean: f32,
    /// Standard deviation.
    pub stdev: f32,
    /// The least similar block.
    pub min: f32,
    /// The most similar block.
    pub max: f32,
}

/// Compares two images of one size and format; with `dissimilar` values are (1 - similarity) / 2.
///
/// # Errors
/// [`Error::Mismatch`] and [`Error::Format`].
pub fn similarity(image: &View, other: &View, dissimilar: bool) -> Result<Similarity, Error> {
    image.same_size(other)?;
    if image.format() != other.format() {
        return Err(Error::Format {
            found: other.format().name(),
            expected: "the format of the image that it is compared with",
        });
    }
    let most = if image.format() == Format::Binary {
        1.0f32
    } else {
        255.0
    };
    let (c1, c2) = ((most * 0.01) * (most * 0.01), (most * 0.03) * (most * 0.03));
    let (mut sum, mut squares, mut blocks) = (0.0f32, 0.0f32, 0.0f32);
    let (mut min, mut max) = (f32::MAX, f32::MIN);
    by_format!(image.format(), P => for top in (0..image.height()).step_by(8) {
        for left in (0..image.width()).step_by(8) {
            let mut value = block::<P>(image, other, left, top, c1, c2);
            if dissimilar {
                value = (1.0 - value) / 2.0;
            }
            sum += value;
            squares += value * value;
            min = min.min(value);
            max = max.max(value);
            blocks += 1.0;
        }
    });
    let mean = sum / blocks;
    Ok(Similarity {
        mean,
        stdev: crate::math::sqrt((squares / blocks - mean * mean).max(0.0)),
        min,
        max,
    })
}

/// One block. Variances stay multiplied by the number of pixels, which cancels but for the small constants.
fn block<P: Pixel>(image: &View, other: &View, left: usize, top: usize, c1: f32, c2: f32) -> f32 {
    let (right, bottom) = ((left + 8).min(image.width()), (top + 8).min(image.height()));
    let (mut x, mut y, mut xx, mut yy, mut xy) = (0, 0, 0, 0, 0);
    for row in top..bottom {
        for column in left..right {
            let one = P::level(P::get(image.row(row), column));
            let two = P::level(P::get(other.row(row), column));
            x += one;
            y += two;
            xx += one * one;
            yy += two * two;
            xy += one * two;
        }
    }
    let size = ((right - left) * (bottom - top)) as f32;
    let (mx, my) = (x as f32 / size, y as f32 / size);
    let vx = xx as f32 - size * mx * mx;
    let vy = yy as f32 - size * my * my;
    let vxy = xy as f32 - size * mx * my;
    ((2.0 * mx * my + c1) * (2.0 * vxy + c2)) / ((mx * mx + my * my + c1) * (vx + vy + c2))
}
