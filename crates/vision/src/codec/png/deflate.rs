//! Compression after RFC 1951 with its fixed codes: the nearest earlier occurrence of three bytes, by a hash table.

use crate::Error;

/// Entries of the hash table.
pub(super) const HASHES: usize = 4096;
const WINDOW: usize = 32768;
const LONGEST: usize = 258;

/// Length codes: (first length, extra bits), RFC 1951 3.2.5.
pub(super) const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];
/// Distance codes: (first distance, extra bits).
pub(super) const DISTANCES: [(u16, u8); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];

/// Compresses `data` as one zlib stream; `put` takes the bytes. `table` has [`HASHES`] entries.
pub(super) fn compress(
    data: &[u8],
    table: &mut [u32],
    put: impl FnMut(u8) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut bits = Bits {
        put,
        held: 0,
        count: 0,
    };
    bits.bits(0x0178, 16)?;
    // The last block, with fixed codes.
    bits.bits(0b011, 3)?;
    table.fill(0);
    let mut at = 0;
    while at < data.len() {
        let (length, distance) = find(data, at, table);
        if at % 4096 < length {
            crate::stop::check()?;
        }
        if length >= 3 {
            bits.length(length)?;
            bits.distance(distance)?;
            for inner in at + 1..at + length {
                find_place(data, inner, table);
            }
            at += length;
        } else {
            bits.symbol(u32::from(data[at]))?;
            at += 1;
        }
    }
    bits.symbol(256)?;
    if bits.count > 0 {
        let fill = 8 - bits.count % 8;
        bits.bits(0, fill % 8)?;
    }
    let mut sum = Adler::new();
    sum.add(data);
    for byte in sum.value().to_be_bytes() {
        bits.bits(u32::from(byte), 8)?;
    }
    Ok(())
}

/// Enters a place into the table, and returns where its hash was seen last, plus one.
fn find_place(data: &[u8], at: usize, table: &mut [u32]) -> usize {
    let Some([a, b, c]) = data.get(at..at + 3) else {
        return 0;
    };
    let key = u32::from_le_bytes([*a, *b, *c, 0]);
    let place = &mut table[(key.wrapping_mul(0x9E37_79B1) >> 20) as usize];
    core::mem::replace(place, at as u32 + 1) as usize
}

/// How many bytes from `at` on occurred before, and how far back.
fn find(data: &[u8], at: usize, table: &mut [u32]) -> (usize, usize) {
    let before = find_place(data, at, table);
    if before == 0 || at - (before - 1) > WINDOW {
        return (0, 0);
    }
    let before = before - 1;
    let length = data[at..]
        .iter()
        .zip(&data[before..])
        .take(LONGEST)
        .take_while(|(a, b)| a == b)
        .count();
    (length, at - before)
}

/// The sum behind a zlib stream, RFC 1950 8.2.
pub(super) struct Adler {
    a: u32,
    b: u32,
}

impl Adler {
    pub fn new() -> Adler {
        Adler { a: 1, b: 0 }
    }

    pub fn add(&mut self, data: &[u8]) {
        // As many as 32 bits bear.
        for chunk in data.chunks(5552) {
            for byte in chunk {
                self.a += u32::from(*byte);
                self.b += self.a;
            }
            self.a %= 65521;
            self.b %= 65521;
        }
    }

    pub fn value(&self) -> u32 {
        self.b << 16 | self.a
    }
}

struct Bits<F> {
    put: F,
    held: u32,
    count: u32,
}

impl<F: FnMut(u8) -> Result<(), Error>> Bits<F> {
    /// Up to 16 bits, the lowest first.
    fn bits(&mut self, value: u32, count: u32) -> Result<(), Error> {
        self.held |= value << self.count;
        self.count += count;
        while self.count >= 8 {
            (self.put)(self.held as u8)?;
            self.held >>= 8;
            self.count -= 8;
        }
        Ok(())
    }

    /// A Huffman code: its highest bit first.
    fn code(&mut self, code: u32, count: u32) -> Result<(), Error> {
        self.bits(code.reverse_bits() >> (32 - count), count)
    }

    /// The fixed codes of RFC 1951 3.2.6.
    fn symbol(&mut self, symbol: u32) -> Result<(), Error> {
        match symbol {
            0..144 => self.code(0x30 + symbol, 8),
            144..256 => self.code(0x190 + symbol - 144, 9),
            256..280 => self.code(symbol - 256, 7),
            _ => self.code(0xC0 + symbol - 280, 8),
        }
    }

    fn length(&mut self, length: usize) -> Result<(), Error> {
        let index = LENGTHS.partition_point(|(first, _)| usize::from(*first) <= length) - 1;
        let (first, extra) = LENGTHS[index];
        self.symbol(257 + index as u32)?;
        self.bits(length as u32 - u32::from(first), extra.into())
    }

    fn distance(&mut self, distance: usize) -> Result<(), Error> {
        let index = DISTANCES.partition_point(|(first, _)| usize::from(*first) <= distance) - 1;
        let (first, extra) = DISTANCES[index];
        self.code(index as u32, 5)?;
        self.bits(distance as u32 - u32::from(first), extra.into())
    }
}
