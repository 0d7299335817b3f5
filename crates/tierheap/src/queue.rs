//! A short queue of objects of one block that were found and not scanned yet, first in first out.
//!
//! Most objects have one block. Going through here is cheaper than over the mark stack, and what was found first is read
//! first. It is empty whenever marking pauses.

const ENTRIES: usize = 64;

pub(crate) struct Queue {
    entries: [u32; ENTRIES],
    /// Entries ever taken out and put in; the difference is what is inside.
    out: usize,
    into: usize,
}

impl Queue {
    pub fn new() -> Self {
        Queue {
            entries: [0; ENTRIES],
            out: 0,
            into: 0,
        }
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.into.wrapping_sub(self.out)
    }

    /// Whether there was room.
    #[inline(always)]
    #[must_use]
    pub fn push(&mut self, block: u32) -> bool {
        let room = self.len() < ENTRIES;
        if room {
            self.entries[self.into % ENTRIES] = block;
            self.into = self.into.wrapping_add(1);
        }
        room
    }

    #[inline(always)]
    pub fn pop(&mut self) -> Option<u32> {
        if self.len() == 0 {
            return None;
        }
        let block = self.entries[self.out % ENTRIES];
        self.out = self.out.wrapping_add(1);
        Some(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_went_in_first_comes_out_first_and_no_more_goes_in_than_fits() {
        let mut queue = Queue::new();
        for round in 0..3 {
            let into = (0..).take_while(|&i| queue.push(round + i)).count();
            assert_eq!((into, queue.len()), (ENTRIES, ENTRIES));
            for i in 0..ENTRIES as u32 {
                assert_eq!(queue.pop(), Some(round + i));
            }
            assert_eq!(queue.pop(), None);
            assert!(queue.push(7) && queue.pop() == Some(7));
        }
    }
}
