//! The text that a reader makes.

/// The longest one.
const MOST: usize = 160;

/// Text of bounded length.
pub struct Text {
    bytes: [u8; MOST],
    length: usize,
}

impl Text {
    /// An empty one.
    pub fn new() -> Text {
        Text {
            bytes: [0; MOST],
            length: 0,
        }
    }

    pub fn clear(&mut self) {
        self.length = 0;
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Appends a byte; None if it is full.
    pub fn push(&mut self, byte: u8) -> Option<()> {
        *self.bytes.get_mut(self.length)? = byte;
        self.length += 1;
        Some(())
    }

    /// Appends the digit of a number below 10.
    pub fn digit(&mut self, value: u32) -> Option<()> {
        self.push(b'0' + value as u8)
    }

    /// Appends a number with this many digits.
    pub fn number(&mut self, value: u64, digits: u32) -> Option<()> {
        for place in (0..digits).rev() {
            self.digit((value / 10u64.pow(place) % 10) as u32)?;
        }
        Some(())
    }
}

/// The digit that GS1's codes end with, for the digits before it: the last one counts three times, every other one once.
pub fn check_digit(digits: &[u8]) -> u32 {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| u32::from(digit - b'0') * if at % 2 == 0 { 3 } else { 1 })
        .sum();
    (10 - sum % 10) % 10
}
