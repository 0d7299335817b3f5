//! Reading PNG: all colour types and depths, interlaced or not, row by row. Alpha is dropped. Checksums of chunks are not looked
//! at: the zlib stream has its own.

use super::inflate::{self, Stop, inflate};
use super::{SIGNATURE, deflate, paeth};
use crate::codec::bmp::pixel;
use crate::codec::{Info, Reader};
use crate::format::MAX_SIDE;
use crate::pixel::by_format;
use crate::{Error, Format, Scratch, ViewMut, bytes_for};

/// Every `dx`-th pixel from `x` on, of every `dy`-th row from `y` on.
#[derive(Clone, Copy)]
struct Pass {
    x: usize,
    y: usize,
    dx: usize,
    dy: usize,
}

impl Pass {
    const fn new(x: usize, y: usize, dx: usize, dy: usize) -> Pass {
        Pass { x, y, dx, dy }
    }

    fn width(self, width: usize) -> usize {
        width.saturating_sub(self.x).div_ceil(self.dx)
    }

    fn height(self, height: usize) -> usize {
        height.saturating_sub(self.y).div_ceil(self.dy)
    }
}

const WHOLE: [Pass; 1] = [Pass::new(0, 0, 1, 1)];
const ADAM7: [Pass; 7] = [
    Pass::new(0, 0, 8, 8),
    Pass::new(4, 0, 8, 8),
    Pass::new(0, 4, 4, 8),
    Pass::new(2, 0, 4, 4),
    Pass::new(0, 2, 2, 4),
    Pass::new(1, 0, 2, 2),
    Pass::new(0, 1, 1, 2),
];

struct Head<'a> {
    info: Info,
    depth: usize,
    kind: u8,
    interlaced: bool,
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

    /// Bytes of a row of so many pixels, with its filter's number before them.
    fn row_bytes(&self, width: usize) -> usize {
        1 + (width * self.samples() * self.depth).div_ceil(8)
    }

    /// The passes that have pixels.
    fn passes(&self) -> impl Iterator<Item = Pass> {
        let list = if self.interlaced { &ADAM7[..] } else { &WHOLE[..] };
        let (width, height) = (self.info.width, self.info.height);
        let passes = list.iter().copied();
        passes.filter(move |pass| pass.width(width) > 0 && pass.height(height) > 0)
    }

    /// Bytes of all rows.
    fn all_bytes(&self) -> usize {
        let (width, height) = (self.info.width, self.info.height);
        let bytes = |pass: Pass| self.row_bytes(pass.width(width)) * pass.height(height);
        self.passes().map(bytes).sum()
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
    let &[depth, kind, compression, filter, interlaced] = reader.bytes(24, 5)? else {
        return Err(reader.damaged(24, "IHDR"));
    };
    if !matches!(
        (kind, depth),
        (0, 1 | 2 | 4 | 8 | 16) | (3, 1 | 2 | 4 | 8) | (2 | 4 | 6, 8 | 16)
    ) {
        return Err(reader.damaged(24, "a colour type with a depth that it has"));
    }
    if (compression, filter) != (0, 0) || interlaced > 1 {
        return Err(reader.damaged(26, "deflate, five filters, Adam7 or nothing"));
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
        interlaced: interlaced == 1,
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

/// Bytes of working memory that [`decode`] needs for this file.
///
/// # Errors
/// Those of [`info`].
pub fn decode_scratch(data: &[u8]) -> Result<usize, Error> {
    let head = head(&Reader { data, file: "PNG" })?;
    let row = bytes_for::<u8>(head.row_bytes(head.info.width));
    Ok(2 * row + inflate::scratch(head.all_bytes()))
}

/// Decodes into an image of the size that [`info`] names, of any format.
///
/// # Errors
/// [`Error::Damaged`], [`Error::Mismatch`] of sizes, too little memory.
pub fn decode(data: &[u8], image: &mut ViewMut, mut scratch: Scratch) -> Result<(), Error> {
    let reader = Reader { data, file: "PNG" };
    let head = head(&reader)?;
    if (head.info.width, head.info.height) != (image.width(), image.height()) {
        return Err(Error::Mismatch {
            first: (head.info.width, head.info.height),
            second: (image.width(), image.height()),
        });
    }
    let longest = head.row_bytes(head.info.width);
    let mut passes = head.passes();
    let mut rows = Rows {
        own: scratch.take(longest)?,
        above: scratch.take(longest)?,
        filled: 0,
        pass: passes.next().unwrap_or(WHOLE[0]),
        row: 0,
        sum: deflate::Adler::new(),
    };
    let mut at = head.pixels;
    let pieces = || {
        let length = reader.be32(at).ok()? as usize;
        if reader.bytes(at + 4, 4).ok()? != b"IDAT" {
            return None;
        }
        let piece = reader.bytes(at + 8, length).ok()?;
        at += 12 + length;
        Some(piece)
    };
    let put = |byte| {
        let width = rows.pass.width(head.info.width);
        let bytes = head.row_bytes(width);
        rows.own[rows.filled] = byte;
        rows.filled += 1;
        if rows.filled < bytes {
            return Ok(());
        }
        rows.end(&head, bytes, image)
            .ok_or(reader.damaged(head.pixels, "filters 0 to 4, and a colour for each pixel"))?;
        if rows.row == rows.pass.height(head.info.height)
            && let Some(pass) = passes.next()
        {
            rows.begin(pass);
        }
        crate::stop::check()
    };
    let sum = inflate(pieces, head.all_bytes(), &mut scratch, put).map_err(|stop| match stop {
        Stop::Damaged => reader.damaged(head.pixels, "a sound zlib stream with a pixel for each place"),
        Stop::Refused(error) => error,
    })?;
    if sum != rows.sum.value() {
        return Err(reader.damaged(head.pixels, "pixels that have the sum behind them"));
    }
    Ok(())
}

/// The row that is being read, and the one above it; each with its filter's number first.
struct Rows<'s> {
    own: &'s mut [u8],
    above: &'s mut [u8],
    filled: usize,
    pass: Pass,
    row: usize,
    sum: deflate::Adler,
}

impl Rows<'_> {
    fn begin(&mut self, pass: Pass) {
        self.pass = pass;
        self.row = 0;
        self.above.fill(0);
    }

    /// A row of so many bytes is complete.
    fn end(&mut self, head: &Head, bytes: usize, image: &mut ViewMut) -> Option<()> {
        let step = (head.samples() * head.depth).div_ceil(8);
        let own = &mut self.own[..bytes];
        self.sum.add(own);
        let (kind, row) = own.split_at_mut(1);
        unfilter(kind[0], row, &self.above[1..bytes], step)?;
        let y = self.pass.y + self.row * self.pass.dy;
        for x in 0..self.pass.width(head.info.width) {
            let rgb = colour(head, row, x)?;
            let value = by_format!(image.format(), P => pixel::<P>(rgb));
            image.set_pixel((self.pass.x + x * self.pass.dx) as i32, y as i32, value);
        }
        core::mem::swap(&mut self.own, &mut self.above);
        self.filled = 0;
        self.row += 1;
        Some(())
    }
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
