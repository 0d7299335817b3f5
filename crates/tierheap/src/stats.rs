//! Exact counters. They cost a few additions, never a walk, and tests assert them.

/// What one collection did; of the running one, or of the last one when none runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Objects found alive, leaves included.
    pub objects: u32,
    /// Of these, the ones that were not scanned because they hold no pointers.
    pub leaves: u32,
    /// Words read from the fastest tier to find pointers.
    pub fast_words: u32,
    /// Words read from all other tiers to find pointers.
    pub slow_words: u32,
    /// Cache lines of the other tiers that these words lie in, as a cache that remembers two lines would count.
    pub slow_lines: u32,
    /// Ranges for which the mark stack had no room.
    pub overflows: u32,
    /// Cards scanned (again).
    pub cards: u32,
    /// Words of the block tables that the sweep visited, 32 blocks each.
    pub table_words: u32,
    /// Objects freed by the sweep. This is what `gc.collect()` returns.
    pub freed_objects: u32,
    /// Blocks freed by the sweep.
    pub freed_blocks: u32,
    /// Finalisers handed out to be run.
    pub finalisers: u32,
}

/// Sums over the life of the heap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Collections begun.
    pub collections: u32,
    /// Of these, begun because policy found that emptying the fast tier pays.
    pub for_speed: u32,
    /// Of these, begun before a slow tier would have grown beyond its budget.
    pub for_compactness: u32,
    /// Blocks handed out in the fastest tier and in all others.
    pub fast_blocks: u64,
    /// See `fast_blocks`.
    pub slow_blocks: u64,
}
