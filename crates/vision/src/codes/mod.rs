//! Codes made for machines: AprilTags and the quadrilaterals that they stand in, QR codes.

pub mod apriltag;
pub mod barcode;
pub mod qr;
