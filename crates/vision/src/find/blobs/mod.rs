//! Blobs: what hangs together among the pixels that a threshold holds for.
//!
//! Seeds are looked for on a grid, columns `x_stride` apart and shifted by y % `x_stride`; from each, runs of pixels are
//! followed upward, then downward (A. R. Smith, "Tint Fill", 1979). Moments after B. Horn, "Robot Vision", chapter 3.

mod bins;
mod blob;
mod fill;
mod merge;
mod query;

pub use bins::{BinRange, Bins};
pub use blob::{Blob, CORNERS};
pub use query::BlobQuery;

use super::check_strides;
use crate::pixel::by_format;
use crate::{Binary, Error, Found, Pixel, Scratch, View, bytes_for};
use fill::{Filler, Run};

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
        let most = [query.x_hist_bins_max, query.y_hist_bins_max];
        let mut failed = Ok(());
        found.merge(|blob, other| {
            let near = blob.region.overlaps(&other.region.grown(query.margin));
            if failed.is_err() || !near || !join(blob, other) {
                return false;
            }
            match merge::merge(blob, other, most, bins) {
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
