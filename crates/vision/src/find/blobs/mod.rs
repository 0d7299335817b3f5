//! Blobs: what hangs together among the pixels that a threshold holds for.
//!
//! Seeds are looked for on a grid, columns `x_stride` apart and shifted by y % `x_stride`; from each, runs of pixels are
//! followed upward, then downward (A. R. Smith, "Tint Fill", 1979). Moments after B. Horn, "Robot Vision", chapter 3.

mod bins;
mod blob;
mod fill;
mod mask;
mod merge;
mod query;

pub use bins::{BinRange, Bins};
pub use blob::{Blob, CORNERS};
pub use query::BlobQuery;

use super::check_strides;
use crate::{Error, Found, Scratch, View, bytes_for};
use fill::{Filler, Run, most_runs};
use mask::mask_bytes;

/// Bytes of working memory that [`find_blobs`] needs.
pub fn blobs_scratch(width: usize, height: usize) -> usize {
    mask_bytes(width, height) + bytes_for::<u16>(width) + bytes_for::<u16>(height)
}

/// Bytes of its stack in the worst case, of which nearly all pictures need very little.
pub fn blobs_stack(width: usize, height: usize) -> usize {
    bytes_for::<Run>(most_runs(width, height))
}

/// Finds blobs in the order of thresholds, then of seeds. `admit` may refuse one, `join` may refuse to merge two.
///
/// # Errors
/// A region outside, strides of 0, more than 32 thresholds, too little memory, more blobs or bins than there is room for.
#[expect(
    clippy::too_many_arguments,
    reason = "memory of three kinds, and two questions"
)]
pub fn find_blobs<'a>(
    image: &View,
    query: &BlobQuery,
    admit: &mut dyn FnMut(&Blob) -> bool,
    join: &mut dyn FnMut(&Blob, &Blob) -> bool,
    mut scratch: Scratch<'a>,
    stack: Scratch<'a>,
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
    let mut filler = Filler::new(image, area, query, &mut scratch, stack)?;
    found.clear();
    for (index, threshold) in query.thresholds.iter().enumerate() {
        filler.mask.load(image, area, threshold, query.invert);
        for y in (area.y..area.bottom()).step_by(query.y_stride) {
            crate::stop::check()?;
            let first = area.x + y % query.x_stride;
            let mut from = first;
            while from < area.right()
                && let Some(x) = filler.next_free(y, from, area.right() - 1)
            {
                from = x + 1;
                if (x - first) % query.x_stride != 0 {
                    continue;
                }
                let shape = filler.fill(x, y)?;
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
    }
    if query.merge {
        merge_all(query, found, bins, join)?;
    }
    Ok(())
}

/// Merges what lies near each other, if `join` agrees.
fn merge_all(
    query: &BlobQuery,
    found: &mut Found<Blob>,
    bins: &mut Bins,
    join: &mut dyn FnMut(&Blob, &Blob) -> bool,
) -> Result<(), Error> {
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
    })?;
    failed
}
