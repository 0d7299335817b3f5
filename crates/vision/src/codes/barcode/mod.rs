//! Bar codes of one dimension, read along each row and each column, in both directions.
//!
//! Where brightness crosses the middle between a light and a dark extreme is an edge, to a 32nd of a pixel; a reader for each
//! symbology compares the widths between edges with its patterns. What has no check digit must be read on two lines.

mod codabar;
mod code128;
mod code39;
mod code93;
mod databar;
mod ean;
mod interleaved;
mod runs;
mod text;
mod widths;

use crate::pixel::by_format;
use crate::{Area, Error, Found, Pixel, Point, Region, Scratch, View, bytes_for};
use runs::UNIT;
use text::Text;

/// A symbology, with the numbers that scripts have for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symbology {
    /// Two digits beside an EAN or UPC code.
    #[default]
    Ean2 = 0,
    /// Five digits beside an EAN or UPC code.
    Ean5 = 1,
    /// EAN-8, GTIN-8.
    Ean8 = 2,
    /// UPC-E.
    UpcE = 3,
    /// ISBN of ten digits.
    Isbn10 = 4,
    /// UPC-A: EAN-13 that begins with 0.
    UpcA = 5,
    /// EAN-13, GTIN-13.
    Ean13 = 6,
    /// ISBN of thirteen digits: EAN-13 that begins with 978 or 979.
    Isbn13 = 7,
    /// Interleaved 2 of 5.
    Interleaved = 8,
    /// GS1 DataBar Omnidirectional.
    DataBar = 9,
    /// GS1 DataBar Expanded.
    DataBarExpanded = 10,
    /// Codabar.
    Codabar = 11,
    /// Code 39.
    Code39 = 12,
    /// PDF417.
    Pdf417 = 13,
    /// Code 93.
    Code93 = 14,
    /// Code 128.
    Code128 = 15,
}

impl Symbology {
    /// True if nothing but the patterns themselves says that it was read rightly.
    fn has_no_check(self) -> bool {
        use Symbology::{Codabar, Code39, Ean2, Interleaved};
        matches!(self, Codabar | Code39 | Ean2 | Interleaved)
    }
}

/// A code that was found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Barcode {
    /// Its kind.
    pub symbology: Symbology,
    /// The outermost edges, of the first line to the last on which it was read.
    pub from: Point,
    /// The lower right end of that.
    pub to: Point,
    /// Quarter turns clockwise, from upright.
    pub turns: u32,
    /// On how many lines it was read.
    pub quality: u32,
    /// Where the payload begins in the bytes that the caller gave, and its length.
    pub payload: (usize, usize),
}

impl Barcode {
    /// The box around it.
    pub fn region(&self) -> Region {
        let (from, to) = (self.from, self.to);
        Region::new(from.x, from.y, to.x - from.x, to.y - from.y)
    }

    /// Upper left, upper right, lower right, lower left.
    pub fn corners(&self) -> [Point; 4] {
        let (from, to) = (self.from, self.to);
        [from, Point::new(to.x, from.y), to, Point::new(from.x, to.y)]
    }
}

/// What a reader made of some widths.
struct Reading {
    symbology: Symbology,
    /// How many widths it took, from the first bar on.
    count: usize,
}

/// Takes widths from the light before the first bar on; the payload goes into the text.
type Reader = fn(&[u32], &mut Text) -> Option<Reading>;

const READERS: &[Reader] = &[
    ean::read,
    code128::read,
    code39::read,
    code93::read,
    codabar::read,
    interleaved::read,
    databar::read,
];

/// Bytes of working memory that [`find_barcodes`] needs for a region of this size.
pub fn barcodes_scratch(width: usize, height: usize) -> usize {
    let longest = width.max(height);
    bytes_for::<u8>(longest) + 3 * bytes_for::<u32>(longest + 4)
}

/// Lines between two readings of one code.
const MOST_APART: i32 = 8;

