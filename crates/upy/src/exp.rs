//! The exponential function, in place of the core's own.
//!
//! The core's library is one unit in the last place off at `exp(1.0)`, so `math.exp(1) != math.e`. Here the sum that
//! gives the result is made of two exact parts, which leaves the error of the last addition (below 0.55 units).

/// 1 / ln 2.
const PER_LN2: f64 = core::f64::consts::LOG2_E;
/// ln 2 in two parts; the first has so few bits that its product with any exponent is exact.
const LN2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
const LN2_LOW: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76);
/// Above this the result is infinite, below the other it is zero.
const OVERFLOW: f64 = 709.782_712_893_384;
const UNDERFLOW: f64 = -745.133_219_101_941_1;

/// 1 / n! for n = 2 ..= 14: the next term is below 2^-62 of the result.
const TERMS: [f64; 13] = {
    let mut terms = [0.0; 13];
    let (mut n, mut factorial) = (2, 2.0);
    while n <= 14 {
        terms[n - 2] = 1.0 / factorial;
        n += 1;
        factorial *= n as f64;
    }
    terms
};

#[cfg_attr(target_os = "none", unsafe(no_mangle))]
extern "C" fn exp(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x > OVERFLOW {
        return f64::INFINITY;
    }
    if x < UNDERFLOW {
        return 0.0;
    }
    // x = k ln 2 + r, |r| <= ln 2 / 2, r = high + low.
    let k = (x * PER_LN2 + if x < 0.0 { -0.5 } else { 0.5 }) as i32;
    let a = x - f64::from(k) * LN2_HIGH;
    let b = f64::from(k) * LN2_LOW;
    let high = a - b;
    let low = (a - high) - b;
    // e^r = 1 + high + (low + higher powers)
    let powers = TERMS.iter().rev().fold(0.0, |sum, term| sum * high + term) * high * high;
    let sum = 1.0 + high;
    let lost = high - (sum - 1.0);
    scale(sum + (lost + (powers + low)), k)
}

/// x * 2^k in two steps, because 2^k alone may be out of range.
fn scale(x: f64, k: i32) -> f64 {
    let power = |k: i32| f64::from_bits(((k + 1023) as u64) << 52);
    let half = k / 2;
    x * power(half) * power(k - half)
}

#[cfg(test)]
mod tests {
    use super::exp;

    /// Distance in units in the last place, from the host's library, which is within 0.51 of the truth.
    fn units(x: f64) -> u64 {
        exp(x).to_bits().abs_diff(x.exp().to_bits())
    }

    #[test]
    fn the_exponential_of_one_is_e() {
        assert_eq!(exp(1.0), core::f64::consts::E);
        assert_eq!(exp(0.0), 1.0);
        assert_eq!(exp(-0.0), 1.0);
    }

    #[test]
    fn it_is_at_most_one_unit_off_and_seldom_that() {
        let steps = 200_000;
        let off = (0..steps).map(|i| units(-744.0 + 1453.0 * f64::from(i) / f64::from(steps)));
        let off: Vec<u64> = off.collect();
        assert!(off.iter().all(|units| *units <= 1));
        assert!(off.iter().sum::<u64>() < steps as u64 / 30);
    }

    #[test]
    fn the_ends_of_its_range_are_infinite_and_zero() {
        assert_eq!(exp(709.79), f64::INFINITY);
        assert!(exp(709.78).is_finite());
        assert_eq!(exp(f64::INFINITY), f64::INFINITY);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp(-746.0), 0.0);
        assert!(exp(-745.0) > 0.0);
        assert!(exp(f64::NAN).is_nan());
    }
}
