//! How large is the chip? Its identity tells; addresses that repeat show it.
//!
//! A chip does not look at address bits above its size. So one mark at address 0, written last, is seen again at the chip's
//! size, and a chip that fills the 24 bits of an address shows it nowhere.

use crate::bus::{Bus, Frame};

/// What 24 bits of address reach.
pub const ADDRESSED_BYTES: u32 = 16 << 20;

/// Where a chip of 2, 4 or 8 MB begins anew; and a mark for each place, for address 0 first.
const PLACES: [(u32, u8); 4] = [(0, 0x5A), (2 << 20, 0xA5), (4 << 20, 0x3C), (8 << 20, 0xC3)];

/// The bytes after which addresses repeat. Leaves the content as it was.
pub(crate) fn measure<B: Bus>(bus: &mut B, read: &Frame, write: &Frame) -> Result<u32, B::Error> {
    let mut kept = [[0]; PLACES.len()];
    for ((place, _), byte) in PLACES.iter().zip(&mut kept) {
        bus.read(read, *place, byte)?;
    }
    for (place, mark) in PLACES.iter().rev() {
        bus.write(write, *place, &[*mark])?;
    }
    let (mut size_bytes, first) = (ADDRESSED_BYTES, PLACES[0].1);
    for (place, _) in PLACES[1..].iter().rev() {
        let mut found = [0];
        bus.read(read, *place, &mut found)?;
        if found == [first] {
            size_bytes = *place;
        }
    }
    for ((place, _), byte) in PLACES.iter().zip(&kept) {
        bus.write(write, *place, byte)?;
    }
    Ok(size_bytes)
}
