//! The cosine transform of 8 x 8 values and its inverse, scaled as Y. Arai, T. Agui and M. Nakajima found (1988): their
//! factors go into the quantisation. Forward in whole numbers, back in `f32`.

/// What each coefficient of a row is multiplied with: 1, then cos(k pi / 16) times the root of 2.
const SCALE: [f32; 8] = [
    1.0,
    1.387_039_8,
    1.306_563,
    1.175_875_6,
    1.0,
    0.785_694_96,
    0.541_196_1,
    0.275_899_38,
];

/// The factor of a coefficient, row by row, for dequantising; forward it divides, with another 8.
pub(super) fn scale(at: usize) -> f32 {
    SCALE[at / 8] * SCALE[at % 8]
}

/// Each row, then each column, through a transform of eight values.
#[inline(always)]
fn both(block: &mut [f32; 64], of: impl Fn([f32; 8]) -> [f32; 8]) {
    for row in block.as_chunks_mut::<8>().0 {
        *row = of(*row);
    }
    for column in 0..8 {
        let values = of(core::array::from_fn(|row| block[row * 8 + column]));
        for (row, value) in values.into_iter().enumerate() {
            block[row * 8 + column] = value;
        }
    }
}

/// Of a factor of the transform in whole numbers, so many bits are behind the point.
const FRACTION: u32 = 12;

const fn fixed(factor: f64) -> i32 {
    (factor * (1 << FRACTION) as f64 + 0.5) as i32
}

#[inline(always)]
fn times(value: i32, factor: i32) -> i32 {
    (value * factor) >> FRACTION
}

/// Values of up to 11 bits to coefficients, each [`scale`] times 8 too large. The values are lost.
pub(super) fn forward(block: &mut [i16; 64]) -> [i32; 64] {
    for row in block.as_chunks_mut::<8>().0 {
        *row = eight(row.map(i32::from)).map(|value| value as i16);
    }
    let mut coefficients = [0; 64];
    for column in 0..8 {
        let values = eight(core::array::from_fn(|row| i32::from(block[row * 8 + column])));
        for (row, value) in values.into_iter().enumerate() {
            coefficients[row * 8 + column] = value;
        }
    }
    coefficients
}

#[inline(always)]
fn eight(v: [i32; 8]) -> [i32; 8] {
    const HALF: i32 = fixed(core::f64::consts::FRAC_1_SQRT_2);
    let s = [v[0] + v[7], v[1] + v[6], v[2] + v[5], v[3] + v[4]];
    let d = [v[0] - v[7], v[1] - v[6], v[2] - v[5], v[3] - v[4]];
    // Even coefficients.
    let (a, b) = (s[0] + s[3], s[1] + s[2]);
    let (c, e) = (s[0] - s[3], s[1] - s[2]);
    let turned = times(e + c, HALF);
    // Odd coefficients.
    let (p, q, r) = (d[3] + d[2], d[2] + d[1], d[1] + d[0]);
    let common = times(p - r, fixed(0.382_683_43));
    let low = times(p, fixed(0.541_196_1)) + common;
    let high = times(r, fixed(1.306_563)) + common;
    let middle = times(q, HALF);
    let (up, down) = (d[0] + middle, d[0] - middle);
    [
        a + b,
        up + high,
        c + turned,
        down - low,
        a - b,
        down + low,
        c - turned,
        up - high,
    ]
}

/// Coefficients, each multiplied with [`scale`], to values 8 times too large.
pub(super) fn inverse(block: &mut [f32; 64]) {
    both(block, |v| {
        // Even coefficients.
        let (a, b) = (v[0] + v[4], v[0] - v[4]);
        let c = v[2] + v[6];
        let d = (v[2] - v[6]) * core::f32::consts::SQRT_2 - c;
        let even = [a + c, b + d, b - d, a - c];
        // Odd coefficients.
        let (z13, z10) = (v[5] + v[3], v[5] - v[3]);
        let (z11, z12) = (v[1] + v[7], v[1] - v[7]);
        let first = z11 + z13;
        let turned = (z11 - z13) * core::f32::consts::SQRT_2;
        let common = (z10 + z12) * 1.847_759;
        let second = common - z10 * 2.613_126 - first;
        let third = turned - second;
        let fourth = common - z12 * 1.082_392_2 - third;
        [
            even[0] + first,
            even[1] + second,
            even[2] + third,
            even[3] + fourth,
            even[3] - fourth,
            even[2] - third,
            even[1] - second,
            even[0] - first,
        ]
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let before: [i16; 64] = core::array::from_fn(|at| (((at * 37 + at * at) % 255) as i16 - 128) * 8);
        let coefficients = forward(&mut before.clone());
        // The first coefficient is 8 times the mean.
        assert_eq!(
            coefficients[0],
            before.iter().map(|value| i32::from(*value)).sum::<i32>()
        );
        let mut block: [f32; 64] =
            core::array::from_fn(|at| coefficients[at] as f32 / (8.0 * scale(at)) * scale(at));
        inverse(&mut block);
        for (value, before) in block.iter().zip(before) {
            assert!((value / 8.0 - f32::from(before)).abs() < 2.0, "{value} {before}");
        }
    }

    #[test]
    fn the_largest_values_do_not_overflow() {
        for step in [1, 2, 4, 8, 9] {
            let mut block: [i16; 64] =
                core::array::from_fn(|at| if at / step % 2 == 0 { 1023 } else { -1024 });
            let sum: i32 = block.iter().map(|value| i32::from(*value)).sum();
            assert_eq!(forward(&mut block)[0], sum);
        }
    }
}