/// Finds codes, those that were first met first; payloads go one after another into `bytes`.
///
/// # Errors
/// A region outside, too little memory, more codes or bytes than there is room for.
pub fn find_barcodes(
    image: &View,
    roi: Option<Region>,
    mut scratch: Scratch,
    bytes: &mut Found<u8>,
    found: &mut Found<Barcode>,
) -> Result<(), Error> {
    let area = image.area_of(roi)?;
    found.clear();
    bytes.clear();
    let longest = area.w.max(area.h);
    let line = scratch.take_dirty::<u8>(longest)?;
    let mut edges = scratch.list::<u32>(longest + 4, "edges of a line")?;
    let widths = scratch.take_dirty::<u32>(longest + 4)?;
    let starts = scratch.take_dirty::<u32>(longest + 4)?;
    for across in [true, false] {
        let (count, length) = if across {
            (area.h, area.w)
        } else {
            (area.w, area.h)
        };
        for index in 0..count {
            crate::stop::check()?;
            fill(image, area, across, index, &mut line[..length]);
            runs::edges(&line[..length], &mut edges)?;
            for backwards in [false, true] {
                let n = runs::widths(&edges, length, backwards, widths, starts);
                let mut put = |reading: &Reading, text: &Text, first: usize| {
                    let ends = [starts[first], starts[first + reading.count]];
                    let place = Line {
                        area,
                        across,
                        index,
                        backwards,
                        ends,
                    };
                    keep(found, bytes, reading.symbology, text, place)
                };
                scan(&widths[..n], &mut put)?;
            }
        }
    }
    found.retain(|code| code.quality > 1 || !code.symbology.has_no_check());
    Ok(())
}

/// Tries all readers at all bars that light stands before.
fn scan(
    widths: &[u32],
    put: &mut impl FnMut(&Reading, &Text, usize) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut first = 1;
    while first + 6 < widths.len() {
        let mut behind = first + 2;
        if widths[first - 1] >= widths[first] + widths[first + 1] {
            let mut text = Text::new();
            for reader in READERS {
                text.clear();
                let Some(reading) = reader(&widths[first - 1..], &mut text) else {
                    continue;
                };
                put(&reading, &text, first)?;
                behind = first + reading.count + 1;
                beside(widths, &reading, behind, &mut text, put)?;
                break;
            }
        }
        first = behind;
    }
    Ok(())
}

/// The two or five digits that may stand behind an EAN or UPC code.
fn beside(
    widths: &[u32],
    main: &Reading,
    first: usize,
    text: &mut Text,
    put: &mut impl FnMut(&Reading, &Text, usize) -> Result<(), Error>,
) -> Result<(), Error> {
    use Symbology::{Ean13, Isbn13, UpcA, UpcE};
    if !matches!(main.symbology, Ean13 | Isbn13 | UpcA | UpcE) || first >= widths.len() {
        return Ok(());
    }
    text.clear();
    match ean::read_addition(&widths[first - 1..], text) {
        Some(reading) => put(&reading, text, first),
        None => Ok(()),
    }
}

fn fill(image: &View, area: Area, across: bool, index: usize, line: &mut [u8]) {
    by_format!(image.format(), P => for (at, level) in line.iter_mut().enumerate() {
        let (x, y) = if across { (at, index) } else { (index, at) };
        *level = P::grey(P::get(image.row(area.y + y), area.x + x));
    });
}

/// Where something was read.
struct Line {
    area: Area,
    across: bool,
    index: usize,
    backwards: bool,
    /// In units along the line.
    ends: [u32; 2],
}

/// Adds a reading to the code that it is another line of, or as a new code.
fn keep(
    found: &mut Found<Barcode>,
    bytes: &mut Found<u8>,
    symbology: Symbology,
    text: &Text,
    line: Line,
) -> Result<(), Error> {
    let pixel = |at: u32| ((at + UNIT / 2) / UNIT) as i32;
    let (low, high) = (line.ends[0].min(line.ends[1]), line.ends[0].max(line.ends[1]));
    let (low, high, index) = (pixel(low), pixel(high), line.index as i32);
    let (left, top) = (line.area.x as i32, line.area.y as i32);
    let (from, to, turns) = if line.across {
        let turns = if line.backwards { 2 } else { 0 };
        (
            Point::new(left + low, top + index),
            Point::new(left + high, top + index),
            turns,
        )
    } else {
        let turns = if line.backwards { 3 } else { 1 };
        (
            Point::new(left + index, top + low),
            Point::new(left + index, top + high),
            turns,
        )
    };
    for code in found.iter_mut() {
        let payload = &bytes[code.payload.0..][..code.payload.1];
        if code.symbology != symbology || code.turns != turns || payload != text.as_bytes() {
            continue;
        }
        let along = if line.across {
            code.from.x < to.x && from.x < code.to.x && from.y - code.to.y <= MOST_APART
        } else {
            code.from.y < to.y && from.y < code.to.y && from.x - code.to.x <= MOST_APART
        };
        if along {
            code.from = Point::new(code.from.x.min(from.x), code.from.y.min(from.y));
            code.to = Point::new(code.to.x.max(to.x), code.to.y.max(to.y));
            code.quality += 1;
            return Ok(());
        }
    }
    let start = bytes.len();
    for byte in text.as_bytes() {
        bytes.push(*byte)?;
    }
    found.push(Barcode {
        symbology,
        from,
        to,
        turns,
        quality: 1,
        payload: (start, text.as_bytes().len()),
    })
}
