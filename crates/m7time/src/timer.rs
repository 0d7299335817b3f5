//! The sum: a program's blocks, fetches and accesses, as it goes.

use crate::cache::{Cache, LINE_BYTES, Met};
use crate::issue::{BlockCost, Tail};
use crate::memory::{Memories, Place, place};
use crate::op::Branch;
use crate::predict::{Jump, Predictor};

/// Fills that may be under way while the core goes on (Cortex-M7 TRM: two line-fill buffers).
const FILL_BUFFERS: usize = 2;
/// Writing a line back takes the interconnect's four beats and their way. An assumption.
const WRITE_BACK_CYCLES: u64 = 6;

/// Counts cycles.
#[derive(Clone, Debug)]
pub struct Timer {
    /// Wait states and the like; may change at any time.
    pub memories: Memories,
    /// SCB_CCR.IC
    pub icache_on: bool,
    /// SCB_CCR.DC
    pub dcache_on: bool,
    icache: Cache,
    dcache: Cache,
    predictor: Predictor,
    /// When each of the fills under way ends.
    fills: [u64; FILL_BUFFERS],
    cycles: u64,
    end: Option<End>,
    /// What the last block has under way.
    tail: Tail,
}

#[derive(Clone, Copy, Debug)]
struct End {
    kind: Branch,
    behind: u32,
    flags_age_cycles: u32,
}

impl Timer {
    /// At time zero, with both caches empty and off.
    pub fn new(memories: Memories) -> Timer {
        Timer {
            memories,
            icache_on: false,
            dcache_on: false,
            icache: Cache::instructions(),
            dcache: Cache::data(),
            predictor: Predictor::default(),
            fills: [0; FILL_BUFFERS],
            cycles: 0,
            end: None,
            tail: Tail::default(),
        }
    }

    /// Cycles so far.
    pub fn cycles(&self) -> u64 {
        self.cycles
    }

    /// A block begins: what it costs by itself, its fetches, and the jump that led to it.
    pub fn block(&mut self, address: u32, bytes: u32, cost: &BlockCost) {
        if let Some(end) = self.end.take() {
            self.cycles += u64::from(self.predictor.cost_cycles(&Jump {
                from: end.behind,
                behind: end.behind,
                to: address,
                kind: end.kind,
                flags_age_cycles: end.flags_age_cycles,
            }));
        }
        self.fetch(address, bytes);
        self.cycles += u64::from(cost.cycles + cost.wait_behind(&self.tail));
        self.tail = cost.tail;
        self.end = cost.end.map(|kind| End {
            kind,
            behind: address + bytes,
            flags_age_cycles: cost.flags_age_cycles,
        });
    }

    /// Something else than the last block's end decides what comes next: an exception, or its return.
    pub fn interrupt(&mut self) {
        self.end = None;
        self.tail = Tail::default();
    }

    /// The instruction cache is empty.
    pub fn forget_code(&mut self) {
        self.icache.clear();
    }

    fn fetch(&mut self, address: u32, bytes: u32) {
        let place = place(address);
        if place == Place::Tcm || bytes == 0 {
            return;
        }
        let lines = address / LINE_BYTES..=(address + bytes - 1) / LINE_BYTES;
        for line in lines {
            // Without a cache each fetch of 64 bits is an access.
            if !self.icache_on {
                self.cycles += u64::from(self.memories.load_cycles(place)) * u64::from(LINE_BYTES / 8);
            } else if self.icache.access(line * LINE_BYTES, false) != Met::Hit {
                self.cycles += u64::from(self.memories.line_cycles(place));
            }
        }
    }

    /// A load; `cached` as the MPU has it.
    pub fn load(&mut self, address: u32, cached: bool) {
        let place = place(address);
        match place {
            Place::Tcm | Place::Core => {}
            _ if cached && self.dcache_on => {
                if let Some(end) = self.fill(address, place, false) {
                    // The word that is waited for comes first, and the rest behind it.
                    self.cycles = self.cycles.max(end);
                }
            }
            _ => self.cycles += u64::from(self.memories.load_cycles(place)),
        }
    }

