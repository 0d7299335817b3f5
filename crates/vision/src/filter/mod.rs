//! Filters over a square window of 2 `ksize` + 1 pixels, in place; outside the image its edge pixels are repeated.
//!
//! Colour is filtered channel by channel as stored, 5, 6 and 5 bits.

mod bilateral;
mod kernel;
mod mean;
mod median;
mod midpoint;
mod mode;
mod rows;

pub use bilateral::{Bilateral, bilateral, bilateral_scratch};
pub use kernel::{Kernel, gaussian, laplacian, morph, morph_scratch};
pub use mean::{mean, mean_scratch};
pub use median::{median, median_scratch};
pub use midpoint::{midpoint, midpoint_scratch};
pub use mode::{mode, mode_scratch};

pub(crate) use rows::{in_place, ring_bytes};

use crate::view::admits;
use crate::{Error, Pixel, View};

/// The largest `ksize`.
pub const MAX_KSIZE: usize = 127;

/// What every filter can do besides.
#[derive(Clone, Copy, Debug, Default)]
pub struct Adaptive<'a> {
    /// The result is white where the filtered pixel, less `offset`, is below the pixel itself; black elsewhere.
    pub threshold: bool,
    /// Subtracted before the comparison.
    pub offset: i32,
    /// White and black exchanged.
    pub invert: bool,
    /// Only pixels that are set in it change.
    pub mask: Option<View<'a>>,
}

impl Adaptive<'_> {
    /// The pixel to store for a filtered one.
    #[inline]
    fn finish<P: Pixel>(&self, filtered: u16, old: u16) -> u16 {
        if !self.threshold {
            return filtered;
        }
        let below = P::level(filtered).saturating_sub(self.offset) < P::level(old);
        if below != self.invert {
            P::FORMAT.white()
        } else {
            0
        }
    }

    /// True if the pixel may change.
    #[inline]
    fn admits(&self, x: usize, y: usize) -> bool {
        admits(self.mask.as_ref(), x, y)
    }
}

/// Refuses windows beyond [`MAX_KSIZE`].
fn check(ksize: usize) -> Result<(), Error> {
    if ksize > MAX_KSIZE {
        return Err(Error::Argument {
            name: "ksize",
            found: ksize as f32,
            expected: "0 to 127",
        });
    }
    Ok(())
}

/// Pixels in a window.
const fn window(ksize: usize) -> usize {
    (2 * ksize + 1) * (2 * ksize + 1)
}
