//! Data Matrix with correction after Reed and Solomon (ECC 200), ISO/IEC 16022: all 24 square and 6 oblong sizes, dark on light.
//!
//! Two sides of a symbol are dark and hang together, so the hull of what hangs together has the corner between them. The
//! other two sides are dark and light in turns: they tell how many modules there are.

mod outline;
mod payload;
mod placement;
mod sizes;

use crate::codes::dark::Dark;
use crate::codes::reed_solomon;
use crate::geometry::Homography;
use crate::math::floor;
use crate::pixel::by_format;
use crate::{Area, Error, Found, Pixel, Point, Region, Scratch, View, bytes_for};
use outline::{Outlines, Place, outlines_scratch, quadrilateral};
use placement::Modules;
use sizes::{LARGEST, MOST_WORDS, SIZES, Size};

/// So much of the borders' modules must be right before a size is tried, and how many sizes are.
const ROUGHLY: f32 = 0.7;
const TRIED: usize = 6;
/// The least side of a module, in pixels.
const LEAST_MODULE: f32 = 1.3;

/// A symbol that was found.
#[derive(Clone, Copy, Debug, Default)]
pub struct DataMatrix {
    /// Upper left, upper right, lower right, lower left, as the symbol is read.
    pub corners: [Point; 4],
    /// Modules down and across, with the borders.
    pub rows: u32,
    /// Modules across.
    pub columns: u32,
    /// Words that it has room for.
    pub capacity: u32,
    /// Words of them that hold nothing.
    pub padding: u32,
    /// Where the payload begins in the bytes that the caller gave, and its length.
    pub payload: (usize, usize),
}

impl DataMatrix {
    /// The box around the corners.
    pub fn region(&self) -> Region {
        super::region_of(&self.corners)
    }

    /// Direction of the lower side, 0 to 2 pi.
    pub fn rotation(&self) -> f32 {
        let [_, _, right, left] = self.corners;
        crate::math::atan2((right.y - left.y) as f32, (right.x - left.x) as f32)
    }
}

/// Bytes of working memory that [`find_datamatrices`] needs for a region of this size.
pub fn datamatrices_scratch(width: usize, height: usize) -> usize {
    bytes_for::<u8>(width * height)
        + bytes_for::<u32>(width)
        + outlines_scratch(height)
        + 2 * bytes_for::<u8>(LARGEST * LARGEST)
        + bytes_for::<u8>(2 * MOST_WORDS)
}

/// Finds symbols, in the order of their highest pixels; payloads go one after another into `bytes`. At most `effort`
/// outlines are looked at closely.
///
/// # Errors
/// A region outside, too little memory, more symbols or bytes than there is room for.
pub fn find_datamatrices(
    image: &View,
    roi: Option<Region>,
    effort: usize,
    mut scratch: Scratch,
    bytes: &mut Found<u8>,
    found: &mut Found<DataMatrix>,
) -> Result<(), Error> {
    let area = image.area_of(roi)?;
    let bits = scratch.take_dirty::<u8>(area.pixels())?;
    let sums = scratch.take::<u32>(area.w)?;
    darken(image, area, bits, sums)?;
    let mut outlines = Outlines::new(area.h, &mut scratch)?;
    let mut reader = Reader {
        dark: scratch.take_dirty(LARGEST * LARGEST)?,
        read: scratch.take_dirty(LARGEST * LARGEST)?,
        words: scratch.take_dirty(2 * MOST_WORDS)?,
    };
    found.clear();
    bytes.clear();
    let mut tried = 0;
    for y in 0..area.h {
        crate::stop::check()?;
        for x in 0..area.w {
            let at = y * area.w + x;
            if bits[at] != 1 || (x > 0 && bits[at - 1] != 0) || tried >= effort {
                continue;
            }
            let Some(hull) = outlines.hull(bits, area.w, (x, y))? else {
                continue;
            };
            let Some(corners) = quadrilateral(hull) else {
                continue;
            };
            tried += 1;
            let dark = Dark {
                bits,
                width: area.w,
                height: area.h,
            };
            if let Some(mut symbol) = reader.symbol(&dark, corners, bytes)? {
                symbol.corners = symbol
                    .corners
                    .map(|corner| Point::new(corner.x + area.x as i32, corner.y + area.y as i32));
                found.push(symbol)?;
            }
        }
    }
    Ok(())
}

