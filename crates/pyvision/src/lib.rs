//! Machine vision for Python: OpenMV's classes and functions over the library `vision`. The modules that hold them are the
//! firmware's.
//!
//! The bytes of an image are a bytearray on Python's heap, which puts large ones into the memory chip. Working memory is a block of
//! the heap for the time of a call. Nothing here computes on pixels: that is the library's.
//!
//! The crate is empty when it is built for anything but the chip.
#![cfg(target_os = "none")]
#![no_std]
#![forbid(unsafe_code)]
// The functions are Python's; what they take and give is said in Python's terms.
#![allow(missing_docs)]

mod adjust;
mod barcodes;
mod basic;
mod binary;
pub mod blob;
pub mod camera;
pub mod clock;
mod codes;
pub mod colours;
mod compose;
pub mod control;
pub mod crc;
pub mod csi;
pub mod descriptor;
mod draw;
pub mod drawing;
pub mod features;
mod file;
mod filter;
pub mod find;
mod find_blobs;
pub mod generation;
pub mod gif;
pub mod hardware;
mod histogram;
pub mod image_io;
pub mod interrupt;
pub mod keypoints;
mod make;
mod methods;
pub mod mjpeg;
mod movie;
mod parse;
mod picture;
pub mod preview;
mod real;
mod results;
pub mod screen;
pub mod sensor;
pub mod umalloc;

pub use picture::Image;
