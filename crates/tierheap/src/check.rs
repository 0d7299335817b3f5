//! Walks that verify what the rest relies on. Tests run them after every operation; on the chip they are for finding
//! out who wrote where he should not.
//!
//! They look for damage, they do not repair it.

use crate::heap::{CANARY, GUARD, Heap};
use crate::memory::{BLOCK_BYTES, Memory, WORD_BYTES};
use crate::phase::Phase;
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
        let Violation {
            rule,
            address,
            expected,
            found,
        } = self;
        write!(
            f,
            "heap damaged at {address:#010x}: {rule}: expected {expected:#x}, found {found:#x}"
        )
    }
}

impl core::error::Error for Violation {}

fn must(rule: &'static str, address: u32, expected: u32, found: u32) -> Result<(), Violation> {
    if expected == found {
        Ok(())
    } else {
        Err(Violation {
            rule,
            address,
            expected,
            found,
        })
    }
}

impl<M: Memory, const R: usize> Heap<'_, M, R> {
    /// Verifies the tables, the counters, and what the search relies on. Reads no heap memory.
    pub fn check(&self) -> Result<(), Violation> {
        for canary in self.canaries {
            must(
                "the canaries around the tables stand",
                self.regions[0].base,
                CANARY,
                *canary,
            )?;
        }
        for tier in 0..R {
            self.check_region(tier)?;
        }
        must(
            "the queue is empty while marking pauses",
            0,
            0,
            self.queue.len() as u32,
        )?;
        if self.phase != Phase::Mark {
            must(
                "nothing waits on the mark stack",
                0,
                1,
                u32::from(self.stack.is_empty()),
            )?;
            must("no card is dirty", 0, 0, u32::from(self.cards.any()))?;
        }
        Ok(())
    }

    fn check_region(&self, tier: usize) -> Result<(), Violation> {
        let region = &self.regions[tier];
        if region.blocks() == 0 {
            return Ok(());
        }
        must(
            "the first block of a region is held back, and a head follows",
            region.base,
            1,
            u32::from(
                self.tables.kind(region.first) == Kind::Inside
                    && self.tables.kind(region.begin()) != Kind::Inside,
            ),
        )?;
        let (mut used, mut finalisers) = (region.begin() - region.first, 0);
        let mut head = region.begin();
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
            self.check_mark(tier, head, address)?;
            head = next;
        }
        must(
            "the count of used blocks is right",
            region.base,
            used,
            region.used_blocks,
        )?;
        must(
            "the count of finalisers is right",
            region.base,
            finalisers,
            region.finalisers,
        )?;
        for (i, low) in region.low.iter().enumerate() {
            let overlap = region.low[..i].iter().any(|other| other.overlaps(*low));
            must(
                "the stretches to be filled are apart",
                region.base,
                0,
                u32::from(overlap),
            )?;
            self.check_stretch(region, *low)?;
        }
        self.check_stretch(region, region.high)
    }

    fn check_mark(&self, tier: usize, head: u32, address: u32) -> Result<(), Violation> {
        let may_be_black = match self.phase {
            Phase::Idle => false,
            Phase::Mark | Phase::Finalise => true,
            Phase::Sweep => self.sweep.is_ahead(tier, head / WORD_BLOCKS),
        };
        let is_black = self.tables.kind(head) == Kind::Black;
        must(
            "only a running collection has marks",
            address,
            0,
            u32::from(is_black && !may_be_black),
        )
    }

    fn check_stretch(&self, region: &Region, stretch: Stretch) -> Result<(), Violation> {
        let Stretch { start, end } = stretch;
        if start >= end {
            return Ok(());
        }
        let address = region.address(start);
        let head = self.tables.next_head(start + 1, end);
        must("a stretch to be filled has no heads inside", address, end, head)?;
        let covering = self
            .tables
            .previous_head(start + 1, region.first)
            .map(|head| self.tables.kind(head));
        must(
            "a stretch to be filled is free",
            address,
            1,
            u32::from(covering == Some(Kind::Free)),
        )
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
                    let Some(block) = self.regions[tier].block_around(address) else {
                        continue;
                    };
                    if self.cards.is_set(block / WORD_BLOCKS) || self.stack.contains(address) {
                        continue;
                    }
                    let target = self.memory.read(address);
                    let lost = self
                        .find(target)
                        .is_some_and(|(_, block)| self.tables.kind(block) == Kind::White);
                    must(
                        "no scanned word points to a white object",
                        address,
                        0,
                        u32::from(lost),
                    )?;
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
                must(
                    rule,
                    piece.address,
                    GUARD ^ piece.address,
                    self.memory.read(guard),
                )?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Params, Request, Span, table_words};

    /// No memory at all: the walks under test do not read it.
    struct Nothing;

    impl Memory for Nothing {
        fn read(&self, address: u32) -> u32 {
            panic!("{address:#x} was read")
        }
        fn write(&mut self, _: u32, _: u32) {}
        fn zero(&mut self, _: u32, _: u32) {}
        fn copy(&mut self, _: u32, _: u32, _: u32) {}
    }

    const SPANS: [Span; 1] = [Span {
        base: 0x2400_0000,
        bytes: 65_536,
    }];

    /// Damages a heap with 20 objects and says what the walk finds.
    fn after(damage: impl FnOnce(&mut Heap<'_, Nothing, 1>)) -> Option<(&'static str, u32)> {
        let (mut tables, mut stack) = (vec![0; table_words(&SPANS)], vec![0; 8]);
        let mut heap = Heap::new(Nothing, SPANS, &mut tables, &mut stack, Params::QUAD_PSRAM).unwrap();
        for bytes in 1..=20 {
            heap.alloc(Request::bytes(16 * bytes).finaliser(), true).unwrap();
        }
        heap.check().unwrap();
        damage(&mut heap);
        heap.check()
            .err()
            .map(|violation| (violation.rule, violation.address.wrapping_sub(SPANS[0].base)))
    }

    #[test]
    fn every_kind_of_damage_is_found() {
        assert_eq!(after(|_| ()), None);
        assert_eq!(
            after(|heap| heap.canaries[1] = &7),
            Some(("the canaries around the tables stand", 0))
        );
        // The first two objects, of two blocks, begin at blocks 1 and 3.
        assert_eq!(
            after(|heap| heap.tables.claim(3, 2, true, 4096)),
            Some(("only a running collection has marks", 3 * 16))
        );
        assert_eq!(
            after(|heap| heap.tables.set_free(3)),
            Some(("the count of used blocks is right", 0))
        );
        assert_eq!(
            after(|heap| heap.tables.claim(3000, 4, false, 4096)),
            Some(("no object begins in the gap", 3000 * 16))
        );
        assert_eq!(
            after(|heap| heap.tables.set_free(3000)),
            Some(("no free run begins inside the gap", 3000 * 16))
        );
        assert_eq!(
            after(|heap| heap.tables.clear_finaliser(3)),
            Some(("the count of finalisers is right", 0))
        );
        assert_eq!(
            after(|heap| heap.cards.set(3)).map(|found| found.0),
            Some("no card is dirty")
        );
        let range = crate::stack::Range { at: 0, end: 16 };
        let stacked = after(|heap| assert!(heap.stack.push(range)));
        assert_eq!(
            stacked.map(|found| found.0),
            Some("nothing waits on the mark stack")
        );
        let queued = after(|heap| assert!(heap.queue.push(16)));
        assert_eq!(
            queued.map(|found| found.0),
            Some("the queue is empty while marking pauses")
        );
        assert_eq!(
            after(|heap| heap.regions[0].low[0] = heap.regions[0].low[1]),
            Some(("the stretches to be filled are apart", 0))
        );
        assert_eq!(
            after(|heap| heap.regions[0].low[0] = Stretch { start: 3, end: 4 }),
            Some(("a stretch to be filled is free", 3 * 16))
        );
        assert_eq!(
            after(|heap| heap.regions[0].low[1] = Stretch { start: 2, end: 256 }),
            Some(("a stretch to be filled has no heads inside", 2 * 16))
        );
    }
}
