//! Writing baseline JPEG with the tables of annex K.

use super::dct;
use super::huffman::codes;
use super::tables::{AC_CHROMA, AC_LUMA, CHROMA, Codes, DC_CHROMA, DC_LUMA, LUMA, ZIGZAG};
use crate::codec::Sink;
use crate::colour::rgb565;
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

/// Codes of a kind of coefficient: for each value the code, and its length above it.
type Coded = [u32; 256];

/// Values go into the transform times 8.
const SHIFT: u32 = 3;

/// Of brightness and of colour: of the first coefficients and of the others. They are made when this is compiled: 4 KB are much for
/// a stack.
static TABLES: [(Coded, Coded); 2] = [
    (coded(&DC_LUMA), coded(&AC_LUMA)),
    (coded(&DC_CHROMA), coded(&AC_CHROMA)),
];

const fn coded(of: &Codes) -> Coded {
    let pairs = codes(&of.counts, of.values);
    let (mut coded, mut index) = ([0; 256], 0);
    while index < 256 {
        coded[index] = pairs[index].0 as u32 | (pairs[index].1 as u32) << 16;
        index += 1;
    }
    coded
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
        chunk: [0; CHUNK],
        len: 0,
    };
    let (mut before, mut blocks) = ([0; 3], Blocks::new());
    for top in (0..image.height()).step_by(8 * down) {
        crate::stop::check()?;
        for left in (0..image.width()).step_by(8 * across) {
            by_format!(image.format(), P => blocks.sample::<P>(image, (left, top), (across, down)));
            for values in &mut blocks.luma[..across * down] {
                writer.block(values, &factors[0], &TABLES[0], &mut before[0])?;
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

/// What each coefficient is multiplied with to be in units of its quantiser, in the order in which they are written, in parts of
/// 2 to the 32.
fn factors(quantiser: &[u8; 64]) -> [i32; 64] {
    ZIGZAG.map(|at| {
        let at = usize::from(at);
        let large = f64::from(8.0 * dct::scale(at)) * f64::from(quantiser[at]) * f64::from(1 << SHIFT);
        (4_294_967_296.0 / large) as i32
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
    luma: [[i16; 64]; 4],
    /// Of both colour differences, the means of the pixels that share a value.
    chroma: [[i16; 64]; 2],
}

impl Blocks {
    fn new() -> Blocks {
        Blocks {
            luma: [[0; 64]; 4],
            chroma: [[0; 64]; 2],
        }
    }

    /// JFIF's Y - 128, Cb - 128 and Cr - 128 of `across` times `down` blocks of 8 x 8 pixels; beyond the edge the image's last
    /// pixels are repeated.
    #[inline(never)]
    fn sample<P: Pixel>(
        &mut self,
        image: &View,
        (left, top): (usize, usize),
        (across, down): (usize, usize),
    ) {
        let mut pixels = [0; 16];
        // A mean is a sum that is shifted: 1, 2 or 4 pixels.
        let shift = 16 - SHIFT + (across * down).trailing_zeros();
        if P::CHANNELS > 1 && down > 1 {
            self.chroma = [[0; 64]; 2];
        }
        for y in 0..8 * down {
            let row = image.row((top + y).min(image.height() - 1));
            let pixels = &mut pixels[..8 * across];
            fetch::<P>(row, left, image.width(), pixels);
            let blocks = self.luma[y / 8 * across..]
                .iter_mut()
                .zip(pixels.as_chunks::<8>().0);
            for (block, pixels) in blocks {
                let out = &mut block.as_chunks_mut::<8>().0[y % 8];
                for (out, pixel) in out.iter_mut().zip(pixels) {
                    let luma = if P::CHANNELS == 1 {
                        i32::from(P::grey(*pixel)) - 128
                    } else {
                        luma(rgb565::to_rgb(*pixel))
                    };
                    *out = (luma << SHIFT) as i16;
                }
            }
            if P::CHANNELS > 1 {
                let at = y / down;
                let [blue, red] = self
                    .chroma
                    .each_mut()
                    .map(|block| &mut block.as_chunks_mut::<8>().0[at]);
                if across == 1 {
                    for ((pixel, blue), red) in pixels.iter().zip(blue).zip(red) {
                        let [b, r] = differences(rgb565::to_rgb(*pixel).map(i32::from), shift);
                        (*blue, *red) = (b, r);
                    }
                    continue;
                }
                for ((pair, blue), red) in pixels.as_chunks::<2>().0.iter().zip(blue).zip(red) {
                    let [one, other] = pair.map(|pixel| rgb565::to_rgb(pixel).map(i32::from));
                    let sum = [one[0] + other[0], one[1] + other[1], one[2] + other[2]];
                    let [b, r] = differences(sum, shift);
                    if down == 1 {
                        (*blue, *red) = (b, r);
                    } else {
                        (*blue, *red) = (*blue + b, *red + r);
                    }
                }
            }
        }
    }
}

/// Some pixels of a row.
#[inline]
fn fetch<P: Pixel>(row: &[u8], left: usize, width: usize, pixels: &mut [u16]) {
    if P::FORMAT == Format::Rgb565
        && let Some(bytes) = row.get(2 * left..2 * (left + pixels.len()))
    {
        for (pixel, bytes) in pixels.iter_mut().zip(bytes.as_chunks::<2>().0) {
            *pixel = u16::from_le_bytes(*bytes);
        }
        return;
    }
    for (step, pixel) in pixels.iter_mut().enumerate() {
        *pixel = P::get(row, (left + step).min(width - 1));
    }
}

/// JFIF's Y - 128 of a colour.
#[inline]
fn luma(rgb: [u8; 3]) -> i32 {
    let [r, g, b] = rgb.map(i32::from);
    (19595 * r + 38470 * g + 7471 * b - (128 << 16) + (1 << 15)) >> 16
}

/// JFIF's Cb - 128 and Cr - 128 of a sum of colours, shifted to what goes into the transform.
#[inline]
fn differences([r, g, b]: [i32; 3], shift: u32) -> [i16; 2] {
    [
        -11059 * r - 21709 * g + 32768 * b,
        32768 * r - 27439 * g - 5329 * b,
    ]
    .map(|weighted| ((weighted + (1 << (shift - 1))) >> shift) as i16)
}

/// Bytes that are handed over together, with room for four that are all stuffed.
const CHUNK: usize = 264;

struct BitWriter<'a> {
    sink: &'a mut dyn Sink,
    /// The last bits that have not made 32 yet; what is above them is of no account.
    held: u32,
    count: u32,
    chunk: [u8; CHUNK],
    len: usize,
}

impl BitWriter<'_> {
    /// Transforms the values of a block and writes them.
    #[inline(never)]
    fn block(
        &mut self,
        values: &mut [i16; 64],
        factors: &[i32; 64],
        (dc, ac): &(Coded, Coded),
        before: &mut i32,
    ) -> Result<(), Error> {
        let values = dct::forward(values);
        let mut coefficients = ZIGZAG.iter().zip(factors).map(|(at, factor)| {
            let product = i64::from(values[usize::from(at & 63)]) * i64::from(*factor);
            ((product + (1 << 31)) >> 32) as i32
        });
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
                self.put(ac[0xF0] & 0xFFFF, ac[0xF0] >> 16)?;
                zeros -= 16;
            }
            self.number(ac, zeros, value)?;
            zeros = 0;
        }
        if zeros > 0 {
            self.put(ac[0] & 0xFFFF, ac[0] >> 16)?;
        }
        Ok(())
    }

    /// A number behind so many zeros: its number of bits as a code, then its bits, 27 at most.
    #[inline]
    fn number(&mut self, coded: &Coded, zeros: usize, value: i32) -> Result<(), Error> {
        let size = 32 - value.unsigned_abs().leading_zeros();
        let code = coded[(zeros << 4 | size as usize) & 255];
        let bits = if value < 0 { value - 1 } else { value };
        let bits = bits as u32 & ((1 << size) - 1);
        self.put((code & 0xFFFF) << size | bits, (code >> 16) + size)
    }

    /// Up to 31 bits.
    #[inline]
    fn put(&mut self, bits: u32, count: u32) -> Result<(), Error> {
        let free = 32 - self.count;
        if count < free {
            self.held = self.held << count | bits;
            self.count += count;
            return Ok(());
        }
        // At least one bit is held here, so that no shift is by 32.
        let rest = count - free;
        let word = self.held << free | bits >> rest;
        (self.held, self.count) = (bits, rest);
        self.word(word)
    }

    fn word(&mut self, word: u32) -> Result<(), Error> {
        if self.len + 8 > CHUNK {
            self.sink.put(&self.chunk[..self.len])?;
            self.len = 0;
        }
        let bytes = word.to_be_bytes();
        // A byte of ones has its highest bit, and loses it with one more.
        if word & !word.wrapping_add(0x0101_0101) & 0x8080_8080 == 0 {
            self.chunk[self.len..self.len + 4].copy_from_slice(&bytes);
            self.len += 4;
            return Ok(());
        }
        for byte in bytes {
            self.byte(byte);
        }
        Ok(())
    }

    /// A byte, for which there is room; one of ones is followed by one of zeros.
    fn byte(&mut self, byte: u8) {
        self.chunk[self.len] = byte;
        self.len += 1;
        if byte == 0xFF {
            self.chunk[self.len] = 0;
            self.len += 1;
        }
    }

    /// Fills the last byte with ones.
    fn finish(&mut self) -> Result<(), Error> {
        if self.len + 8 > CHUNK {
            self.sink.put(&self.chunk[..self.len])?;
            self.len = 0;
        }
        while self.count > 0 {
            let byte = if self.count >= 8 {
                self.count -= 8;
                self.held >> self.count
            } else {
                let fill = 8 - self.count;
                self.count = 0;
                self.held << fill | ((1 << fill) - 1)
            };
            self.byte(byte as u8);
        }
        self.sink.put(&self.chunk[..self.len])
    }
}
