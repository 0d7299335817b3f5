//! The bytes behind an object with the buffer protocol, borrowed from Python for as long as a guard lives.
//!
//! Three things go wrong with a bare pointer and a length, and each is the business of the guard:
//! - **The owner.** A view may begin in the middle of a block, and such a pointer keeps nothing alive. The guard holds the
//!   owner, and the collector sees it on the stack until the guard ends.
//! - **The write barrier.** What Rust or a DMA stores is reported by nobody. The end of a [`BufferMut`] reports all of it.
//! - **Buffers of objects.** `array('O')` and its like hold addresses. Bytes from elsewhere would be taken for objects, so
//!   [`Obj::buffer_to_fill`] refuses them, and [`Obj::buffer_like`] takes objects only from objects.
//!
//! Python may run while a guard lives, and may change the bytes or grow the object. A growing object moves its items; the
//! heap gives the old ones to no one while the guard points to them.

use crate::{Error, Obj, Result, protected, sys};
use core::{hint::black_box, mem::MaybeUninit, slice};

/// Bytes to read.
pub struct Buffer {
    owner: Obj,
    start: *mut u8,
    bytes: usize,
    holds_addresses: bool,
}

/// Bytes to write.
pub struct BufferMut(Buffer);

impl Obj {
    /// The bytes of an object with the buffer protocol. TypeError if it has none.
    /// Runs Python, if the object has a method for it; may raise.
    pub fn buffer(self) -> Result<Buffer> {
        Buffer::of(
            self,
            sys::MP_BUFFER_READ,
            c"an object with the buffer protocol is needed",
        )
    }

    /// The bytes of an object, to be filled with data. TypeError if it has none that may be written, or if they are the
    /// addresses of objects. Runs Python, if the object has a method for it; may raise.
    pub fn buffer_to_fill(self) -> Result<BufferMut> {
        let buffer = Buffer::writable(self)?;
        if buffer.holds_addresses {
            return Err(Error::Type(
                c"bytes do not go into an array of objects or addresses ('O', 'P', 'S')",
            ));
        }
        Ok(BufferMut(buffer))
    }

    /// The bytes of an object, to be overwritten with those of `source`. TypeError if it has none that may be written, or
    /// if one of both is an array of addresses and the other is not.
    /// Runs Python, if the object has a method for it; may raise.
    pub fn buffer_like(self, source: &Buffer) -> Result<BufferMut> {
        let buffer = Buffer::writable(self)?;
        if buffer.holds_addresses != source.holds_addresses {
            return Err(Error::Type(
                c"an array of objects or addresses ('O', 'P', 'S') is only copied into one",
            ));
        }
        Ok(BufferMut(buffer))
    }
}

impl Buffer {
    fn writable(owner: Obj) -> Result<Buffer> {
        Buffer::of(
            owner,
            sys::MP_BUFFER_WRITE,
            c"a buffer that can be written is needed",
        )
    }

    fn of(owner: Obj, access: i32, message: &'static core::ffi::CStr) -> Result<Buffer> {
        let mut info = MaybeUninit::<sys::mp_buffer_info_t>::uninit();
        let into = info.as_mut_ptr();
        // SAFETY: `into` is valid. RAISES: caught.
        if !protected(|| unsafe { sys::mp_get_buffer(owner.into_raw(), into, access as _) })? {
            return Err(Error::Type(message));
        }
        // SAFETY: the core said that it has filled it in.
        let info = unsafe { info.assume_init() };
        Ok(Buffer {
            owner,
            start: info.buf.cast(),
            bytes: info.len,
            // The low byte: a view may have flags above it (py/objarray.h).
            holds_addresses: matches!(info.typecode as u8, b'O' | b'P' | b'S'),
        })
    }

    /// Their number. Plain.
    pub fn len(&self) -> usize {
        self.bytes
    }

    /// Whether there are none. Plain.
    pub fn is_empty(&self) -> bool {
        self.bytes == 0
    }

    /// The bytes. What Python writes while the slice is used shows in it or not. Plain.
    pub fn as_slice(&self) -> &[u8] {
        if self.bytes == 0 {
            return &[];
        }
        // SAFETY: the core gave so many bytes at a place that the owner keeps, until the guard ends.
        unsafe { slice::from_raw_parts(self.start, self.bytes) }
    }
}

impl BufferMut {
    /// Their number. Plain.
    pub fn len(&self) -> usize {
        self.0.bytes
    }

    /// Whether there are none. Plain.
    pub fn is_empty(&self) -> bool {
        self.0.bytes == 0
    }

    /// Whether some of the bytes are also in `other`. Plain.
    pub fn overlaps(&self, other: &Buffer) -> bool {
        let (to, from) = (self.0.start as usize, other.start as usize);
        to < from + other.bytes && from < to + self.0.bytes
    }

    /// The bytes, to be written. They must not overlap a [`Buffer`] whose slice is in use: see [`BufferMut::overlaps`].
    /// Plain.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        if self.0.bytes == 0 {
            return &mut [];
        }
        // SAFETY: as in `Buffer::as_slice`, and the object said that they may be written.
        unsafe { slice::from_raw_parts_mut(self.0.start, self.0.bytes) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // The owner is in a register or on the stack until here.
        black_box(self.owner);
    }
}

impl Drop for BufferMut {
    fn drop(&mut self) {
        report(self.0.start, self.0.bytes);
    }
}

/// Tells the write barrier that Rust, or a DMA, has written these bytes.
pub(crate) fn report(start: *const u8, bytes: usize) {
    #[cfg(feature = "heap-sliced")]
    crate::heap::written(start as u32, bytes as u32);
    #[cfg(not(feature = "heap-sliced"))]
    let _ = (start, bytes);
}
