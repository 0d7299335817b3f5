//! Where the bytes of a file go.

use crate::Error;

/// Takes the bytes of a file in their order.
pub trait Sink {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// What keeps the place from taking them.
    fn put(&mut self, bytes: &[u8]) -> Result<(), Error>;
}

/// A file in memory.
#[derive(Debug)]
pub struct Buffer<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl<'a> Buffer<'a> {
    /// An empty file of at most `bytes.len()` bytes.
    pub fn new(bytes: &'a mut [u8]) -> Self {
        Buffer { bytes, len: 0 }
    }

    /// How many bytes were written.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if nothing was written.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What was written.
    pub fn written(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Sink for Buffer<'_> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let end = self.len.saturating_add(bytes.len());
        let has_bytes = self.bytes.len();
        let place = self.bytes.get_mut(self.len..end).ok_or(Error::Buffer {
            needed_bytes: end,
            has_bytes,
        })?;
        place.copy_from_slice(bytes);
        self.len = end;
        Ok(())
    }
}