/// Dark where a pixel lies 8 % below the mean of a square around it, a quarter of the region wide: D. Bradley and G. Roth,
/// "Adaptive Thresholding Using the Integral Image", 2007.
fn darken(image: &View, area: Area, bits: &mut [u8], sums: &mut [u32]) -> Result<(), Error> {
    let half = (area.w.min(area.h) / 8).max(8);
    by_format!(image.format(), P => {
        let level = |x: usize, y: usize| u32::from(P::grey(P::get(image.row(area.y + y), area.x + x)));
        for y in 0..half.min(area.h) {
            for (x, sum) in sums.iter_mut().enumerate() {
                *sum += level(x, y);
            }
        }
        for (y, row) in bits.chunks_exact_mut(area.w).enumerate() {
            crate::stop::check()?;
            for (x, sum) in sums.iter_mut().enumerate() {
                if y + half < area.h {
                    *sum += level(x, y + half);
                }
                if y > half {
                    *sum -= level(x, y - half - 1);
                }
            }
            let rows = (y + half + 1).min(area.h) - y.saturating_sub(half);
            let mut sum: u32 = sums[..half.min(area.w)].iter().sum();
            for (x, bit) in row.iter_mut().enumerate() {
                sum += sums.get(x + half).copied().unwrap_or(0);
                if x > half {
                    sum -= sums[x - half - 1];
                }
                let columns = (x + half + 1).min(area.w) - x.saturating_sub(half);
                let count = (rows * columns) as u64;
                *bit = u8::from(u64::from(level(x, y)) * count * 25 < u64::from(sum) * 23);
            }
        }
    });
    Ok(())
}

type Corners = [(f32, f32); 4];

/// The plane of a symbol whose corners are upper left, upper right, lower right, lower left.
fn plane(size: &Size, corners: &Corners) -> Option<Homography> {
    let (across, down) = (size.columns as f32, size.rows as f32);
    Homography::from_points(&[(0.0, 0.0), (across, 0.0), (across, down), (0.0, down)], corners)
}

/// How much of the borders is as it should; 0 as soon as the dark sides are not dark.
fn likeness(dark: &Dark, size: &Size, corners: &Corners, inner_too: bool) -> f32 {
    let Some(plane) = plane(size, corners) else {
        return 0.0;
    };
    let is_dark = |row: usize, column: usize| {
        plane
            .apply(column as f32 + 0.5, row as f32 + 0.5)
            .is_some_and(|(x, y)| dark.at(floor(x), floor(y)) == Some(true))
    };
    let (rows, columns) = (size.rows, size.columns);
    let solid = (0..rows).filter(|row| is_dark(*row, 0)).count()
        + (0..columns).filter(|column| is_dark(rows - 1, *column)).count();
    if (solid as f32) < 0.8 * (rows + columns) as f32 {
        return 0.0;
    }
    let (high, wide) = (rows / size.regions.0, columns / size.regions.1);
    let (mut right, mut all) = (solid, rows + columns);
    let mut look = |row: usize, column: usize, want: bool| {
        right += usize::from(is_dark(row, column) == want);
        all += 1;
    };
    let steps = |count: usize| (1..count).filter(move |_| inner_too);
    for column in 0..columns {
        look(0, column, column % 2 == 0);
        for region in steps(size.regions.0) {
            look(region * high, column, column % 2 == 0);
            look(region * high - 1, column, true);
        }
    }
    for row in 0..rows {
        look(row, columns - 1, row % 2 == 1);
        for region in steps(size.regions.1) {
            look(row, region * wide - 1, row % 2 == 1);
            look(row, region * wide, true);
        }
    }
    right as f32 / all as f32
}

