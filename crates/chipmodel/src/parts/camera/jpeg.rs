//! Baseline JPEG (ITU-T T.81), 4:2:2 as the sensor's own compressor has it, with the tables of annex K.

use super::colour::yuv;

const ZIGZAG: [usize; 64] = [
    0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7,
    14, 21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39,
    46, 53, 60, 61, 54, 47, 55, 62, 63,
];
/// Tables K.1 and K.2.
const QUANT: [[u8; 64]; 2] = [
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14,
        17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49,
        64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ],
    [
        17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99, 47,
        66, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
        99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
    ],
];
/// Tables K.3 to K.6: how many codes of each length, and what they mean.
type Codes = (&'static [u8; 16], &'static [u8]);
const TWELVE: &[u8] = &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const DC: [Codes; 2] = [
    (&[0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], TWELVE),
    (&[0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], TWELVE),
];
const AC: [Codes; 2] = [
    (
        &[0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7D],
        &[
            0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07,
            0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xA1, 0x08, 0x23, 0x42, 0xB1, 0xC1, 0x15, 0x52, 0xD1, 0xF0,
            0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0A, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x25, 0x26, 0x27, 0x28,
            0x29, 0x2A, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49,
            0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69,
            0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
            0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5, 0xA6, 0xA7,
            0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3, 0xC4, 0xC5,
            0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA, 0xE1, 0xE2,
            0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF1, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8,
            0xF9, 0xFA,
        ],
    ),
    (
        &[0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77],
        &[
            0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71,
            0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xA1, 0xB1, 0xC1, 0x09, 0x23, 0x33, 0x52, 0xF0,
            0x15, 0x62, 0x72, 0xD1, 0x0A, 0x16, 0x24, 0x34, 0xE1, 0x25, 0xF1, 0x17, 0x18, 0x19, 0x1A, 0x26,
            0x27, 0x28, 0x29, 0x2A, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3A, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
            0x49, 0x4A, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5A, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
            0x69, 0x6A, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7A, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87,
            0x88, 0x89, 0x8A, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9A, 0xA2, 0xA3, 0xA4, 0xA5,
            0xA6, 0xA7, 0xA8, 0xA9, 0xAA, 0xB2, 0xB3, 0xB4, 0xB5, 0xB6, 0xB7, 0xB8, 0xB9, 0xBA, 0xC2, 0xC3,
            0xC4, 0xC5, 0xC6, 0xC7, 0xC8, 0xC9, 0xCA, 0xD2, 0xD3, 0xD4, 0xD5, 0xD6, 0xD7, 0xD8, 0xD9, 0xDA,
            0xE2, 0xE3, 0xE4, 0xE5, 0xE6, 0xE7, 0xE8, 0xE9, 0xEA, 0xF2, 0xF3, 0xF4, 0xF5, 0xF6, 0xF7, 0xF8,
            0xF9, 0xFA,
        ],
    ),
];

