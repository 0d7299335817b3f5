//! A ring of bytes in memory that somebody lends.

use core::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// The ring.
pub struct Ring {
    bytes: &'static [AtomicU8],
    first: usize,
    len: usize,
}

impl Ring {
    /// One without room.
    pub const NONE: Ring = Ring {
        bytes: &[],
        first: 0,
        len: 0,
    };

    /// An empty one in this memory, which must be nobody else's until the ring is gone.
    pub fn new(bytes: &'static [AtomicU8]) -> Ring {
        Ring {
            bytes,
            first: 0,
            len: 0,
        }
    }

    /// How many bytes are in it.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many more fit.
    pub fn room(&self) -> usize {
        self.bytes.len() - self.len
    }

    /// Puts a byte behind the others. False: there is no room.
    pub fn push(&mut self, byte: u8) -> bool {
        if self.room() == 0 {
            return false;
        }
        let end = self.first + self.len;
        let place = if end < self.bytes.len() {
            end
        } else {
            end - self.bytes.len()
        };
        self.bytes[place].store(byte, Relaxed);
        self.len += 1;
        true
    }

    /// Takes the first byte.
    pub fn pop(&mut self) -> Option<u8> {
        if self.len == 0 {
            return None;
        }
        let byte = self.bytes[self.first].load(Relaxed);
        self.first += 1;
        if self.first == self.bytes.len() {
            self.first = 0;
        }
        self.len -= 1;
        Some(byte)
    }
}

#[cfg(test)]
mod tests {
    use super::Ring;
    use core::sync::atomic::AtomicU8;

    #[test]
    fn bytes_come_out_in_their_order_and_the_ring_goes_round() {
        static MEMORY: [AtomicU8; 3] = [const { AtomicU8::new(0) }; 3];
        let mut ring = Ring::new(&MEMORY);
        for n in 0..20u8 {
            assert!(ring.push(n) && ring.push(n + 100));
            assert_eq!((ring.len(), ring.room()), (2, 1));
            assert_eq!(
                (ring.pop(), ring.pop(), ring.pop()),
                (Some(n), Some(n + 100), None)
            );
        }
        assert!(ring.push(1) && ring.push(2) && ring.push(3) && !ring.push(4));
        let mut none = Ring::NONE;
        assert!(!none.push(1));
    }
}
