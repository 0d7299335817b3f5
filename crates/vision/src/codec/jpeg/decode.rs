//! Reading baseline JPEG: Huffman coded, 8 bits, one or three components with up to 4 x 4 subsampling, restart intervals.
//!
//! Damage inside the coefficients ends decoding with an error; every loop is bounded by the size that the head names.

use super::dct;
use super::huffman::{Bits, Table};
use super::tables::ZIGZAG;
use crate::codec::{Info, Reader};
use crate::colour::rgb565;
use crate::format::MAX_SIDE;
use crate::math::round;
use crate::pixel::by_format;
use crate::{Error, Format, Pixel, ViewMut};

#[derive(Clone, Copy, Default)]
struct Component {
    id: u8,
    across: usize,
    down: usize,
    quantiser: usize,
    dc: usize,
    ac: usize,
    before: i32,
}

/// What the segments before the coefficients say.
struct Head<'a> {
    width: usize,
    height: usize,
    components: [Component; 3],
    count: usize,
    restart: usize,
    quantisers: [[f32; 64]; 4],
    tables: [[Table<'a>; 4]; 2],
    /// Where the coefficients begin.
    scan: usize,
}

/// Size and best format of a JPEG image.
///
/// # Errors
/// [`Error::Damaged`] and [`Error::Unsupported`].
pub fn info(data: &[u8]) -> Result<Info, Error> {
    let reader = Reader { data, file: "JPEG" };
    let mut head = Head::new();
    head.read(&reader, true)?;
    Ok(Info {
        width: head.width,
        height: head.height,
        format: if head.count == 1 {
            Format::Grey
        } else {
            Format::Rgb565
        },
    })
}

/// Decodes into an image of the size that [`info`] names, of any format.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Unsupported`], [`Error::Mismatch`] of sizes.
pub fn decode(data: &[u8], image: &mut ViewMut) -> Result<(), Error> {
    let reader = Reader { data, file: "JPEG" };
    let mut head = Head::new();
    head.read(&reader, false)?;
    if (head.width, head.height) != (image.width(), image.height()) {
        return Err(Error::Mismatch {
            first: (head.width, head.height),
            second: (image.width(), image.height()),
        });
    }
    units(&mut head, data, image)
}

/// The coefficients: a function of its own, so that the head and a unit do not lie in one frame of the stack.
#[inline(never)]
fn units(head: &mut Head, data: &[u8], image: &mut ViewMut) -> Result<(), Error> {
    let widest =
        |of: fn(&Component) -> usize| head.components[..head.count].iter().map(of).max().unwrap_or(1);
    let (across, down) = (widest(|c| c.across), widest(|c| c.down));
    let mut bits = Bits::new(data, head.scan);
    let mut samples = [128; 3 * 1024];
    let mut unit = Unit {
        samples: &mut samples,
        across,
        down,
    };
    let (columns, rows) = (head.width.div_ceil(8 * across), head.height.div_ceil(8 * down));
    for index in 0..columns * rows {
        if index % columns == 0 {
            crate::stop::check()?;
        }
        if head.restart > 0 && index > 0 && index.is_multiple_of(head.restart) {
            bits.restart()?;
            head.components
                .iter_mut()
                .for_each(|component| component.before = 0);
        }
        for channel in 0..head.count {
            let Component { across, down, .. } = head.components[channel];
            for block in 0..across * down {
                let values = head.block(channel, &mut bits)?;
                unit.store(channel, (block % across, block / across), across, &values);
            }
        }
        let place = (index % columns * 8 * across, index / columns * 8 * down);
        by_format!(image.format(), P => unit.draw::<P>(head, place, image));
    }
    Ok(())
}

/// The samples of one minimum coded unit: up to 16 blocks for each of three components.
struct Unit<'a> {
    samples: &'a mut [u8; 3 * 1024],
    across: usize,
    down: usize,
}

