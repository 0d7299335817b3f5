//! What is looked for.

use crate::{Region, Threshold};

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
