//! Code 128: ISO/IEC 15417.

use super::text::Text;
use super::widths::{nearest, packed};
use super::{Reading, Symbology};

/// The patterns of the 106 values; 103 to 105 are the starts of sets A, B and C.
#[rustfmt::skip]
const PATTERNS: [u16; 106] = {
    const DIGITS: [u32; 106] = [
        212222, 222122, 222221, 121223, 121322, 131222, 122213, 122312, 132212, 221213, 221312, 231212, 112232, 122132,
        122231, 113222, 123122, 123221, 223211, 221132, 221231, 213212, 223112, 312131, 311222, 321122, 321221, 312212,
        322112, 322211, 212123, 212321, 232121, 111323, 131123, 131321, 112313, 132113, 132311, 211313, 231113, 231311,
        112133, 112331, 132131, 113123, 113321, 133121, 313121, 211331, 231131, 213113, 213311, 213131, 311123, 311321,
        331121, 312113, 312311, 332111, 314111, 221411, 431111, 111224, 111422, 121124, 121421, 141122, 141221, 112214,
        112412, 122114, 122411, 142112, 142211, 241211, 221114, 413111, 241112, 134111, 111242, 121142, 121241, 114212,
        124112, 124211, 411212, 421112, 421211, 212141, 214121, 412121, 111143, 111341, 131141, 114113, 114311, 411113,
        411311, 113141, 114131, 311141, 411131, 211412, 211214, 211232,
    ];
    let mut patterns = [0; 106];
    let mut at = 0;
    while at < patterns.len() {
        patterns[at] = packed(DIGITS[at]);
        at += 1;
    }
    patterns
};
/// The stop is one bar longer; this is what stands before it.
const STOP: [u16; 1] = [packed(233111)];

/// The character set in force.
#[derive(Clone, Copy, PartialEq)]
enum Set {
    A,
    B,
    C,
}

const SHIFT: usize = 98;
const TO_C: usize = 99;
const TO_B: usize = 100;
const TO_A: usize = 101;
const FNC1: usize = 102;

pub fn read(widths: &[u32], text: &mut Text) -> Option<Reading> {
    let body = widths.get(1..)?;
    let start = 103 + nearest(body.get(..6)?, &PATTERNS[103..], 11)?;
    // A quiet zone of ten modules; half of it is asked for.
    if widths[0] * 11 < body[..6].iter().sum::<u32>() * 5 {
        return None;
    }
    let mut reader = Values {
        set: [Set::A, Set::B, Set::C][start - 103],
        shift: None,
        count: 0,
    };
    let mut sum = start;
    // The last value is the check, which is known only when the stop comes.
    let mut waiting: Option<usize> = None;
    for at in 1.. {
        let six = body.get(6 * at..6 * at + 6)?;
        if let Some(value) = nearest(six, &PATTERNS[..103], 11) {
            if let Some(before) = waiting.replace(value) {
                sum += before * (at - 1);
                reader.put(before, text)?;
            }
            continue;
        }
        nearest(six, &STOP, 11)?;
        let ends = body.get(6 * at + 6).is_some();
        let good = ends && waiting? == sum % 103 && !text.as_bytes().is_empty();
        return good.then_some(Reading {
            symbology: Symbology::Code128,
            count: 6 * at + 7,
        });
    }
    None
}

struct Values {
    set: Set,
    /// The set of the next value only.
    shift: Option<Set>,
    /// Values so far.
    count: usize,
}

impl Values {
    fn put(&mut self, value: usize, text: &mut Text) -> Option<()> {
        let set = self.shift.take().unwrap_or(self.set);
        self.count += 1;
        match (set, value) {
            (Set::C, 0..100) => return text.number(value as u64, 2),
            // The first one says that the data are GS1's; further ones separate.
            (_, FNC1) if self.count > 1 => return text.push(0x1D),
            (Set::B | Set::C, TO_A) => self.set = Set::A,
            (Set::A | Set::C, TO_B) => self.set = Set::B,
            (Set::A | Set::B, TO_C) => self.set = Set::C,
            (Set::A, SHIFT) => self.shift = Some(Set::B),
            (Set::B, SHIFT) => self.shift = Some(Set::A),
            (Set::A, 64..96) => return text.push(value as u8 - 64),
            (Set::A | Set::B, 0..96) => return text.push(value as u8 + 32),
            // The other functions stand for nothing in the text.
            _ => {}
        }
        Some(())
    }
}
