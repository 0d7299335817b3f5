//! Images of two values: by thresholds, inverted, and with shapes that shrink and grow.

mod invert;
mod morphology;
mod threshold;

pub use invert::invert;
pub use morphology::{black_hat, close, dilate, erode, hat_scratch, morphology_scratch, open, top_hat};
pub use threshold::{Binarize, binarize, binarize_to};
