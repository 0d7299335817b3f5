//! Looking at the heap: totals at once, the rest by walking the tables (never the memory).

use crate::heap::Heap;
use crate::memory::{BLOCK_BYTES, Memory};
use crate::policy::Since;
use crate::stats::Totals;
use crate::tables::{Block, Kind, Tables};

/// What `gc_info` reports of a heap or of a tier. Sizes in bytes, except where it says blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Info {
    /// Bytes in all.
    pub total: u32,
    /// Bytes handed out, and the first block of a tier, which never is.
    pub used: u32,
    /// Bytes not handed out.
    pub free: u32,
    /// The longest free run, in blocks.
    pub max_free: u32,
    /// Objects of one block.
    pub one_block: u32,
    /// Objects of two blocks.
    pub two_blocks: u32,
    /// The longest object, in blocks.
    pub max_block: u32,
}

/// A stretch of the heap that is one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Address of the first byte.
    pub address: u32,
    /// Length in blocks.
    pub blocks: u32,
    /// What it is; `None` if it is free.
    pub object: Option<Object>,
}

/// What the tables know of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Object {
    /// It holds no pointers.
    pub leaf: bool,
    /// It has a finaliser.
    pub finaliser: bool,
    /// The running collection has found it.
    pub marked: bool,
}

/// The pieces of a tier by address, free ones joined.
pub struct Pieces<'a> {
    tables: &'a Tables<'a>,
    base: u32,
    first: Block,
    at: Block,
    end: Block,
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        if self.at >= self.end {
            return None;
        }
        let start = self.at;
        self.at = self.tables.next_head(start + 1, self.end);
        let object = match self.tables.kind(start) {
            kind @ (Kind::White | Kind::Black) => Some(Object {
                leaf: self.tables.is_leaf(start),
                finaliser: self.tables.has_finaliser(start, self.end),
                marked: kind == Kind::Black,
            }),
            Kind::Free | Kind::Inside => {
                self.at = self.tables.next_used(start + 1, self.end);
                None
            }
        };
        let address = self.base + (start - self.first) * BLOCK_BYTES;
        Some(Piece {
            address,
            blocks: self.at - start,
            object,
        })
    }
}

impl<M: Memory, const R: usize> Heap<'_, M, R> {
    /// Blocks in all tiers.
    pub(crate) fn total_blocks(&self) -> u32 {
        self.regions.iter().map(|region| region.blocks()).sum()
    }

    pub(crate) fn free_blocks(&self) -> u32 {
        self.regions.iter().map(|region| region.free_blocks()).sum()
    }

    /// Bytes in all tiers. Takes no walk.
    pub fn total_bytes(&self) -> u32 {
        self.total_blocks() * BLOCK_BYTES
    }

    /// Bytes handed out, and the first block of each tier, which never is. Takes no walk.
    pub fn used_bytes(&self) -> u32 {
        self.regions
            .iter()
            .map(|region| region.used_blocks * BLOCK_BYTES)
            .sum()
    }

    /// Bytes not handed out. Takes no walk.
    pub fn free_bytes(&self) -> u32 {
        self.free_blocks() * BLOCK_BYTES
    }

    pub(crate) fn since(&self) -> Since {
        let [fast_blocks, slow_blocks] = self.regions.split_first().map_or([0, 0], |(fast, slow)| {
            let slow = slow
                .iter()
                .fold(0, |sum: u32, region| sum.saturating_add(region.since_blocks));
            [fast.since_blocks, slow]
        });
        Since {
            fast_blocks,
            slow_blocks,
        }
    }

    /// Blocks handed out since the last collection began. `gc.threshold` is kept by collecting before an allocation
    /// when this has reached the threshold.
    pub fn allocated_blocks(&self) -> u32 {
        self.since().blocks()
    }

    /// Sums over the life of the heap.
    pub fn totals(&self) -> Totals {
        let since = self.since();
        Totals {
            fast_blocks: self.totals.fast_blocks + u64::from(since.fast_blocks),
            slow_blocks: self.totals.slow_blocks + u64::from(since.slow_blocks),
            ..self.totals
        }
    }

    /// Most entries of the mark stack that were ever in use.
    pub fn deepest_mark_stack(&self) -> usize {
        self.stack.deepest()
    }

    /// The pieces of a tier behind its first block, which is never handed out; nothing if there is no such tier.
    pub fn pieces(&self, tier: usize) -> Pieces<'_> {
        let (base, first, at, end) = self
            .regions
            .get(tier)
            .map_or((0, 0, 0, 0), |r| (r.base, r.first, r.begin(), r.end));
        Pieces {
            tables: &self.tables,
            base,
            first,
            at,
            end,
        }
    }

    /// All about one tier, by a walk over its tables.
    pub fn tier_info(&self, tier: usize) -> Info {
        let held_back = self
            .regions
            .get(tier)
            .map_or(0, |region| (region.begin() - region.first) * BLOCK_BYTES);
        let mut info = Info {
            total: held_back,
            used: held_back,
            ..Info::default()
        };
        for piece in self.pieces(tier) {
            let bytes = piece.blocks * BLOCK_BYTES;
            info.total += bytes;
            if piece.object.is_some() {
                info.used += bytes;
                info.max_block = info.max_block.max(piece.blocks);
                info.one_block += u32::from(piece.blocks == 1);
                info.two_blocks += u32::from(piece.blocks == 2);
            } else {
                info.free += bytes;
                info.max_free = info.max_free.max(piece.blocks);
            }
        }
        info
    }

    /// All about the heap, by a walk over the tables.
    pub fn info(&self) -> Info {
        let tiers = (0..R).map(|tier| self.tier_info(tier));
        tiers.fold(Info::default(), |a, b| Info {
            total: a.total + b.total,
            used: a.used + b.used,
            free: a.free + b.free,
            max_free: a.max_free.max(b.max_free),
            one_block: a.one_block + b.one_block,
            two_blocks: a.two_blocks + b.two_blocks,
            max_block: a.max_block.max(b.max_block),
        })
    }
}
