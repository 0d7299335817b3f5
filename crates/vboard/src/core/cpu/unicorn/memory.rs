//! The bytes of the memories that guest code reaches directly.

use crate::machine::memory::{InternalMemory, MEMORIES};
use core::ptr::NonNull;

/// The bytes of one memory. Guest code writes them while it runs, so they are only reached through a pointer.
pub struct Backing {
    /// Where it lies.
    pub memory: InternalMemory,
    /// Its bytes.
    pub bytes: NonNull<u8>,
}

impl Backing {
    /// Allocate it.
    pub fn new(memory: InternalMemory) -> Self {
        let boxed = vec![0u8; memory.bytes as usize].into_boxed_slice();
        // SAFETY: a box's pointer is not null.
        let bytes = unsafe { NonNull::new_unchecked(Box::into_raw(boxed).cast::<u8>()) };
        Backing { memory, bytes }
    }

    /// The pointer to `address`, if `len` bytes from there are inside.
    pub fn at(&self, address: u32, len: usize) -> Option<NonNull<u8>> {
        let offset = address.checked_sub(self.memory.base)? as usize;
        let inside = offset.checked_add(len)? <= self.memory.bytes as usize;
        // SAFETY: the offset was just found to be inside the allocation.
        inside.then(|| unsafe { self.bytes.add(offset) })
    }

    /// The bytes at `address`.
    pub fn slice(&self, address: u32, len: usize) -> Option<&[u8]> {
        // SAFETY: inside the allocation; guest code is the only writer besides `poke`, and never runs while a caller in
        // this file holds the slice.
        self.at(address, len)
            .map(|at| unsafe { core::slice::from_raw_parts(at.as_ptr(), len) })
    }
}

impl Drop for Backing {
    fn drop(&mut self) {
        let bytes = core::ptr::slice_from_raw_parts_mut(self.bytes.as_ptr(), self.memory.bytes as usize);
        // SAFETY: made from a box of this length in `new`, and the engine is gone (see the order in `UnicornCpu`).
        drop(unsafe { Box::from_raw(bytes) });
    }
}

/// The code of a block, from the memories in the order of [`MEMORIES`].
pub fn code(memories: &[NonNull<u8>], pc: u32, size: u32) -> Option<&[u8]> {
    let (memory, bytes) = MEMORIES
        .iter()
        .zip(memories)
        .find(|(m, _)| pc.wrapping_sub(m.base) < m.bytes)?;
    let offset = pc - memory.base;
    let size = size.min(memory.bytes - offset) as usize;
    // SAFETY: cut to the allocation, and guest code stands still during a hook.
    Some(unsafe { core::slice::from_raw_parts(bytes.as_ptr().add(offset as usize), size) })
}

/// Where `size` bytes of a writable memory lie.
pub fn writable_at(memories: &[NonNull<u8>], address: u32, size: usize) -> Option<NonNull<u8>> {
    let inside = |m: &InternalMemory| {
        let offset = address.wrapping_sub(m.base);
        m.writable && offset < m.bytes && size as u32 <= m.bytes - offset
    };
    let (memory, bytes) = MEMORIES.iter().zip(memories).find(|(m, _)| inside(m))?;
    // SAFETY: the offset was just found to be inside the allocation.
    Some(unsafe { bytes.add((address - memory.base) as usize) })
}
