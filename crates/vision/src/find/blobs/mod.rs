//! Blobs: what hangs together among the pixels that a threshold holds for.
//!
//! Seeds are looked for on a grid, columns `x_stride` apart and shifted by y % `x_stride`; from each, runs of pixels are
//! followed upward, then downward (A. R. Smith, "Tint Fill", 1979). Moments after B. Horn, "Robot Vision", chapter 3.

mod blob;
mod fill;
mod merge;

pub use blob::{Blob, CORNERS};
pub use merge::{BinRange, Bins};

use super::check_strides;
use crate::pixel::by_format;
use crate::{Binary, Error, Found, Pixel, Region, Scratch, Threshold, View, bytes_for};
use fill::{Filler, Run};

/// What blobs are looked for.
#[derive(Clone, Copy, Debug)]
pub struct BlobQuery<'a> {
    /// Each threshold is looked for in turn; a pixel belongs to the first blob that reaches it.
    pub thresholds: &'a [Threshold],
    /// Pixels for which a threshold does not hold.
    pub invert: bool,
    /// The part of the image.
    pub roi: Option<Region>,
    /// Columns between seeds.
    pub x_stride: usize,
    /// Rows between seeds.
    pub y_stride: usize,
    /// Least area of the box.
    pub area_threshold: u32,
    /// Least number of pixels.
    pub pixels_threshold: u32,
    /// Blobs whose boxes overlap become one.
    pub merge: bool,
    /// Boxes count as overlapping if they are so near.
    pub margin: i32,
    /// Bins of the histogram of columns, 0 for none.
    pub x_hist_bins_max: usize,
    /// Bins of the histogram of rows, 0 for none.
    pub y_hist_bins_max: usize,
}

impl Default for BlobQuery<'_> {
    fn default() -> Self {
        BlobQuery {
            thresholds: &[],
            invert: false,
            roi: None,
            x_stride: 2,
            y_stride: 1,
            area_threshold: 10,
            pixels_threshold: 10,
            merge: false,
            margin: 0,
            x_hist_bins_max: 0,
            y_hist_bins_max: 0,
        }
    }
}

/// Bytes of working memory that [`find_blobs`] needs in the worst case, a picture of nothing but corners.
pub fn blobs_scratch(width: usize, height: usize) -> usize {
    bytes_for::<u8>(Binary::FORMAT.image_bytes(width, height))
        + bytes_for::<u16>(width + height)
        + bytes_for::<Run>(width.div_ceil(2) * height)
}

/// Finds blobs in the order of thresholds, then of seeds. `admit` may refuse one, `join` may refuse to merge two.
///
/// # Errors
/// A region outside, strides of 0, more than 32 thresholds, too little memory, more blobs or bins than there is room for.
pub fn find_blobs(
    image: &View,
    query: &BlobQuery,
    mut admit: impl FnMut(&Blob) -> bool,
    mut join: impl FnMut(&Blob, &Blob) -> bool,
    mut scratch: Scratch,
    bins: &mut Bins,
    found: &mut Found<Blob>,
) -> Result<(), Error> {
    check_strides(query.x_stride, query.y_stride)?;
    if query.thresholds.len() > 32 {
        return Err(Error::Argument {
            name: "thresholds",
            found: query.thresholds.len() as f32,
            expected: "at most 32 thresholds",
        });
    }
    let area = image.area_of(query.roi)?;
    let mut filler = Filler::new(image, area, query, &mut scratch)?;
    found.clear();
    by_format!(image.format(), P => for (index, threshold) in query.thresholds.iter().enumerate() {
        for y in (area.y..area.bottom()).step_by(query.y_stride) {
            for x in (area.x + y % query.x_stride..area.right()).step_by(query.x_stride) {
                let holds = |x: usize, y: usize| threshold.holds::<P>(P::get(image.row(y), x)) != query.invert;
                if filler.is_taken(x, y) || !holds(x, y) {
                    continue;
                }
                let shape = filler.fill(x, y, holds)?;
                if u64::from(shape.area()) < u64::from(query.area_threshold)
                    || shape.pixels < i64::from(query.pixels_threshold)
                {
                    continue;
                }
                let mut blob = shape.blob(index as u32);
                blob.x_bins = bins.of_counts(filler.columns(), query.x_hist_bins_max)?;
                blob.y_bins = bins.of_counts(filler.rows(), query.y_hist_bins_max)?;
                if admit(&blob) {
                    found.push(blob)?;
                }
            }
        }
    });
    if query.merge {
        let mut failed = Ok(());
        found.merge(|blob, other| {
            let near = blob.region.overlaps(&other.region.grown(query.margin));
            if failed.is_err() || !near || !join(blob, other) {
                return false;
            }
            match merge::merge(blob, other, query, bins) {
                Ok(()) => true,
                Err(error) => {
                    failed = Err(error);
                    false
                }
            }
        });
        failed?;
    }
    Ok(())
}
