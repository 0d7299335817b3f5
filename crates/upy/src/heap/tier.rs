//! The tiers by name.

use super::door::{TIERS, with};

pub use tierheap::{BLOCK_BYTES, Info, Work};

/// What the tiers are called.
pub(super) const NAMES: [&str; TIERS] = ["fast", "slow"];

/// A tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The internal RAM.
    Fast,
    /// The memory chip.
    Slow,
}

impl Tier {
    /// As users read it.
    pub(super) const fn name(self) -> &'static str {
        NAMES[self as usize]
    }
}

/// All about a tier, by a walk over its tables. Plain.
pub fn tier(tier: Tier) -> Info {
    with(|heap| heap.tier_info(tier as usize))
}

/// What the last collection did. Plain.
pub fn last_work() -> Work {
    with(|heap| heap.work())
}
