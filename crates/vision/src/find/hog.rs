//! Histograms of oriented gradients, as a picture: N. Dalal and B. Triggs, "Histograms of Oriented Gradients for Human
//! Detection", 2005.

use super::grey_area;
use crate::math::{self, sqrt};
use crate::{Area, Error, Paint, Point, Region, Scratch, View, ViewMut, bytes_for, draw};

/// Directions of a cell, 20 degrees each.
const DIRECTIONS: usize = 9;
/// A block is two by two cells, which are made equally bright.
type Block = [[f32; DIRECTIONS]; 4];

/// Blocks along the sides of an area.
fn blocks(width: usize, height: usize, size: usize) -> (usize, usize) {
    let size = size.max(1);
    ((width / size).div_ceil(2), (height / size).div_ceil(2))
}

/// Bytes of working memory that [`hog`] needs for a region of this size.
pub fn hog_scratch(width: usize, height: usize, size: usize) -> usize {
    let (columns, rows) = blocks(width, height, size);
    bytes_for::<Block>(columns * rows)
}

/// Replaces an image by a picture of a region's gradients: in each cell of `size` pixels a line along each direction's edge,
/// as bright as the direction is strong within the block.
///
/// # Errors
/// An image that is not grey, a region outside, a size below 2, too little memory.
pub fn hog(image: &mut ViewMut, roi: Option<Region>, size: usize, mut scratch: Scratch) -> Result<(), Error> {
    let area = grey_area(&image.as_view(), roi)?;
    if size < 2 {
        return Err(Error::Argument {
            name: "size",
            found: size as f32,
            expected: "2 or more",
        });
    }
    let (columns, rows) = blocks(area.w, area.h, size);
    let measured = scratch.take::<Block>(columns * rows)?;
    for (index, block) in measured.iter_mut().enumerate() {
        let place = (index % columns * 2 * size, index / columns * 2 * size);
        measure(&image.as_view(), area, place, size, block);
    }
    image.data_mut().fill(0);
    for (index, block) in measured.iter().enumerate() {
        for (cell, strengths) in block.iter().enumerate() {
            let column = index % columns * 2 + cell % 2;
            let row = index / columns * 2 + cell / 2;
            let middle = Point::new(
                (area.x + column * size + size / 2) as i32,
                (area.y + row * size + size / 2) as i32,
            );
            picture(image, middle, (size / 2) as f32, strengths);
        }
    }
    Ok(())
}

/// The directions in the cells of a block, as shares of all that is in it.
fn measure(image: &View, area: Area, (left, top): (usize, usize), size: usize, block: &mut Block) {
    let mut total = 0.0f32;
    for dy in 0..2 * size {
        let y = area.y + top + dy;
        if y == 0 || y + 1 >= area.bottom() {
            continue;
        }
        for dx in 0..2 * size {
            let x = area.x + left + dx;
            if x == 0 || x + 1 >= area.right() {
                continue;
            }
            let level = |x: usize, y: usize| i32::from(image.row(y)[x]);
            let across = level(x + 1, y) - level(x - 1, y);
            let down = level(x, y + 1) - level(x, y - 1);
            let length = sqrt((across * across + down * down) as f32);
            if length >= 2.0 {
                total += length * length;
                // From the vertical: an edge lies across its gradient.
                let degrees = libm::atan2f(across as f32, down as f32) * 180.0 / core::f32::consts::PI;
                let direction = degrees.abs() as usize / 20 % DIRECTIONS;
                block[dy / size * 2 + dx / size][direction] += length;
            }
        }
    }
    let total = sqrt(total);
    for strength in block.iter_mut().flatten().filter(|_| total > 0.0) {
        *strength /= total;
    }
}

/// The lines of a cell, the faintest first.
fn picture(image: &mut ViewMut, middle: Point, half: f32, strengths: &[f32; DIRECTIONS]) {
    let mut lines: [(u16, i32); DIRECTIONS] =
        core::array::from_fn(|at| (((strengths[at] * 255.0) as u16).min(255), at as i32 * 20));
    math::sort(&mut lines, |a, b| a.0 < b.0);
    for (brightness, degrees) in lines {
        let x = (half * math::cos_degrees(degrees)) as i32;
        let y = (half * math::sin_degrees(degrees)) as i32;
        let from = Point::new(middle.x - x, middle.y + y);
        let to = Point::new(middle.x + x, middle.y - y);
        draw::line(image, from, to, &Paint::new(brightness));
    }
}
