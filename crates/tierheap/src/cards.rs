//! Cards: one bit for each 512 bytes of heap, set where words have to be scanned (again).
//!
//! A dirty card means: *the words in it that belong to marked objects with pointers may point to unmarked objects.*
//! Two things make cards dirty: the mark stack had no room for a range, and, while marking goes on in slices, a store
//! into the heap that the write barrier reported. Both are put right in the same way, by scanning the card.
//! A card is one word of the block tables. It does not know what lies in a card.

pub(crate) struct Cards<'m> {
    bits: &'m mut [u32],
    /// Words of `bits` that may be non-zero.
    dirty: (usize, usize),
}

impl<'m> Cards<'m> {
    pub fn new(bits: &'m mut [u32]) -> Self {
        bits.fill(0);
        let end = bits.len();
        Cards {
            bits,
            dirty: (end, 0),
        }
    }

    /// Marks a card as dirty.
    #[inline]
    pub fn set(&mut self, card: u32) {
        let word = (card / 32) as usize;
        self.bits[word] |= 1 << (card % 32);
        self.dirty = (self.dirty.0.min(word), self.dirty.1.max(word + 1));
    }

    pub fn is_set(&self, card: u32) -> bool {
        self.bits[(card / 32) as usize] & 1 << (card % 32) != 0
    }

    /// Takes the first dirty card.
    pub fn take(&mut self) -> Option<u32> {
        while self.dirty.0 < self.dirty.1 {
            let word = self.dirty.0;
            let bits = self.bits[word];
            if bits != 0 {
                self.bits[word] = bits & (bits - 1);
                return Some(word as u32 * 32 + bits.trailing_zeros());
            }
            self.dirty.0 += 1;
        }
        self.dirty = (self.bits.len(), 0);
        None
    }

    pub fn any(&self) -> bool {
        self.bits.iter().any(|&bits| bits != 0)
    }

    pub fn clear(&mut self) {
        self.bits.fill(0);
        self.dirty = (self.bits.len(), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_come_back_once_and_in_order_even_if_set_meanwhile() {
        let mut bits = [9; 3];
        let mut cards = Cards::new(&mut bits);
        assert!(!cards.any());
        for card in [70, 3, 64, 3] {
            cards.set(card);
        }
        assert_eq!(cards.take(), Some(3));
        assert_eq!(cards.take(), Some(64));
        cards.set(1);
        assert_eq!(cards.take(), Some(1));
        assert_eq!(cards.take(), Some(70));
        assert_eq!(cards.take(), None);
        cards.set(95);
        assert!(cards.is_set(95));
        assert_eq!(cards.take(), Some(95));
        assert_eq!(cards.take(), None);
    }
}
