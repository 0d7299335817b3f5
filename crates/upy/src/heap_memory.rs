//! What Python's heap is made of, whichever heap there is.

use core::mem::MaybeUninit;

/// The memory that Python's heap is made of, given away for ever.
#[derive(Clone, Copy)]
pub struct HeapMemory {
    /// Memory that is as fast as any.
    pub fast: *mut [MaybeUninit<u8>],
    /// Slower memory, if there is any.
    pub slow: Option<*mut [MaybeUninit<u8>]>,
    /// Cycles of the processor in which it brings a line of the cache.
    pub line_cycles: u32,
}
