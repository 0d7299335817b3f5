//! What the memory test needs of a memory. Volatile access needs `unsafe`, so it lives on the other side of this trait.

use core::ops::ControlFlow;

/// Words in one line.
pub const LINE_WORDS: usize = 8;
/// Bytes in one line: the Cortex-M7's cache line, and so the unit that travels on the wire.
pub const LINE_BYTES: u32 = 32;

/// One line of memory, little-endian words.
pub type Line = [u32; LINE_WORDS];

/// A memory under test.
///
/// Lines are the unit because they are what the cache exchanges with the chip; a test that thought in words would
/// only test the cache. An implementation is free to write by another way than it reads (for instance through the
/// controller's indirect mode, or a strongly-ordered view, both of which save the line fill before each write).
pub trait Memory {
    /// Size, a multiple of [`LINE_BYTES`].
    fn size_bytes(&self) -> u32;

    /// Write the line at `offset`, a multiple of [`LINE_BYTES`] below the size.
    fn write_line(&mut self, offset: u32, line: &Line);

    /// Read the line at `offset`.
    fn read_line(&mut self, offset: u32) -> Line;

    /// When this returns, all that was written is in the chip, and the next read of any line comes from the chip
    /// (clean and invalidate the cache).
    fn sync(&mut self);

    /// Called every 16 KiB with the share that is done: to print progress, feed a watchdog, or break the test off.
    fn breathe(&mut self, _done_bytes: u64, _total_bytes: u64) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// One page of eight, for a test that may not take long. Which of eight changes, so that each address line has both levels, and
/// no two the same ones.
pub struct Sparse<'a>(pub &'a mut dyn Memory);

const PAGE_BYTES: u32 = 1024;
const OF: u32 = 8;

/// Where an offset of [`Sparse`] is in all of the memory.
pub const fn sparse_place(offset: u32) -> u32 {
    let page = offset / PAGE_BYTES;
    let which = (page ^ page >> 3 ^ page >> 6 ^ page >> 9) % OF;
    (page * OF + which) * PAGE_BYTES + offset % PAGE_BYTES
}

impl Memory for Sparse<'_> {
    fn size_bytes(&self) -> u32 {
        self.0.size_bytes() / OF
    }

    fn write_line(&mut self, offset: u32, line: &Line) {
        self.0.write_line(sparse_place(offset), line);
    }

    fn read_line(&mut self, offset: u32) -> Line {
        self.0.read_line(sparse_place(offset))
    }

    fn sync(&mut self) {
        self.0.sync();
    }
}

#[cfg(test)]
mod tests {
    use super::sparse_place;

    #[test]
    fn a_sparse_test_shows_address_lines_that_are_stuck_or_tied() {
        let pages = || (0..1 << 20).step_by(1024).map(sparse_place);
        for a in 10..23 {
            assert!(
                pages().any(|at| at >> a & 1 == 0) && pages().any(|at| at >> a & 1 == 1),
                "{a}"
            );
            for b in 10..a {
                assert!(pages().any(|at| at >> a & 1 != at >> b & 1), "{a} and {b}");
            }
        }
        assert!(pages().all(|at| at < 8 << 20));
    }
}
