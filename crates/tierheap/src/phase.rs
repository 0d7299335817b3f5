//! Where a collection stands.

use crate::region::Region;
use crate::tables::{Block, WORD_BLOCKS};

/// Where a collection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// No collection runs.
    Idle,
    /// Finding what is alive.
    Mark,
    /// Handing out the dead objects with finalisers.
    Finalise,
    /// Freeing what is dead.
    Sweep,
}

impl Phase {
    /// The colour of an object that comes to life at `block` of a tier.
    #[inline(always)]
    pub(crate) fn births_black<const R: usize>(self, sweep: &SweepAt<R>, tier: usize, block: Block) -> bool {
        match self {
            Phase::Idle | Phase::Finalise => false,
            Phase::Mark => true,
            Phase::Sweep => sweep.is_ahead(tier, block / WORD_BLOCKS),
        }
    }
}

/// Whether a step finished its phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Progress {
    /// There is more to do.
    More,
    /// The phase is done, as far as is known now.
    Done,
}

/// How far the finalisers and the sweep have come. What has to be visited is fixed when the marking ends.
pub(crate) struct SweepAt<const R: usize> {
    pub(crate) tier: usize,
    pub(crate) word: u32,
    pub(crate) ranges: [[(u32, u32); 2]; R],
}

impl<const R: usize> Default for SweepAt<R> {
    fn default() -> Self {
        SweepAt {
            tier: 0,
            word: 0,
            ranges: [[(0, 0); 2]; R],
        }
    }
}

impl<const R: usize> SweepAt<R> {
    pub(crate) fn begin(regions: &[Region; R]) -> Self {
        SweepAt {
            tier: 0,
            word: 0,
            ranges: core::array::from_fn(|i| regions[i].words_in_use()),
        }
    }

    pub(crate) fn is_ahead(&self, tier: usize, word: u32) -> bool {
        word >= self.word
            && self.ranges[tier]
                .iter()
                .any(|&(from, to)| (from..to).contains(&word))
    }
}
