//! Memory that is really there. All of the crate's unsafe code is in this file.
//!
//! Addresses are turned into pointers by an [`Origin`]: on the chip they are the pointers, as `upy` says; on a host, [`Window`] puts a
//! 32-bit address space onto a buffer, so that this file runs under miri as it is.
//! It checks no bounds: the heap asks for nothing outside its regions, and the constructor says who vouches for those.

use crate::memory::{LINE_BYTES, Memory};

/// How an address becomes a pointer.
pub trait Origin: Copy {
    /// The pointer to the byte at `address`.
    fn pointer(self, address: u32) -> *mut u8;
    /// See [`Memory::is_interrupted`].
    fn is_interrupted(self) -> bool {
        false
    }
}

/// Addresses from `base` on are the bytes from `start` on.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// The address of the first byte.
    pub base: u32,
    /// Where that byte is.
    pub start: *mut u8,
}

impl Origin for Window {
    #[inline(always)]
    fn pointer(self, address: u32) -> *mut u8 {
        self.start.wrapping_add(address.wrapping_sub(self.base) as usize)
    }
}

/// Memory reached by plain loads and stores.
#[derive(Debug)]
pub struct Direct<O: Origin> {
    origin: O,
}

impl<O: Origin> Direct<O> {
    /// Memory as `origin` sees it.
    ///
    /// # Safety
    /// The value must go straight into [`Heap::new`](crate::Heap::new), and for every region given there:
    /// - all its bytes are readable and writable memory, initialised (to anything), for as long as the heap lives;
    /// - no Rust reference to any of it is alive while a method of the heap runs. Raw pointers, and C, may reach the
    ///   blocks that the heap has handed out, between those calls.
    pub unsafe fn new(origin: O) -> Self {
        Direct { origin }
    }
}

impl<O: Origin> Memory for Direct<O> {
    #[inline(always)]
    fn read(&self, address: u32) -> u32 {
        // SAFETY: the heap passes word-aligned addresses inside its regions, which `new`'s caller vouched for.
        unsafe { self.origin.pointer(address).cast::<u32>().read() }
    }

    #[inline(always)]
    fn touch(&self, address: u32) {
        let line = address & !(LINE_BYTES - 1);
        // SAFETY: as in `read`: slow regions begin with a line, so the line of an address in one lies in it.
        unsafe { self.origin.pointer(line).cast::<u32>().read_volatile() };
    }

    #[inline(always)]
    fn write(&mut self, address: u32, value: u32) {
        // SAFETY: as in `read`; nobody holds a reference to this memory while the heap runs.
        unsafe { self.origin.pointer(address).cast::<u32>().write(value) }
    }

    #[inline(always)]
    fn zero(&mut self, address: u32, bytes: u32) {
        let start = self.origin.pointer(address);
        // SAFETY: the whole range lies inside one region (it is the inside of a block), see `read` and `write`.
        unsafe {
            match bytes {
                // Most objects have a few blocks; a call of memset would take longer than the stores.
                16 => start.cast::<[u32; 4]>().write([0; 4]),
                32 => start.cast::<[u32; 8]>().write([0; 8]),
                48 => start.cast::<[u32; 12]>().write([0; 12]),
                64 => start.cast::<[u32; 16]>().write([0; 16]),
                _ => start.write_bytes(0, bytes as usize),
            }
        }
    }

    #[inline(always)]
    fn copy(&mut self, from: u32, to: u32, bytes: u32) {
        let source = self.origin.pointer(from);
        let target = self.origin.pointer(to);
        // SAFETY: both ranges lie inside blocks, see `zero`; the heap copies between two different blocks only.
        unsafe { source.copy_to_nonoverlapping(target, bytes as usize) }
    }

    #[inline(always)]
    fn is_interrupted(&self) -> bool {
        self.origin.is_interrupted()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::vec;

    fn over(buffer: &mut [u32], base: u32) -> Direct<Window> {
        let start = buffer.as_mut_ptr().cast();
        // SAFETY: the tests ask only for addresses inside `buffer`, and do not touch it while they hold the value.
        unsafe { Direct::new(Window { base, start }) }
    }

    #[test]
    fn a_window_puts_addresses_onto_a_buffer() {
        let mut buffer = vec![0u32, 11, 22, 33];
        let mut memory = over(&mut buffer, 0x9000_0000);
        assert_eq!(memory.read(0x9000_0008), 22);
        memory.touch(0x9000_000c);
        memory.write(0x9000_000c, 44);
        memory.copy(0x9000_0008, 0x9000_0000, 8);
        memory.zero(0x9000_0008, 4);
        assert_eq!(buffer, [22, 44, 0, 44]);
    }
}
