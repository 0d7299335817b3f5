//! Edges: J. Canny, "A Computational Approach to Edge Detection", 1986; and a plain high-pass.
//!
//! The image is smoothed with a binomial 3 x 3, rounded down. Gradients have whole lengths, rounded down, and directions in
//! sectors below 22, 67, 112 and 160 degrees of the absolute angle. A pixel stays if its gradient is longer than both
//! neighbours in its direction, and at least `high`, or at least `low` with one of eight neighbours at least `high`.

use crate::binary::{Binarize, binarize, erode, morphology_scratch};
use crate::filter::{Adaptive, Kernel, gaussian, morph, morph_scratch};
use crate::math::isqrt;
use crate::{Area, Error, Format, Region, Scratch, Threshold, ViewMut, bytes_for};

/// Bytes of working memory that [`canny`] needs.
pub fn canny_scratch(width: usize, height: usize) -> usize {
    bytes_for::<[u16; 2]>(width * height).max(morph_scratch(Format::Grey, width, height, 1))
}

/// Replaces the region of a grey image by its edges, white on black. Smoothing reaches the whole image.
///
/// # Errors
/// An image that is not grey, a region outside, too little memory.
pub fn canny(
    image: &mut ViewMut,
    roi: Option<Region>,
    (low, high): (i32, i32),
    mut scratch: Scratch,
) -> Result<(), Error> {
    check_grey(image)?;
    let area = image.as_view().area_of(roi)?;
    gaussian(image, 1, false, (1.0, 0.0), &Adaptive::default(), scratch.step())?;
    let gradients = scratch.take::<[u16; 2]>(area.pixels())?;
    super::sobel::sobel(&image.as_view(), area, (1, 1), |x, y, gx, gy| {
        let length = isqrt((gx * gx + gy * gy) as u32) as u16;
        // Nobody asks for the direction of what is no edge.
        let is_weak = i32::from(length) < low;
        let sector = if is_weak { 0 } else { sector(gx, gy) };
        gradients[(y - area.y) * area.w + x - area.x] = [length, sector];
    })?;
    for y in 0..area.h {
        crate::stop::check()?;
        for x in 0..area.w {
            let edge = is_edge(gradients, area, x, y, low, high);
            let value = if edge { 255 } else { 0 };
            image.set_pixel((area.x + x) as i32, (area.y + y) as i32, value);
        }
    }
    Ok(())
}

fn check_grey(image: &ViewMut) -> Result<(), Error> {
    if image.format() != Format::Grey {
        return Err(Error::Format {
            found: image.format().name(),
            expected: "a grayscale image",
        });
    }
    Ok(())
}

/// 0 along the row, 1 and 3 the diagonals, 2 along the column.
fn sector(gx: i32, gy: i32) -> u16 {
    let degrees = libm::atan2f(gy as f32, gx as f32) * 180.0 / core::f32::consts::PI;
    match degrees.abs() as i32 {
        ..22 => 0,
        22..67 => 1,
        67..112 => 2,
        112..160 => 3,
        _ => 0,
    }
}

fn is_edge(gradients: &[[u16; 2]], area: Area, x: usize, y: usize, low: i32, high: i32) -> bool {
    if x == 0 || y == 0 || x == area.w - 1 || y == area.h - 1 {
        return false;
    }
    let at = y * area.w + x;
    let length = |at: usize| i32::from(gradients[at][0]);
    let own = length(at);
    let around = [at - area.w, at, at + area.w];
    let strong = |middle: &usize| (middle - 1..=middle + 1).any(|at| length(at) >= high);
    if own < low || !around.iter().any(strong) {
        return false;
    }
    let (one, other) = match gradients[at][1] {
        0 => (at - 1, at + 1),
        1 => (at + area.w - 1, at - area.w + 1),
        2 => (at + area.w, at - area.w),
        _ => (at + area.w + 1, at - area.w - 1),
    };
    own > length(one) && own > length(other)
}

/// Bytes of working memory that [`simple_edges`] needs.
pub fn simple_edges_scratch(width: usize, height: usize) -> usize {
    morph_scratch(Format::Grey, width, height, 1).max(morphology_scratch(Format::Grey, width, height, 1))
}

/// Replaces a grey image by where its high-pass lies between `low` and `high`, less lonely pixels.
///
/// # Errors
/// An image that is not grey, too little memory.
pub fn simple_edges(image: &mut ViewMut, (low, high): (i32, i32), mut scratch: Scratch) -> Result<(), Error> {
    check_grey(image)?;
    let kernel = Kernel {
        ksize: 1,
        weights: &[-1, -1, -1, -1, 8, -1, -1, -1, -1],
        mul: 1.0,
        add: 0.0,
    };
    morph(image, &kernel, &Adaptive::default(), scratch.step())?;
    let how = Binarize {
        thresholds: &[Threshold::level(low, high)],
        ..Binarize::default()
    };
    binarize(image, &how)?;
    erode(image, 1, 2, None, scratch)
}
