//! The three formats as types, so that an algorithm is written once and compiled for each.

use crate::Format;
use crate::colour::rgb565;

/// How to read, write and take apart the pixels of a format.
pub trait Pixel: Copy + 'static {
    /// The format.
    const FORMAT: Format;
    /// 1, or 3 for colour.
    const CHANNELS: usize;
    /// The largest value of each channel.
    const MAX: [i32; 3];

    /// The pixel at column `x` of a row.
    fn get(row: &[u8], x: usize) -> u16;
    /// Sets the pixel at column `x` of a row.
    fn put(row: &mut [u8], x: usize, value: u16);
    /// The channels of a pixel, each 0 to `MAX`; unused ones are 0.
    fn split(value: u16) -> [i32; 3];
    /// A pixel of channels, which must be in range.
    fn join(channels: [i32; 3]) -> u16;
    /// Brightness on the format's own scale: 0 or 1, 0 to 255, luma 0 to 255.
    fn level(value: u16) -> i32;
    /// Brightness 0 to 255.
    fn grey(value: u16) -> u8;
    /// The pixel as RGB565.
    fn rgb565(value: u16) -> u16;
    /// The nearest pixel to a brightness 0 to 255.
    fn from_grey(grey: u8) -> u16;
    /// The nearest pixel to an RGB565 colour.
    fn from_rgb565(colour: u16) -> u16;
}

/// [`Format::Binary`].
#[derive(Clone, Copy, Debug)]
pub struct Binary;
/// [`Format::Grey`].
#[derive(Clone, Copy, Debug)]
pub struct Grey;
/// [`Format::Rgb565`].
#[derive(Clone, Copy, Debug)]
pub struct Rgb565;

impl Pixel for Binary {
    const FORMAT: Format = Format::Binary;
    const CHANNELS: usize = 1;
    const MAX: [i32; 3] = [1, 0, 0];

    #[inline]
    fn get(row: &[u8], x: usize) -> u16 {
        u16::from(row[x / 8] >> (x % 8) & 1)
    }

    #[inline]
    fn put(row: &mut [u8], x: usize, value: u16) {
        let bit = 1 << (x % 8);
        if value & 1 != 0 {
            row[x / 8] |= bit;
        } else {
            row[x / 8] &= !bit;
        }
    }

    #[inline]
    fn split(value: u16) -> [i32; 3] {
        [i32::from(value & 1), 0, 0]
    }

    #[inline]
    fn join(channels: [i32; 3]) -> u16 {
        channels[0] as u16 & 1
    }

    #[inline]
    fn level(value: u16) -> i32 {
        i32::from(value & 1)
    }

    #[inline]
    fn grey(value: u16) -> u8 {
        if value & 1 != 0 { 255 } else { 0 }
    }

    #[inline]
    fn rgb565(value: u16) -> u16 {
        if value & 1 != 0 { 0xFFFF } else { 0 }
    }

    #[inline]
    fn from_grey(grey: u8) -> u16 {
        u16::from(grey > 127)
    }

    #[inline]
    fn from_rgb565(colour: u16) -> u16 {
        Self::from_grey(rgb565::luma(colour))
    }
}

impl Pixel for Grey {
    const FORMAT: Format = Format::Grey;
    const CHANNELS: usize = 1;
    const MAX: [i32; 3] = [255, 0, 0];

    #[inline]
    fn get(row: &[u8], x: usize) -> u16 {
        u16::from(row[x])
    }

    #[inline]
    fn put(row: &mut [u8], x: usize, value: u16) {
        row[x] = value as u8;
    }

    #[inline]
    fn split(value: u16) -> [i32; 3] {
        [i32::from(value & 255), 0, 0]
    }

    #[inline]
    fn join(channels: [i32; 3]) -> u16 {
        channels[0] as u16 & 255
    }

    #[inline]
    fn level(value: u16) -> i32 {
        i32::from(value & 255)
    }

    #[inline]
    fn grey(value: u16) -> u8 {
        value as u8
    }

    #[inline]
    fn rgb565(value: u16) -> u16 {
        rgb565::from_grey(value as u8)
    }

    #[inline]
    fn from_grey(grey: u8) -> u16 {
        u16::from(grey)
    }

    #[inline]
    fn from_rgb565(colour: u16) -> u16 {
        u16::from(rgb565::luma(colour))
    }
}

impl Pixel for Rgb565 {
    const FORMAT: Format = Format::Rgb565;
    const CHANNELS: usize = 3;
    const MAX: [i32; 3] = [31, 63, 31];

    #[inline]
    fn get(row: &[u8], x: usize) -> u16 {
        u16::from_le_bytes([row[2 * x], row[2 * x + 1]])
    }

    #[inline]
    fn put(row: &mut [u8], x: usize, value: u16) {
        row[2 * x..2 * x + 2].copy_from_slice(&value.to_le_bytes());
    }

    #[inline]
    fn split(value: u16) -> [i32; 3] {
        [
            i32::from(value >> 11),
            i32::from(value >> 5 & 63),
            i32::from(value & 31),
        ]
    }

    #[inline]
    fn join(channels: [i32; 3]) -> u16 {
        ((channels[0] as u16) << 11) | ((channels[1] as u16 & 63) << 5) | (channels[2] as u16 & 31)
    }

    #[inline]
    fn level(value: u16) -> i32 {
        i32::from(rgb565::luma(value))
    }

    #[inline]
    fn grey(value: u16) -> u8 {
        rgb565::luma(value)
    }

    #[inline]
    fn rgb565(value: u16) -> u16 {
        value
    }

    #[inline]
    fn from_grey(grey: u8) -> u16 {
        rgb565::from_grey(grey)
    }

    #[inline]
    fn from_rgb565(colour: u16) -> u16 {
        colour
    }
}

/// Compiles an expression for each format, with the format's type under the given name.
macro_rules! by_format {
    ($format:expr, $P:ident => $body:expr) => {
        match $format {
            $crate::Format::Binary => {
                type $P = $crate::Binary;
                $body
            }
            $crate::Format::Grey => {
                type $P = $crate::Grey;
                $body
            }
            $crate::Format::Rgb565 => {
                type $P = $crate::Rgb565;
                $body
            }
        }
    };
}
pub(crate) use by_format;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_go_from_the_lowest() {
        let mut row = [0; 4];
        Binary::put(&mut row, 9, 1);
        assert_eq!(row, [0, 2, 0, 0]);
        assert_eq!(Binary::get(&row, 9), 1);
        Binary::put(&mut row, 9, 0);
        assert_eq!(row, [0; 4]);
    }

    #[test]
    fn colour_is_little_endian_red_first() {
        let mut row = [0; 4];
        Rgb565::put(&mut row, 1, 0xF81F);
        assert_eq!(row, [0, 0, 0x1F, 0xF8]);
        assert_eq!(Rgb565::split(0xF81F), [31, 0, 31]);
        assert_eq!(Rgb565::join([31, 0, 31]), 0xF81F);
    }
}
