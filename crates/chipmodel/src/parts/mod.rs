//! Parts that are soldered onto a board or plugged into it.

pub mod choice;
pub mod fitted;
pub mod psram;
pub mod w25q64;
