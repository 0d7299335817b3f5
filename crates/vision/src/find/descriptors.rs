//! Local binary patterns: T. Ahonen, A. Hadid and M. Pietikäinen, 2006; histograms of gradients: N. Dalal and B. Triggs,
//! 2005.

use crate::{Area, Error, Format, Point, Region, Scratch, View, ViewMut, bytes_for, draw, math};

/// Regions along a side of a face.
const GRID: usize = 7;
/// 58 uniform patterns, and one bin for the others.
const BINS: usize = 59;

/// A face as histograms of 7 x 7 regions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lbp {
    /// Pixels of each pattern, region by region.
    pub bins: [u8; GRID * GRID * BINS],
}

/// The bin of a pattern: uniform ones, with at most two changes around, in their order.
fn bin(pattern: u8) -> usize {
    let uniform = |pattern: u8| (pattern ^ pattern.rotate_left(1)).count_ones() <= 2;
    if !uniform(pattern) {
        return BINS - 1;
    }
    (0..pattern).filter(|other| uniform(*other)).count()
}

/// Describes a region; counts beyond 255 stay there.
///
/// # Errors
/// An image that is not grey, a region outside.
pub fn lbp(image: &View, roi: Region) -> Result<Lbp, Error> {
    let area = grey_area(image, Some(roi))?;
    let mut descriptor = Lbp {
        bins: [0; GRID * GRID * BINS],
    };
    let table: [u8; 256] = core::array::from_fn(|pattern| bin(pattern as u8) as u8);
    const AROUND: [(usize, usize); 8] = [(0, 0), (1, 0), (2, 0), (2, 1), (2, 2), (1, 2), (0, 2), (0, 1)];
    for y in area.y..area.bottom().saturating_sub(2) {
        for x in area.x..area.right().saturating_sub(2) {
            let middle = image.row(y + 1)[x + 1];
            let pattern = AROUND.iter().fold(0u8, |pattern, (dx, dy)| {
                pattern << 1 | u8::from(image.row(y + dy)[x + dx] >= middle)
            });
            let region = (y - area.y) * GRID / area.h * GRID + (x - area.x) * GRID / area.w;
            let count = &mut descriptor.bins[region * BINS + usize::from(table[usize::from(pattern)])];
            *count = count.saturating_add(1);
        }
    }
    Ok(descriptor)
}

impl Lbp {
    /// The chi square distance: 0 for equal faces.
    pub fn distance(&self, other: &Lbp) -> u32 {
        let sum: f32 = self
            .bins
            .iter()
            .zip(&other.bins)
            .filter(|(a, b)| **a != 0 || **b != 0)
            .map(|(a, b)| {
                let (a, b) = (f32::from(*a), f32::from(*b));
                (a - b) * (a - b) / (a + b)
            })
            .sum();
        math::round(sum).max(0) as u32
    }
}

fn grey_area(image: &View, roi: Option<Region>) -> Result<Area, Error> {
    if image.format() != Format::Grey {
        return Err(Error::Format {
            found: image.format().name(),
            expected: "a grayscale image",
        });
    }
    image.area_of(roi)
}

/// Directions of a cell.
const DIRECTIONS: usize = 9;

/// Bytes of working memory that [`hog`] needs.
pub fn hog_scratch(width: usize, height: usize, size: usize) -> usize {
    bytes_for::<[u32; DIRECTIONS]>((width / size.max(1)) * (height / size.max(1)))
}

/// Replaces a region by a picture of its gradients: in each cell of `size` pixels a line for each direction, as bright as it
/// is strong.
///
/// # Errors
/// An image that is not grey, a region outside, a size of 0, too little memory.
pub fn hog(image: &mut ViewMut, roi: Option<Region>, size: usize, mut scratch: Scratch) -> Result<(), Error> {
    let area = grey_area(&image.as_view(), roi)?;
    if size == 0 {
        return Err(Error::Argument {
            name: "size",
            found: 0.0,
            expected: "1 or more",
        });
    }
    let (columns, rows) = (area.w / size, area.h / size);
    let cells = scratch.take::<[u32; DIRECTIONS]>(columns * rows)?;
    super::sobel::sobel(&image.as_view(), area, (1, 1), |x, y, gx, gy| {
        let (column, row) = ((x - area.x) / size, (y - area.y) / size);
        if column < columns && row < rows {
            let direction = super::sobel::degrees(gx, gy, 180) as usize * DIRECTIONS / 180;
            cells[row * columns + column][direction] += math::isqrt((gx * gx + gy * gy) as u32);
        }
    });
    draw::rectangle(image, area.into(), &draw::Paint::new(0).filled());
    let half = (size / 2) as f32;
    for (index, cell) in cells.iter().enumerate() {
        let most = *cell.iter().max().unwrap_or(&0);
        let x = (area.x + index % columns * size + size / 2) as i32;
        let y = (area.y + index / columns * size + size / 2) as i32;
        for (direction, strength) in cell.iter().enumerate().filter(|_| most > 0) {
            // An edge lies across its gradient.
            let angle = (direction * 180 / DIRECTIONS) as i32 + 90 / DIRECTIONS as i32 + 90;
            let (dx, dy) = (
                math::round(half * math::cos_degrees(angle)),
                math::round(half * math::sin_degrees(angle)),
            );
            let brightness = (u64::from(*strength) * 255 / u64::from(most)) as u16;
            let (from, to) = (Point::new(x - dx, y - dy), Point::new(x + dx, y + dy));
            if brightness > 0 {
                draw::line(image, from, to, &draw::Paint::new(brightness));
            }
        }
    }
    Ok(())
}
