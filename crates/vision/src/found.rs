//! A list of bounded length over memory that the caller owns.

use crate::Error;
use core::ops::{Deref, DerefMut};

/// What an operation found, in its order.
#[derive(Debug)]
pub struct Found<'a, T> {
    items: &'a mut [T],
    len: usize,
    what: &'static str,
}

impl<'a, T: Copy> Found<'a, T> {
    /// An empty list of at most `items.len()` things; `what` names them in the message that there are too many.
    pub fn new(items: &'a mut [T], what: &'static str) -> Self {
        Found { items, len: 0, what }
    }

    /// How many it can hold.
    pub fn capacity(&self) -> usize {
        self.items.len()
    }

    /// Appends one.
    ///
    /// # Errors
    /// [`Error::Full`] if there is no room.
    pub fn push(&mut self, item: T) -> Result<(), Error> {
        let capacity = self.items.len();
        let place = self.items.get_mut(self.len).ok_or(Error::Full {
            what: self.what,
            capacity,
        })?;
        *place = item;
        self.len += 1;
        Ok(())
    }

    /// Keeps the first `len`.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// Keeps those for which `keep` says so, in their order.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        let mut kept = 0;
        for index in 0..self.len {
            if keep(&self.items[index]) {
                self.items[kept] = self.items[index];
                kept += 1;
            }
        }
        self.len = kept;
    }

    /// Takes the last.
    pub fn pop(&mut self) -> Option<T> {
        self.len = self.len.checked_sub(1)?;
        Some(self.items[self.len])
    }

    /// Removes and returns the one at `index`; those behind it move up.
    pub fn remove(&mut self, index: usize) -> T {
        let item = self.items[index];
        self.items.copy_within(index + 1..self.len, index);
        self.len -= 1;
        item
    }

    /// Merges as the finders of blobs, lines and circles do: each thing in turn takes over those behind it for which
    /// `merge` says so, and rounds are repeated until none does.
    ///
    /// # Errors
    /// [`Error::Stopped`].
    pub fn merge(&mut self, mut merge: impl FnMut(&mut T, &T) -> bool) -> Result<(), Error> {
        loop {
            let before = self.len;
            let mut index = 0;
            while index < self.len {
                crate::stop::check()?;
                let mut current = self.items[index];
                let mut other = index + 1;
                while other < self.len {
                    if merge(&mut current, &self.items[other]) {
                        self.remove(other);
                    } else {
                        other += 1;
                    }
                }
                self.items[index] = current;
                index += 1;
            }
            if self.len == before {
                return Ok(());
            }
        }
    }

    /// Empties the list.
    pub fn clear(&mut self) {
        self.len = 0;
    }
}

impl<T> Deref for Found<'_, T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items[..self.len]
    }
}

impl<T> DerefMut for Found<'_, T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items[..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_list_says_what_it_holds() {
        let mut room = [0; 2];
        let mut found = Found::new(&mut room, "numbers");
        assert_eq!(found.push(7), Ok(()));
        assert_eq!(found.push(8), Ok(()));
        assert_eq!(
            found.push(9),
            Err(Error::Full {
                what: "numbers",
                capacity: 2
            })
        );
        assert_eq!(*found, [7, 8]);
    }

    #[test]
    fn merging_goes_on_until_nothing_merges() {
        let mut room = [0; 5];
        let mut found = Found::new(&mut room, "numbers");
        for number in [1, 10, 3, 12, 5] {
            found.push(number).unwrap();
        }
        // Neighbours within 2 join at the larger: 1 takes 3 and so 5 in the same round.
        found
            .merge(|a: &mut i32, b| {
                let near = (*a - *b).abs() <= 2;
                if near {
                    *a = *b;
                }
                near
            })
            .unwrap();
        assert_eq!(*found, [5, 12]);
    }
}
