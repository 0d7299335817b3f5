//! Writing baseline JPEG with the tables of annex K.

use super::huffman::codes;
use super::tables::{AC_CHROMA, AC_LUMA, CHROMA, Codes, DC_CHROMA, DC_LUMA, LUMA, ZIGZAG};
use super::{dct, tables};
use crate::codec::Sink;
use crate::colour::rgb565;
use crate::{Error, Format, Rgb565, View, pixel::Pixel};

/// Pixels that share a value of colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Subsampling {
    /// 1 x 1 from quality 60 on, 2 x 1 from 35 on, else 2 x 2.
    #[default]
    Auto,
    /// 1 x 1.
    S444,
    /// 2 x 1.
    S422,
    /// 2 x 2.
    S420,
}

/// Codes of a kind of coefficient: (code, length) for each value.
type Coded = [(u16, u8); 256];

/// Of brightness and of colour: of the first coefficients and of the others. They are made when this is compiled: 4 KB are much for
/// a stack.
static TABLES: [(Coded, Coded); 2] = [
    (coded(&DC_LUMA), coded(&AC_LUMA)),
    (coded(&DC_CHROMA), coded(&AC_CHROMA)),
];

const fn coded(of: &Codes) -> Coded {
    codes(&of.counts, of.values)
}

/// Writes an image as JPEG of a quality from 1 to 100.
///
/// # Errors
/// A quality out of range, what the sink says.
pub fn encode(
    image: &View,
    quality: u8,
    subsampling: Subsampling,
    sink: &mut impl Sink,
) -> Result<(), Error> {
    if !(1..=100).contains(&quality) {
        return Err(Error::Argument {
            name: "quality",
            found: f32::from(quality),
            expected: "1 to 100",
        });
    }
    let colour = image.format() == Format::Rgb565;
    let (across, down) = match (colour, subsampling, quality) {
        (false, ..) | (_, Subsampling::S444, _) | (_, Subsampling::Auto, 60..) => (1, 1),
        (_, Subsampling::S422, _) | (_, Subsampling::Auto, 35..) => (2, 1),
        _ => (2, 2),
    };
    let quantisers = [quantiser(&LUMA, quality), quantiser(&CHROMA, quality)];
    head(image, colour, (across, down), &quantisers, sink)?;
    let mut writer = BitWriter {
        sink,
        held: 0,
        count: 0,
        chunk: [0; 64],
        len: 0,
    };
    let mut before = [0; 3];
    for top in (0..image.height()).step_by(8 * down) {
        for left in (0..image.width()).step_by(8 * across) {
            for block in 0..across * down {
                let place = (left + block % across * 8, top + block / across * 8);
                let values = samples(image, place, (1, 1), 0);
                writer.block(values, &quantisers[0], &TABLES[0], &mut before[0])?;
            }
            for (channel, before) in before
                .iter_mut()
                .enumerate()
                .skip(1)
                .take(if colour { 2 } else { 0 })
            {
                let values = samples(image, (left, top), (across, down), channel);
                writer.block(values, &quantisers[1], &TABLES[1], before)?;
            }
        }
    }
    writer.finish()?;
    sink.put(&[0xFF, 0xD9])
}

/// A quantisation table scaled to a quality as the Independent JPEG Group does, row by row.
fn quantiser(table: &[u8; 64], quality: u8) -> [u8; 64] {
    let quality = u32::from(quality);
    let percent = if quality < 50 {
        5000 / quality
    } else {
        200 - 2 * quality
    };
    table.map(|step| ((u32::from(step) * percent + 50) / 100).clamp(1, 255) as u8)
}

/// All that comes before the coefficients.
fn head(
    image: &View,
    colour: bool,
    (across, down): (usize, usize),
    quantisers: &[[u8; 64]; 2],
    sink: &mut impl Sink,
) -> Result<(), Error> {
    sink.put(&[
        0xFF, 0xD8, 0xFF, 0xE0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0,
    ])?;
    let kinds = if colour { 2 } else { 1 };
    for (index, quantiser) in quantisers.iter().enumerate().take(kinds) {
        sink.put(&[0xFF, 0xDB, 0, 67, index as u8])?;
        sink.put(&ZIGZAG.map(|at| quantiser[usize::from(at)]))?;
    }
    let [h1, h0] = (image.height() as u16).to_be_bytes();
    let [w1, w0] = (image.width() as u16).to_be_bytes();
    let sampling = (across << 4 | down) as u8;
    if colour {
        sink.put(&[0xFF, 0xC0, 0, 17, 8, h1, h0, w1, w0, 3])?;
        sink.put(&[1, sampling, 0, 2, 0x11, 1, 3, 0x11, 1])?;
    } else {
        sink.put(&[0xFF, 0xC0, 0, 11, 8, h1, h0, w1, w0, 1, 1, 0x11, 0])?;
    }
    for (class, codes) in [
        (0x00, &DC_LUMA),
        (0x10, &AC_LUMA),
        (0x01, &DC_CHROMA),
        (0x11, &AC_CHROMA),
    ] {
        if colour || class & 1 == 0 {
            let [l1, l0] = (19 + codes.values.len() as u16).to_be_bytes();
            sink.put(&[0xFF, 0xC4, l1, l0, class])?;
            sink.put(&codes.counts)?;
            sink.put(codes.values)?;
        }
    }
    if colour {
        sink.put(&[0xFF, 0xDA, 0, 12, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0])
    } else {
        sink.put(&[0xFF, 0xDA, 0, 8, 1, 1, 0x00, 0, 63, 0])
    }
}

