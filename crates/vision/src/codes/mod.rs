//! Codes made for machines: AprilTags, and the quadrilaterals that they stand in.

pub mod apriltag;
