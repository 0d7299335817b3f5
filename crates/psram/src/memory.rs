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