impl Unit<'_> {
    fn store(&mut self, channel: usize, (column, row): (usize, usize), across: usize, values: &[u8; 64]) {
        for (y, values) in values.chunks_exact(8).enumerate() {
            let at = channel * 1024 + ((row * 8 + y) * across + column) * 8;
            self.samples[at..at + 8].copy_from_slice(values);
        }
    }

    /// A component's sample at a pixel of the unit; each is repeated over the pixels that share it.
    fn sample(&self, component: &Component, channel: usize, x: usize, y: usize) -> i32 {
        let x = x * component.across / self.across;
        let y = y * component.down / self.down;
        i32::from(self.samples[channel * 1024 + y * component.across * 8 + x])
    }

    fn draw<P: Pixel>(&self, head: &Head, (left, top): (usize, usize), image: &mut ViewMut) {
        let width = (image.width() - left).min(8 * self.across);
        let height = (image.height() - top).min(8 * self.down);
        for y in 0..height {
            let row = image.row_mut(top + y);
            for x in 0..width {
                let sample = |channel: usize| self.sample(&head.components[channel], channel, x, y);
                let luma = sample(0);
                let pixel = if head.count == 1 {
                    P::from_grey(luma as u8)
                } else {
                    let (cb, cr) = (sample(1) - 128, sample(2) - 128);
                    let rgb = [
                        luma + ((91881 * cr + (1 << 15)) >> 16),
                        luma - ((22554 * cb + 46802 * cr + (1 << 15)) >> 16),
                        luma + ((116130 * cb + (1 << 15)) >> 16),
                    ];
                    P::from_rgb565(rgb565::from_rgb(rgb.map(|channel| channel.clamp(0, 255) as u8)))
                };
                P::put(row, left + x, pixel);
            }
        }
    }
}

