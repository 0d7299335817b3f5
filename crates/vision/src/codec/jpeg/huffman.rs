//! Huffman codes, ITU-T T.81 annexes C and F.2.2.3.

use crate::Error;

/// A table for reading: where the codes of each length begin and end.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    /// The first code of a length, and how many there are.
    first: [u16; 16],
    counts: [u16; 16],
    /// The index of a length's first value.
    index: [u16; 16],
    /// As the file has them.
    values: &'a [u8],
}

impl<'a> Table<'a> {
    pub const EMPTY: Table<'static> = Table {
        first: [0; 16],
        counts: [0; 16],
        index: [0; 16],
        values: &[],
    };

    /// A table of as many codes of each length, and the values in their order.
    pub fn new(counts: &[u8; 16], values: &'a [u8]) -> Table<'a> {
        let mut table = Table {
            values,
            ..Table::EMPTY
        };
        let (mut code, mut index) = (0u32, 0u16);
        for (length, count) in counts.iter().enumerate() {
            table.first[length] = code as u16;
            table.counts[length] = u16::from(*count);
            table.index[length] = index;
            index += u16::from(*count);
            code = (code + u32::from(*count)) << 1;
        }
        table
    }

    /// Reads a value.
    pub fn read(&self, bits: &mut Bits) -> Result<u8, Error> {
        let mut code = 0u16;
        for length in 0..16 {
            code = (code << 1) | bits.bit();
            let offset = code.wrapping_sub(self.first[length]);
            if offset < self.counts[length] {
                let value = self.values.get(usize::from(self.index[length] + offset));
                return Ok(value.copied().unwrap_or(0));
            }
        }
        Err(bits.damaged("a Huffman code of the table"))
    }
}

/// The code of each value and its length.
pub(super) const fn codes(counts: &[u8; 16], values: &[u8]) -> [(u16, u8); 256] {
    let mut codes = [(0, 0); 256];
    let (mut code, mut index, mut length) = (0u16, 0, 0);
    while length < 16 {
        let mut left = counts[length];
        while left > 0 {
            codes[values[index] as usize] = (code, length as u8 + 1);
            code += 1;
            index += 1;
            left -= 1;
        }
        code <<= 1;
        length += 1;
    }
    codes
}

/// Entropy-coded bits. Behind a marker, and behind the end, there are zeros.
pub(super) struct Bits<'a> {
    pub data: &'a [u8],
    pub at: usize,
    held: u32,
    count: u32,
}

impl<'a> Bits<'a> {
    pub fn new(data: &'a [u8], at: usize) -> Self {
        Bits {
            data,
            at,
            held: 0,
            count: 0,
        }
    }

    pub fn damaged(&self, expected: &'static str) -> Error {
        Error::Damaged {
            file: "JPEG",
            at: self.at,
            expected,
        }
    }

    pub fn bit(&mut self) -> u16 {
        self.bits(1) as u16
    }

    /// Up to 16 bits.
    pub fn bits(&mut self, count: u32) -> u32 {
        while self.count < count {
            let byte = match (self.data.get(self.at), self.data.get(self.at + 1)) {
                (Some(0xFF), Some(0)) => {
                    self.at += 2;
                    0xFF
                }
                (Some(0xFF), _) | (None, _) => 0,
                (Some(byte), _) => {
                    self.at += 1;
                    *byte
                }
            };
            self.held = (self.held << 8) | u32::from(byte);
            self.count += 8;
        }
        self.count -= count;
        (self.held >> self.count) & ((1 << count) - 1)
    }

    /// A number of so many bits, whose first bit tells its sign.
    pub fn signed(&mut self, count: u32) -> i32 {
        if count == 0 {
            return 0;
        }
        let value = self.bits(count) as i32;
        if value < 1 << (count - 1) {
            value - (1 << count) + 1
        } else {
            value
        }
    }

    /// Forgets the bits of a byte that was begun, and passes a restart marker.
    pub fn restart(&mut self) -> Result<(), Error> {
        self.count = 0;
        self.held = 0;
        match self.data.get(self.at..self.at + 2) {
            Some([0xFF, 0xD0..=0xD7]) => {
                self.at += 2;
                Ok(())
            }
            _ => Err(self.damaged("a restart marker")),
        }
    }
}
