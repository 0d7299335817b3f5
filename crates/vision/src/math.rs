//! Rounding and angles as the facts fix them: `f32`, floor or round half to even, angles 0 to 2 pi.

include!(concat!(env!("OUT_DIR"), "/trig.rs"));

/// Cosine of a whole number of degrees.
pub fn cos_degrees(degrees: i32) -> f32 {
    COS[degrees.rem_euclid(360) as usize]
}

/// Sine of a whole number of degrees.
pub fn sin_degrees(degrees: i32) -> f32 {
    SIN[degrees.rem_euclid(360) as usize]
}

/// The largest whole number that is not above `value`, saturated.
pub fn floor(value: f32) -> i32 {
    let whole = value as i32;
    whole.saturating_sub(i32::from(whole as f32 > value))
}

/// The smallest whole number that is not below `value`, saturated.
pub fn ceil(value: f32) -> i32 {
    libm::ceilf(value) as i32
}

/// The nearest whole number, halves to the even one, saturated.
pub fn round(value: f32) -> i32 {
    // Halves of a unit in the last place: a sum with this number is whole, and rounded as asked.
    const WHOLE: f32 = 12_582_912.0;
    if value.abs() < 4_194_304.0 {
        return (value + WHOLE).to_bits() as i32 - WHOLE.to_bits() as i32;
    }
    libm::rintf(value) as i32
}

/// Square root, correctly rounded.
pub fn sqrt(value: f32) -> f32 {
    if value > 0.0 && value < f32::INFINITY {
        // The root of a number of 24 bits is never so near to the middle of two others that this error matters.
        sqrt_double(f64::from(value)) as f32
    } else {
        libm::sqrtf(value)
    }
}

/// Square root of a normal number above 0, to the last bit or the one before: Newton's steps to its reciprocal, which take a
/// third of the time of `libm`'s, as `core` does not offer the instruction.
pub(crate) fn sqrt_double(value: f64) -> f64 {
    let half = 0.5 * value;
    let mut reciprocal = f64::from_bits(0x5FE6_EB50_C7B5_37A9 - (value.to_bits() >> 1));
    for _ in 0..3 {
        reciprocal *= 1.5 - half * reciprocal * reciprocal;
    }
    let root = value * reciprocal;
    root + 0.5 * reciprocal * (value - root * root)
}

/// The angle of (x, y), 0 to 2 pi.
pub fn atan2(y: f32, x: f32) -> f32 {
    let angle = libm::atan2f(y, x);
    if angle < 0.0 {
        angle + core::f32::consts::TAU
    } else {
        angle
    }
}

/// The whole part of a square root.
pub fn isqrt(value: u32) -> u32 {
    value.isqrt()
}

/// `a / b`, and 0 where b is 0.
pub fn ratio(a: f32, b: f32) -> f32 {
    if b == 0.0 { 0.0 } else { a / b }
}

/// Sorts by "comes before": heapsort (J. Williams, 1964), a tenth of the code of `core`'s sort. Equals in no particular order.
pub(crate) fn sort<T: Copy>(items: &mut [T], before: impl Fn(&T, &T) -> bool) {
    let sift = |items: &mut [T], mut root: usize| loop {
        let mut child = 2 * root + 1;
        if child >= items.len() {
            return;
        }
        if child + 1 < items.len() && before(&items[child], &items[child + 1]) {
            child += 1;
        }
        if !before(&items[root], &items[child]) {
            return;
        }
        items.swap(root, child);
        root = child;
    };
    for root in (0..items.len() / 2).rev() {
        sift(items, root);
    }
    for end in (1..items.len()).rev() {
        items.swap(0, end);
        sift(&mut items[..end], 0);
    }
}

/// A quotient rounded to the nearest, halves to the even; `divisor` is above 0.
pub fn div_round_even(value: i64, divisor: i64) -> i64 {
    let quotient = value.div_euclid(divisor);
    let twice = 2 * value.rem_euclid(divisor);
    quotient + i64::from(twice > divisor || (twice == divisor && quotient & 1 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_to_the_even_number() {
        assert_eq!([0.5, 1.5, 2.5, -0.5, -1.5].map(round), [0, 2, 2, 0, -2]);
        assert_eq!([1, 3, 5, -1, -3].map(|n| div_round_even(n, 2)), [0, 2, 2, 0, -2]);
        assert_eq!(div_round_even(7, 3), 2);
    }

    #[test]
    fn roots_are_those_of_the_machine() {
        let mut bits = 1u32;
        for _ in 0..200_000 {
            bits = bits.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let value = f32::from_bits(bits & 0x7FFF_FFFF);
            if value.is_nan() {
                continue;
            }
            assert_eq!(sqrt(value).to_bits(), value.sqrt().to_bits(), "{value}");
            let (value, root) = (f64::from(value), f64::from(value).sqrt());
            if value.is_normal() {
                assert!((sqrt_double(value) - root).abs() <= root * 4.5e-16, "{value}");
            }
        }
        assert_eq!([0.0, 4.0, f32::INFINITY].map(sqrt), [0.0, 2.0, f32::INFINITY]);
        assert!(sqrt(-1.0).is_nan() && sqrt(f32::NAN).is_nan());
    }

    #[test]
    fn whole_numbers_are_those_of_the_library() {
        for value in [
            -2.5,
            -2.0,
            -0.1,
            0.0,
            0.9,
            1e6 + 0.5,
            4_194_303.5,
            4_194_305.5,
            1e10,
            -1e10,
            f32::NAN,
        ] {
            assert_eq!(floor(value), libm::floorf(value) as i32, "{value}");
            assert_eq!(round(value), libm::rintf(value) as i32, "{value}");
        }
    }

    #[test]
    fn angles_have_one_turn() {
        assert_eq!(
            atan2(-1.0, 0.0),
            core::f32::consts::TAU - core::f32::consts::FRAC_PI_2
        );
        assert_eq!(cos_degrees(90), 0.0);
        assert_eq!(sin_degrees(-90), -1.0);
        assert_eq!(cos_degrees(60), 0.5);
    }
}
