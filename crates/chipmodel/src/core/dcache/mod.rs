//! The data side of the Cortex-M7's memory system, for one window of slow memory: D-cache, store buffer, linefill
//! buffers, dynamic read-allocate mode. Accesses go in, AXI beats come out.
//!
//! 16 KB, 4 ways, lines of 32 bytes. The cache really holds the data: what the processor forgot to clean is not in
//! memory. Only the window's lines compete for it, since internal memory is not seen here, so it hits more often than
//! silicon would.
//!
//! Not modelled: ECC, exclusive access beyond plain loads and stores, speculative reads, the order of two buffered
//! stores to different Normal regions. Where the manuals leave something open the file that decides it says so.

mod fill;
mod lines;
mod maintain;
mod policy;
mod stats;
mod store_buffer;
#[cfg(test)]
mod tests;

use crate::bus::axi::{AxiPort, BusError, ReadBeat, ReadBurst, WriteBeat};
use crate::{Effects, Time, Width};
use fill::{Fills, wait_until};
use lines::{LINE, Lines};
pub use maintain::Op;
pub use policy::Policy;
pub use stats::CacheStats;
use store_buffer::{Outgoing, StoreBuffer};

/// The D-cache and what belongs to it.
#[derive(Clone, Debug)]
pub struct Dcache {
    lines: Lines,
    fills: Fills,
    stores: StoreBuffer,
    enabled: bool,
    force_write_through: bool,
    /// ACTLR.DISRAMODE.
    read_allocate_disabled: bool,
    disramode_works: bool,
    /// Dynamic read-allocate mode.
    read_allocate: bool,
    /// The line whose stores are being written out. The mode is looked at when a line begins, and holds for the line:
    /// a hypothesis, without which an interrupted line would not come out as reports from boards have it.
    streaming: Option<u32>,
    /// The slave has taken the last write at this time.
    writes_taken: Time,
    /// An eviction that failed while something else succeeded.
    failed_eviction: Option<BusError>,
    stats: CacheStats,
}

impl Default for Dcache {
    fn default() -> Self {
        Dcache::new()
    }
}

impl Dcache {
    /// After reset: off and invalid.
    pub fn new() -> Self {
        Dcache {
            lines: Lines::new(),
            fills: Fills::default(),
            stores: StoreBuffer::default(),
            enabled: false,
            force_write_through: false,
            read_allocate_disabled: false,
            disramode_works: true,
            read_allocate: false,
            streaming: None,
            writes_taken: Time(0),
            failed_eviction: None,
            stats: CacheStats::default(),
        }
    }

    /// Reset of the core: off, and what was not cleaned is lost. Counters go on.
    pub fn reset(&mut self) {
        let (stats, disramode_works) = (self.stats, self.disramode_works);
        *self = Dcache {
            stats,
            disramode_works,
            ..Dcache::new()
        };
    }

    /// CCR.DC. Off means that cacheable memory is treated as non-cacheable; the lines stay as they are.
    pub fn set_enabled(&mut self, on: bool) {
        self.enabled = on;
    }

    /// ACTLR.DISRAMODE, bit 11.
    pub fn set_disramode(&mut self, on: bool) {
        self.read_allocate_disabled = on && self.disramode_works;
        if self.read_allocate_disabled {
            self.read_allocate = false;
            self.streaming = None;
        }
    }

    /// A core on which DISRAMODE has no effect, to see whether software notices. No such core is known.
    pub fn break_disramode(&mut self) {
        self.disramode_works = false;
        self.read_allocate_disabled = false;
    }

    /// CACR.FORCEWT, bit 2.
    pub fn set_force_write_through(&mut self, on: bool) {
        self.force_write_through = on;
    }

    /// Counters.
    pub fn stats(&self) -> &CacheStats {
        &self.stats
    }

    /// The byte at `addr` as the processor would see it, if cache or store buffer have it. For debuggers: no time
    /// passes.
    pub fn peek(&self, addr: u32) -> Option<u8> {
        if let Some(byte) = self.stores.peek(addr) {
            return Some(byte);
        }
        let slot = self.lines.find(addr)?;
        Some((self.lines.word(slot, addr) >> (8 * (addr & 3))) as u8)
    }

    /// Load `width` at `addr`, which must be naturally aligned. Adds the waiting to `fx.stall`. An error with
    /// `write` set is that of an eviction; the line of `addr` is there nevertheless, and the same load again finds
    /// it.
    #[inline]
    pub fn load(
        &mut self,
        addr: u32,
        width: Width,
        policy: Policy,
        bus: &mut impl AxiPort,
        fx: &mut Effects,
    ) -> Result<u32, BusError> {
        if self.enabled && policy.is_cacheable() {
            if let Some(slot) = self.lines.find(addr) {
                self.stats.hits += 1;
                if self.fills.any() {
                    self.fills.wait_for_word(addr, fx);
                }
                return Ok(extract(self.lines.word(slot, addr), addr, width));
            }
            let slot = self.load_miss(addr, bus, fx)?;
            return Ok(extract(self.lines.word(slot, addr), addr, width));
        }
        self.load_uncached(addr, width, policy, bus, fx)
    }

