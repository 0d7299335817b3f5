//! Writing PNG: each row filtered by its difference from the row above (or the left), whichever is smaller, and compressed.

use super::deflate::{HASHES, compress};
use super::{SIGNATURE, paeth};
use crate::codec::Sink;
use crate::colour::rgb565;
use crate::{Error, Format, Rgb565, Scratch, View, bytes_for, pixel::Pixel};
use crc::{CRC_32_ISO_HDLC, Crc};

/// Bytes of compressed data in one chunk.
const CHUNK: usize = 1024;
static CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISO_HDLC);

/// Bytes of a row, unfiltered.
fn row_bytes(image: &View) -> usize {
    match image.format() {
        Format::Binary => image.width().div_ceil(8),
        Format::Grey => image.width(),
        Format::Rgb565 => 3 * image.width(),
    }
}

/// Bytes of working memory that [`encode`] needs.
pub fn encode_scratch(format: Format, width: usize, height: usize) -> usize {
    // The widest row: three bytes a pixel.
    let row = if format == Format::Rgb565 {
        3 * width
    } else {
        width
    };
    bytes_for::<u8>((row + 1) * height) + bytes_for::<u8>(2 * row) + bytes_for::<u32>(HASHES)
}

/// Writes an image without loss.
///
/// # Errors
/// Too little memory, what the sink says.
pub fn encode(image: &View, mut scratch: Scratch, sink: &mut dyn Sink) -> Result<(), Error> {
    let bytes = row_bytes(image);
    let filtered = scratch.take_dirty::<u8>((bytes + 1) * image.height())?;
    let mut above = scratch.take::<u8>(bytes)?;
    let mut own = scratch.take::<u8>(bytes)?;
    let table = scratch.take::<u32>(HASHES)?;
    let step = if image.format() == Format::Rgb565 { 3 } else { 1 };
    for (y, place) in filtered.chunks_exact_mut(bytes + 1).enumerate() {
        crate::stop::check()?;
        raw(image, y, own);
        filter(own, above, step, image.format(), place);
        core::mem::swap(&mut above, &mut own);
    }
    sink.put(&SIGNATURE)?;
    let (depth, kind) = match image.format() {
        Format::Binary => (1, 0),
        Format::Grey => (8, 0),
        Format::Rgb565 => (8, 2),
    };
    let mut head = [0; 13];
    head[..4].copy_from_slice(&(image.width() as u32).to_be_bytes());
    head[4..8].copy_from_slice(&(image.height() as u32).to_be_bytes());
    head[8..10].copy_from_slice(&[depth, kind]);
    chunk(b"IHDR", &head, sink)?;
    let mut held = [0; CHUNK];
    let mut len = 0;
    compress(filtered, table, |byte| {
        held[len] = byte;
        len += 1;
        if len == CHUNK {
            len = 0;
            crate::stop::check()?;
            chunk(b"IDAT", &held, sink)?;
        }
        Ok(())
    })?;
    chunk(b"IDAT", &held[..len], sink)?;
    chunk(b"IEND", &[], sink)
}

fn chunk(kind: &[u8; 4], data: &[u8], sink: &mut dyn Sink) -> Result<(), Error> {
    sink.put(&(data.len() as u32).to_be_bytes())?;
    sink.put(kind)?;
    sink.put(data)?;
    let mut digest = CRC.digest();
    digest.update(kind);
    digest.update(data);
    sink.put(&digest.finalize().to_be_bytes())
}

/// A row as PNG has it.
fn raw(image: &View, y: usize, out: &mut [u8]) {
    let row = image.row(y);
    match image.format() {
        Format::Binary => {
            for (out, byte) in out.iter_mut().zip(row) {
                *out = byte.reverse_bits();
            }
        }
        Format::Grey => out.copy_from_slice(row),
        Format::Rgb565 => {
            for (x, out) in out.chunks_exact_mut(3).enumerate() {
                out.copy_from_slice(&rgb565::to_rgb(Rgb565::get(row, x)));
            }
        }
    }
}

/// Filters a row with the type whose result is smallest, bytes counted as signed.
fn filter(own: &[u8], above: &[u8], step: usize, format: Format, out: &mut [u8]) {
    let foretold = |kind: u8, at: usize| {
        let left = if at >= step { own[at - step] } else { 0 };
        let corner = if at >= step { above[at - step] } else { 0 };
        match kind {
            0 => 0,
            1 => left,
            2 => above[at],
            _ => paeth(left, above[at], corner),
        }
    };
    let size = |kind: u8| -> u32 {
        (0..own.len())
            .map(|at| u32::from((own[at].wrapping_sub(foretold(kind, at)) as i8).unsigned_abs()))
            .sum()
    };
    let kind = if format == Format::Binary {
        0
    } else {
        [0, 1, 2, 4]
            .into_iter()
            .min_by_key(|kind| size(*kind))
            .unwrap_or(0)
    };
    out[0] = kind;
    for (at, out) in out[1..].iter_mut().enumerate() {
        *out = own[at].wrapping_sub(foretold(kind, at));
    }
}
