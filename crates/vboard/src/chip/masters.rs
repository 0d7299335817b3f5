//! Bus masters besides the core: what they reach, and how long that takes.
//!
//! They go past the core's cache. In the memory window a dirty line is not seen by them, and what they write is not seen in a
//! line that the cache holds; in internal memory, whose data the cache model does not hold, such an access is an event.
//! Internal memory answers after a fixed time (assumed: two clocks for the address, one for each beat), and
//! nobody waits for anybody there; in the memory window masters and core take turns at the controller.
//! They reach registers, too, but not each other's and not the clock's.

use super::map::{Affects, ROWS, find};
use super::{Chip, OCTOSPI1};
use crate::core::cpu::Memory;
use crate::core::data;
use crate::machine::memory::{MEMORIES, is_cached_ram, is_modelled, is_window};
use chipmodel::bus::axi::{self, AxiPort, BusError, ReadBeat, ReadBurst, WriteBeat};
use chipmodel::bus::master::{Bus, Buses};
use chipmodel::core::coherency::Coherency;
use chipmodel::core::mpu::Mpu;
use chipmodel::{Effects, Kernel, Picos, Refused, Time, Width};

/// Clocks of a burst before its first beat.
const ADDRESS_CLOCKS: u64 = 2;

/// The core's caches, as far as they concern masters.
pub struct Caches<'a> {
    /// What the D-cache may hold of internal memory.
    pub coherency: &'a mut Coherency,
    /// Which memory may be cached.
    pub mpu: &'a Mpu,
    /// CCR.DC.
    pub is_on: bool,
}

impl Caches<'_> {
    fn concerns(&self, address: u32) -> bool {
        self.is_on && is_cached_ram(address) && data::cached(self.mpu.attributes(address)).is_some()
    }
}

/// What a master sees around itself.
struct Matrix<'a, 'b, M> {
    /// The master, for events.
    name: &'static str,
    memory: &'a mut M,
    caches: &'a mut Caches<'b>,
    /// Everything but the masters.
    chip: &'a mut Chip,
    /// It has written to a port.
    moved_pins: bool,
}

/// Which bus leads to an address: ITCM and DTCM have their own (RM0455 2.1).
fn is_tcm(address: u32) -> bool {
    matches!(address >> 24, 0x00 | 0x20)
}

/// The smart-run domain: its memory, and the peripherals beside it.
fn is_srd(address: u32) -> bool {
    matches!(address >> 24, 0x38 | 0x58)
}

/// Why nothing answers there.
fn nothing_at(bus: Bus, address: u32) -> Refused {
    if is_modelled(address) && bus == Bus::Axi {
        return Refused::Unmodelled("this window as source or target of a DMA");
    }
    let way = match bus {
        Bus::Axi => "the AXI bus",
        Bus::Tcm => "the bus to the tightly coupled memories",
        Bus::Srd => "the bus of the smart-run domain",
    };
    Refused::BusError(format!("nothing on {way} takes this at {address:#010x}"))
}

fn check(bus: Bus, address: u32) -> Result<(), Refused> {
    let reaches = match bus {
        Bus::Axi => !is_tcm(address),
        Bus::Tcm => is_tcm(address),
        Bus::Srd => is_srd(address),
    };
    if reaches {
        Ok(())
    } else {
        Err(nothing_at(bus, address))
    }
}

/// The width of a beat at registers.
fn register_width(bytes: u8) -> Result<Width, Refused> {
    match bytes {
        1 => Ok(Width::Byte),
        2 => Ok(Width::Half),
        4 => Ok(Width::Word),
        _ => Err(Refused::Unmodelled("64 bits at the registers of a peripheral")),
    }
}

impl<M> Matrix<'_, '_, M> {
    /// Whether there are registers, which this master reaches.
    fn is_register(&self, address: u32) -> Result<bool, Refused> {
        let Some(row) = find(address).map(|index| &ROWS[index]) else {
            return Ok(false);
        };
        if row.master.is_some() || row.affects == Affects::Clocks {
            return Err(Refused::Unmodelled(
                "a master that works on the registers of a master or of RCC",
            ));
        }
        Ok(row.device.is_some())
    }
}

fn refused(error: BusError) -> Refused {
    Refused::BusError(error.reason)
}

fn after(at: Time, beats: u64, fx: &Effects) -> Time {
    at + Picos::of_cycles(ADDRESS_CLOCKS + beats, fx.clocks.hz(Kernel::Hclk).max(1))
}

