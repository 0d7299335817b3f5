//! Images and what is found in them, for a microcontroller.
//!
//! Every operation works on borrowed pixels ([`View`], [`ViewMut`]), takes its working memory as an argument
//! ([`Scratch`]; the function `NAME_scratch` beside an operation tells how many bytes it needs) and puts what it finds
//! into a list that the caller owns ([`Found`]). Nothing allocates, nothing panics on bad input: it is refused with an
//! [`Error`] that says what was found and what was expected.
//!
//! The arithmetic is part of the interface: integers and `f32`, with the rounding that each file states, so that a result
//! can be compared bit by bit with `tests/vision/`, an independent implementation in numpy.
//!
//! ```
//! use vision::{draw, Format, Paint, ViewMut};
//!
//! let mut pixels = [0; 16 * 8];
//! let mut image = ViewMut::new(&mut pixels, 16, 8, Format::Grey)?;
//! draw::rectangle(&mut image, vision::Region::new(2, 1, 4, 3), &Paint::new(255).filled());
//! assert_eq!(image.as_view().pixel(3, 2), Some(255));
//! # Ok::<(), vision::Error>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod binary;
pub mod checksum;
pub mod codec;
pub mod codes;
pub mod colour;
pub mod compose;
pub mod draw;
mod error;
pub mod filter;
pub mod find;
mod format;
mod found;
pub mod geometry;
pub mod histogram;
pub mod light;
pub mod math;
mod pixel;
mod region;
mod scratch;
pub mod stop;
mod threshold;
mod view;
mod words;

pub use draw::Paint;
pub use error::Error;
pub use format::{Format, MAX_SIDE, PixFormat};
pub use found::Found;
pub use pixel::{Binary, Grey, Pixel, Rgb565};
pub use region::{Area, Point, Region};
pub use scratch::{Scratch, bytes_for};
pub use threshold::Threshold;
pub use view::{View, ViewMut};
