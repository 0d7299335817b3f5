//! Writing baseline JPEG with the tables of annex K.

use super::dct;
use super::huffman::codes;
use super::tables::{AC_CHROMA, AC_LUMA, CHROMA, Codes, DC_CHROMA, DC_LUMA, LUMA, ZIGZAG};
use crate::codec::Sink;
use crate::colour::rgb565;
use crate::math::round;
use crate::pixel::{Pixel, by_format};
use crate::{Error, Format, View};

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
pub fn encode(image: &View, quality: u8, subsampling: Subsampling, sink: &mut dyn Sink) -> Result<(), Error> {
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
    let factors = quantisers.each_ref().map(factors);
    let mut writer = BitWriter {
        sink,
        held: 0,
        count: 0,
        chunk: [0; 256],
        len: 0,
    };
    let (mut before, mut blocks) = ([0; 3], Blocks::new());
    for top in (0..image.height()).step_by(8 * down) {
        crate::stop::check()?;
        for left in (0..image.width()).step_by(8 * across) {
            blocks.clear();
            for block in 0..across * down {
                let (column, row) = (block % across, block / across);
                let place = (left + 8 * column, top + 8 * row);
                let parts = (across, down);
                by_format!(image.format(), P => blocks.sample::<P>(image, place, (column, row), parts));
                writer.block(&mut blocks.luma, &factors[0], &TABLES[0], &mut before[0])?;
            }
            if colour {
                let [_, before @ ..] = &mut before;
                for (values, before) in blocks.chroma.iter_mut().zip(before) {
                    writer.block(values, &factors[1], &TABLES[1], before)?;
                }
            }
        }
    }
    writer.finish()?;
    sink.put(&[0xFF, 0xD9])
}

/// What each coefficient is multiplied with to be in units of its quantiser, in the order in which they are written.
fn factors(quantiser: &[u8; 64]) -> [f32; 64] {
    ZIGZAG.map(|at| {
        let at = usize::from(at);
        1.0 / (8.0 * dct::scale(at) * f32::from(quantiser[at]))
    })
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
    sink: &mut dyn Sink,
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

/// The values of the blocks that are at work, around 0.
struct Blocks {
    luma: [f32; 64],
    /// Of both colour differences, the sums of the pixels that share a value, divided by their number.
    chroma: [[f32; 64]; 2],
}

impl Blocks {
    fn new() -> Blocks {
        Blocks {
            luma: [0.0; 64],
            chroma: [[0.0; 64]; 2],
        }
    }

    fn clear(&mut self) {
        self.chroma = [[0.0; 64]; 2];
    }

    /// JFIF's Y - 128 of 8 x 8 pixels, and their part of Cb - 128 and Cr - 128; beyond the edge the image's last pixels are
    /// repeated. The block is the one at (column, row) of `across` times `down` that share values of colour.
    fn sample<P: Pixel>(
        &mut self,
        image: &View,
        (left, top): (usize, usize),
        (column, row): (usize, usize),
        (across, down): (usize, usize),
    ) {
        // One, a half or a quarter: exact.
        let share = 1.0 / (across * down) as f32;
        let last = image.width() - 1;
        for y in 0..8 {
            let line = image.row((top + y).min(image.height() - 1));
            let shared_y = (8 * row + y) / down;
            for x in 0..8 {
                let pixel = P::get(line, (left + x).min(last));
                if P::CHANNELS == 1 {
                    self.luma[8 * y + x] = (i32::from(P::grey(pixel)) - 128) as f32;
                    continue;
                }
                let [luma, blue, red] = components(pixel);
                self.luma[8 * y + x] = luma as f32;
                let at = 8 * shared_y + (8 * column + x) / across;
                self.chroma[0][at] += blue as f32 * share;
                self.chroma[1][at] += red as f32 * share;
            }
        }
    }
}

/// JFIF's Y - 128, Cb - 128 and Cr - 128 of a colour.
fn components(colour: u16) -> [i32; 3] {
    let [r, g, b] = rgb565::to_rgb(colour).map(i32::from);
    [
        19595 * r + 38470 * g + 7471 * b - (128 << 16),
        -11059 * r - 21709 * g + 32768 * b,
        32768 * r - 27439 * g - 5329 * b,
    ]
    .map(|weighted| (weighted + (1 << 15)) >> 16)
}

struct BitWriter<'a> {
    sink: &'a mut dyn Sink,
    held: u32,
    count: u32,
    chunk: [u8; 256],
    len: usize,
}

impl BitWriter<'_> {
    /// Transforms the values of a block and writes them.
    fn block(
        &mut self,
        values: &mut [f32; 64],
        factors: &[f32; 64],
        (dc, ac): &(Coded, Coded),
        before: &mut i32,
    ) -> Result<(), Error> {
        dct::forward(values);
        let mut coefficients = ZIGZAG
            .iter()
            .zip(factors)
            .map(|(at, factor)| round(values[usize::from(at & 63)] * factor));
        let first = coefficients.next().unwrap_or(0);
        self.number(dc, 0, first - *before)?;
        *before = first;
        let mut zeros = 0;
        for value in coefficients {
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
    #[inline]
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
