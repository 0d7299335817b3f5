//! The sum: a program's blocks, fetches and accesses, as it goes.

use crate::cache::{Cache, LINE_BYTES, Met};
use crate::issue::{Accesses, BlockCost, Tail};
use crate::memory::{Memories, Place, place};
use crate::op::Branch;
use crate::predict::{Jump, Predictor};

/// Fills that may be under way while the core goes on (Cortex-M7 TRM: two line-fill buffers).
const FILL_BUFFERS: usize = 2;
/// What comes first of a line: a word of the flash, two beats of AXI SRAM.
const HALF_BYTES: u32 = LINE_BYTES / 2;
/// Writing a line back takes the interconnect's four beats and their way. An assumption.
const WRITE_BACK_CYCLES: u64 = 6;
/// A load that is not aligned, as the older of a pair (jnk0le/random; 4 as the younger).
const UNALIGNED_LOAD_CYCLES: u64 = 3;

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
    fills: [Fill; FILL_BUFFERS],
    /// When AXI SRAM and flash have served what was asked.
    busy_until: [u64; 2],
    cycles: u64,
    end: Option<End>,
    /// What the last block has under way.
    tail: Tail,
    /// Those of the block at hand, and how many of them were made.
    accesses: Accesses,
    accessed: usize,
    block_cycles: u32,
}

/// A line on its way.
#[derive(Clone, Copy, Debug, Default)]
struct Fill {
    line: u32,
    /// Which half came first.
    half: u32,
    ends: u64,
}

/// How an access begins.
struct Start {
    /// For a free buffer.
    waited_cycles: u64,
    /// When its word is there.
    there: u64,
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
            fills: [Fill::default(); FILL_BUFFERS],
            busy_until: [0; 2],
            cycles: 0,
            end: None,
            tail: Tail::default(),
            accesses: Accesses::default(),
            accessed: 0,
            block_cycles: 0,
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
        (self.accesses, self.accessed) = (cost.accesses, 0);
        self.block_cycles = cost.cycles;
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

    /// A load of so many bytes; `cached` as the MPU has it.
    pub fn load(&mut self, address: u32, bytes: u32, cached: bool) {
        let now = self.next_access();
        if !address.is_multiple_of(bytes.clamp(1, 4)) {
            self.cycles += UNALIGNED_LOAD_CYCLES;
        }
        let place = place(address);
        self.cycles += match place {
            Place::Tcm | Place::Core => 0,
            _ if cached && self.dcache_on => {
                let start = self.fill(address, place, false, now);
                start.waited_cycles + start.there.saturating_sub(now + start.waited_cycles)
            }
            _ => u64::from(self.memories.load_cycles(place)),
        };
    }

    /// A store; `cached` as the MPU has it: write-back, with allocation.
    pub fn store(&mut self, address: u32, cached: bool) {
        let now = self.next_access();
        let place = place(address);
        self.cycles += match place {
            Place::Tcm | Place::Core => 0,
            // The store buffer waits for the line, not the core.
            _ if cached && self.dcache_on => self.fill(address, place, true, now).waited_cycles,
            _ => u64::from(self.memories.store_cycles(place)),
        };
    }

    /// When the access at hand begins. The whole block is in `cycles` already.
    fn next_access(&mut self) -> u64 {
        let at = self.accesses.cycle(self.accessed);
        self.accessed += 1;
        self.cycles
            .saturating_sub(u64::from(self.block_cycles.saturating_sub(at)))
    }

    /// An access that begins now and finds its line, or has it filled.
    fn fill(&mut self, address: u32, place: Place, writes: bool, now: u64) -> Start {
        let (line, half) = (address / LINE_BYTES, address / HALF_BYTES);
        let Met::Miss { written_back } = self.dcache.access(address, writes) else {
            // A line that is on its way has the half that was asked for first; the other comes with its end.
            let other_half = |fill: &&Fill| fill.line == line && fill.half != half;
            let there = self.fills.iter().find(other_half).map_or(now, |fill| fill.ends);
            return Start {
                waited_cycles: 0,
                there,
            };
        };
        let [one, other] = &mut self.fills;
        let free = if one.ends <= other.ends { one } else { other };
        let waited_cycles = free.ends.saturating_sub(now);
        let back = if written_back.is_some() {
            WRITE_BACK_CYCLES
        } else {
            0
        };
        let busy_until = &mut self.busy_until[usize::from(place == Place::Flash)];
        // The memory serves one line after another; the ways there and back overlap.
        let start = (now + waited_cycles + back).max(*busy_until);
        *busy_until = start + u64::from(self.memories.busy_cycles(place));
        *free = Fill {
            line,
            half,
            ends: start + u64::from(self.memories.line_cycles(place)),
        };
        Start {
            waited_cycles,
            there: start + u64::from(self.memories.first_cycles(place)),
        }
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
                timer.load(base + at, 4, true);
            }
            timer.cycles()
        };
        // 8,448 lines, loaded faster than they come: each begins when the one before is there.
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
    fn the_other_half_of_a_line_comes_with_its_end() {
        let memories = timer().memories;
        for (second, wanted) in [
            (0x0800_1004, memories.first_cycles(Place::Flash)),
            (0x0800_1010, memories.line_cycles(Place::Flash)),
        ] {
            let mut timer = timer();
            timer.load(0x0800_1000, 4, true);
            timer.load(second, 4, true);
            assert_eq!(timer.cycles(), u64::from(wanted), "{second:#x}");
        }
    }

    #[test]
    fn what_a_block_does_meanwhile_is_not_waited_for_again() {
        // ldr r0,[r1]; four multiplies; ldr r2,[r3]
        let code = [
            0x6808_u16, 0xFB04, 0xF404, 0xFB04, 0xF404, 0xFB04, 0xF404, 0xFB04, 0xF404, 0x681A,
        ];
        let bytes: Vec<u8> = code.iter().flat_map(|half| half.to_le_bytes()).collect();
        let cost = block(&bytes);
        let mut timer = timer();
        let alone = |timer: &mut Timer| {
            timer.block(0x0000_0000, bytes.len() as u32, &cost);
            let before = timer.cycles();
            timer.load(0x0800_2000, 4, true);
            timer.load(0x0800_2010, 4, true);
            timer.cycles() - before
        };
        let between = u64::from(cost.accesses.cycle(1) - cost.accesses.cycle(0));
        assert_eq!(
            between, 6,
            "a chain of products, two cycles each, but for the last"
        );
        let memories = timer.memories;
        let second_half = u64::from(memories.line_cycles(Place::Flash) - memories.first_cycles(Place::Flash));
        assert_eq!(
            alone(&mut timer),
            u64::from(memories.first_cycles(Place::Flash)) + second_half.saturating_sub(between)
        );
    }

    #[test]
    fn a_load_that_is_not_aligned_takes_three_cycles_more() {
        let mut timer = timer();
        timer.load(0x2000_0001, 1, true);
        timer.load(0x2000_0004, 4, true);
        assert_eq!(timer.cycles(), 0);
        timer.load(0x2000_0006, 4, true);
        timer.load(0x2000_0001, 2, true);
        assert_eq!(timer.cycles(), 6);
    }

    #[test]
    fn tightly_coupled_memory_costs_nothing_more() {
        let mut timer = timer();
        timer.load(0x2000_0000, 4, true);
        timer.store(0x2000_0000, true);
        assert_eq!(timer.cycles(), 0);
    }
}
