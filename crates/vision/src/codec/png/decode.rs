//! Reading PNG: all colour types and depths, not interlaced. Alpha is dropped. Checksums of chunks are not looked at: the
//! zlib stream has its own.

use super::{SIGNATURE, paeth};
use crate::codec::bmp::pixel;
use crate::codec::{Info, Reader};
use crate::format::MAX_SIDE;
use crate::pixel::by_format;
use crate::{Error, Format, Scratch, ViewMut, bytes_for};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::{
    TINFL_FLAG_HAS_MORE_INPUT, TINFL_FLAG_PARSE_ZLIB_HEADER, TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
};
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

struct Head<'a> {
    info: Info,
    depth: usize,
    kind: u8,
    palette: &'a [u8],
    /// Where the first chunk of pixels is.
    pixels: usize,
}

impl Head<'_> {
    /// Samples of a pixel.
    fn samples(&self) -> usize {
        match self.kind {
            2 => 3,
            4 => 2,
            6 => 4,
            _ => 1,
        }
    }

    fn row_bytes(&self) -> usize {
        (self.info.width * self.samples() * self.depth).div_ceil(8)
    }
}

fn head<'a>(reader: &Reader<'a>) -> Result<Head<'a>, Error> {
    if reader.bytes(0, 8)? != SIGNATURE {
        return Err(reader.damaged(0, "PNG's signature"));
    }
    if reader.bytes(12, 4)? != b"IHDR" {
        return Err(reader.damaged(12, "IHDR"));
    }
    let (width, height) = (reader.be32(16)? as usize, reader.be32(20)? as usize);
    if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
        return Err(reader.damaged(16, "a size of 1 to 16383 pixels"));
    }
    let &[depth, kind, _, _, interlaced] = reader.bytes(24, 5)? else {
        return Err(reader.damaged(24, "IHDR"));
    };
    if !matches!(
        (kind, depth),
        (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) | (2 | 4 | 6, 8 | 16)
    ) {
        return Err(reader.damaged(24, "a colour type with a depth that it has"));
    }
    if interlaced != 0 {
        return Err(Error::Unsupported {
            file: "PNG",
            found: "interlacing",
        });
    }
    let format = match (kind, depth) {
        (0, 1) => Format::Binary,
        (0 | 4, _) => Format::Grey,
        _ => Format::Rgb565,
    };
    let mut head = Head {
        info: Info {
            width,
            height,
            format,
        },
        depth: usize::from(depth),
        kind,
        palette: &[],
        pixels: 0,
    };
    let mut at = 33;
    loop {
        let length = reader.be32(at)? as usize;
        match reader.bytes(at + 4, 4)? {
            b"IDAT" => {
                head.pixels = at;
                return Ok(head);
            }
            b"PLTE" => head.palette = reader.bytes(at + 8, length)?,
            _ => {}
        }
        at = at.saturating_add(length).saturating_add(12);
    }
}

/// Size and best format of a PNG image.
///
/// # Errors
/// [`Error::Damaged`] and [`Error::Unsupported`].
pub fn info(data: &[u8]) -> Result<Info, Error> {
    Ok(head(&Reader { data, file: "PNG" })?.info)
}

/// Bytes of working memory that [`decode`] needs for this file. Besides, it takes about 11 KB of stack.
///
/// # Errors
/// Those of [`info`].
pub fn decode_scratch(data: &[u8]) -> Result<usize, Error> {
    let head = head(&Reader { data, file: "PNG" })?;
    Ok(bytes_for::<u8>((head.row_bytes() + 1) * head.info.height))
}