/// Bits, with a zero stuffed behind each 0xFF.
struct Bits {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, bits: u32) {
        for bit in (0..bits).rev() {
            self.held = self.held << 1 | value >> bit & 1;
            self.count += 1;
            if self.count == 8 {
                self.bytes.push(self.held as u8);
                if self.held as u8 == 0xFF {
                    self.bytes.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }

    /// The code of a symbol.
    fn symbol(&mut self, (lengths, symbols): Codes, symbol: u8) {
        let (mut code, mut at) = (0, 0);
        for (bits, count) in (1..).zip(lengths) {
            for _ in 0..*count {
                if symbols[at] == symbol {
                    return self.put(code, bits);
                }
                (code, at) = (code + 1, at + 1);
            }
            code <<= 1;
        }
    }

    /// A number behind its size.
    fn number(&mut self, value: i32, size: u32) {
        let value = if value < 0 { value - 1 } else { value };
        self.put(value as u32 & ((1 << size) - 1), size);
    }
}

fn size(value: i32) -> u32 {
    32 - value.unsigned_abs().leading_zeros()
}

/// A picture of so many pixels, which are multiples of 16 and 8.
pub fn encode(width: usize, height: usize, pixels: &[[u8; 3]], scale: u8) -> Vec<u8> {
    let quant = QUANT.map(|table| {
        table.map(|value| (u32::from(value) * u32::from(scale.max(1)) / 16).clamp(1, 255) as u8)
    });
    let mut bits = Bits {
        bytes: headers(width, height, &quant),
        held: 0,
        count: 0,
    };
    let planes: Vec<[f64; 3]> = pixels
        .iter()
        .map(|pixel| {
            let (y, u, v) = yuv(*pixel);
            [y, u, v].map(|value| f64::from(value) - 128.0)
        })
        .collect();
    let at = |x: usize, y: usize, of: usize| planes[y.min(height - 1) * width + x.min(width - 1)][of];
    let mut before = [0; 3];
    for top in (0..height).step_by(8) {
        for left in (0..width).step_by(16) {
            for (of, shift, step) in [(0, 0, 1), (0, 8, 1), (1, 0, 2), (2, 0, 2)] {
                let mut block = [0.0; 64];
                for (n, value) in block.iter_mut().enumerate() {
                    *value = at(left + shift + n % 8 * step, top + n / 8, of);
                }
                put_block(
                    &mut bits,
                    &transformed(&block),
                    &quant[of.min(1)],
                    of.min(1),
                    &mut before[of],
                );
            }
        }
    }
    while bits.count != 0 {
        bits.put(1, 1);
    }
    bits.bytes.extend([0xFF, 0xD9]);
    bits.bytes
}

fn put_block(bits: &mut Bits, values: &[f64; 64], quant: &[u8; 64], table: usize, before: &mut i32) {
    let rounded = ZIGZAG.map(|n| (values[n] / f64::from(quant[n])).round() as i32);
    let difference = rounded[0] - core::mem::replace(before, rounded[0]);
    bits.symbol(DC[table], size(difference) as u8);
    bits.number(difference, size(difference));
    let last = rounded.iter().rposition(|value| *value != 0).unwrap_or(0);
    let mut zeros = 0;
    for value in &rounded[1..=last] {
        if *value == 0 {
            zeros += 1;
            continue;
        }
        while zeros > 15 {
            bits.symbol(AC[table], 0xF0);
            zeros -= 16;
        }
        bits.symbol(AC[table], (zeros << 4) as u8 | size(*value) as u8);
        bits.number(*value, size(*value));
        zeros = 0;
    }
    if last < 63 {
        bits.symbol(AC[table], 0);
    }
}

/// The cosine transform (A.3.3).
fn transformed(block: &[f64; 64]) -> [f64; 64] {
    let cosine = |x: usize, u: usize| ((2 * x + 1) as f64 * u as f64 * core::f64::consts::PI / 16.0).cos();
    let weight = |u: usize| {
        if u == 0 {
            core::f64::consts::FRAC_1_SQRT_2
        } else {
            1.0
        }
    };
    let table: [[f64; 8]; 8] =
        core::array::from_fn(|u| core::array::from_fn(|x| weight(u) * cosine(x, u) / 2.0));
    let mut rows = [0.0; 64];
    for y in 0..8 {
        for u in 0..8 {
            rows[8 * y + u] = (0..8).map(|x| block[8 * y + x] * table[u][x]).sum();
        }
    }
    let mut all = [0.0; 64];
    for v in 0..8 {
        for u in 0..8 {
            all[8 * v + u] = (0..8).map(|y| rows[8 * y + u] * table[v][y]).sum();
        }
    }
    all
}

fn headers(width: usize, height: usize, quant: &[[u8; 64]; 2]) -> Vec<u8> {
    let mut bytes = vec![
        0xFF, 0xD8, 0xFF, 0xE0, 0, 16, b'J', b'F', b'I', b'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0,
    ];
    for (number, table) in (0..).zip(quant) {
        bytes.extend([0xFF, 0xDB, 0, 67, number]);
        bytes.extend(ZIGZAG.map(|n| table[n]));
    }
    let [_, _, _, _, _, _, h1, h0] = (height as u64).to_be_bytes();
    let [_, _, _, _, _, _, w1, w0] = (width as u64).to_be_bytes();
    bytes.extend([
        0xFF, 0xC0, 0, 17, 8, h1, h0, w1, w0, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1,
    ]);
    for (class, tables) in [(0x00, DC), (0x10, AC)] {
        for (number, (lengths, symbols)) in (0..).zip(tables) {
            let [high, low] = (19 + symbols.len() as u16).to_be_bytes();
            bytes.extend([0xFF, 0xC4, high, low, class | number]);
            bytes.extend(lengths);
            bytes.extend(symbols);
        }
    }
    bytes.extend([0xFF, 0xDA, 0, 12, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]);
    bytes
}
