//! What passes between the processor's caches and a slave on AXI: bursts of beats with sizes and byte strobes.
//!
//! Strobes are the point of this interface: OCTOSPI treats a 64-bit beat with a gap differently from eight
//! strobed bytes, so a write is never reduced to "address and value" here. Not modelled: IDs, reordering,
//! exclusive access, back-pressure on the read channel.

use core::fmt;

use crate::{Effects, Time};

/// A read burst. Beats are naturally aligned; `wrap` makes it turn around inside `size * beats`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadBurst {
    /// Bus address of the first beat, aligned to `size`.
    pub addr: u32,
    /// Bytes in a beat: 1, 2, 4 or 8.
    pub size: u8,
    /// Number of beats, 1 to 4.
    pub beats: u8,
    /// Wrapping burst (a linefill), as opposed to an incrementing one.
    pub wrap: bool,
}

impl ReadBurst {
    /// The linefill that the Cortex-M7 issues for a miss at `addr`: 4 beats of 64 bits, critical word first.
    pub const fn linefill(addr: u32) -> Self {
        ReadBurst {
            addr: addr & !7,
            size: 8,
            beats: 4,
            wrap: true,
        }
    }

    /// One beat of exactly `size` bytes.
    pub const fn single(addr: u32, size: u8) -> Self {
        ReadBurst {
            addr,
            size,
            beats: 1,
            wrap: false,
        }
    }

    /// Bus address of beat `index`.
    pub const fn beat_addr(&self, index: u8) -> u32 {
        let step = self.size as u32;
        let next = self.addr.wrapping_add(step * index as u32);
        if self.wrap {
            let span = step * self.beats as u32;
            (self.addr & !(span - 1)) | (next & (span - 1))
        } else {
            next
        }
    }
}

/// One beat that came back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadBeat {
    /// The 64-bit bus: a byte of address `a` is in lane `a % 8`. Lanes outside the beat are 0.
    pub data: u64,
    /// When it arrived at the processor.
    pub ready: Time,
}

/// One beat of a write burst.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WriteBeat {
    /// Bus address, aligned to `size`.
    pub addr: u32,
    /// Bytes in the beat (AWSIZE): 1, 2, 4 or 8.
    pub size: u8,
    /// One bit for each of the eight lanes; a lane outside the beat has 0.
    pub strobes: u8,
    /// The 64-bit bus, bytes in their lanes.
    pub data: u64,
}

impl WriteBeat {
    /// A beat of `size` bytes, at most 4, with every lane of it strobed: the low bytes of `value`.
    pub const fn exact(addr: u32, size: u8, value: u32) -> Self {
        let lane = addr & 7;
        let value = value & u32::MAX >> (32 - 8 * size as u32);
        WriteBeat {
            addr,
            size,
            strobes: (((1u16 << size) - 1) << lane) as u8,
            data: (value as u64) << (8 * lane),
        }
    }

    /// A full 64-bit beat.
    pub const fn full(addr: u32, data: u64) -> Self {
        WriteBeat {
            addr,
            size: 8,
            strobes: 0xff,
            data,
        }
    }

    /// A 64-bit beat in which not every lane carries data: what a memory without a mask pin cannot take.
    pub const fn is_partial(&self) -> bool {
        self.size == 8 && self.strobes != 0xff
    }
}

/// What an interconnect that widens would make of a burst: beats that lie side by side in the same 64 bits become one.
/// A single access stays as it is.
pub fn joined(beats: &[WriteBeat]) -> Vec<WriteBeat> {
    if beats.len() < 2 {
        return beats.to_vec();
    }
    let mut wide: Vec<WriteBeat> = Vec::new();
    for beat in beats {
        match wide.last_mut() {
            Some(last) if last.addr == beat.addr & !7 => {
                last.strobes |= beat.strobes;
                last.data |= beat.data;
            }
            _ => wide.push(WriteBeat {
                addr: beat.addr & !7,
                size: 8,
                ..*beat
            }),
        }
    }
    wide
}

/// The slave answered SLVERR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BusError {
    /// Bus address of the beat.
    pub address: u32,
    /// A write. The processor learns of it only later, as an imprecise bus fault.
    pub write: bool,
    /// Why, for a person.
    pub reason: String,
}

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let way = if self.write { "write" } else { "read" };
        write!(f, "bus error on {way} of 0x{:08x}: {}", self.address, self.reason)
    }
}

/// A slave on AXI. `at` is when the request leaves the processor; nothing in here touches `fx.stall`, because
/// only the caches know which beats the processor waits for.
pub trait AxiPort {
    /// Serve a read burst; the first `burst.beats` of `beats` are filled in.
    fn read(
        &mut self,
        burst: &ReadBurst,
        at: Time,
        beats: &mut [ReadBeat; 4],
        fx: &mut Effects,
    ) -> Result<(), BusError>;

    /// Serve an incrementing write burst. Returns when the slave has taken the last beat (it may still be busy
    /// with it).
    fn write(&mut self, beats: &[WriteBeat], at: Time, fx: &mut Effects) -> Result<Time, BusError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linefill_wraps_inside_its_line_and_starts_at_the_critical_word() {
        let burst = ReadBurst::linefill(0x9000_0055);
        let addrs: Vec<u32> = (0..4).map(|beat| burst.beat_addr(beat)).collect();
        assert_eq!(addrs, [0x9000_0050, 0x9000_0058, 0x9000_0040, 0x9000_0048]);
    }

    #[test]
    fn narrow_beats_of_a_burst_are_joined_and_their_ends_stay_partial() {
        let burst: Vec<WriteBeat> = (0..4)
            .map(|n| WriteBeat::exact(0x9000_0004 + 4 * n, 4, 0x1111_1111 * (n + 1)))
            .collect();
        let wide = joined(&burst);
        let shape: Vec<(u32, u8)> = wide.iter().map(|beat| (beat.addr, beat.strobes)).collect();
        assert_eq!(
            shape,
            [(0x9000_0000, 0xf0), (0x9000_0008, 0xff), (0x9000_0010, 0x0f)]
        );
        assert_eq!(wide[1].data, 0x3333_3333_2222_2222);
        assert_eq!(joined(&burst[..1]), burst[..1]);
    }

    #[test]
    fn exact_beats_strobe_their_own_lanes_only() {
        let beat = WriteBeat::exact(0x9000_0006, 2, 0xabcd);
        assert_eq!((beat.strobes, beat.data), (0b1100_0000, 0xabcd_0000_0000_0000));
        assert!(!beat.is_partial());
        assert!(
            WriteBeat {
                strobes: 0x0f,
                ..WriteBeat::full(0x9000_0000, 1)
            }
            .is_partial()
        );
    }
}
