//! Portable maps: P5 (grey) and P6 (colour) in both directions, P2 and P3 (text) for reading; 8 bits.

use super::bmp::pixel;
use super::{Info, Reader, Sink};
use crate::colour::rgb565;
use crate::format::MAX_SIDE;
use crate::pixel::by_format;
use crate::{Error, Format, Rgb565, View, ViewMut, pixel::Pixel};

/// Writes P5, or P6 for colour.
///
/// # Errors
/// What the sink says.
pub fn encode(image: &View, sink: &mut dyn Sink) -> Result<(), Error> {
    let colour = image.format() == Format::Rgb565;
    sink.put(if colour { b"P6\n" } else { b"P5\n" })?;
    number(image.width(), sink)?;
    sink.put(b" ")?;
    number(image.height(), sink)?;
    sink.put(b"\n255\n")?;
    for y in 0..image.height() {
        crate::stop::check()?;
        for x in 0..image.width() {
            if colour {
                sink.put(&rgb565::to_rgb(Rgb565::get(image.row(y), x)))?;
            } else {
                sink.put(&[image.grey_at(x, y)])?;
            }
        }
    }
    Ok(())
}

fn number(value: usize, sink: &mut dyn Sink) -> Result<(), Error> {
    let mut digits = [0; 20];
    let (mut at, mut rest) = (digits.len(), value);
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            return sink.put(&digits[at..]);
        }
    }
}

/// Words of the head and of text samples, without comments.
struct Words<'a> {
    reader: Reader<'a>,
    at: usize,
}

impl Words<'_> {
    fn number(&mut self) -> Result<usize, Error> {
        loop {
            match self.reader.data.get(self.at) {
                Some(b'#') => {
                    while self.reader.data.get(self.at).is_some_and(|byte| *byte != b'\n') {
                        self.at += 1;
                    }
                }
                Some(byte) if byte.is_ascii_whitespace() => self.at += 1,
                _ => break,
            }
        }
        let start = self.at;
        let mut value = 0usize;
        while let Some(digit) = self.reader.data.get(self.at).filter(|byte| byte.is_ascii_digit()) {
            value = value.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
            self.at += 1;
        }
        if self.at == start {
            return Err(self.reader.damaged(start, "a number"));
        }
        Ok(value)
    }
}

struct Head<'a> {
    info: Info,
    text: bool,
    most: usize,
    words: Words<'a>,
}

fn head(data: &[u8]) -> Result<Head<'_>, Error> {
    let reader = Reader { data, file: "PNM" };
    let (text, format) = match reader.bytes(0, 2)? {
        b"P2" => (true, Format::Grey),
        b"P3" => (true, Format::Rgb565),
        b"P5" => (false, Format::Grey),
        b"P6" => (false, Format::Rgb565),
        _ => return Err(reader.damaged(0, "P2, P3, P5 or P6")),
    };
    let mut words = Words { reader, at: 2 };
    let (width, height, most) = (words.number()?, words.number()?, words.number()?);
    if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
        return Err(words.reader.damaged(2, "a size of 1 to 16383 pixels"));
    }
    if !(1..=255).contains(&most) {
        return Err(Error::Unsupported {
            file: "PNM",
            found: "samples of more than 8 bits",
        });
    }
    // One white space parts the head from the samples.
    words.at += 1;
    Ok(Head {
        info: Info {
            width,
            height,
            format,
        },
        text,
        most,
        words,
    })
}

/// Size and best format of a map.
///
/// # Errors
/// [`Error::Damaged`] and [`Error::Unsupported`].
pub fn info(data: &[u8]) -> Result<Info, Error> {
    Ok(head(data)?.info)
}

/// Decodes into an image of the size that [`info`] names, of any format.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Unsupported`], [`Error::Mismatch`] of sizes.
pub fn decode(data: &[u8], image: &mut ViewMut) -> Result<(), Error> {
    let mut head = head(data)?;
    if (head.info.width, head.info.height) != (image.width(), image.height()) {
        return Err(Error::Mismatch {
            first: (head.info.width, head.info.height),
            second: (image.width(), image.height()),
        });
    }
    let channels = if head.info.format == Format::Grey { 1 } else { 3 };
    for y in 0..image.height() {
        crate::stop::check()?;
        for x in 0..image.width() {
            let mut rgb = [0; 3];
            for channel in rgb.iter_mut().take(channels) {
                let sample = if head.text {
                    head.words.number()?
                } else {
                    let byte = head.words.reader.bytes(head.words.at, 1)?[0];
                    head.words.at += 1;
                    usize::from(byte)
                };
                *channel = (sample.min(head.most) * 255 / head.most) as u8;
            }
            if channels == 1 {
                rgb = [rgb[0]; 3];
            }
            let value = by_format!(image.format(), P => pixel::<P>(rgb));
            image.set_pixel(x as i32, y as i32, value);
        }
    }
    Ok(())
}
