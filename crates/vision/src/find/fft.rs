//! The Fourier transform of a picture: J. Cooley and J. Tukey, 1965, radix 2, in `f32` with factors from `f64`.

use crate::{Error, Scratch, bytes_for};

/// Real and imaginary part.
pub(super) type Complex = [f32; 2];

pub(super) fn multiply(a: Complex, b: Complex) -> Complex {
    [a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]]
}

/// Sides of a power of two, and the factors of both.
pub(super) struct Plane<'a> {
    pub width: usize,
    pub height: usize,
    factors: &'a [Complex],
    column: &'a mut [Complex],
}

/// Bytes that a plane needs besides its values.
pub(super) fn plane_bytes(width: usize, height: usize) -> usize {
    let longest = width.max(height);
    bytes_for::<Complex>(longest / 2) + bytes_for::<Complex>(longest)
}

impl<'a> Plane<'a> {
    pub fn new(width: usize, height: usize, scratch: &mut Scratch<'a>) -> Result<Self, Error> {
        let longest = width.max(height);
        let factors = scratch.take::<Complex>(longest / 2)?;
        for (index, factor) in factors.iter_mut().enumerate() {
            let (sin, cos) = libm::sincos(-core::f64::consts::TAU * index as f64 / longest as f64);
            *factor = [cos as f32, sin as f32];
        }
        Ok(Plane {
            width,
            height,
            factors,
            column: scratch.take(longest)?,
        })
    }

    /// Transforms in place; backward without the factor 1 / (width * height).
    pub fn transform(&mut self, values: &mut [Complex], backward: bool) {
        for row in values.chunks_exact_mut(self.width) {
            line(row, self.factors, backward);
        }
        for x in 0..self.width {
            let column = &mut self.column[..self.height];
            for (y, value) in column.iter_mut().enumerate() {
                *value = values[y * self.width + x];
            }
            line(column, self.factors, backward);
            for (y, value) in column.iter().enumerate() {
                values[y * self.width + x] = *value;
            }
        }
    }
}

fn line(values: &mut [Complex], factors: &[Complex], backward: bool) {
    let count = values.len();
    if count < 2 {
        return;
    }
    let shift = usize::BITS - count.trailing_zeros();
    for index in 0..count {
        let other = index.reverse_bits() >> shift;
        if other > index {
            values.swap(index, other);
        }
    }
    let mut half = 1;
    while half < count {
        // `factors` are those of the longest line.
        let stride = factors.len() / half;
        for block in values.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for (index, (a, b)) in low.iter_mut().zip(high).enumerate() {
                let mut factor = factors[index * stride];
                if backward {
                    factor[1] = -factor[1];
                }
                let turned = multiply(*b, factor);
                *b = [a[0] - turned[0], a[1] - turned[1]];
                *a = [a[0] + turned[0], a[1] + turned[1]];
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back_and_a_known_wave() {
        let mut memory = [0; 4096];
        let mut scratch = Scratch::new(&mut memory);
        let mut plane = Plane::new(16, 4, &mut scratch).unwrap();
        let mut values = [[0.0f32; 2]; 64];
        for (at, value) in values.iter_mut().enumerate() {
            value[0] = (core::f32::consts::TAU * 3.0 * (at % 16) as f32 / 16.0).cos() + (at / 16) as f32;
        }
        let before = values;
        plane.transform(&mut values, false);
        assert!((values[3][0] - 32.0).abs() < 1e-3 && (values[13][0] - 32.0).abs() < 1e-3);
        assert!((values[0][0] - 96.0).abs() < 1e-3);
        plane.transform(&mut values, true);
        for (value, before) in values.iter().zip(before) {
            assert!((value[0] / 64.0 - before[0]).abs() < 1e-4 && value[1].abs() < 1e-3);
        }
    }
}
