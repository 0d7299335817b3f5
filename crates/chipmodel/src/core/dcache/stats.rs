//! What the cache counts.

/// Counters since power-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// Accesses that found their line.
    pub hits: u64,
    /// Cacheable accesses that did not.
    pub misses: u64,
    /// Lines fetched.
    pub linefills: u64,
    /// Dirty lines written back to make room.
    pub evictions: u64,
    /// Dirty lines written back because maintenance asked for it.
    pub cleans: u64,
    /// 64-bit beats that left the core without all strobes.
    pub partial_beats: u64,
    /// Accesses that went past the cache.
    pub uncached: u64,
    /// Stores that were drawn into an entry of the store buffer.
    pub merged: u64,
    /// Times that the store buffer was emptied before its entries were complete lines.
    pub early_drains: u64,
    /// Times that dynamic read-allocate mode was entered.
    pub read_allocate_entries: u64,
}
