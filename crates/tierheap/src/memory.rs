//! What the heap asks of the memory that it manages: four verbs on 32-bit addresses.
//!
//! On the chip the answer is [`Direct`](crate::Direct). Tests answer from a simulated address space that counts every
//! access, so that "no payload was read" is a figure and not a hope.

/// Bytes in a block, the unit of allocation.
pub const BLOCK_BYTES: u32 = 16;
/// Bytes in a word, which is what a pointer takes.
pub const WORD_BYTES: u32 = 4;
/// Bytes in a line of the data cache: what one access to slow memory costs.
pub const LINE_BYTES: u32 = 32;
/// Bytes that one bit of the write barrier stands for: no range that is shorter touches more than two.
pub const CARD_BYTES: u32 = 512;

/// The memory under the heap.
///
/// Addresses are multiples of [`WORD_BYTES`], lengths too, and all of them lie inside the regions that were given to
/// [`Heap::new`](crate::Heap::new). An implementation should be inlined: `read` is the inner loop of marking.
pub trait Memory {
    /// The word at `address`.
    fn read(&self, address: u32) -> u32;
    /// The line of `address` will be read, and maybe the one behind it: brings it into the cache from its first byte,
    /// which is the cheapest way. The line lies inside a region. Does nothing if there is nothing to be gained.
    fn touch(&self, _address: u32) {}
    /// Stores a word. Used for guard words only.
    fn write(&mut self, address: u32, value: u32);
    /// Fills with zero.
    fn zero(&mut self, address: u32, bytes: u32);
    /// Copies between blocks that do not overlap.
    fn copy(&mut self, from: u32, to: u32, bytes: u32);
    /// Whether nobody waits any more for the block that is being filled: asked between the chunks of large ones.
    fn is_interrupted(&self) -> bool {
        false
    }
}