impl<M: Memory> Buses for Matrix<'_, '_, M> {
    fn read(
        &mut self,
        bus: Bus,
        burst: &ReadBurst,
        at: Time,
        beats: &mut [ReadBeat; 4],
        fx: &mut Effects,
    ) -> Result<(), Refused> {
        check(bus, burst.addr)?;
        if is_window(burst.addr) {
            return AxiPort::read(&mut self.chip.devices.octospi1, burst, at, beats, fx).map_err(refused);
        }
        if self.is_register(burst.addr)? {
            for (index, beat) in (0..burst.beats).zip(beats) {
                let address = burst.beat_addr(index);
                // The core does not wait.
                let mut own = Effects::new(fx.now, fx.clocks, &mut *fx.reports);
                let value = self.chip.read(address, register_width(burst.size)?, &mut own)?;
                beat.data = u64::from(value) << (8 * (address & 7));
                beat.ready = after(at, u64::from(index) + 1, fx);
            }
            return Ok(());
        }
        if self.caches.concerns(burst.addr) {
            let bytes = u32::from(burst.size) * u32::from(burst.beats);
            self.caches
                .coherency
                .master_reads(self.name, burst.addr, bytes, fx);
        }
        for (index, beat) in (0..burst.beats).zip(beats) {
            let address = burst.beat_addr(index);
            let mut bytes = [0; 8];
            let lane = (address & 7) as usize;
            let wanted = &mut bytes[lane..lane + usize::from(burst.size)];
            if !self.memory.peek(address, wanted) {
                return Err(nothing_at(bus, address));
            }
            beat.data = u64::from_le_bytes(bytes);
            beat.ready = after(at, u64::from(index) + 1, fx);
        }
        Ok(())
    }

    fn write(&mut self, bus: Bus, beats: &[WriteBeat], at: Time, fx: &mut Effects) -> Result<Time, Refused> {
        for beat in beats {
            check(bus, beat.addr)?;
        }
        if beats.first().is_some_and(|beat| is_window(beat.addr)) {
            let joined = self.chip.joins_dma.then(|| axi::joined(beats));
            let beats = joined.as_deref().unwrap_or(beats);
            return AxiPort::write(&mut self.chip.devices.octospi1, beats, at, fx).map_err(refused);
        }
        for beat in beats {
            if self.is_register(beat.addr)? {
                let value = (beat.data >> (8 * (beat.addr & 7))) as u32;
                let mut own = Effects::new(fx.now, fx.clocks, &mut *fx.reports);
                self.chip
                    .write(beat.addr, register_width(beat.size)?, value, &mut own)?;
                self.moved_pins |= find(beat.addr).is_some_and(|row| ROWS[row].affects == Affects::Pins);
                continue;
            }
            let lane = (beat.addr & 7) as usize;
            let bytes = beat.data.to_le_bytes();
            let writable = MEMORIES
                .iter()
                .any(|memory| memory.writable && beat.addr.wrapping_sub(memory.base) < memory.bytes);
            let bytes = &bytes[lane..lane + usize::from(beat.size)];
            if !writable || !self.memory.poke(beat.addr, bytes) {
                return Err(nothing_at(bus, beat.addr));
            }
            if self.caches.concerns(beat.addr) {
                let (name, bytes) = (self.name, u32::from(beat.size));
                self.caches.coherency.master_writes(name, beat.addr, bytes, fx);
            }
        }
        Ok(after(at, beats.len() as u64, fx))
    }
}

/// How long taking a run of words may last: sixteen, of some ten clocks each.
const RUN: Picos = Picos::from_ns(1000);

impl Chip {
    fn run_ahead(&self) -> Picos {
        if self.devices.dcmi.has_run() {
            RUN
        } else {
            Picos(0)
        }
    }

    /// Let the masters do what is due at `fx.now`. False: nothing was.
    pub fn run_masters(&mut self, memory: &mut impl Memory, caches: &mut Caches, fx: &mut Effects) -> bool {
        let mut worked = false;
        for (index, row) in ROWS.iter().enumerate() {
            let Some(field) = row.master else { continue };
            // Words of a camera come in runs, and the master that takes them goes through a run at its own pace.
            loop {
                let by = fx.now + self.run_ahead();
                if !field(&mut self.devices.masters).is_due(by) {
                    break;
                }
                let Some(absent) = self.absent.take() else { break };
                let mut masters = core::mem::replace(&mut self.devices.masters, absent);
                let mut matrix = Matrix {
                    name: row.name,
                    memory,
                    caches,
                    chip: self,
                    moved_pins: false,
                };
                field(&mut masters).work(&mut matrix, fx);
                let moved_pins = matrix.moved_pins;
                self.absent = Some(core::mem::replace(&mut self.devices.masters, masters));
                if moved_pins {
                    self.settle_pins(fx);
                }
                self.pass_requests();
                self.look_at(index);
                worked = true;
            }
        }
        if worked {
            self.look_at(OCTOSPI1);
        }
        worked
    }
}