/// The values of a block around 0, of luma or one of the colour differences; beyond the edge its pixels are repeated.
fn samples(
    image: &View,
    (left, top): (usize, usize),
    (across, down): (usize, usize),
    channel: usize,
) -> [f32; 64] {
    let mut values = [0.0; 64];
    for (at, value) in values.iter_mut().enumerate() {
        let mut sum = 0;
        for part in 0..across * down {
            let x = (left + at % 8 * across + part % across).min(image.width() - 1);
            let y = (top + at / 8 * down + part / across).min(image.height() - 1);
            sum += component(image, x, y, channel);
        }
        *value = sum as f32 / (across * down) as f32;
    }
    values
}

/// JFIF's Y - 128, Cb - 128 or Cr - 128 of a pixel.
fn component(image: &View, x: usize, y: usize, channel: usize) -> i32 {
    if image.format() != Format::Rgb565 {
        return i32::from(image.grey_at(x, y)) - 128;
    }
    let [r, g, b] = rgb565::to_rgb(Rgb565::get(image.row(y), x)).map(i32::from);
    let weighted = match channel {
        0 => 19595 * r + 38470 * g + 7471 * b - (128 << 16),
        1 => -11059 * r - 21709 * g + 32768 * b,
        _ => 32768 * r - 27439 * g - 5329 * b,
    };
    (weighted + (1 << 15)) >> 16
}

struct BitWriter<'a, S> {
    sink: &'a mut S,
    held: u32,
    count: u32,
    chunk: [u8; 64],
    len: usize,
}

impl<S: Sink> BitWriter<'_, S> {
    fn block(
        &mut self,
        mut values: [f32; 64],
        quantiser: &[u8; 64],
        (dc, ac): &(Coded, Coded),
        before: &mut i32,
    ) -> Result<(), Error> {
        dct::forward(&mut values);
        let coefficient = |index: usize| {
            let at = usize::from(tables::ZIGZAG[index]);
            libm::rintf(values[at] / (8.0 * dct::scale(at) * f32::from(quantiser[at]))) as i32
        };
        let first = coefficient(0);
        self.number(dc, 0, first - *before)?;
        *before = first;
        let mut zeros = 0;
        for index in 1..64 {
            let value = coefficient(index);
            if value == 0 {
                zeros += 1;
                continue;
            }
            while zeros > 15 {
                self.code(ac[0xF0])?;
                zeros -= 16;
            }
            self.number(ac, zeros, value)?;
            zeros = 0;
        }
        if zeros > 0 {
            self.code(ac[0])?;
        }
        Ok(())
    }

    /// A number behind so many zeros: its number of bits as a code, then its bits.
    fn number(&mut self, coded: &Coded, zeros: usize, value: i32) -> Result<(), Error> {
        let size = 32 - value.unsigned_abs().leading_zeros();
        self.code(coded[zeros << 4 | size as usize])?;
        let bits = if value < 0 { value - 1 } else { value };
        self.put(bits as u32 & ((1 << size) - 1), size)
    }

    fn code(&mut self, (code, length): (u16, u8)) -> Result<(), Error> {
        self.put(u32::from(code), u32::from(length))
    }

    /// Up to 16 bits.
    fn put(&mut self, bits: u32, count: u32) -> Result<(), Error> {
        self.held = (self.held << count) | bits;
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.held >> self.count) as u8;
            self.byte(byte)?;
            if byte == 0xFF {
                self.byte(0)?;
            }
        }
        self.held &= (1 << self.count) - 1;
        Ok(())
    }

    fn byte(&mut self, byte: u8) -> Result<(), Error> {
        self.chunk[self.len] = byte;
        self.len += 1;
        if self.len == self.chunk.len() {
            self.len = 0;
            self.sink.put(&self.chunk)?;
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        if self.count > 0 {
            let fill = 8 - self.count;
            self.put((1 << fill) - 1, fill)?;
        }
        let rest = self.len;
        self.len = 0;
        self.sink.put(&self.chunk[..rest])
    }
}