    /// Store the low bits of `value` to `addr`, which must be naturally aligned. Adds the waiting to `fx.stall`.
    /// The error may be that of an eviction or a drained entry; the store itself is done nevertheless, unless its
    /// linefill failed.
    #[inline]
    pub fn store(
        &mut self,
        addr: u32,
        width: Width,
        value: u32,
        policy: Policy,
        bus: &mut impl AxiPort,
        fx: &mut Effects,
    ) -> Result<(), BusError> {
        if self.enabled && policy.is_cacheable() {
            if let Some(slot) = self.lines.find(addr) {
                self.stats.hits += 1;
                self.put(slot, addr, width, value);
                if policy == Policy::WriteThrough || self.force_write_through {
                    return self.store_out(addr, width, value, true, bus, fx);
                }
                self.lines.set_dirty(slot);
                if self.fills.any() {
                    self.note_store_into_fill(addr, width, fx);
                }
                return Ok(());
            }
            return self.store_miss(addr, width, value, policy, bus, fx);
        }
        if policy.is_normal() {
            self.stats.uncached += 1;
            return self.store_out(addr, width, value, false, bus, fx);
        }
        self.store_exact(addr, width, value, policy, bus, fx)
    }

    /// Empty the store buffer: exception entry, DSB and DMB, strongly-ordered accesses elsewhere. The processor waits
    /// until the slave has taken everything.
    pub fn drain(&mut self, bus: &mut impl AxiPort, fx: &mut Effects) -> Result<(), BusError> {
        if self.stores.is_empty() {
            return Ok(());
        }
        self.stats.early_drains += 1;
        while let Some(burst) = self.stores.take_oldest() {
            self.send(&burst, bus, fx)?;
        }
        wait_until(self.writes_taken, fx);
        Ok(())
    }

    fn put(&mut self, slot: usize, addr: u32, width: Width, value: u32) {
        let shift = 8 * (addr & 3);
        let mask = u32::MAX >> (32 - 8 * width.bytes());
        self.lines.merge(slot, addr, value << shift, mask << shift);
    }

    fn note_store_into_fill(&mut self, addr: u32, width: Width, fx: &Effects) {
        let third = self.fills.store(addr, width.bytes(), fx.now + fx.stall);
        if third && !self.read_allocate_disabled && !self.read_allocate {
            self.read_allocate = true;
            self.stats.read_allocate_entries += 1;
        }
    }

    #[cold]
    fn load_miss(&mut self, addr: u32, bus: &mut impl AxiPort, fx: &mut Effects) -> Result<usize, BusError> {
        self.stats.misses += 1;
        if self.stores.holds_line(addr) {
            // "A load to the same line as is currently being written" ends the mode (TRM 5.9.1).
            self.leave_read_allocate();
            self.drain(bus, fx)?;
        }
        self.fills.break_row();
        let slot = self.fetch(addr, bus, fx)?;
        self.fills.wait_for_word(addr, fx);
        self.failed_eviction.take().map_or(Ok(slot), Err)
    }

    fn store_miss(
        &mut self,
        addr: u32,
        width: Width,
        value: u32,
        policy: Policy,
        bus: &mut impl AxiPort,
        fx: &mut Effects,
    ) -> Result<(), BusError> {
        self.stats.misses += 1;
        let line = addr / LINE;
        if policy != Policy::WriteBackAllocate || self.force_write_through {
            return self.store_out(addr, width, value, true, bus, fx);
        }
        if self.streaming == Some(line) || self.read_allocate {
            self.streaming = Some(line);
            return self.store_out(addr, width, value, true, bus, fx);
        }
        self.streaming = None;
        if self.stores.holds_line(addr) {
            self.drain(bus, fx)?;
        }
        let slot = match self.fetch(addr, bus, fx) {
            Ok(slot) => slot,
            // The processor has gone on; it learns of it as of any store.
            Err(error) => return Err(BusError { write: true, ..error }),
        };
        self.put(slot, addr, width, value);
        self.lines.set_dirty(slot);
        self.note_store_into_fill(addr, width, fx);
        self.failed_eviction.take().map_or(Ok(()), Err)
    }

