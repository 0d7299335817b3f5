//! What a probe asks of the chip that it is on.

use chipmodel::{Kind, Time};

/// A core that stands still, and memory as it sees it.
pub trait Target {
    /// One of R0 to R12.
    fn register(&self, number: u8) -> u32;
    /// Copy from memory, internal or external. False: there is none.
    fn read(&mut self, address: u32, bytes: &mut [u8]) -> bool;
    /// Copy into memory that can be written. False: there is none.
    fn write(&mut self, address: u32, bytes: &[u8]) -> bool;
    /// All RAM, by address, for a search.
    fn ram(&mut self) -> Vec<(u32, Vec<u8>)>;
    /// The moment now.
    fn now(&self) -> Time;
    /// Show it to the user.
    fn say(&mut self, bytes: &[u8]);
    /// An event at the instruction that the core stands at.
    fn report(&mut self, kind: Kind, address: Option<u32>, message: String);

    /// Words one after the other.
    fn words<const N: usize>(&mut self, address: u32) -> Option<[u32; N]> {
        let mut words = [0; N];
        for (n, word) in (0..).zip(&mut words) {
            let mut bytes = [0; 4];
            if !self.read(address.wrapping_add(4 * n), &mut bytes) {
                return None;
            }
            *word = u32::from_le_bytes(bytes);
        }
        Some(words)
    }

    /// Text up to a zero, of at most so many bytes.
    fn text(&mut self, address: u32, most: usize) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        let mut byte = [0];
        for n in (0..).take(most) {
            if !self.read(address.wrapping_add(n), &mut byte) {
                return None;
            }
            if byte == [0] {
                break;
            }
            text.push(byte[0]);
        }
        Some(text)
    }
}
