//! The program in the flash: whether it is whole, and how it is started.
#![allow(unsafe_code)]

use h7a3::layout::{self, Fault, HEADER_BYTES, HEADER_OFFSET, Header, PROGRAM, Sum};
use h7a3::{caches, flash, hurry, mpu, reset};
use static_cell::StaticCell;

use crate::board;

/// Its vector table, if all of it is there.
pub fn check() -> Result<*const u32, Fault> {
    static SUM: StaticCell<Sum> = StaticCell::new();
    // A megabyte is read.
    let checked = hurry::with_full_speed(|| {
        caches::enable();
        let checked = whole(SUM.init_with(layout::sum));
        caches::disable();
        checked
    });
    checked.map(|()| PROGRAM.start as *const u32)
}

fn whole(sum: &Sum) -> Result<(), Fault> {
    let at = PROGRAM.start + HEADER_OFFSET;
    let mut words = [0; HEADER_BYTES / 4];
    let read = flash::read_whole(at, &mut words);
    if read < words.len() {
        return Err(Fault::Torn(at + 4 * read as u32));
    }
    let mut bytes = [0; HEADER_BYTES];
    for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    let header = Header::parse(&bytes, |bytes| sum.checksum(bytes))?;
    let mut digest = sum.digest();
    header.read(board::FILE, flash::read_whole, |bytes| digest.update(bytes))?;
    header.compare(digest.finalize())
}

/// Starts it, on a chip that is as after a reset.
pub fn start(vectors: *const u32) -> ! {
    mpu::stop();
    // SAFETY: it was checked; clocks are again as they were, and MPU and caches are off.
    unsafe { reset::start(vectors) }
}