    /// Bring in the line of `addr`, and write back the one that has to go. Does not wait for the data.
    fn fetch(&mut self, addr: u32, bus: &mut impl AxiPort, fx: &mut Effects) -> Result<usize, BusError> {
        self.fills.wait_for_room(fx);
        let at = fx.now + fx.stall;
        let burst = ReadBurst::linefill(addr);
        let mut beats = [ReadBeat::default(); 4];
        bus.read(&burst, at, &mut beats, fx)?;
        self.stats.linefills += 1;
        self.fills.begin(addr, &beats);
        let mut line = [0; 4];
        for (index, beat) in beats.iter().enumerate() {
            line[(burst.beat_addr(index as u8) / 8 % 4) as usize] = beat.data;
        }
        let slot = self.lines.victim(addr);
        let victim = self
            .lines
            .tag(slot)
            .filter(|(_, dirty)| *dirty)
            .map(|(old, _)| (old, self.lines.beats(slot)));
        self.lines.install(slot, addr, line);
        if let Some((old, beats)) = victim {
            self.stats.evictions += 1;
            self.fills.wait_for_line(old, fx);
            self.failed_eviction = self.write_line(old, &beats, at, bus, fx).err();
        }
        Ok(slot)
    }

    /// A whole line out, four full beats.
    fn write_line(
        &mut self,
        line: u32,
        beats: &[u64; 4],
        at: Time,
        bus: &mut impl AxiPort,
        fx: &mut Effects,
    ) -> Result<(), BusError> {
        let beats: [WriteBeat; 4] =
            core::array::from_fn(|index| WriteBeat::full(line + 8 * index as u32, beats[index]));
        self.writes_taken = bus.write(&beats, at.max(self.writes_taken), fx)?;
        Ok(())
    }

    /// A store to Normal memory that goes out by way of the store buffer.
    fn store_out(
        &mut self,
        addr: u32,
        width: Width,
        value: u32,
        cacheable: bool,
        bus: &mut impl AxiPort,
        fx: &mut Effects,
    ) -> Result<(), BusError> {
        if self.stores.is_full_for(addr) {
            if let Some(burst) = self.stores.take_oldest() {
                self.stats.early_drains += 1;
                self.send(&burst, bus, fx)?;
                wait_until(self.writes_taken, fx);
            }
        }
        if self.stores.push(addr, width.bytes(), value, cacheable) {
            self.stats.merged += 1;
        }
        if let Some(burst) = self.stores.take_full_line() {
            // The line takes the place of the one before in the bus unit; only if that is still there, it waits.
            wait_until(self.writes_taken, fx);
            self.send(&burst, bus, fx)?;
        }
        Ok(())
    }

    fn send(&mut self, burst: &Outgoing, bus: &mut impl AxiPort, fx: &mut Effects) -> Result<(), BusError> {
        self.stats.partial_beats += burst.beats().iter().filter(|beat| beat.is_partial()).count() as u64;
        if burst.cacheable && !burst.is_full_line() {
            // "A cacheable write burst to external memory that is not a full cache line" ends it (TRM 5.9.1).
            self.read_allocate = false;
        }
        let at = (fx.now + fx.stall).max(self.writes_taken);
        self.writes_taken = bus.write(burst.beats(), at, fx)?;
        Ok(())
    }

    fn leave_read_allocate(&mut self) {
        self.read_allocate = false;
        self.streaming = None;
    }

    fn load_uncached(
        &mut self,
        addr: u32,
        width: Width,
        policy: Policy,
        bus: &mut impl AxiPort,
        fx: &mut Effects,
    ) -> Result<u32, BusError> {
        self.stats.uncached += 1;
        if policy == Policy::StronglyOrdered || self.stores.holds_line(addr) {
            self.drain(bus, fx)?;
        }
        let burst = ReadBurst::single(addr, width.bytes() as u8);
        let mut beats = [ReadBeat::default(); 4];
        bus.read(&burst, fx.now + fx.stall, &mut beats, fx)?;
        wait_until(beats[0].ready, fx);
        Ok(extract((beats[0].data >> (8 * (addr & 4))) as u32, addr, width))
    }

    fn store_exact(
        &mut self,
        addr: u32,
        width: Width,
        value: u32,
        policy: Policy,
        bus: &mut impl AxiPort,
        fx: &mut Effects,
    ) -> Result<(), BusError> {
        self.stats.uncached += 1;
        if policy == Policy::StronglyOrdered || self.stores.holds_line(addr) {
            self.drain(bus, fx)?;
        }
        let beat = WriteBeat::exact(addr, width.bytes() as u8, value);
        let at = (fx.now + fx.stall).max(self.writes_taken);
        self.writes_taken = bus.write(&[beat], at, fx)?;
        wait_until(self.writes_taken, fx);
        Ok(())
    }
}

/// `width` bits at `addr` out of the word that holds them.
#[inline(always)]
fn extract(word: u32, addr: u32, width: Width) -> u32 {
    match width {
        Width::Byte => word >> (8 * (addr & 3)) & 0xff,
        Width::Half => word >> (8 * (addr & 2)) & 0xffff,
        Width::Word => word,
    }
}
