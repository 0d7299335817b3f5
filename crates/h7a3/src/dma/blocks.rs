//! Hardware that moves whole blocks in order, a card reader say: straight into the buffer, or all of it by way of the
//! driver's own memory.
//!
//! A block cannot be cut where a buffer's lines begin, so a buffer off the lines is bounced as a whole, and so is one that
//! the master must not write: the chip, for one of 32 bits.

use super::{Core, LINE_BYTES, Master, Receive, Transmit};

/// A driver's memory, which its hardware may read and write.
pub struct Bounce<'a> {
    memory: &'a mut [u8],
    master: &'a Master,
    block_bytes: usize,
}

impl<'a> Bounce<'a> {
    /// The whole blocks in `memory` that `master` may have. `None` if there is not one, or if blocks are not made of lines.
    pub fn new(
        master: &'a Master,
        memory: &'a mut [u8],
        block_bytes: usize,
        core: &impl Core,
    ) -> Option<Self> {
        if block_bytes == 0 || block_bytes % LINE_BYTES != 0 {
            return None;
        }
        let address = memory.as_ptr() as usize;
        let parts = master.receive(core.place(address), address, memory.len());
        let bytes = parts.direct / block_bytes * block_bytes;
        let memory = memory.get_mut(parts.head..parts.head + bytes)?;
        (bytes > 0).then_some(Bounce {
            memory,
            master,
            block_bytes,
        })
    }

    /// Hardware fills `buffer`, which is as long as some blocks: `read` is told the first block and where to put it and
    /// those behind it. Anything may be in the buffer after an error.
    pub fn receive<E>(
        &mut self,
        buffer: &mut [u8],
        core: impl Core + Clone,
        mut read: impl FnMut(usize, &mut [u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        let bytes = buffer.len();
        if bytes == 0 {
            return Ok(());
        }
        let mut lease = Receive::new(self.master, buffer, core.clone());
        if lease.range() == (0..bytes) {
            let done = read(0, lease.direct());
            drop(lease);
            return done;
        }
        drop(lease);
        let step = self.memory.len();
        for (n, piece) in buffer.chunks_mut(step).enumerate() {
            let memory = &mut self.memory[..piece.len()];
            let mut lease = Receive::new(self.master, memory, core.clone());
            let done = read(n * step / self.block_bytes, lease.direct());
            drop(lease);
            done?;
            piece.copy_from_slice(memory);
        }
        Ok(())
    }

    /// Hardware takes `buffer`, which is as long as some blocks.
    pub fn transmit<E>(
        &mut self,
        buffer: &[u8],
        core: impl Core + Clone,
        mut write: impl FnMut(usize, &[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        if buffer.is_empty() {
            return Ok(());
        }
        let lease = Transmit::new(self.master, buffer, core.clone());
        if lease.direct().len() == buffer.len() {
            return write(0, lease.direct());
        }
        let step = self.memory.len();
        for (n, piece) in buffer.chunks(step).enumerate() {
            let memory = &mut self.memory[..piece.len()];
            memory.copy_from_slice(piece);
            let lease = Transmit::new(self.master, memory, core.clone());
            write(n * step / self.block_bytes, lease.direct())?;
        }
        Ok(())
    }
}
