//! How two pixels of one format are combined.

use crate::Pixel;

/// What becomes of a pixel of the image (first) and one of the source (second).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// The second.
    Replace,
    /// Bits set in both.
    And,
    /// Bits not set in both.
    Nand,
    /// Bits set in one of them.
    Or,
    /// Bits set in none.
    Nor,
    /// Bits set in exactly one.
    Xor,
    /// Bits equal in both.
    Xnor,
    /// Sum of each channel, saturated.
    Add,
    /// First minus second, at least 0.
    Sub,
    /// Second minus first, at least 0.
    Rsub,
    /// The smaller of each channel.
    Min,
    /// The larger of each channel.
    Max,
    /// The distance of each channel.
    Difference,
}

impl Op {
    /// All operations, for tests and tables.
    pub const ALL: [Op; 13] = [
        Op::Replace,
        Op::And,
        Op::Nand,
        Op::Or,
        Op::Nor,
        Op::Xor,
        Op::Xnor,
        Op::Add,
        Op::Sub,
        Op::Rsub,
        Op::Min,
        Op::Max,
        Op::Difference,
    ];

    /// True if each bit follows from the two bits in its place alone.
    pub fn is_bitwise(self) -> bool {
        use Op::*;
        matches!(self, Replace | And | Nand | Or | Nor | Xor | Xnor)
    }

    /// The combined pixel.
    #[inline]
    pub fn apply<P: Pixel>(self, first: u16, second: u16) -> u16 {
        let bits = P::FORMAT.white();
        match self {
            Op::Replace => second,
            Op::And => first & second,
            Op::Nand => !(first & second) & bits,
            Op::Or => first | second,
            Op::Nor => !(first | second) & bits,
            Op::Xor => first ^ second,
            Op::Xnor => !(first ^ second) & bits,
            Op::Add => channels::<P>(first, second, |a, b| a + b),
            Op::Sub => channels::<P>(first, second, |a, b| a - b),
            Op::Rsub => channels::<P>(first, second, |a, b| b - a),
            Op::Min => channels::<P>(first, second, Ord::min),
            Op::Max => channels::<P>(first, second, Ord::max),
            Op::Difference => channels::<P>(first, second, |a, b| (a - b).abs()),
        }
    }
}

/// Compiles an expression once for arithmetic that is worth a loop of its own, and once for the rest.
macro_rules! by_op {
    ($op:expr, $of:ident => $body:expr) => {
        match $op {
            $crate::compose::Op::Add => {
                let $of = $crate::compose::Op::Add;
                $body
            }
            $crate::compose::Op::Sub => {
                let $of = $crate::compose::Op::Sub;
                $body
            }
            $crate::compose::Op::Difference => {
                let $of = $crate::compose::Op::Difference;
                $body
            }
            $of => $body,
        }
    };
}
pub(super) use by_op;

#[inline]
fn channels<P: Pixel>(first: u16, second: u16, of: impl Fn(i32, i32) -> i32) -> u16 {
    let (first, second) = (P::split(first), P::split(second));
    let mut result = [0; 3];
    for (channel, result) in result.iter_mut().enumerate() {
        *result = of(first[channel], second[channel]).clamp(0, P::MAX[channel]);
    }
    P::join(result)
}

/// `new` over `old`, 0 invisible to 255 opaque, in 256 parts: 255 counts as 256.
#[inline]
pub(super) fn mix<P: Pixel>(old: u16, new: u16, alpha: u8) -> u16 {
    if alpha == 255 {
        return new;
    }
    let alpha = i32::from(alpha) + i32::from(alpha >> 7);
    if P::MAX[0] == 1 {
        let level = i32::from(P::grey(new)) * alpha + i32::from(P::grey(old)) * (256 - alpha);
        return P::from_grey((level >> 8) as u8);
    }
    channels::<P>(old, new, |old, new| (new * alpha + old * (256 - alpha)) >> 8)
}
