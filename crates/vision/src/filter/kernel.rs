//! Convolution with a kernel of whole numbers: any, binomial (gaussian), its difference from the pixel (laplacian).
//!
//! (sum * round(65536 * mul / total) + round(65536 * add)) >> 16, saturated; `total` is the kernel's sum, or 1 if that is 0.
//! Where 65536 * mul / total would round to 0, as for binomials above 9 x 9, 24 more bits are kept.

use super::{Adaptive, check, in_place, ring_bytes, window};
use crate::pixel::by_format;
use crate::{Error, Format, Pixel, Scratch, View, ViewMut, bytes_for};

/// The largest `ksize` of binomial kernels, whose sum is 16 to the `ksize`.
pub const MAX_BINOMIAL: usize = 7;

/// A kernel with its scale.
#[derive(Clone, Copy, Debug)]
pub struct Kernel<'a> {
    /// Half the side, without the middle.
    pub ksize: usize,
    /// (2 `ksize` + 1) squared weights, row by row.
    pub weights: &'a [i32],
    /// Factor on the sum.
    pub mul: f32,
    /// Added, as a share of one pixel value.
    pub add: f32,
}

/// Bytes of working memory that [`morph`], [`gaussian`] and [`laplacian`] need.
pub fn morph_scratch(format: Format, width: usize, height: usize, ksize: usize) -> usize {
    ring_bytes(format, width, height, ksize) + bytes_for::<i32>(window(ksize))
}

/// Convolves with a kernel, whose sum divides the result.
///
/// # Errors
/// A kernel of another size than `ksize` says, too little memory.
pub fn morph(
    image: &mut ViewMut,
    kernel: &Kernel,
    adaptive: &Adaptive,
    scratch: Scratch,
) -> Result<(), Error> {
    let total: i64 = kernel.weights.iter().map(|weight| i64::from(*weight)).sum();
    convolve(
        image,
        kernel,
        if total == 0 { 1 } else { total },
        adaptive,
        scratch,
    )
}

/// Blurs with a binomial kernel; `unsharp` gives twice the pixel less the blur.
///
/// # Errors
/// A `ksize` above `MAX_BINOMIAL`, too little memory.
pub fn gaussian(
    image: &mut ViewMut,
    ksize: usize,
    unsharp: bool,
    (mul, add): (f32, f32),
    adaptive: &Adaptive,
    mut scratch: Scratch,
) -> Result<(), Error> {
    let (weights, total) = binomial(ksize, &mut scratch)?;
    let mut total = total;
    if unsharp {
        weights[window(ksize) / 2] -= 2 * total as i32;
        total = -total;
    }
    let kernel = Kernel {
        ksize,
        weights,
        mul,
        add,
    };
    convolve(image, &kernel, total, adaptive, scratch)
}

/// The pixel less its binomial blur, scaled so that the middle counts once; `sharpen` adds it to the pixel.
///
/// # Errors
/// A `ksize` above `MAX_BINOMIAL`, too little memory.
pub fn laplacian(
    image: &mut ViewMut,
    ksize: usize,
    sharpen: bool,
    (mul, add): (f32, f32),
    adaptive: &Adaptive,
    mut scratch: Scratch,
) -> Result<(), Error> {
    let (weights, total) = binomial(ksize, &mut scratch)?;
    for weight in weights.iter_mut() {
        *weight = -*weight;
    }
    let middle = &mut weights[window(ksize) / 2];
    *middle += total as i32;
    let scale = i64::from(*middle);
    if sharpen {
        *middle += scale as i32;
    }
    let kernel = Kernel {
        ksize,
        weights,
        mul,
        add,
    };
    convolve(
        image,
        &kernel,
        if scale == 0 { 1 } else { scale },
        adaptive,
        scratch,
    )
}

