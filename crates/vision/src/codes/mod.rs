//! Codes made for machines: AprilTags and the quadrilaterals that they stand in, QR codes, Data Matrix, bar codes.

pub mod apriltag;
pub mod barcode;
mod dark;
pub mod datamatrix;
pub mod qr;
mod reed_solomon;

use crate::{Point, Region};

/// The box around four corners, each a pixel of it.
fn region_of(corners: &[Point; 4]) -> Region {
    let [xs, ys] = [corners.map(|c| c.x), corners.map(|c| c.y)];
    let least = |of: [i32; 4]| of.into_iter().min().unwrap_or(0);
    let most = |of: [i32; 4]| of.into_iter().max().unwrap_or(0);
    Region::new(
        least(xs),
        least(ys),
        most(xs) - least(xs) + 1,
        most(ys) - least(ys) + 1,
    )
}
