//! Colours: RGB565 as stored, brightness, YUV and LAB, exact to the bit.

pub mod convert;
pub mod lab;
pub mod mosaic;
pub mod palette;
pub mod rgb565;
pub mod yuv;
