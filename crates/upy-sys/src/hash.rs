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

/// A longer text is hashed by pieces of it, so that no text keeps a key like Ctrl-C waiting.
const WHOLE_BYTES: usize = 4096;
/// These pieces, spread evenly from the first byte to the last; together they are as long.
const PIECE_BYTES: usize = 64;

/// The hash of `bytes`. It is never zero, which to the core means "not computed".
pub const fn hash(bytes: &[u8]) -> u32 {
    let mut hash: u32 = 0x811C_9DC5;
    if bytes.len() <= WHOLE_BYTES {
        hash = mix(hash, bytes, 0, bytes.len());
    } else {
        hash ^= bytes.len() as u32;
        let (mut piece, last) = (0, WHOLE_BYTES / PIECE_BYTES - 1);
        while piece <= last {
            // No overflow: 64 times the longest text would, its part does not.
            let room = bytes.len() - PIECE_BYTES;
            let start = room / last * piece + room % last * piece / last;
            hash = mix(hash, bytes, start, start + PIECE_BYTES);
            piece += 1;
        }
    }
    hash ^= hash >> 15;
    hash = hash.wrapping_mul(0x2C1B_3C6D);
    hash ^= hash >> 13;
    let hash = hash & ((1 << BITS) - 1);
    if hash == 0 { 1 } else { hash }
}

/// FNV-1a over a part of `bytes`.
const fn mix(mut hash: u32, bytes: &[u8], start: usize, end: usize) -> u32 {
    let mut i = start;
    while i < end {
        hash = (hash ^ bytes[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_hashed_whole() {
        let mut text = vec![b'x'; WHOLE_BYTES];
        let before = hash(&text);
        for at in 0..text.len() {
            text[at] = b'y';
            assert_ne!(hash(&text), before, "byte {at}");
            text[at] = b'x';
        }
    }

    #[test]
    fn long_ones_by_their_length_their_ends_and_pieces_between() {
        let hash_of = |bytes: usize, at: usize| {
            let mut text = vec![b'x'; bytes];
            text[at] = b'y';
            hash(&text)
        };
        for bytes in [WHOLE_BYTES + 1, 100_000, 8_388_000] {
            let plain = hash(&vec![b'x'; bytes]);
            assert_ne!(plain, hash(&vec![b'x'; bytes + 1]));
            let pieces = WHOLE_BYTES / PIECE_BYTES - 1;
            for piece in 0..=pieces {
                let start = (bytes - PIECE_BYTES) * piece / pieces;
                assert_ne!(
                    plain,
                    hash_of(bytes, start + PIECE_BYTES / 2),
                    "piece {piece} of {bytes}"
                );
            }
            assert_ne!(plain, hash_of(bytes, bytes - 1));
        }
    }
}
