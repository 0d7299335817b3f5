//! Sizes: the classes that searches remember their places by, and the groups that share stretches.

/// Sizes up to this have a class of their own.
pub(crate) const EXACT_BLOCKS: u32 = 8;
pub(super) const CLASSES: usize = 27;
/// Stretches for leaves, and for all others: for objects of one block, of two, of up to 4, of more.
pub(super) const STRETCHES: usize = 8;

/// The size class of `blocks`: exact for the smallest, then one for each power of two.
#[inline(always)]
pub(super) fn class(blocks: u32) -> usize {
    if blocks <= EXACT_BLOCKS {
        blocks as usize - 1
    } else {
        (blocks.ilog2() as usize + 5).min(CLASSES - 1)
    }
}

/// Which stretch small objects of this size come from.
#[inline(always)]
pub(super) fn group(blocks: u32, leaf: bool) -> usize {
    let size = (u32::BITS - (blocks - 1).leading_zeros()).min(3) as usize;
    size + if leaf { STRETCHES / 2 } else { 0 }
}
