//! The bytes of a frame that hardware must not write: those before its first whole line of the cache, and behind its last.

use core::cell::Cell;

use crate::dma::LINE_BYTES;

/// How a frame of so many bytes at an address is divided, and what goes to its ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edges {
    /// Before the first line.
    pub head: usize,
    /// Lines.
    pub direct: usize,
    head_bytes: [u8; LINE_BYTES],
    tail_bytes: [u8; LINE_BYTES],
}

impl Edges {
    /// Of nothing.
    pub const NONE: Edges = Edges {
        head: 0,
        direct: 0,
        head_bytes: [0; LINE_BYTES],
        tail_bytes: [0; LINE_BYTES],
    };

    /// Of a frame.
    pub fn new(address: usize, bytes: usize) -> Self {
        let head = (address.wrapping_neg() % LINE_BYTES).min(bytes);
        Edges {
            head,
            direct: (bytes - head) / LINE_BYTES * LINE_BYTES,
            ..Edges::NONE
        }
    }

    /// Of the bytes `from..to` of the frame, those for hardware.
    pub fn inner(&self, from: usize, to: usize) -> (usize, usize) {
        let last = self.head + self.direct;
        (from.clamp(self.head, last), to.clamp(self.head, last))
    }

    /// Keeps what `band` has for the ends, which is the frame's from byte `from` on; with `exchange` pairs of bytes are exchanged.
    pub fn keep(&mut self, from: usize, band: &[Cell<u8>], exchange: bool) {
        let last = self.head + self.direct;
        let byte = |at: usize| {
            let at = at - from;
            band[if exchange { at ^ 1 } else { at }].get()
        };
        let to = from + band.len() / 2 * 2;
        for at in from..to.min(self.head) {
            self.head_bytes[at] = byte(at);
        }
        for at in from.max(last)..to.min(last + LINE_BYTES) {
            self.tail_bytes[at - last] = byte(at);
        }
    }

    /// What is to be written at the beginning, and from the last line on.
    pub fn ends(&self) -> (&[u8], &[u8]) {
        (&self.head_bytes[..self.head], &self.tail_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hardware_has_whole_lines_and_the_ends_are_kept() {
        let mut edges = Edges::new(0x9000_0010, 100);
        assert_eq!((edges.head, edges.direct), (16, 64));
        assert_eq!(edges.inner(0, 48), (16, 48));
        assert_eq!(edges.inner(48, 100), (48, 80));
        let picture: [Cell<u8>; 100] = core::array::from_fn(|n| Cell::new(n as u8));
        edges.keep(0, &picture[..48], false);
        edges.keep(48, &picture[48..], false);
        assert_eq!(edges.ends().0, core::array::from_fn::<u8, 16, _>(|n| n as u8));
        assert_eq!(
            edges.ends().1[..20],
            core::array::from_fn::<u8, 20, _>(|n| 80 + n as u8)
        );
        edges.keep(0, &picture, true);
        assert_eq!(
            (edges.ends().0[0], edges.ends().0[1], edges.ends().1[3]),
            (1, 0, 82)
        );
    }

    #[test]
    fn what_is_aligned_has_no_ends() {
        let edges = Edges::new(0x2400_0020, 320);
        assert_eq!((edges.head, edges.direct, edges.ends().0.len()), (0, 320, 0));
        assert_eq!(edges.inner(64, 128), (64, 128));
    }
}
