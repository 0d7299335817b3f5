//! Pixels that a shape covers in part, and runs that it covers whole.

use crate::pixel::by_format;
use crate::{Pixel, ViewMut};

/// Mixes `colour` into the pixel at (x, y); `keep` of 256 parts stay what they were.
///
/// A keep outside 0 to 256 is what the error terms of thick lines give beside the line; it counts as the nearest end.
pub(super) fn blend(image: &mut ViewMut, x: i32, y: i32, keep: i32, colour: u16) {
    let Some(old) = image.as_view().pixel(x, y) else {
        return;
    };
    let keep = keep.clamp(0, 256);
    let mixed = by_format!(image.format(), P => mix::<P>(old, colour, keep));
    image.set_pixel(x, y, mixed);
}

fn mix<P: Pixel>(old: u16, new: u16, keep: i32) -> u16 {
    if P::MAX[0] == 1 {
        let level = i32::from(P::grey(old)) * keep + i32::from(P::grey(new)) * (256 - keep);
        return P::from_grey((level >> 8) as u8);
    }
    let (old, new) = (P::split(old), P::split(new));
    let mut mixed = [0; 3];
    for (channel, mixed) in mixed.iter_mut().enumerate() {
        *mixed = (old[channel] * keep + new[channel] * (256 - keep)) >> 8;
    }
    P::join(mixed)
}

/// The pixels from `left` to `right`, both included.
pub(crate) fn hline(image: &mut ViewMut, left: i32, right: i32, y: i32, colour: u16) {
    let (width, height) = image.size();
    if y < 0 || y as i64 >= height as i64 {
        return;
    }
    let right = right.min(width as i32 - 1);
    for x in left.max(0)..=right {
        image.set_pixel(x, y, colour);
    }
}

/// The pixels from `top` to `bottom`, both included.
pub(crate) fn vline(image: &mut ViewMut, x: i32, top: i32, bottom: i32, colour: u16) {
    let (width, height) = image.size();
    if x < 0 || x as i64 >= width as i64 {
        return;
    }
    let bottom = bottom.min(height as i32 - 1);
    for y in top.max(0)..=bottom {
        image.set_pixel(x, y, colour);
    }
}

/// Coordinates beyond this are cut, so that sums of a few of them fit `i32`.
pub(super) const FAR: i32 = 1 << 20;

/// A coordinate or length of a script, cut to what arithmetic can bear.
pub(super) fn tame(value: i32) -> i32 {
    value.clamp(-FAR, FAR)
}
