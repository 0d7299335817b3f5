//! One buffer transfer: up to 128 bytes into MDMA's FIFO, and out again.
//!
//! Every write beat has the size of the data and all of its strobes: by the manual MDMA has no other. An address off its
//! grid or a remainder smaller than the data is an error, not a beat with gaps.
//! Simplified: a buffer is read as a whole before it is written, and the next one is not read meanwhile.

use super::program::{Fit, Program, Side};
use super::regs::esr;
use crate::bus::axi::{ReadBeat, ReadBurst, WriteBeat};
use crate::bus::master::{Bus, Buses};
use crate::{Effects, Kind, Refused, Time};

/// AXI bursts stay within 4 KB (IHI0022 A3.4.1).
const BURST_LIMIT: u32 = 4096;
/// The longest read that the port takes at once.
const READ_BEATS: u32 = 4;

/// A transfer error: the bits for ESR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed(pub u32);

/// Where one side stands.
#[derive(Clone, Copy, Debug)]
struct Walk {
    side: Side,
    addr: u32,
    write: bool,
}

impl Walk {
    fn failed(&self, addr: u32, cause: u32) -> Failed {
        Failed(addr & esr::TEA | if self.write { esr::TED } else { 0 } | cause)
    }

    /// The rules that MDMA itself checks. A size of 64 bits on the TCM bus fails, without a cause of its own.
    fn check(&self, bytes: u32) -> Result<(), Failed> {
        if self.side.bus == Bus::Tcm && self.side.size > 4 {
            return Err(self.failed(self.addr, 0));
        }
        if self.addr % self.side.size != 0 {
            return Err(self.failed(self.addr, esr::ASE));
        }
        if bytes % self.side.size != 0 {
            return Err(self.failed(self.addr.wrapping_add(bytes - bytes % self.side.size), esr::BSE));
        }
        Ok(())
    }

    fn at(&self, index: u32) -> u32 {
        self.addr
            .wrapping_add((self.side.step as u32).wrapping_mul(index))
    }

    /// Bursts over `items`, as first item and length: whole ones as long as they fit, then single accesses.
    fn bursts(&self, items: u32, fx: &mut Effects) -> Vec<(u32, u32)> {
        let Side { burst, size, .. } = self.side;
        let mut bursts = Vec::new();
        let mut first = 0;
        while first < items {
            let length = if items - first >= burst { burst } else { 1 };
            let (from, to) = (self.at(first), self.at(first + length - 1).wrapping_add(size - 1));
            if length > 1 && self.side.step > 0 && from / BURST_LIMIT != to / BURST_LIMIT {
                fx.report(
                    Kind::Rule,
                    format!("MDMA: a burst from {from:#010x} to {to:#010x} crosses 4 KB (IHI0022 A3.4.1)"),
                );
            }
            bursts.push((first, length));
            first += length;
        }
        bursts
    }
}

/// Move `bytes` (of the source) from `source` to `target`. Returns when the last beat was taken.
pub fn run(
    program: &Program,
    [source, target]: [u32; 2],
    bytes: u32,
    at: Time,
    buses: &mut dyn Buses,
    fx: &mut Effects,
) -> Result<Time, Failed> {
    let from = Walk {
        side: program.source,
        addr: source,
        write: false,
    };
    let to = Walk {
        side: program.target,
        addr: target,
        write: true,
    };
    from.check(bytes)?;
    to.check(if program.fit == Fit::Pack { bytes } else { 0 })?;
    let (data, ready) = read(&from, bytes, at, buses, fx)?;
    let mut data = fitted(program, data);
    if program.exchange {
        data.chunks_exact_mut(2).for_each(<[u8]>::reverse);
    }
    write(&to, &data, ready, buses, fx)
}

fn refused(walk: &Walk, addr: u32, refused: Refused, fx: &mut Effects) -> Failed {
    let (kind, why) = match refused {
        Refused::Unmodelled(name) => (Kind::Unmodelled, format!("no model of {name}")),
        Refused::BusError(why) => (Kind::BusError, why),
    };
    let way = if walk.write { "write" } else { "read" };
    fx.report_at(kind, addr, format!("MDMA: {way}: {why}"));
    walk.failed(addr, 0)
}

fn read(
    walk: &Walk,
    bytes: u32,
    at: Time,
    buses: &mut dyn Buses,
    fx: &mut Effects,
) -> Result<(Vec<u8>, Time), Failed> {
    let size = walk.side.size;
    let mut data = Vec::with_capacity(bytes as usize);
    let mut now = at;
    for (first, length) in walk.bursts(bytes / size, fx) {
        // A fixed address is read again and again.
        let most = if walk.side.step == 0 { 1 } else { READ_BEATS };
        let mut done = 0;
        while done < length {
            let burst = ReadBurst {
                addr: walk.at(first + done),
                size: size as u8,
                beats: most.min(length - done) as u8,
                wrap: false,
            };
            let mut beats = [ReadBeat::default(); 4];
            buses
                .read(walk.side.bus, &burst, now, &mut beats, fx)
                .map_err(|why| refused(walk, burst.addr, why, fx))?;
            for (index, beat) in (0..burst.beats).zip(&beats) {
                let lane = (burst.beat_addr(index) & 7) as usize;
                data.extend_from_slice(&beat.data.to_le_bytes()[lane..lane + size as usize]);
                now = now.max(beat.ready);
            }
            done += u32::from(burst.beats);
        }
    }
    Ok((data, now))
}

/// Items of the target's size.
fn fitted(program: &Program, data: Vec<u8>) -> Vec<u8> {
    let (from, to) = (program.source.size as usize, program.target.size as usize);
    if program.fit == Fit::Pack {
        return data;
    }
    let mut out = Vec::with_capacity(data.len() / from * to);
    for item in data.chunks_exact(from) {
        let fill = match program.fit {
            Fit::Sign if item[from - 1] & 0x80 != 0 => 0xFF,
            _ => 0,
        };
        match program.fit {
            Fit::Left if from >= to => out.extend_from_slice(&item[from - to..]),
            Fit::Left => {
                out.extend(std::iter::repeat_n(0, to - from));
                out.extend_from_slice(item);
            }
            _ => {
                out.extend_from_slice(&item[..from.min(to)]);
                out.extend(std::iter::repeat_n(fill, to.saturating_sub(from)));
            }
        }
    }
    out
}

fn write(
    walk: &Walk,
    data: &[u8],
    at: Time,
    buses: &mut dyn Buses,
    fx: &mut Effects,
) -> Result<Time, Failed> {
    let size = walk.side.size as usize;
    let items: Vec<&[u8]> = data.chunks_exact(size).collect();
    let mut taken = at;
    for (first, length) in walk.bursts(items.len() as u32, fx) {
        let beats: Vec<WriteBeat> = (first..first + length)
            .map(|index| beat(walk.at(index), items[index as usize]))
            .collect();
        taken = buses
            .write(walk.side.bus, &beats, taken, fx)
            .map_err(|why| refused(walk, walk.at(first), why, fx))?;
    }
    Ok(taken)
}

fn beat(addr: u32, item: &[u8]) -> WriteBeat {
    let mut bytes = [0; 8];
    bytes[..item.len()].copy_from_slice(item);
    let value = u64::from_le_bytes(bytes);
    match item.len() {
        8 => WriteBeat::full(addr, value),
        size => WriteBeat::exact(addr, size as u8, value as u32),
    }
}
