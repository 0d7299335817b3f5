//! Images bent: lenses, rotation in space, polar maps.

mod homography;

pub use homography::Homography;
