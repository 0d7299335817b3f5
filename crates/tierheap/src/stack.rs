//! The mark stack: address ranges still to be scanned.
//!
//! Ranges, not objects: a long list is scanned in pieces, and what is left of it waits as one entry, so the stack
//! grows with the depth of the data and hardly with its width. When it is full the caller falls back on cards.

/// Words still to be scanned, from `at` up to `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub at: u32,
    pub end: u32,
}

pub(crate) struct MarkStack<'m> {
    entries: &'m mut [[u32; 2]],
    len: usize,
    deepest: usize,
}

impl<'m> MarkStack<'m> {
    pub fn new(entries: &'m mut [[u32; 2]]) -> Self {
        MarkStack {
            entries,
            len: 0,
            deepest: 0,
        }
    }

    /// Whether there was room.
    #[inline(always)]
    #[must_use]
    pub fn push(&mut self, range: Range) -> bool {
        let Some(entry) = self.entries.get_mut(self.len) else {
            return false;
        };
        *entry = [range.at, range.end];
        self.len += 1;
        true
    }

    #[inline(always)]
    pub fn pop(&mut self) -> Option<Range> {
        self.len = self.len.checked_sub(1)?;
        let [at, end] = self.entries[self.len];
        Some(Range { at, end })
    }

    /// Drops what lies in `from..to`, which is not memory of the object that was pushed any more.
    pub fn forget(&mut self, from: u32, to: u32) {
        let mut i = 0;
        while i < self.len {
            let [at, end] = &mut self.entries[i];
            if *at >= to || *end <= from {
                i += 1;
            } else if *at < from {
                *end = from;
                i += 1;
            } else {
                self.len -= 1;
                self.entries[i] = self.entries[self.len];
            }
        }
    }

    pub fn clear(&mut self) {
        self.len = 0;
    }

    /// Turns round what was pushed since the stack had `waiting` entries: the first of these will be popped first.
    #[inline(always)]
    pub fn first_in_first_out(&mut self, waiting: usize) {
        if self.len > waiting {
            self.deepest = self.deepest.max(self.len);
            // Seldom more than a few, so a plain loop is better than the library's.
            let mut rest = self.entries.get_mut(waiting..self.len).unwrap_or(&mut []);
            while let [first, between @ .., last] = rest {
                core::mem::swap(first, last);
                rest = between;
            }
        }
    }

    #[inline(always)]
    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Most entries that were ever in use.
    pub fn deepest(&self) -> usize {
        self.deepest
    }

    pub fn contains(&self, address: u32) -> bool {
        self.entries[..self.len]
            .iter()
            .any(|&[at, end]| (at..end).contains(&address))
    }
}
