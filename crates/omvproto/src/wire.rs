//! Numbers as they lie in payloads.

/// A payload that is put together.
pub struct Writer<'a> {
    into: &'a mut [u8],
    len: usize,
}

impl<'a> Writer<'a> {
    /// From the start of these bytes; what does not fit is left out.
    pub fn new(into: &'a mut [u8]) -> Self {
        Writer { into, len: 0 }
    }

    /// Bytes as they are.
    pub fn put(&mut self, bytes: &[u8]) {
        if let Some(place) = self.into.get_mut(self.len..self.len + bytes.len()) {
            place.copy_from_slice(bytes);
            self.len += bytes.len();
        }
    }

    /// A number.
    pub fn u16(&mut self, value: u16) {
        self.put(&value.to_le_bytes());
    }

    /// Numbers.
    pub fn u32s(&mut self, values: &[u32]) {
        for value in values {
            self.put(&value.to_le_bytes());
        }
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.len
    }
}

/// The number that begins at a place of a payload.
pub fn u32_at(payload: &[u8], at: usize) -> Option<u32> {
    let bytes = payload.get(at..at + 4)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}
