//! What a MemoryError says of the room there is.

use super::tier::{NAMES, Tier, tier};
use core::{
    ffi::c_char,
    fmt::{self, Write},
    slice,
};
use tierheap::BLOCK_BYTES;

/// For less than this the words would be the same each time: there is no room at all.
const WORTH_BYTES: usize = 4096;

/// Writes what is free, the largest block, and its tier, with a zero behind; false if nothing was written.
///
/// # Safety
/// There are `text_bytes` bytes at `text`.
#[unsafe(no_mangle)]
unsafe extern "C" fn upy_room_in_words(bytes: usize, text: *mut c_char, text_bytes: usize) -> bool {
    if bytes <= WORTH_BYTES || text_bytes == 0 {
        return false;
    }
    // SAFETY: the caller's promise; bytes of any value.
    let into = unsafe { slice::from_raw_parts_mut(text.cast::<u8>(), text_bytes) };
    let (into, last) = into.split_at_mut(text_bytes - 1);
    into.fill(0);
    last.fill(0);
    let tiers = [Tier::Fast, Tier::Slow].map(tier);
    let free: u32 = tiers.iter().map(|info| info.free).sum();
    let largest = tiers
        .iter()
        .zip(NAMES)
        .max_by_key(|(info, _)| info.max_free)
        .map(|(info, name)| (Size(info.max_free * BLOCK_BYTES), name));
    let Some((size, name)) = largest else { return false };
    // What does not fit is cut off.
    let _ = write!(
        Into(into),
        "{} free, largest {size} in the {name} tier",
        Size(free)
    );
    true
}

struct Into<'a>(&'a mut [u8]);

impl Write for Into<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let fits = text.len().min(self.0.len());
        let (now, later) = core::mem::take(&mut self.0).split_at_mut(fits);
        now.copy_from_slice(&text.as_bytes()[..fits]);
        self.0 = later;
        Ok(())
    }
}

/// Bytes as people say them, rounded down: nobody should count on what is not there.
struct Size(u32);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Size(bytes) = *self;
        match bytes {
            0..1000 => write!(f, "{bytes} bytes"),
            1000..1_000_000 => write!(f, "{} KB", bytes / 1000),
            _ => write!(f, "{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        }
    }
}
