//! QR codes, ISO/IEC 18004: all 40 versions, all levels of correction.
//!
//! Finder patterns are runs of 1:1:3:1:1 across and down. Three of them give the code's plane, the lowest right alignment
//! pattern makes it exact.

mod bits;
mod finder;
mod grid;
mod payload;
mod tables;

use crate::codes::dark::Dark;
use crate::pixel::by_format;
use crate::{Error, Found, Pixel, Point, Region, Scratch, View, bytes_for};
use finder::Finder;

/// Modules along the largest side.
const LARGEST: usize = 177;
/// Code words of the largest version.
const MOST_WORDS: usize = 3706;

/// How the characters of a code are meant, by its last segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DataType {
    /// Digits.
    Numeric = 1,
    /// Digits, capitals and nine signs.
    Alphanumeric = 2,
    /// Bytes.
    #[default]
    Binary = 4,
    /// Shift JIS.
    Kanji = 8,
}

/// A code that was found.
#[derive(Clone, Copy, Debug, Default)]
pub struct QrCode {
    /// Upper left, upper right, lower right, lower left, as the code is read.
    pub corners: [Point; 4],
    /// 1 to 40.
    pub version: u32,
    /// Level of correction as the code has it: 0 M, 1 L, 2 H, 3 Q.
    pub ecc_level: u32,
    /// 0 to 7.
    pub mask: u32,
    /// Of the last segment.
    pub data_type: DataType,
    /// The code page, 0 if none is named.
    pub eci: u32,
    /// Where the payload begins in the bytes that the caller gave, and its length.
    pub payload: (usize, usize),
}

impl QrCode {
    /// The box around the corners.
    pub fn region(&self) -> Region {
        super::region_of(&self.corners)
    }
}

/// Bytes of working memory that [`find_qrcodes`] needs for a region of this size.
pub fn qrcodes_scratch(width: usize, height: usize) -> usize {
    bytes_for::<u8>(width * height)
        + bytes_for::<Finder>(finder::MOST)
        + 2 * bytes_for::<u8>(LARGEST * LARGEST)
        + 2 * bytes_for::<u8>(MOST_WORDS)
}

/// Finds codes; payloads go one after another into `bytes`.
///
/// # Errors
/// A region outside, too little memory, more codes or bytes than there is room for.
pub fn find_qrcodes(
    image: &View,
    roi: Option<Region>,
    mut scratch: Scratch,
    bytes: &mut Found<u8>,
    found: &mut Found<QrCode>,
) -> Result<(), Error> {
    let area = image.area_of(roi)?;
    let bits = scratch.take_dirty::<u8>(area.pixels())?;
    darken(image, area, bits);
    let dark = Dark {
        bits,
        width: area.w,
        height: area.h,
    };
    let mut finders = scratch.list::<Finder>(finder::MOST, "finder patterns")?;
    finder::find(&dark, &mut finders);
    let modules = scratch.take::<u8>(LARGEST * LARGEST)?;
    let fixed = scratch.take::<u8>(LARGEST * LARGEST)?;
    let words = scratch.take::<u8>(2 * MOST_WORDS)?;
    found.clear();
    bytes.clear();
    // Each pattern belongs to one code at most.
    let mut used = [false; finder::MOST];
    for a in 0..finders.len() {
        for b in 0..finders.len() {
            for c in b + 1..finders.len() {
                if a == b || a == c || used[a] || used[b] || used[c] {
                    continue;
                }
                let Some(corner) = finder::corner(finders[a], finders[b], finders[c]) else {
                    continue;
                };
                let Some(mut code) = read(&dark, corner, modules, fixed, words, bytes)? else {
                    continue;
                };
                for place in &mut code.corners {
                    *place = Point::new(place.x + area.x as i32, place.y + area.y as i32);
                }
                (used[a], used[b], used[c]) = (true, true, true);
                found.push(code)?;
            }
        }
    }
    Ok(())
}

/// Reads the code of three finder patterns, whose size in modules may be misjudged by a step.
fn read(
    dark: &Dark,
    corner: [Finder; 3],
    modules: &mut [u8],
    fixed: &mut [u8],
    words: &mut [u8],
    bytes: &mut Found<u8>,
) -> Result<Option<QrCode>, Error> {
    let guess = finder::version(&corner);
    for version in [guess, guess - 1, guess + 1] {
        if !(1..=40).contains(&version) {
            continue;
        }
        let size = 17 + 4 * version as usize;
        let modules = &mut modules[..size * size];
        let fixed = &mut fixed[..size * size];
        grid::mark_fixed(version as usize, fixed);
        let exact = grid::exact(dark, &corner, size);
        // Small codes have no alignment pattern: their lower right corner is tried around where it should be.
        let tries = if size <= 45 { grid::TRIES } else { 1 };
        let rough = (0..tries).filter_map(|index| grid::rough(&corner, size, index));
        for plane in exact.into_iter().chain(rough) {
            grid::sample(dark, &plane, size, modules);
            let before = bytes.len();
            if let Some(mut code) = bits::decode(modules, fixed, version as usize, words, bytes)? {
                code.corners = grid::corners(&plane, size);
                return Ok(Some(code));
            }
            bytes.truncate(before);
        }
    }
    Ok(None)
}

/// Dark where a pixel lies 5 % below the running mean along its row, to and fro: P. Wellner, "Adaptive Thresholding for the
/// DigitalDesk", 1993.
fn darken(image: &View, area: crate::Area, bits: &mut [u8]) {
    let span = (area.w / 8).max(1) as i64;
    by_format!(image.format(), P => for (y, row) in bits.chunks_exact_mut(area.w).enumerate() {
        let level = |x: usize| i64::from(P::grey(P::get(image.row(area.y + y), area.x + x)));
        // Both means begin with the first pixels of their way.
        let start = |from: usize, step: isize| {
            (0..span as isize)
                .map(|index| level((from as isize + index * step).clamp(0, area.w as isize - 1) as usize))
                .sum::<i64>()
        };
        let (mut forward, mut backward) = (start(0, 1), start(area.w - 1, -1));
        let mut sums = [0i64; 2];
        // The mean to the left of each pixel; the one to the right is added on the way back.
        for (x, bit) in row.iter_mut().enumerate() {
            forward += level(x) - forward / span;
            sums[0] = forward / span;
            *bit = (sums[0]).clamp(0, 255) as u8;
        }
        for (x, bit) in row.iter_mut().enumerate().rev() {
            backward += level(x) - backward / span;
            sums[1] = backward / span;
            let mean = (i64::from(*bit) + sums[1]) / 2;
            *bit = u8::from(level(x) * 100 < mean * 95);
        }
    });
}