/// Decodes into an image of the size that [`info`] names, of any format.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Unsupported`], [`Error::Mismatch`] of sizes, too little memory.
pub fn decode(data: &[u8], image: &mut ViewMut, mut scratch: Scratch) -> Result<(), Error> {
    let reader = Reader { data, file: "PNG" };
    let head = head(&reader)?;
    if (head.info.width, head.info.height) != (image.width(), image.height()) {
        return Err(Error::Mismatch {
            first: (head.info.width, head.info.height),
            second: (image.width(), image.height()),
        });
    }
    let bytes = head.row_bytes();
    let raw = scratch.take::<u8>((bytes + 1) * head.info.height)?;
    inflate(&reader, head.pixels, raw)?;
    let step = (head.samples() * head.depth).div_ceil(8);
    let mut above: &[u8] = &[];
    for (y, row) in raw.chunks_exact_mut(bytes + 1).enumerate() {
        let (kind, row) = row.split_at_mut(1);
        unfilter(kind[0], row, above, step).ok_or(reader.damaged(head.pixels, "filter types 0 to 4"))?;
        for x in 0..head.info.width {
            let rgb = colour(&head, row, x).ok_or(reader.damaged(head.pixels, "a colour for each pixel"))?;
            let value = by_format!(image.format(), P => pixel::<P>(rgb));
            image.set_pixel(x as i32, y as i32, value);
        }
        above = row;
    }
    Ok(())
}

/// Unpacks the zlib stream in the chunks from `at` on; it must fill `out`.
fn inflate(reader: &Reader, mut at: usize, out: &mut [u8]) -> Result<(), Error> {
    let mut inflater = DecompressorOxide::new();
    let mut filled = 0;
    let flags =
        TINFL_FLAG_PARSE_ZLIB_HEADER | TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF | TINFL_FLAG_HAS_MORE_INPUT;
    while filled < out.len() {
        let length = reader.be32(at)? as usize;
        if reader.bytes(at + 4, 4)? != b"IDAT" {
            return Err(reader.damaged(at + 4, "more compressed pixels"));
        }
        let chunk = reader.bytes(at + 8, length)?;
        let (status, _, written) = decompress(&mut inflater, chunk, out, filled, flags);
        filled += written;
        match status {
            TINFLStatus::NeedsMoreInput | TINFLStatus::Done | TINFLStatus::HasMoreOutput => {}
            _ => return Err(reader.damaged(at + 8, "a sound zlib stream")),
        }
        if status == TINFLStatus::Done && filled < out.len() {
            return Err(reader.damaged(at + 8, "a pixel for each place"));
        }
        at += 12 + length;
    }
    Ok(())
}

/// Undoes a row's filter.
fn unfilter(kind: u8, row: &mut [u8], above: &[u8], step: usize) -> Option<()> {
    for at in 0..row.len() {
        let left = if at >= step { row[at - step] } else { 0 };
        let up = above.get(at).copied().unwrap_or(0);
        let corner = if at >= step {
            above.get(at - step).copied().unwrap_or(0)
        } else {
            0
        };
        let foretold = match kind {
            0 => 0,
            1 => left,
            2 => up,
            3 => ((u16::from(left) + u16::from(up)) / 2) as u8,
            4 => paeth(left, up, corner),
            _ => return None,
        };
        row[at] = row[at].wrapping_add(foretold);
    }
    Some(())
}

/// A sample on 8 bits; 16 are cut. Indices into the palette stay as they are.
fn sample(head: &Head, row: &[u8], index: usize) -> u8 {
    match head.depth {
        8 => row[index],
        16 => row[2 * index],
        depth => {
            let bit = index * depth;
            let value = row[bit / 8] >> (8 - depth - bit % 8) & ((1 << depth) - 1);
            if head.kind == 3 {
                value
            } else {
                value * (255 / ((1 << depth) - 1)) as u8
            }
        }
    }
}

fn colour(head: &Head, row: &[u8], x: usize) -> Option<[u8; 3]> {
    let at = x * head.samples();
    Some(match head.kind {
        0 | 4 => [sample(head, row, at); 3],
        3 => {
            let entry = 3 * usize::from(sample(head, row, at));
            head.palette.get(entry..entry + 3)?.try_into().ok()?
        }
        _ => [0, 1, 2].map(|channel| sample(head, row, at + channel)),
    })
}
