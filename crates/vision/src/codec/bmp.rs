//! Windows bitmaps: written as 1 bit and 8 bits with a palette, or 16 bits with masks; read as those, 4, 24 and 32 bits,
//! uncompressed.

use super::{Info, Reader, Sink};
use crate::colour::rgb565;
use crate::format::MAX_SIDE;
use crate::pixel::by_format;
use crate::{Error, Format, Pixel, View, ViewMut};

/// Both heads and the masks.
const HEAD: usize = 14 + 40 + 12;

/// Bytes of a row in the file: whole words.
const fn stride(width: usize, bits: usize) -> usize {
    (width * bits).div_ceil(32) * 4
}

/// Writes an image as it is.
///
/// # Errors
/// What the sink says.
pub fn encode(image: &View, sink: &mut dyn Sink) -> Result<(), Error> {
    let (bits, colours, compression) = match image.format() {
        Format::Binary => (1, 2, 0),
        Format::Grey => (8, 256, 0),
        Format::Rgb565 => (16, 0, 3),
    };
    let row_bytes = stride(image.width(), bits);
    let start = HEAD + 4 * colours;
    let size = start + row_bytes * image.height();
    let mut head = [0; HEAD];
    head[..2].copy_from_slice(b"BM");
    let mut put = |at: usize, value: usize| head[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes());
    put(2, size);
    put(10, start);
    put(14, 40 + 12);
    put(18, image.width());
    put(22, image.height());
    put(26, 1 | bits << 16);
    put(30, compression);
    put(34, row_bytes * image.height());
    put(46, colours);
    // The masks lie where a version 2 head has them, and so behind the head for readers of version 1.
    put(54, 0xF800);
    put(58, 0x07E0);
    put(62, 0x001F);
    sink.put(&head)?;
    for index in 0..colours {
        let grey = (index * 255 / (colours - 1)) as u8;
        sink.put(&[grey, grey, grey, 0])?;
    }
    for y in (0..image.height()).rev() {
        crate::stop::check()?;
        let row = image.row(y);
        let mut written = 0;
        if image.format() == Format::Binary {
            // The highest bit is the leftmost.
            for byte in row.iter().take(image.width().div_ceil(8)) {
                sink.put(&[byte.reverse_bits()])?;
                written += 1;
            }
        } else {
            sink.put(row)?;
            written = row.len();
        }
        sink.put(&[0; 4][..row_bytes - written])?;
    }
    Ok(())
}

struct Head {
    info: Info,
    bits: usize,
    start: usize,
    palette: usize,
    colours: usize,
    upside_down: bool,
    /// Where red, green and blue lie in pixels of 16 and 32 bits.
    masks: [u32; 3],
}

fn head(reader: &Reader) -> Result<Head, Error> {
    if reader.bytes(0, 2)? != b"BM" {
        return Err(reader.damaged(0, "BM"));
    }
    let info_bytes = reader.le32(14)? as usize;
    if !(40..=124).contains(&info_bytes) {
        return Err(Error::Unsupported {
            file: "BMP",
            found: "a head of another version",
        });
    }
    let (width, height) = (reader.le32(18)? as i32, reader.le32(22)? as i32);
    let (width, rows) = (width.unsigned_abs() as usize, height.unsigned_abs() as usize);
    if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&rows) {
        return Err(reader.damaged(18, "a size of 1 to 16383 pixels"));
    }
    let bits = reader.le16(28)? as usize;
    let compression = reader.le32(30)?;
    if !matches!((bits, compression), (1 | 4 | 8 | 16 | 24 | 32, 0) | (16 | 32, 3)) {
        return Err(Error::Unsupported {
            file: "BMP",
            found: "compression, or an odd number of bits",
        });
    }
    let masks = match (bits, compression) {
        (_, 3) => [reader.le32(54)?, reader.le32(58)?, reader.le32(62)?],
        (16, _) => [0x7C00, 0x03E0, 0x001F],
        _ => [0xFF_0000, 0xFF00, 0xFF],
    };
    let palette = 14 + info_bytes;
    // None means all that so many bits can name.
    let colours = match (bits, reader.le32(46)? as usize) {
        (9.., _) => 0,
        (_, 0) => 1 << bits,
        (_, colours) => colours.min(1 << bits),
    };
    let start = reader.le32(10)? as usize;
    reader.bytes(start, stride(width, bits) * rows)?;
    let format = if bits <= 8 {
        grey_format(reader, palette, colours, bits)?
    } else {
        Format::Rgb565
    };
    Ok(Head {
        info: Info {
            width,
            height: rows,
            format,
        },
        bits,
        start,
        palette,
        colours,
        upside_down: height > 0,
        masks,
    })
}