impl<'a> Head<'a> {
    fn new() -> Head<'a> {
        Head {
            width: 0,
            height: 0,
            components: [Component::default(); 3],
            count: 0,
            restart: 0,
            quantisers: [[1.0; 64]; 4],
            tables: [[Table::EMPTY; 4]; 2],
            scan: 0,
        }
    }

    /// Reads the segments up to the coefficients, or up to the frame's head.
    fn read(&mut self, reader: &Reader<'a>, frame_only: bool) -> Result<(), Error> {
        if reader.bytes(0, 2)? != [0xFF, 0xD8] {
            return Err(reader.damaged(0, "FF D8"));
        }
        let mut at = 2;
        loop {
            let marker = reader.bytes(at, 2)?;
            if marker[0] != 0xFF {
                return Err(reader.damaged(at, "a marker"));
            }
            // Any number of FF may stand before a marker.
            if marker[1] == 0xFF {
                at += 1;
                continue;
            }
            // Markers without a segment.
            if marker[1] == 0xD8 || marker[1] == 1 {
                at += 2;
                continue;
            }
            let bytes = reader.bytes(at + 2, 2)?;
            let length = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
            if length < 2 {
                return Err(reader.damaged(at + 2, "a segment of at least 2 bytes"));
            }
            let body = reader.bytes(at + 4, length - 2)?;
            match marker[1] {
                0xC0 | 0xC1 => {
                    self.frame(reader, at, body)?;
                    if frame_only {
                        return Ok(());
                    }
                }
                0xC2 => return Err(unsupported("progressive coding")),
                0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => {
                    return Err(unsupported("lossless or arithmetic coding"));
                }
                0xC4 => self.huffman(reader, at, body)?,
                0xDB => self.quantiser(reader, at, body)?,
                0xDD => {
                    let [a, b] = body else {
                        return Err(reader.damaged(at, "a restart interval"));
                    };
                    self.restart = usize::from(u16::from_be_bytes([*a, *b]));
                }
                0xDA => {
                    self.scan(reader, at, body)?;
                    self.scan = at + 2 + length;
                    return Ok(());
                }
                0xD9 => return Err(reader.damaged(at, "coefficients before the end")),
                _ => {}
            }
            at += 2 + length;
        }
    }

    fn frame(&mut self, reader: &Reader, at: usize, body: &[u8]) -> Result<(), Error> {
        let [precision, h1, h0, w1, w0, count, rest @ ..] = body else {
            return Err(reader.damaged(at, "a frame's head"));
        };
        if *precision != 8 {
            return Err(unsupported("samples of other than 8 bits"));
        }
        self.height = usize::from(u16::from_be_bytes([*h1, *h0]));
        self.width = usize::from(u16::from_be_bytes([*w1, *w0]));
        if !(1..=MAX_SIDE).contains(&self.width) || !(1..=MAX_SIDE).contains(&self.height) {
            return Err(reader.damaged(at, "a size of 1 to 16383 pixels"));
        }
        self.count = usize::from(*count);
        if self.count != 1 && self.count != 3 {
            return Err(unsupported("other than 1 or 3 components"));
        }
        let (components, _) = rest.as_chunks::<3>();
        if components.len() < self.count {
            return Err(reader.damaged(at, "a description of each component"));
        }
        for (place, [id, sampling, quantiser]) in self.components.iter_mut().zip(components).take(self.count)
        {
            let (across, down) = (usize::from(sampling >> 4), usize::from(sampling & 15));
            if !(1..=4).contains(&across) || !(1..=4).contains(&down) || *quantiser > 3 {
                return Err(reader.damaged(at, "sampling factors 1 to 4 and a table 0 to 3"));
            }
            *place = Component {
                id: *id,
                across,
                down,
                quantiser: usize::from(*quantiser),
                ..Component::default()
            };
        }
        // One component alone has no units of several blocks (A.2.2).
        if self.count == 1 {
            (self.components[0].across, self.components[0].down) = (1, 1);
        }
        Ok(())
    }

    fn huffman(&mut self, reader: &Reader, at: usize, body: &'a [u8]) -> Result<(), Error> {
        let mut rest = body;
        while let [kind, tail @ ..] = rest {
            let counts = tail
                .first_chunk::<16>()
                .ok_or(reader.damaged(at, "16 counts of codes"))?;
            let total: usize = counts.iter().map(|count| usize::from(*count)).sum();
            let values = tail.get(16..16 + total).filter(|_| total <= 256);
            let values = values.ok_or(reader.damaged(at, "a value for each code, at most 256"))?;
            let table = self
                .tables
                .get_mut(usize::from(kind >> 4))
                .and_then(|tables| tables.get_mut(usize::from(kind & 15)))
                .ok_or(reader.damaged(at, "a Huffman table 0 to 3"))?;
            *table = Table::new(counts, values);
            rest = &tail[16 + total..];
        }
        Ok(())
    }

    fn quantiser(&mut self, reader: &Reader, at: usize, body: &[u8]) -> Result<(), Error> {
        let mut rest = body;
        while let [kind, tail @ ..] = rest {
            let bytes = if kind >> 4 == 0 { 1 } else { 2 };
            let steps = tail
                .get(..64 * bytes)
                .ok_or(reader.damaged(at, "64 quantisation steps"))?;
            let table = self
                .quantisers
                .get_mut(usize::from(kind & 15))
                .ok_or(reader.damaged(at, "a quantisation table 0 to 3"))?;
            for (step, place) in steps.chunks_exact(bytes).zip(ZIGZAG) {
                let value = step
                    .iter()
                    .fold(0u16, |value, byte| value << 8 | u16::from(*byte));
                let place = usize::from(place);
                table[place] = f32::from(value) * dct::scale(place);
            }
            rest = &tail[64 * bytes..];
        }
        Ok(())
    }

    fn scan(&mut self, reader: &Reader, at: usize, body: &[u8]) -> Result<(), Error> {
        if self.count == 0 {
            return Err(reader.damaged(at, "a frame's head before the scan"));
        }
        let count = usize::from(*body.first().unwrap_or(&0));
        if count != self.count {
            return Err(unsupported("several scans"));
        }
        let (chosen, _) = body[1..].as_chunks::<2>();
        for [id, tables] in chosen.iter().take(count) {
            let component = self.components[..count]
                .iter_mut()
                .find(|component| component.id == *id);
            let component = component.ok_or(reader.damaged(at, "a component of the frame"))?;
            component.dc = usize::from(tables >> 4 & 3);
            component.ac = usize::from(tables & 3);
        }
        Ok(())
    }

    /// The samples of the next block.
    fn block(&mut self, channel: usize, bits: &mut Bits) -> Result<[u8; 64], Error> {
        let component = &mut self.components[channel];
        let quantiser = &self.quantisers[component.quantiser];
        let (dc, ac) = (&self.tables[0][component.dc], &self.tables[1][component.ac]);
        let mut values = [0.0; 64];
        let size = u32::from(dc.read(bits)?.min(15));
        component.before = component.before.wrapping_add(bits.signed(size)) as i16 as i32;
        values[0] = component.before as f32 * quantiser[0];
        let mut index = 1;
        while index < 64 {
            let code = ac.read(bits)?;
            let (zeros, size) = (usize::from(code >> 4), u32::from(code & 15));
            if size == 0 {
                if zeros != 15 {
                    break;
                }
                index += 16;
                continue;
            }
            index += zeros;
            let Some(at) = ZIGZAG.get(index).map(|at| usize::from(*at)) else {
                return Err(bits.damaged("at most 64 coefficients"));
            };
            values[at] = bits.signed(size) as f32 * quantiser[at];
            index += 1;
        }
        dct::inverse(&mut values);
        Ok(values.map(|value| (round(value / 8.0) + 128).clamp(0, 255) as u8))
    }
}

fn unsupported(found: &'static str) -> Error {
    Error::Unsupported { file: "JPEG", found }
}
