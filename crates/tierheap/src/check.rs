//! Walks that verify what the rest relies on. Tests run them after every operation; on the chip they are for finding
//! out who wrote where he should not.
//!
//! They look for damage, they do not repair it.

use crate::collect::Phase;
use crate::heap::{CANARY, GUARD, Heap};
use crate::memory::{BLOCK_BYTES, Memory, WORD_BYTES};
use crate::region::{Region, Stretch};
use crate::tables::{Kind, WORD_BLOCKS};

/// The first thing that is not as it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What should hold.
    pub rule: &'static str,
    /// Where: the address of a block, or of a region.
    pub address: u32,
    /// What was expected.
    pub expected: u32,
    /// What was found.
    pub found: u32,
}

impl core::fmt::Display for Violation {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Violation { rule, address, expected, found } = self;
        write!(f, "heap damaged at {address:#010x}: {rule}: expected {expected:#x}, found {found:#x}")
    }
}

impl core::error::Error for Violation {}

fn must(rule: &'static str, address: u32, expected: u32, found: u32) -> Result<(), Violation> {
    if expected == found { Ok(()) } else { Err(Violation { rule, address, expected, found }) }
}

impl<M: Memory, const R: usize> Heap<'_, M, R> {
    /// Verifies the tables, the counters, and what the search relies on. Reads no heap memory.
    pub fn check(&self) -> Result<(), Violation> {
        for canary in self.canaries {
            must("the canaries around the tables stand", self.regions[0].base, CANARY, *canary)?;
        }
        for tier in 0..R {
            self.check_region(tier)?;
        }
        if self.phase != Phase::Mark {
            must("nothing waits on the mark stack", 0, 1, u32::from(self.stack.is_empty()))?;
            must("no card is dirty", 0, 0, u32::from(self.cards.any()))?;
        }
        Ok(())
    }

    fn check_region(&self, tier: usize) -> Result<(), Violation> {
        let region = &self.regions[tier];
        if region.blocks() == 0 {
            return Ok(());
        }
        must("a region begins with a head", region.base, 0, u32::from(self.tables.kind(region.first) == Kind::Inside))?;
        let (mut used, mut finalisers) = (0, 0);
        let mut head = region.first;
        while head < region.end {
            let next = self.tables.next_head(head + 1, region.end);
            let address = region.address(head);
            let kind = self.tables.kind(head);
            if matches!(kind, Kind::White | Kind::Black) {
                used += next - head;
                finalisers += u32::from(self.tables.has_finaliser(head, region.end));
                let in_gap = head >= region.low_top && head < region.high_bottom;
                must("no object begins in the gap", address, 0, u32::from(in_gap))?;
            } else {
                let in_gap = head > region.low_top && head < region.high_bottom;
                must("no free run begins inside the gap", address, 0, u32::from(in_gap))?;
            }
            let may_be_black = match self.phase {
                Phase::Idle => false,
                Phase::Mark | Phase::Finalise => true,
                Phase::Sweep => self.sweep.is_ahead(tier, head / WORD_BLOCKS),
            };
            must("only a running collection has marks", address, 0, u32::from(kind == Kind::Black && !may_be_black))?;
            head = next;
        }
        must("the count of used blocks is right", region.base, used, region.used_blocks)?;
        must("the count of finalisers is right", region.base, finalisers, region.finalisers)?;
        self.check_stretch(region, region.low)?;
        self.check_stretch(region, region.high)
    }

    fn check_stretch(&self, region: &Region, stretch: Stretch) -> Result<(), Violation> {
        let Stretch { start, end } = stretch;
        if start >= end {
            return Ok(());
        }
        let address = region.address(start);
        let head = self.tables.next_head(start + 1, end);
        must("a stretch to be filled has no heads inside", address, end, head)?;
        let covering = self.tables.previous_head(start + 1, region.first).map(|head| self.tables.kind(head));
        must("a stretch to be filled is free", address, 1, u32::from(covering == Some(Kind::Free)))
    }

    /// Verifies that no black object points to a white one, unless the pointer waits to be scanned. While marking only;
    /// reads every object that was found and is no leaf.
    pub fn check_marking(&self) -> Result<(), Violation> {
        if self.phase != Phase::Mark {
            return Ok(());
        }
        for tier in 0..R {
            for piece in self.pieces(tier) {
                if !piece.object.is_some_and(|object| object.marked && !object.leaf) {
                    continue;
                }
                let end = piece.address + piece.blocks * BLOCK_BYTES;
                for address in (piece.address..end).step_by(WORD_BYTES as usize) {
                    let Some(block) = self.regions[tier].block_around(address) else { continue };
                    if self.cards.is_set(block / WORD_BLOCKS) || self.stack.contains(address) {
                        continue;
                    }
                    let target = self.memory.read(address);
                    let lost = self.find(target).is_some_and(|(_, block)| self.tables.kind(block) == Kind::White);
                    must("no scanned word points to a white object", address, 0, u32::from(lost))?;
                }
            }
        }
        Ok(())
    }

    /// Looks at the guard word of every object, lowest address of the fastest tier first, and reports the first block
    /// over whose end somebody wrote. Without [`Heap::with_guards`] there are none.
    pub fn check_guards(&self) -> Result<(), Violation> {
        if !self.guards {
            return Ok(());
        }
        for tier in 0..R {
            for piece in self.pieces(tier).filter(|piece| piece.object.is_some()) {
                let guard = piece.address + piece.blocks * BLOCK_BYTES - WORD_BYTES;
                let rule = "the guard word at the end of the block stands";
                must(rule, piece.address, GUARD ^ piece.address, self.memory.read(guard))?;
            }
        }
        Ok(())
    }
}