/// Grey if all colours of the palette are.
fn grey_format(reader: &Reader, palette: usize, colours: usize, bits: usize) -> Result<Format, Error> {
    let entries = reader.bytes(palette, 4 * colours)?;
    let grey = entries
        .chunks_exact(4)
        .all(|entry| entry[0] == entry[1] && entry[1] == entry[2]);
    Ok(match (grey, bits) {
        (true, 1) => Format::Binary,
        (true, _) => Format::Grey,
        _ => Format::Rgb565,
    })
}

/// Size and best format of a bitmap.
///
/// # Errors
/// [`Error::Damaged`] and [`Error::Unsupported`].
pub fn info(data: &[u8]) -> Result<Info, Error> {
    Ok(head(&Reader { data, file: "BMP" })?.info)
}

/// Decodes into an image of the size that [`info`] names, of any format.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Unsupported`], [`Error::Mismatch`] of sizes.
pub fn decode(data: &[u8], image: &mut ViewMut) -> Result<(), Error> {
    let reader = Reader { data, file: "BMP" };
    let head = head(&reader)?;
    if (head.info.width, head.info.height) != (image.width(), image.height()) {
        return Err(Error::Mismatch {
            first: (head.info.width, head.info.height),
            second: (image.width(), image.height()),
        });
    }
    let row_bytes = stride(head.info.width, head.bits);
    for y in 0..head.info.height {
        crate::stop::check()?;
        let from = if head.upside_down {
            head.info.height - 1 - y
        } else {
            y
        };
        let row = reader.bytes(head.start + from * row_bytes, row_bytes)?;
        for x in 0..head.info.width {
            let rgb = colour(&reader, &head, row, x)?;
            let value = by_format!(image.format(), P => pixel::<P>(rgb));
            image.set_pixel(x as i32, y as i32, value);
        }
    }
    Ok(())
}

/// A colour as a pixel; equal channels keep all 8 bits.
pub(super) fn pixel<P: Pixel>(rgb: [u8; 3]) -> u16 {
    if rgb[0] == rgb[1] && rgb[1] == rgb[2] {
        return P::from_grey(rgb[0]);
    }
    P::from_rgb565(rgb565::from_rgb(rgb))
}

fn colour(reader: &Reader, head: &Head, row: &[u8], x: usize) -> Result<[u8; 3], Error> {
    if head.bits <= 8 {
        let bit = x * head.bits;
        let index = usize::from(row[bit / 8]) >> (8 - head.bits - bit % 8) & ((1 << head.bits) - 1);
        if index >= head.colours {
            return Err(reader.damaged(head.palette, "a colour for each pixel"));
        }
        let entry = reader.bytes(head.palette + 4 * index, 4)?;
        return Ok([entry[2], entry[1], entry[0]]);
    }
    let bytes = head.bits / 8;
    let value = row[x * bytes..(x + 1) * bytes]
        .iter()
        .rev()
        .fold(0u32, |value, byte| value << 8 | u32::from(*byte));
    Ok(head.masks.map(|mask| {
        if mask == 0 {
            return 0;
        }
        let most = mask >> mask.trailing_zeros();
        let part = (value & mask) >> mask.trailing_zeros();
        (u64::from(part) * 255 / u64::from(most)) as u8
    }))
}
