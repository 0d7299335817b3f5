//! The angle of a corner by the centre of its brightness, and 256 comparisons of pixels around it, turned by that angle: M.
//! Calonder and others, "BRIEF: Binary Robust Independent Elementary Features", 2010.

use crate::{View, math};

/// Half the side of the patch.
const HALF: i32 = 15;

/// Two places of a comparison: x, y, x, y.
type Pair = [i8; 4];

/// Pairs drawn so that places near the middle are more frequent, as in BRIEF's second scheme: sums of four numbers, at most
/// 12 from the middle.
const PAIRS: [Pair; 256] = {
    let mut pairs = [[0; 4]; 256];
    let mut state = 0x5151_2011_u32;
    let mut at = 0;
    while at < 256 {
        let mut coordinate = 0;
        while coordinate < 4 {
            let mut sum = 0;
            let mut part = 0;
            while part < 4 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                sum += ((state >> 24) % 7) as i8 - 3;
                part += 1;
            }
            pairs[at][coordinate] = sum;
            coordinate += 1;
        }
        // Two equal places would tell nothing.
        let [ax, ay, bx, by] = pairs[at];
        if ax != bx || ay != by {
            at += 1;
        }
    }
    pairs
};

/// The angle in degrees, in steps of 15, and the description.
pub(super) fn describe(image: &View, x: usize, y: usize) -> (u16, [u8; 32]) {
    let angle = angle(image, x, y);
    let (cos, sin) = (math::cos_degrees(angle), math::sin_degrees(angle));
    let level = |px: i8, py: i8| {
        let (px, py) = (f32::from(px), f32::from(py));
        let dx = math::round(px * cos - py * sin) as isize;
        let dy = math::round(px * sin + py * cos) as isize;
        image.row(y.wrapping_add_signed(dy))[x.wrapping_add_signed(dx)]
    };
    let mut description = [0; 32];
    for (at, [ax, ay, bx, by]) in PAIRS.into_iter().enumerate() {
        description[at / 8] |= u8::from(level(ax, ay) < level(bx, by)) << (at % 8);
    }
    (angle as u16, description)
}

/// The direction from the middle of a disc to the centre of its brightness.
fn angle(image: &View, x: usize, y: usize) -> i32 {
    let (mut across, mut down) = (0, 0);
    for dy in -HALF..=HALF {
        let half = math::isqrt((HALF * HALF - dy * dy) as u32) as i32;
        let row = image.row(y.wrapping_add_signed(dy as isize));
        for dx in -half..=half {
            let level = i32::from(row[x.wrapping_add_signed(dx as isize)]);
            across += dx * level;
            down += dy * level;
        }
    }
    let degrees = (math::atan2(down as f32, across as f32) * 57.29578) as i32 % 360;
    degrees - degrees % 15
}
