//! The store buffer: four entries of 64 bits for stores that do not go into the cache (Cortex-M7 TRM 5.9.2).
//!
//! Stores to the same 64 bits are merged. A line that is complete leaves at once, as a burst of four full beats;
//! anything else leaves when the buffer is full or something drains it, as one burst from the first to the last
//! entry of the line, with strobes only where there is data (so the Cortex-R manuals of the same bus unit; that it
//! holds for the M7 is a hypothesis). That an incomplete entry waits until then, and does not leave after a while, is
//! another.

use super::lines::LINE;
use crate::bus::axi::WriteBeat;

const ENTRIES: usize = 4;

#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    /// Address of the 64 bits.
    addr: u32,
    strobes: u8,
    data: u64,
    cacheable: bool,
}

/// The entries, oldest first.
#[derive(Clone, Debug, Default)]
pub struct StoreBuffer {
    entries: [Entry; ENTRIES],
    len: usize,
}

/// A write burst that has left the buffer.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing {
    beats: [WriteBeat; ENTRIES],
    len: usize,
    /// It holds stores to cacheable memory.
    pub cacheable: bool,
}

impl Outgoing {
    /// Its beats.
    pub fn beats(&self) -> &[WriteBeat] {
        &self.beats[..self.len]
    }

    /// Nothing but whole beats of a whole line.
    pub fn is_full_line(&self) -> bool {
        self.len == ENTRIES && self.beats.iter().all(|beat| beat.strobes == 0xff)
    }
}

impl StoreBuffer {
    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Something waits for the line of `addr`.
    pub fn holds_line(&self, addr: u32) -> bool {
        self.entries[..self.len]
            .iter()
            .any(|entry| entry.addr / LINE == addr / LINE)
    }

    /// There is no room for a store to `addr` that cannot be merged.
    pub fn is_full_for(&self, addr: u32) -> bool {
        self.len == ENTRIES && self.entries.iter().all(|entry| entry.addr != addr & !7)
    }

    /// Take a store in; `value` is right-aligned, the access naturally aligned. True if it was merged. There must be
    /// room.
    pub fn push(&mut self, addr: u32, bytes: u32, value: u32, cacheable: bool) -> bool {
        let exact = WriteBeat::exact(addr, bytes as u8, value);
        let keep = !spread(exact.strobes);
        for entry in &mut self.entries[..self.len] {
            if entry.addr == addr & !7 {
                entry.data = entry.data & keep | exact.data;
                entry.strobes |= exact.strobes;
                return true;
            }
        }
        debug_assert!(self.len < ENTRIES);
        self.entries[self.len] = Entry {
            addr: addr & !7,
            strobes: exact.strobes,
            data: exact.data,
            cacheable,
        };
        self.len += 1;
        false
    }

    /// If everything in the buffer is one complete line, take it out.
    pub fn take_full_line(&mut self) -> Option<Outgoing> {
        let line = self.entries[0].addr / LINE;
        let full = self.len == ENTRIES
            && self
                .entries
                .iter()
                .all(|entry| entry.strobes == 0xff && entry.addr / LINE == line);
        if full { self.take_oldest() } else { None }
    }

    /// Take out the oldest entry and everything that waits for the same line.
    pub fn take_oldest(&mut self) -> Option<Outgoing> {
        if self.len == 0 {
            return None;
        }
        let line = self.entries[0].addr & !(LINE - 1);
        let mut slots: [Option<Entry>; ENTRIES] = [None; ENTRIES];
        let mut rest = StoreBuffer::default();
        for entry in &self.entries[..self.len] {
            if entry.addr & !(LINE - 1) == line {
                slots[(entry.addr - line) as usize / 8] = Some(*entry);
            } else {
                rest.entries[rest.len] = *entry;
                rest.len += 1;
            }
        }
        *self = rest;
        let first = slots.iter().position(Option::is_some)?;
        let last = slots.iter().rposition(Option::is_some)?;
        let mut out = Outgoing {
            beats: [WriteBeat {
                addr: line,
                size: 8,
                strobes: 0,
                data: 0,
            }; ENTRIES],
            len: last - first + 1,
            cacheable: false,
        };
        for (beat, index) in out.beats.iter_mut().zip(first..=last) {
            let entry = slots[index].unwrap_or_default();
            let addr = line + 8 * index as u32;
            *beat = WriteBeat {
                addr,
                size: 8,
                strobes: entry.strobes,
                data: entry.data,
            };
            out.cacheable |= entry.cacheable;
        }
        Some(out)
    }

    /// The byte at `addr`, if it waits here.
    pub fn peek(&self, addr: u32) -> Option<u8> {
        let entry = self.entries[..self.len]
            .iter()
            .find(|entry| entry.addr == addr & !7)?;
        let lane = addr & 7;
        (entry.strobes >> lane & 1 != 0).then_some((entry.data >> (8 * lane)) as u8)
    }
}

/// Each strobe bit as a byte of ones.
fn spread(strobes: u8) -> u64 {
    (0..8).fold(0, |mask, lane| {
        mask | (u64::from(strobes >> lane & 1) * 0xff) << (8 * lane)
    })
}
