//! Blur that keeps edges: C. Tomasi and R. Manduchi, "Bilateral Filtering for Gray and Color Images", ICCV 1998.
//!
//! Weights are `f32` gaussians of the distance in colour (share of the channel's range) and in space (share of the window's
//! half diagonal); sums are `f32`, window row by row; the quotient is floored.

use super::{Adaptive, check, in_place, ring_bytes, window};
use crate::math::{floor, ratio};
use crate::pixel::by_format;
use crate::{Error, Format, Pixel, Scratch, View, ViewMut, bytes_for};

/// The widths of both gaussians.
#[derive(Clone, Copy, Debug)]
pub struct Bilateral {
    /// As a share of the channel's range.
    pub color_sigma: f32,
    /// As a share of the window's half diagonal.
    pub space_sigma: f32,
}

/// Bytes of working memory that [`bilateral`] needs.
pub fn bilateral_scratch(format: Format, width: usize, height: usize, ksize: usize) -> usize {
    ring_bytes(format, width, height, ksize) + bytes_for::<f32>(3 * 256 + window(ksize))
}

/// Replaces each pixel by the mean of its window, weighted by nearness in place and colour.
///
/// # Errors
/// A `ksize` above [`super::MAX_KSIZE`], a sigma that is 0 or no number, too little memory.
pub fn bilateral(
    image: &mut ViewMut,
    ksize: usize,
    widths: &Bilateral,
    adaptive: &Adaptive,
    mut scratch: Scratch,
) -> Result<(), Error> {
    check(ksize)?;
    for (name, sigma) in [
        ("color_sigma", widths.color_sigma),
        ("space_sigma", widths.space_sigma),
    ] {
        if sigma == 0.0 || !sigma.is_finite() {
            return Err(Error::Argument {
                name,
                found: sigma,
                expected: "a number other than 0",
            });
        }
    }
    let (colour, space) = scratch
        .take::<f32>(3 * 256 + window(ksize))?
        .split_at_mut(3 * 256);
    by_format!(image.format(), P => {
        tables::<P>(ksize, widths, colour, space);
        in_place(image, ksize, &mut scratch, |old, y, new| {
            for x in 0..old.width() {
                if adaptive.admits(x, y) {
                    let before = P::get(old.row(y), x);
                    let pixel = pixel::<P>(old, ksize, (x, y), colour, space);
                    P::put(new, x, adaptive.finish::<P>(pixel, before));
                }
            }
        })
    })
}

/// exp(-x^2 / (2 sigma^2)) / (sigma sqrt(2 pi)), its exponential in double precision.
fn gaussian(x: f32, sigma: f32) -> f32 {
    let exponent = (x * x) / (-2.0 * sigma * sigma);
    libm::exp(f64::from(exponent)) as f32 / (sigma.abs() * 2.506628)
}

fn tables<P: Pixel>(ksize: usize, widths: &Bilateral, colour: &mut [f32], space: &mut [f32]) {
    for (channel, table) in colour.chunks_exact_mut(256).enumerate().take(P::CHANNELS) {
        let most = P::MAX[channel];
        for (distance, weight) in table.iter_mut().enumerate().take(most as usize + 1) {
            *weight = gaussian(distance as f32 * (1.0 / most as f32), widths.color_sigma);
        }
    }
    let side = 2 * ksize + 1;
    let distance = |x: isize, y: isize| crate::math::sqrt((x * x + y * y) as f32);
    let reach = ksize as isize;
    let scale = ratio(1.0, distance(reach, reach));
    for (index, weight) in space.iter_mut().enumerate() {
        let (x, y) = ((index % side) as isize - reach, (index / side) as isize - reach);
        *weight = gaussian(distance(x, y) * scale, widths.space_sigma);
    }
}

fn pixel<P: Pixel>(old: &View, ksize: usize, (x, y): (usize, usize), colour: &[f32], space: &[f32]) -> u16 {
    let reach = ksize as isize;
    let side = 2 * ksize + 1;
    let last = old.width() as isize - 1;
    let here = P::split(P::get(old.row(y), x));
    let (mut sums, mut weights) = ([0.0f32; 3], [0.0f32; 3]);
    for (step, near) in (-reach..).zip(space.chunks_exact(side)) {
        let row = old.row_clamped(y as isize + step);
        for (step, near) in (-reach..).zip(near) {
            let column = (x as isize + step).clamp(0, last) as usize;
            let there = P::split(P::get(row, column));
            for channel in 0..P::CHANNELS {
                let distance = (here[channel] - there[channel]).unsigned_abs() as usize;
                let weight = colour[channel * 256 + distance] * near;
                sums[channel] += there[channel] as f32 * weight;
                weights[channel] += weight;
            }
        }
    }
    let mut channels = [0; 3];
    for (index, channel) in channels.iter_mut().enumerate().take(P::CHANNELS) {
        let mean = ratio(sums[index], weights[index]).min(P::MAX[index] as f32);
        *channel = floor(mean).max(0);
    }
    P::join(channels)
}
