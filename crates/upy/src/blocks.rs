//! Which pieces of the memory for machine code are taken: a row of places of one size, in blocks.
//!
//! It knows no addresses. Searching goes through all of it, which is quick for the two thousand places that there are.

/// Bits for each place, `W * 32` of them.
#[derive(Clone, Copy)]
struct Bits<const W: usize>([u32; W]);

impl<const W: usize> Bits<W> {
    const NONE: Self = Bits([0; W]);

    fn get(&self, at: usize) -> bool {
        self.0[at / 32] >> (at % 32) & 1 != 0
    }

    fn set(&mut self, at: usize, on: bool) {
        let bit = 1 << (at % 32);
        let word = &mut self.0[at / 32];
        *word = if on { *word | bit } else { *word & !bit };
    }
}

/// The blocks.
pub struct Blocks<const W: usize> {
    places: usize,
    taken: Bits<W>,
    /// The first place of a block.
    heads: Bits<W>,
    /// Of heads: found since the last sweep, and stays for ever.
    found: Bits<W>,
    pinned: Bits<W>,
}

impl<const W: usize> Blocks<W> {
    /// So many places, all free; at most `W * 32`.
    pub const fn new(places: usize) -> Self {
        Blocks {
            places: if places < W * 32 { places } else { W * 32 },
            taken: Bits::NONE,
            heads: Bits::NONE,
            found: Bits::NONE,
            pinned: Bits::NONE,
        }
    }

    /// Takes the first row of `count` free places. A pinned block is never freed.
    pub fn take(&mut self, count: usize, pinned: bool) -> Option<usize> {
        let mut free = 0;
        for at in 0..self.places {
            free = if self.taken.get(at) { 0 } else { free + 1 };
            if free == count {
                let first = at + 1 - count;
                (first..=at).for_each(|place| self.taken.set(place, true));
                self.heads.set(first, true);
                self.pinned.set(first, pinned);
                return Some(first);
            }
        }
        None
    }

    /// The block that begins at this place, if one does, stays at the next sweep.
    pub fn keep(&mut self, head: usize) {
        if head < self.places && self.heads.get(head) {
            self.found.set(head, true);
        }
    }

    /// The block that this place belongs to stays at the next sweep.
    pub fn keep_around(&mut self, place: usize) {
        if place < self.places && self.taken.get(place) {
            let head = (0..=place).rev().find(|&at| self.heads.get(at));
            head.into_iter().for_each(|head| self.keep(head));
        }
    }

    /// Frees all blocks that were not kept since the last sweep, and says whether none is left.
    pub fn sweep(&mut self) -> bool {
        let mut frees = false;
        for at in 0..self.places {
            if self.heads.get(at) {
                frees = !self.found.get(at) && !self.pinned.get(at);
                self.heads.set(at, !frees);
            }
            if frees && self.taken.get(at) {
                self.taken.set(at, false);
            }
        }
        self.found = Bits::NONE;
        self.taken.0.iter().all(|&word| word == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::Blocks;

    #[test]
    fn what_is_not_kept_is_free_after_a_sweep() {
        let mut blocks: Blocks<2> = Blocks::new(40);
        let [a, b, c] = [10, 20, 10].map(|count| blocks.take(count, false).unwrap());
        assert_eq!((a, b, c), (0, 10, 30));
        assert_eq!(blocks.take(1, false), None);
        blocks.keep(a);
        blocks.keep_around(35);
        assert!(!blocks.sweep());
        assert_eq!(blocks.take(21, false), None);
        assert_eq!(blocks.take(20, false), Some(10));
        assert!(blocks.sweep(), "nothing was kept");
        assert_eq!(blocks.take(40, false), Some(0));
    }

    #[test]
    fn only_the_first_place_of_a_block_keeps_it_if_asked_so() {
        let mut blocks: Blocks<2> = Blocks::new(64);
        blocks.take(8, false).unwrap();
        blocks.keep(3);
        blocks.keep(1000);
        blocks.keep_around(1000);
        blocks.keep_around(20);
        assert!(blocks.sweep());
    }

    #[test]
    fn a_pinned_block_stays() {
        let mut blocks: Blocks<2> = Blocks::new(64);
        blocks.take(8, true).unwrap();
        let other = blocks.take(8, false);
        assert!(!blocks.sweep() && !blocks.sweep());
        assert_eq!(blocks.take(8, false), other);
        assert_eq!(blocks.take(100, false), None, "more than there is");
    }
}
