//! Thresholds of a script: ranges of brightness, or of L, a and b.

use crate::colour::lab;
use crate::{Format, Pixel};

/// A range of brightness for images without colour, ranges of L, a and b for others; ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// Brightness (0 to 1, 0 to 255), or L (0 to 100).
    pub l: (i32, i32),
    /// a of LAB.
    pub a: (i32, i32),
    /// b of LAB.
    pub b: (i32, i32),
}

/// The range, whichever end a script names first.
const fn ordered(one: i32, other: i32) -> (i32, i32) {
    if one <= other { (one, other) } else { (other, one) }
}

impl Threshold {
    /// A range of brightness or L alone.
    pub const fn level(one: i32, other: i32) -> Self {
        Threshold {
            l: ordered(one, other),
            a: (-128, 127),
            b: (-128, 127),
        }
    }

    /// Ranges of L, a and b, as (l0, l1, a0, a1, b0, b1).
    pub const fn lab(ends: [i32; 6]) -> Self {
        Threshold {
            l: ordered(ends[0], ends[1]),
            a: ordered(ends[2], ends[3]),
            b: ordered(ends[4], ends[5]),
        }
    }

    /// True if the pixel lies in the ranges.
    #[inline]
    pub fn holds<P: Pixel>(&self, pixel: u16) -> bool {
        let within = |value: i32, range: (i32, i32)| range.0 <= value && value <= range.1;
        if matches!(P::FORMAT, Format::Rgb565) {
            let (l, a, b) = lab::from_rgb565(pixel);
            return within(l.into(), self.l) && within(a.into(), self.a) && within(b.into(), self.b);
        }
        within(P::level(pixel), self.l)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Grey, Rgb565};

    #[test]
    fn reversed_ends_are_the_same_range() {
        assert_eq!(Threshold::level(9, 3), Threshold::level(3, 9));
        assert!(Threshold::level(9, 3).holds::<Grey>(9));
        assert!(!Threshold::level(9, 3).holds::<Grey>(10));
        let green = Threshold::lab([0, 100, -128, -20, 127, 0]);
        assert!(green.holds::<Rgb565>(0x07E0) && !green.holds::<Rgb565>(0xF800));
    }
}