fn distance(a: (f32, f32), b: (f32, f32)) -> f32 {
    crate::math::sqrt((a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1))
}

/// The upper right corner of a symbol of this size whose dark sides meet in the second of three corners: where the borders
/// are best, around the fourth corner of a parallelogram, or where a corner was seen.
fn opposite(
    dark: &Dark,
    size: &Size,
    [up, corner, right]: [(f32, f32); 3],
    seen: Option<(f32, f32)>,
) -> (f32, (f32, f32)) {
    let (high, wide) = (
        distance(up, corner) / size.rows as f32,
        distance(right, corner) / size.columns as f32,
    );
    // Modules are nearly square, and some pixels wide.
    if high.min(wide) < LEAST_MODULE || high > 1.7 * wide || wide > 1.7 * high {
        return (0.0, up);
    }
    let step = |from: (f32, f32), to: (f32, f32), count: usize| {
        let parts = 2.0 * count as f32;
        ((to.0 - from.0) / parts, (to.1 - from.1) / parts)
    };
    let (u, v) = (step(corner, right, size.columns), step(corner, up, size.rows));
    let (x, y) = (up.0 + right.0 - corner.0, up.1 + right.1 - corner.1);
    let around = (0..49).map(|cell| {
        let (i, j) = ((cell % 7) as f32 - 3.0, (cell / 7) as f32 - 3.0);
        (x + i * u.0 + j * v.0, y + i * u.1 + j * v.1)
    });
    let mut best = (likeness(dark, size, &[up, (x, y), right, corner], false), (x, y));
    // The dark sides are not where they should be, wherever the fourth corner is.
    if best.0 == 0.0 {
        return best;
    }
    for place in seen.into_iter().chain(around) {
        let like = likeness(dark, size, &[up, place, right, corner], false);
        if like > best.0 {
            best = (like, place);
        }
    }
    best
}

/// Moves the corners by parts of a module, each where it makes the borders better.
fn refined(dark: &Dark, size: &Size, mut corners: Corners) -> (f32, Corners) {
    let module = distance(corners[3], corners[2]) / size.columns as f32;
    let mut best = likeness(dark, size, &corners, true);
    for step in [1.0, 0.5, 0.25, 0.25] {
        // The corner opposite to the dark one is known least.
        for corner in [1, 0, 2, 3] {
            for (dx, dy) in [
                (1.0, 0.0),
                (-1.0, 0.0),
                (0.0, 1.0),
                (0.0, -1.0),
                (1.0, 1.0),
                (-1.0, -1.0),
                (1.0, -1.0),
                (-1.0, 1.0),
            ] {
                let mut moved = corners;
                moved[corner].0 += dx * step * module;
                moved[corner].1 += dy * step * module;
                let new = likeness(dark, size, &moved, true);
                if new > best {
                    (best, corners) = (new, moved);
                }
            }
        }
    }
    (best, corners)
}

/// Memory for reading symbols.
struct Reader<'a> {
    dark: &'a mut [u8],
    read: &'a mut [u8],
    words: &'a mut [u8],
}

