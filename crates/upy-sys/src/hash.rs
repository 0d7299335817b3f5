//! The hash of texts and bytes, by which dicts, sets and the pools of names find them.
//!
//! MicroPython's own has 16 bits, so tens of thousands of texts share a few hashes each, and its last characters only move it
//! to a neighbouring place, where a table that probes linearly already has another text. This one has 30 bits, as many as
//! the core can pass on in a small integer, and each character changes half of them.
//!
//! It is FNV-1a with 32 bits, and a last step, because its lowest bits are poor. It is no secret, and no protection against
//! texts that were chosen to collide.
//!
//! Names that are interned in flash bring theirs along: the build script computes it with this file, and `build/freeze.py`
//! with a copy of it.

/// How many bits it has.
const BITS: u32 = 30;

/// The hash of `bytes`. It is never zero, which to the core means "not computed".
pub const fn hash(bytes: &[u8]) -> u32 {
    let mut hash: u32 = 0x811C_9DC5;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    hash ^= hash >> 15;
    hash = hash.wrapping_mul(0x2C1B_3C6D);
    hash ^= hash >> 13;
    let hash = hash & ((1 << BITS) - 1);
    if hash == 0 { 1 } else { hash }
}
