//! What is found in images: blobs, lines, circles, edges, templates, eyes, distances.

pub mod blobs;
mod canny;
mod cascade;
mod circles;
mod displacement;
mod eye;
mod fft;
mod haar;
mod hog;
pub mod keypoints;
mod lbp;
mod lines;
mod polar_line;
mod proposals;
mod regression;
mod segments;
mod similarity;
mod sobel;
mod stereo;
mod template;

pub use blobs::{Bins, Blob, BlobQuery, blobs_scratch, blobs_stack, find_blobs};
pub use canny::{canny, canny_scratch, simple_edges, simple_edges_scratch};
pub use cascade::Cascade;
pub use circles::{Circle, CircleQuery, circles_scratch, find_circles};
pub use displacement::{Displacement, DisplacementQuery, displacement, displacement_scratch};
pub use eye::{eye_scratch, find_eye};
pub use haar::{FeatureQuery, features_scratch, find_features};
pub use hog::{hog, hog_scratch};
pub use lbp::{LBP_BYTES, lbp, lbp_distance};
pub use lines::{LineQuery, find_lines, lines_scratch};
pub use polar_line::Line;
pub use proposals::{ProposalQuery, proposals, proposals_scratch};
pub use regression::{RegressionQuery, regression, regression_scratch};
pub use segments::{SegmentQuery, find_line_segments, segments_scratch};
pub use similarity::{Similarity, similarity};
pub use stereo::{disparity, disparity_scratch};
pub use template::{Match, Search, find_template};

use crate::{Area, Error, Format, Region, View};

/// Refuses strides of 0.
fn check_strides(x_stride: usize, y_stride: usize) -> Result<(), Error> {
    for (name, stride) in [("x_stride", x_stride), ("y_stride", y_stride)] {
        if stride == 0 {
            return Err(Error::Argument {
                name,
                found: 0.0,
                expected: "1 or more",
            });
        }
    }
    Ok(())
}

/// The area of a region, of a grey image only.
fn grey_area(image: &View, roi: Option<Region>) -> Result<Area, Error> {
    if image.format() != Format::Grey {
        return Err(Error::Format {
            found: image.format().name(),
            expected: "a grayscale image",
        });
    }
    image.area_of(roi)
}