impl Reader<'_> {
    /// Reads the symbol that fills these corners, counter-clockwise, whichever of them lies between the dark sides.
    fn symbol(
        &mut self,
        dark: &Dark,
        (corners, fourth): ([Place; 3], Option<Place>),
        bytes: &mut Found<u8>,
    ) -> Result<Option<DataMatrix>, Error> {
        let at = |[x, y]: Place| (x as f32, y as f32);
        let three = corners.map(at);
        let Some(fourth) = fourth.map(at) else {
            return self.turned(dark, three, None, bytes);
        };
        let all = [three[0], three[1], three[2], fourth];
        for first in 0..4 {
            let [a, b, c, d] = [0, 1, 2, 3].map(|step| all[(first + step) % 4]);
            if let Some(symbol) = self.turned(dark, [a, b, c], Some(d), bytes)? {
                return Ok(Some(symbol));
            }
        }
        Ok(None)
    }

    /// Reads the symbol whose dark corner is the second one.
    fn turned(
        &mut self,
        dark: &Dark,
        [up, corner, right]: [(f32, f32); 3],
        seen: Option<(f32, f32)>,
        bytes: &mut Found<u8>,
    ) -> Result<Option<DataMatrix>, Error> {
        let mut tries = [(0.0f32, 0, up); TRIED];
        for (index, size) in SIZES.iter().enumerate() {
            crate::stop::check()?;
            let (like, opposite) = opposite(dark, size, [up, corner, right], seen);
            let least = tries.iter_mut().min_by(|a, b| a.0.total_cmp(&b.0));
            if let Some(least) = least.filter(|least| like > least.0 && like >= ROUGHLY) {
                *least = (like, index, opposite);
            }
        }
        crate::math::sort(&mut tries, |a, b| a.0 > b.0);
        for (like, index, opposite) in tries {
            crate::stop::check()?;
            if like == 0.0 {
                break;
            }
            let size = &SIZES[index];
            let (like, corners) = refined(dark, size, [up, opposite, right, corner]);
            if like < 0.85 {
                continue;
            }
            if let Some(symbol) = self.sized(dark, size, &corners, bytes)? {
                return Ok(Some(symbol));
            }
        }
        Ok(None)
    }

    /// Reads the symbol of this size.
    fn sized(
        &mut self,
        dark: &Dark,
        size: &Size,
        corners: &Corners,
        bytes: &mut Found<u8>,
    ) -> Result<Option<DataMatrix>, Error> {
        let Some(plane) = plane(size, corners) else {
            return Ok(None);
        };
        let (rows, columns) = size.inner();
        let (high, wide) = (rows / size.regions.0, columns / size.regions.1);
        let inner = &mut self.dark[..rows * columns];
        for (at, module) in inner.iter_mut().enumerate() {
            let (row, column) = (at / columns, at % columns);
            // Each region has a border of one module on all sides.
            let (row, column) = (row + 2 * (row / high) + 1, column + 2 * (column / wide) + 1);
            *module = u8::from(dark.module(&plane, column as f32, row as f32));
        }
        let (words, data) = self.words.split_at_mut(MOST_WORDS);
        let words = &mut words[..size.words()];
        let mut modules = Modules {
            rows: rows as i32,
            columns: columns as i32,
            dark: inner,
            read: &mut self.read[..rows * columns],
        };
        modules.words(words);
        if !correct(words, size, data) {
            return Ok(None);
        }
        let start = bytes.len();
        let Some(padding) = payload::read(&data[..size.data], bytes)? else {
            bytes.truncate(start);
            return Ok(None);
        };
        Ok(Some(DataMatrix {
            corners: corners.map(|(x, y)| Point::new(crate::math::round(x), crate::math::round(y))),
            rows: size.rows as u32,
            columns: size.columns as u32,
            capacity: size.data as u32,
            padding: padding as u32,
            payload: (start, bytes.len() - start),
        }))
    }
}

/// Corrects the blocks, whose words follow each other in turns; the data in their order. Of the largest symbol, whose data
/// are no whole number of turns, writers begin the words for correction with the block that is next, or with the first.
fn correct(words: &[u8], size: &Size, data: &mut [u8]) -> bool {
    let next = size.data % size.blocks;
    in_turns(words, size, next, data) || (next != 0 && in_turns(words, size, 0, data))
}

fn in_turns(words: &[u8], size: &Size, next: usize, data: &mut [u8]) -> bool {
    for block in 0..size.blocks {
        let mut own = [0; 256];
        let own_data = || (block..size.data).step_by(size.blocks);
        let first = size.data + (block + size.blocks - next) % size.blocks;
        let places = || own_data().chain((first..words.len()).step_by(size.blocks));
        for (place, at) in own.iter_mut().zip(places()) {
            *place = words[at];
        }
        let count = places().count();
        if !reed_solomon::correct(&reed_solomon::DATA_MATRIX, &mut own[..count], size.correction, 0) {
            return false;
        }
        for (word, at) in own.iter().zip(own_data()) {
            data[at] = *word;
        }
    }
    true
}
