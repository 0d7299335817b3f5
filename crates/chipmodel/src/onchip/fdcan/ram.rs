//! Message RAM: filters, FIFOs and buffers lie where the controllers are told.

const RAM_BYTES: u32 = 0x2800;

/// The memory that both share.
#[derive(Clone, Debug)]
pub struct Ram(Vec<u8>);

impl Default for Ram {
    fn default() -> Self {
        Ram(vec![0; RAM_BYTES as usize])
    }
}

impl Ram {
    /// Places beyond the end are those of the beginning.
    fn place(at: u32) -> usize {
        (at % RAM_BYTES) as usize
    }

    pub fn word(&self, at: u32) -> u32 {
        let bytes: [u8; 4] = core::array::from_fn(|n| self.0[Self::place(at + n as u32)]);
        u32::from_le_bytes(bytes)
    }

    pub fn set_word(&mut self, at: u32, value: u32) {
        self.set_bytes(at, &value.to_le_bytes());
    }

    pub fn bytes(&self, at: u32, bytes: usize) -> Vec<u8> {
        (0..bytes as u32).map(|n| self.0[Self::place(at + n)]).collect()
    }

    pub fn set_bytes(&mut self, at: u32, bytes: &[u8]) {
        for (n, byte) in (0..).zip(bytes) {
            self.0[Self::place(at + n)] = *byte;
        }
    }
}
