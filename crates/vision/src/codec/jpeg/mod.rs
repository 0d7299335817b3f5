//! JPEG, ITU-T T.81: baseline in both directions.

mod dct;
mod decode;
mod encode;
mod huffman;
mod tables;

pub use decode::{decode, info};
pub use encode::{Subsampling, encode};
