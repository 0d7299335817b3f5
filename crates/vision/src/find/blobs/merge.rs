//! Two blobs become one.

use super::bins::Bins;
use super::blob::{Blob, corner_angle};
use crate::Error;
use crate::math::{atan2, cos_degrees, sin_degrees};

/// Takes `other` into `blob`, with at most so many bins of columns and rows.
pub(super) fn merge(blob: &mut Blob, other: &Blob, most: [usize; 2], bins: &mut Bins) -> Result<(), Error> {
    if most[0] > 0 {
        let span = |blob: &Blob| (blob.x_bins, (blob.region.x, blob.region.w));
        blob.x_bins = bins.merged(span(blob), span(other), most[0])?;
    }
    if most[1] > 0 {
        let span = |blob: &Blob| (blob.y_bins, (blob.region.y, blob.region.h));
        blob.y_bins = bins.merged(span(blob), span(other), most[1])?;
    }
    for (index, (place, candidate)) in blob.hull.iter_mut().zip(other.hull).enumerate() {
        let angle = corner_angle(index);
        let reach = |x: i32, y: i32| x as f32 * cos_degrees(angle) + y as f32 * sin_degrees(angle);
        if reach(candidate.x, candidate.y) < reach(place.x, place.y) {
            *place = candidate;
        }
    }
    blob.region = blob.region.united(&other.region);
    blob.pixels += other.pixels;
    blob.perimeter += other.perimeter;
    blob.code |= other.code;
    blob.count += other.count;
    for (sum, add) in blob.sums.iter_mut().zip(other.sums) {
        *sum += add;
    }
    let [x, y, cos, sin, roundness] = blob.sums.map(|sum| sum / blob.pixels as f32);
    blob.x = x;
    blob.y = y;
    blob.rotation = atan2(sin, cos);
    blob.roundness = roundness;
    Ok(())
}