/// The products of a row of Pascal's triangle with itself, and their sum.
fn binomial<'a>(ksize: usize, scratch: &mut Scratch<'a>) -> Result<(&'a mut [i32], i64), Error> {
    if ksize > MAX_BINOMIAL {
        return Err(Error::Argument {
            name: "ksize",
            found: ksize as f32,
            expected: "0 to 7",
        });
    }
    let side = 2 * ksize + 1;
    let mut row = [0; 2 * MAX_BINOMIAL + 1];
    row[0] = 1;
    for index in 1..side {
        row[index] = row[index - 1] * (side - index) as i32 / index as i32;
    }
    let weights = scratch.take::<i32>(side * side)?;
    for (index, weight) in weights.iter_mut().enumerate() {
        *weight = row[index / side] * row[index % side];
    }
    Ok((weights, 1 << (4 * ksize)))
}

/// The factor on a sum, and by how many bits the product is shifted.
fn scale(mul: f32, total: i64) -> (i64, u32) {
    let share = mul / total as f32;
    let factor = libm::rintf(65536.0 * share) as i64;
    if factor == 0 && share != 0.0 {
        return (libm::rintf(65536.0 * 16_777_216.0 * share) as i64, 40);
    }
    (factor, 16)
}

fn convolve(
    image: &mut ViewMut,
    kernel: &Kernel,
    total: i64,
    adaptive: &Adaptive,
    mut scratch: Scratch,
) -> Result<(), Error> {
    check(kernel.ksize)?;
    if kernel.weights.len() != window(kernel.ksize) {
        return Err(Error::Argument {
            name: "kernel",
            found: kernel.weights.len() as f32,
            expected: "(2 * ksize + 1) squared weights",
        });
    }
    let (factor, shift) = scale(kernel.mul, total);
    let add = (libm::rintf(65536.0 * kernel.add) as i64) << (shift - 16);
    // Sums of weights and channels that fit a word of the core.
    let weight: u64 = kernel
        .weights
        .iter()
        .map(|weight| u64::from(weight.unsigned_abs()))
        .sum();
    let fits = weight < 1 << 23;
    by_format!(image.format(), P => {
        in_place(image, kernel.ksize, &mut scratch, |old, y, new| {
            let (reach, width) = (kernel.ksize, old.width());
            for x in 0..width {
                if adaptive.admits(x, y) {
                    let sums = if fits && x >= reach && x + reach < width {
                        inner_sums::<P>(old, kernel, x, y)
                    } else {
                        sums::<P>(old, kernel, x, y)
                    };
                    let mut channels = [0; 3];
                    for (index, channel) in channels.iter_mut().enumerate() {
                        let value = sums[index].saturating_mul(factor).saturating_add(add) >> shift;
                        *channel = value.clamp(0, i64::from(P::MAX[index])) as i32;
                    }
                    let before = P::get(old.row(y), x);
                    P::put(new, x, adaptive.finish::<P>(P::join(channels), before));
                }
            }
        })
    })
}

/// The same where no column is outside and no sum is large.
#[inline]
fn inner_sums<P: Pixel>(old: &View, kernel: &Kernel, x: usize, y: usize) -> [i64; 3] {
    let reach = kernel.ksize as isize;
    let mut sums = [0i32; 3];
    let side = 2 * kernel.ksize + 1;
    let first = x - kernel.ksize;
    for (step, weights) in (-reach..).zip(kernel.weights.chunks_exact(side)) {
        let row = old.row_clamped(y as isize + step);
        for (column, weight) in (first..).zip(weights) {
            let channels = P::split(P::get(row, column));
            for (sum, channel) in sums.iter_mut().zip(channels).take(P::CHANNELS) {
                *sum += *weight * channel;
            }
        }
    }
    sums.map(i64::from)
}

/// The weighted sums of the window's channels.
#[inline(never)]
fn sums<P: Pixel>(old: &View, kernel: &Kernel, x: usize, y: usize) -> [i64; 3] {
    let reach = kernel.ksize as isize;
    let last = old.width() as isize - 1;
    let mut sums = [0; 3];
    let side = 2 * kernel.ksize + 1;
    for (step, weights) in (-reach..).zip(kernel.weights.chunks_exact(side)) {
        let row = old.row_clamped(y as isize + step);
        for (step, weight) in (-reach..).zip(weights) {
            let column = (x as isize + step).clamp(0, last) as usize;
            for (sum, channel) in sums.iter_mut().zip(P::split(P::get(row, column))) {
                *sum += i64::from(*weight) * i64::from(channel);
            }
        }
    }
    sums
}
