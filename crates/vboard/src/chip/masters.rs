//! Bus masters besides the core: what they reach, and how long that takes.
//!
//! They go past the core's cache: a dirty line is not seen by them, and what they write is not seen in a line that the
//! cache holds. Internal memory answers after a fixed time (assumed: two clocks for the address, one for each beat), and
//! nobody waits for anybody there; in the memory window masters and core take turns at the controller.
//! Registers of peripherals cannot be reached by a master here.

use crate::chip::external::External;
use crate::core::cpu::Cpu;
use crate::machine::memory::{MEMORIES, is_modelled};
use crate::machine::system::System;
use chipmodel::bus::axi::{ReadBeat, ReadBurst, WriteBeat};
use chipmodel::onchip::mdma::{Bus, Buses};
use chipmodel::{Effects, Picos, Refused, Time};

/// Clocks of a burst before its first beat.
const ADDRESS_CLOCKS: u64 = 2;

struct Matrix<'a, C> {
    cpu: &'a mut C,
    external: &'a mut External,
}

/// Which bus leads to an address: ITCM and DTCM have their own (RM0455 2.1).
fn is_tcm(address: u32) -> bool {
    matches!(address >> 24, 0x00 | 0x20)
}

fn is_window(address: u32) -> bool {
    address >> 28 == 9
}

impl<C: Cpu<System>> Matrix<'_, C> {
    /// Why nothing answers there.
    fn nobody(bus: Bus, address: u32) -> Refused {
        if is_modelled(address) && bus == Bus::Axi {
            return Refused::Unmodelled("peripheral registers and windows as source or target of a DMA");
        }
        let way = match bus {
            Bus::Axi => "the AXI bus",
            Bus::Tcm => "the bus to the tightly coupled memories",
        };
        Refused::BusError(format!("nothing on {way} takes this at {address:#010x}"))
    }

    fn check(bus: Bus, address: u32) -> Result<(), Refused> {
        if is_tcm(address) == (bus == Bus::Tcm) {
            Ok(())
        } else {
            Err(Self::nobody(bus, address))
        }
    }
}

fn after(at: Time, beats: u64, fx: &Effects) -> Time {
    at + Picos::of_cycles(ADDRESS_CLOCKS + beats, fx.clocks.hclk_hz.max(1))
}

impl<C: Cpu<System>> Buses for Matrix<'_, C> {
    fn read(
        &mut self,
        bus: Bus,
        burst: &ReadBurst,
        at: Time,
        beats: &mut [ReadBeat; 4],
        fx: &mut Effects,
    ) -> Result<(), Refused> {
        Self::check(bus, burst.addr)?;
        if is_window(burst.addr) {
            return self.external.read_past_cache(burst, at, beats, fx);
        }
        for (index, beat) in (0..burst.beats).zip(beats) {
            let address = burst.beat_addr(index);
            let mut bytes = [0; 8];
            let lane = (address & 7) as usize;
            if !self
                .cpu
                .peek(address, &mut bytes[lane..lane + usize::from(burst.size)])
            {
                return Err(Self::nobody(bus, address));
            }
            beat.data = u64::from_le_bytes(bytes);
            beat.ready = after(at, u64::from(index) + 1, fx);
        }
        Ok(())
    }

    fn write(&mut self, bus: Bus, beats: &[WriteBeat], at: Time, fx: &mut Effects) -> Result<Time, Refused> {
        for beat in beats {
            Self::check(bus, beat.addr)?;
        }
        if beats.first().is_some_and(|beat| is_window(beat.addr)) {
            return self.external.write_past_cache(beats, at, fx);
        }
        for beat in beats {
            let lane = (beat.addr & 7) as usize;
            let bytes = beat.data.to_le_bytes();
            let writable = MEMORIES
                .iter()
                .any(|memory| memory.writable && beat.addr.wrapping_sub(memory.base) < memory.bytes);
            if !writable
                || !self
                    .cpu
                    .poke(beat.addr, &bytes[lane..lane + usize::from(beat.size)])
            {
                return Err(Self::nobody(bus, beat.addr));
            }
        }
        Ok(after(at, beats.len() as u64, fx))
    }
}

impl System {
    /// Let the other masters do what is due. The processor does not wait for them.
    pub fn run_masters(&mut self, cpu: &mut impl Cpu<System>) {
        let now = self.clock.now();
        if !self.peripherals.mdma.is_due(now) {
            return;
        }
        let mut fx = Effects {
            now,
            clocks: self.clocks,
            reports: &mut self.reports,
            stall: Picos(0),
        };
        let mut buses = Matrix {
            cpu,
            external: &mut self.external,
        };
        self.peripherals.mdma.work(&mut buses, &mut fx);
        self.after_change();
    }
}