    /// A store; `cached` as the MPU has it: write-back, with allocation.
    pub fn store(&mut self, address: u32, cached: bool) {
        let place = place(address);
        match place {
            Place::Tcm | Place::Core => {}
            _ if cached && self.dcache_on => {
                // The store buffer waits for the line, not the core.
                self.fill(address, place, true);
            }
            _ => self.cycles += u64::from(self.memories.store_cycles(place)),
        }
    }

    /// When the word of this access is there, if its line must be filled. The core waits for a free buffer.
    fn fill(&mut self, address: u32, place: Place, writes: bool) -> Option<u64> {
        let Met::Miss { written_back } = self.dcache.access(address, writes) else {
            return None;
        };
        let last = self.fills.iter().copied().max().unwrap_or(0);
        let first = self.fills.iter_mut().min()?;
        self.cycles = self.cycles.max(*first);
        let back = if written_back.is_some() {
            WRITE_BACK_CYCLES
        } else {
            0
        };
        // One line after another comes over the interconnect.
        let start = self.cycles.max(last);
        *first = start + back + u64::from(self.memories.line_cycles(place));
        Some(start + back + u64::from(self.memories.first_cycles(place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::block;

    fn timer() -> Timer {
        let mut timer = Timer::new(Memories { flash_wait_states: 6 });
        (timer.icache_on, timer.dcache_on) = (true, true);
        timer
    }

    /// subs r0, #1; bne to itself.
    const LOOP: [u8; 4] = [0x01, 0x38, 0xFD, 0xD1];

    #[test]
    fn a_loop_in_the_cache_costs_its_block_each_time() {
        let mut timer = timer();
        let cost = block(&LOOP);
        for _ in 0..10 {
            timer.block(0x0800_0100, 4, &cost);
        }
        let before = timer.cycles();
        for _ in 0..1000 {
            timer.block(0x0800_0100, 4, &cost);
        }
        assert_eq!(timer.cycles() - before, 1000 * u64::from(cost.cycles));
    }

    #[test]
    fn without_the_cache_the_flash_is_waited_for_each_time() {
        let run = |on| {
            let mut timer = timer();
            timer.icache_on = on;
            let cost = block(&LOOP);
            for _ in 0..100 {
                timer.block(0x0800_0100, 4, &cost);
            }
            timer.cycles()
        };
        assert!(run(false) > 10 * run(true));
    }

    #[test]
    fn weights_that_are_streamed_cost_their_lines() {
        let stream = |base| {
            let mut timer = timer();
            for at in (0..264 * 1024_u32).step_by(4) {
                timer.load(base + at, true);
            }
            timer.cycles()
        };
        // 8,448 lines, loaded faster than the interconnect brings them.
        let memories = timer().memories;
        for (base, place) in [(0x0801_0000, Place::Flash), (0x2400_0000, Place::AxiSram)] {
            let line = u64::from(memories.line_cycles(place));
            let found = stream(base);
            assert!(found.abs_diff(8448 * line) < 2 * line, "{place:?}: {found}");
        }
    }

    #[test]
    fn stores_that_miss_do_not_stop_the_core_until_the_buffers_are_full() {
        let mut timer = timer();
        timer.store(0x2400_0000, true);
        timer.store(0x2400_1000, true);
        assert_eq!(timer.cycles(), 0);
        timer.store(0x2400_2000, true);
        assert!(timer.cycles() > 0);
    }

    #[test]
    fn tightly_coupled_memory_costs_nothing_more() {
        let mut timer = timer();
        timer.load(0x2000_0000, true);
        timer.store(0x2000_0000, true);
        assert_eq!(timer.cycles(), 0);
    }
}
