//! What is left after a collection, word by word: for what is kept alive from the heap, and lies elsewhere.

use super::door::{TIERS, with};
use crate::lock::lock_depth;
use core::slice;
use tierheap::{BLOCK_BYTES, WORD_BYTES};

/// Whether nothing can be allocated or collected now.
pub(crate) fn is_locked() -> bool {
    lock_depth() != 0
}

/// All words of all objects that may hold pointers.
pub(crate) fn for_each_word(mut action: impl FnMut(u32)) {
    with(|heap| {
        for tier in 0..TIERS {
            let objects = heap
                .pieces(tier)
                .filter(|piece| piece.object.is_some_and(|object| !object.leaf));
            for piece in objects {
                let words = piece.blocks * (BLOCK_BYTES / WORD_BYTES);
                // SAFETY: the words of a block of the heap; nobody writes them meanwhile.
                let words = unsafe { slice::from_raw_parts(piece.address as *const u32, words as usize) };
                words.iter().for_each(|&word| action(word));
            }
        }
    });
}
