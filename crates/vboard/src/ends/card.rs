//! What is in a card socket: blocks of 512 bytes. The controller's model speaks the card's protocol with it.

/// Bytes of a block.
pub const BLOCK: usize = 512;

/// A card.
pub trait Card {
    /// How many blocks it has.
    fn blocks(&self) -> u32;

    /// Read a block. False: there is none of this number.
    fn read(&mut self, block: u32, bytes: &mut [u8; BLOCK]) -> bool;

    /// Write a block. False: there is none of this number, or it is write-protected.
    fn write(&mut self, block: u32, bytes: &[u8; BLOCK]) -> bool;

    /// The same card once more, for a snapshot.
    fn boxed(&self) -> Box<dyn Card>;
}

/// A card whose content is in memory.
#[derive(Clone, Debug)]
pub struct Image {
    bytes: Vec<u8>,
}

impl Image {
    /// A card with this content, cut to whole blocks.
    pub fn new(mut bytes: Vec<u8>) -> Self {
        bytes.truncate(bytes.len() / BLOCK * BLOCK);
        Image { bytes }
    }

    fn at(&mut self, block: u32) -> Option<&mut [u8]> {
        let start = usize::try_from(block).ok()?.checked_mul(BLOCK)?;
        self.bytes.get_mut(start..start.checked_add(BLOCK)?)
    }
}

impl Card for Image {
    fn blocks(&self) -> u32 {
        (self.bytes.len() / BLOCK) as u32
    }

    fn read(&mut self, block: u32, bytes: &mut [u8; BLOCK]) -> bool {
        self.at(block).map(|from| bytes.copy_from_slice(from)).is_some()
    }

    fn write(&mut self, block: u32, bytes: &[u8; BLOCK]) -> bool {
        self.at(block).map(|to| to.copy_from_slice(bytes)).is_some()
    }

    fn boxed(&self) -> Box<dyn Card> {
        Box::new(self.clone())
    }
}
