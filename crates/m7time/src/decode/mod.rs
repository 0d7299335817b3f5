//! Thumb-2 instructions as the pipeline sees them (Armv7-M ARM, A5 and A6). What is undefined decodes as [`Unit::Alone`]:
//! it never comes to the end.

mod float;
mod narrow;
mod wide;

use crate::op::{Op, Unit};

/// The instruction at the start of `code`, or nothing if it is cut off.
pub fn decode(code: &[u8]) -> Option<Op> {
    let half = |at: usize| {
        let bytes = code.get(at..at + 2)?;
        Some(u32::from(u16::from_le_bytes([bytes[0], bytes[1]])))
    };
    let first = half(0)?;
    if first >> 11 < 0b11101 {
        return Some(narrow::decode(first));
    }
    Some(wide::decode(first, half(2)?))
}

/// Bits `low..low + count`.
const fn bits(word: u32, low: u32, count: u32) -> u32 {
    (word >> low) & ((1 << count) - 1)
}

/// One bit.
const fn bit(word: u32, at: u32) -> bool {
    word >> at & 1 != 0
}

const fn alone(bytes: u8) -> Op {
    Op::new(bytes, Unit::Alone)
}

#[cfg(test)]
mod tests;
