//! Animated GIF89a without compression: codes of 9 bits, and a clear code before they would grow.
//!
//! Grey images have 256 greys; colours are cut to 3, 3 and 2 bits.

use super::Sink;
use crate::colour::rgb565;
use crate::{Error, Format, Rgb565, View, pixel::Pixel};

/// Codes between two clear codes: 256 are taken by colours, 2 by clear and end, and at 512 codes would get a tenth bit.
const RUN: usize = 250;

/// Writes the head of a file: size, palette, and that it is repeated.
///
/// # Errors
/// A size of 0, what the sink says.
pub fn head(
    width: usize,
    height: usize,
    colour: bool,
    repeat: bool,
    sink: &mut dyn Sink,
) -> Result<(), Error> {
    if !(1..=crate::MAX_SIDE).contains(&width) || !(1..=crate::MAX_SIDE).contains(&height) {
        return Err(Error::Size { width, height });
    }
    sink.put(b"GIF89a")?;
    sink.put(&(width as u16).to_le_bytes())?;
    sink.put(&(height as u16).to_le_bytes())?;
    sink.put(&[0xF7, 0, 0])?;
    for index in 0..=255u8 {
        let entry = if colour {
            let level = |value: u8, most: u16| (u16::from(value) * 255 / most) as u8;
            [
                level(index >> 5, 7),
                level(index >> 2 & 7, 7),
                level(index & 3, 3),
            ]
        } else {
            [index; 3]
        };
        sink.put(&entry)?;
    }
    if repeat {
        sink.put(b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\x00\x00\x00")?;
    }
    Ok(())
}

/// Writes one image, shown for `delay` hundredths of a second.
///
/// # Errors
/// What the sink says.
pub fn frame(image: &View, colour: bool, delay: u16, sink: &mut dyn Sink) -> Result<(), Error> {
    let [d0, d1] = delay.to_le_bytes();
    sink.put(&[0x21, 0xF9, 4, 4, d0, d1, 0, 0, 0x2C, 0, 0, 0, 0])?;
    sink.put(&(image.width() as u16).to_le_bytes())?;
    sink.put(&(image.height() as u16).to_le_bytes())?;
    sink.put(&[0, 8])?;
    let mut codes = Codes {
        sink,
        held: 0,
        count: 0,
        block: [0; 256],
        len: 0,
    };
    let mut since_clear = RUN;
    for y in 0..image.height() {
        crate::stop::check()?;
        for x in 0..image.width() {
            if since_clear == RUN {
                codes.put(256)?;
                since_clear = 0;
            }
            codes.put(u32::from(index(image, x, y, colour)))?;
            since_clear += 1;
        }
    }
    codes.put(257)?;
    codes.finish()
}

/// Writes the end of a file.
///
/// # Errors
/// What the sink says.
pub fn end(sink: &mut dyn Sink) -> Result<(), Error> {
    sink.put(&[0x3B])
}

/// A pixel's place in the palette.
fn index(image: &View, x: usize, y: usize, colour: bool) -> u8 {
    if !colour {
        return image.grey_at(x, y);
    }
    let rgb = match image.format() {
        Format::Rgb565 => rgb565::to_rgb(Rgb565::get(image.row(y), x)),
        _ => [image.grey_at(x, y); 3],
    };
    (rgb[0] & 0xE0) | (rgb[1] >> 5 << 2) | rgb[2] >> 6
}

/// Codes of 9 bits in blocks of up to 255 bytes.
struct Codes<'a> {
    sink: &'a mut dyn Sink,
    held: u32,
    count: u32,
    block: [u8; 256],
    len: usize,
}

impl Codes<'_> {
    fn put(&mut self, code: u32) -> Result<(), Error> {
        self.held |= code << self.count;
        self.count += 9;
        while self.count >= 8 {
            self.byte()?;
        }
        Ok(())
    }

    fn byte(&mut self) -> Result<(), Error> {
        self.len += 1;
        self.block[self.len] = self.held as u8;
        self.held >>= 8;
        self.count = self.count.saturating_sub(8);
        if self.len == 255 { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.block[0] = self.len as u8;
        let end = self.len + 1;
        self.len = 0;
        self.sink.put(&self.block[..end])
    }

    fn finish(&mut self) -> Result<(), Error> {
        if self.count > 0 {
            self.byte()?;
        }
        if self.len > 0 {
            self.flush()?;
        }
        self.sink.put(&[0])
    }
}
