//! Both caches of the core, 16 KB each, in lines of 32 bytes.
//!
//! The D-cache is what makes the memory chip usable at all: OCTOSPI sends a 64-bit beat with all of its bytes and relies
//! on a mask pin for those that are not meant, and these chips have none. Behind a write-back write-allocate cache only
//! whole lines travel, *if* the core never lets stores stream past the cache. Its dynamic read-allocate mode does that
//! (DDI0489F 5.9.1), so it is switched off, before the D-cache is switched on.

use crate::armv7m;

/// What one line holds.
pub use crate::dma::LINE_BYTES;

/// Switches both on. Once, after the MPU.
pub fn enable() {
    armv7m::disable_read_allocate_mode();
    armv7m::enable_caches();
}

/// That of the instructions alone: for a program that writes to the flash and reads it back.
pub fn enable_for_instructions() {
    armv7m::enable_instruction_cache();
}

/// Both as after a reset, with all that was written in memory.
pub fn disable() {
    armv7m::disable_caches();
    armv7m::enable_read_allocate_mode();
}

/// Lets the core stream stores past the cache, or not. For the lab; the cache is clean.
pub(crate) fn set_read_allocate_mode(on: bool) {
    if on {
        armv7m::enable_read_allocate_mode();
    } else {
        armv7m::disable_read_allocate_mode();
    }
}

/// Writes dirty lines of a range to memory: before something else than the core reads it.
pub fn clean(address: usize, bytes: usize) {
    armv7m::clean(address, bytes);
}

/// Writes dirty lines of a range to memory and forgets them: before something else than the core writes it.
pub fn clean_invalidate(address: usize, bytes: usize) {
    armv7m::clean_invalidate(address, bytes);
}

/// The same for all memory; 512 operations, so cheaper than by range above 16 KB.
pub fn clean_invalidate_all() {
    armv7m::clean_invalidate_all();
}

/// Makes freshly written instructions executable: to memory by the D-cache, and no stale ones in the I-cache.
pub fn publish_code(address: usize, bytes: usize) {
    armv7m::clean(address, bytes);
    armv7m::invalidate_instructions();
}
