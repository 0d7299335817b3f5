//! The way to the memory chip: data cache, AXI, OCTOSPI1 and its I/O manager, the chip itself.

use crate::peripherals::{MemoryPart, Slot, find};
use crate::stats::{BusStats, CacheStats, PsramStats};
use chipmodel::axi::{AxiPort, ReadBeat, ReadBurst, WriteBeat};
use chipmodel::mpu::Attributes;
use chipmodel::octospi::Octospi;
use chipmodel::psram::fitted::Fitted;
use chipmodel::scb::CacheOp;
use chipmodel::{Device, Effects, Refused, Time, Width};

/// The parts, in a row.
#[derive(Clone)]
pub struct External {
    /// The controller, with the chip behind it.
    pub octospi1: Octospi,
    write_error: bool,
}

impl External {
    /// As after power-up, with `chip` soldered in.
    pub fn new(chip: Fitted) -> Self {
        External {
            octospi1: Octospi::octospi1(chip),
            write_error: false,
        }
    }

    /// System reset: the chip keeps its power, its content and its mode.
    pub fn reset(&mut self) {
        self.octospi1.reset();
        self.write_error = false;
    }

    /// Reset of one part by RCC.
    pub fn reset_controller(&mut self, part: MemoryPart) {
        if part == MemoryPart::Octospi1 {
            self.octospi1.reset();
        }
    }

    fn part(&mut self, address: u32) -> Result<(&mut dyn Device, u32), Refused> {
        match find(address) {
            Some(place) if place.slot == Slot::Memory(MemoryPart::Octospi1) => {
                Ok((&mut self.octospi1, place.base))
            }
            Some(place) => Err(Refused::Unmodelled(place.name)),
            None => Err(Refused::Unmodelled("address")),
        }
    }

    /// Read a register.
    pub fn read(&mut self, address: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        let (device, base) = self.part(address)?;
        device.read(address - base, width, fx)
    }

    /// Write a register.
    pub fn write(&mut self, address: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let (device, base) = self.part(address)?;
        device.write(address - base, width, value, fx)
    }

    /// A load in the memory window.
    pub fn load(
        &mut self,
        address: u32,
        width: Width,
        _: Attributes,
        fx: &mut Effects,
    ) -> Result<u32, Refused> {
        let mut beats = [ReadBeat::default(); 4];
        let burst = ReadBurst::single(address, width.bytes() as u8);
        let at = fx.now + fx.stall;
        AxiPort::read(&mut self.octospi1, &burst, at, &mut beats, fx)
            .map_err(|e| Refused::BusError(e.reason))?;
        fx.stall = fx.stall + (beats[0].ready - at);
        Ok((beats[0].data >> (8 * (address & 7))) as u32)
    }

    /// A store in the memory window.
    pub fn store(
        &mut self,
        address: u32,
        width: Width,
        value: u32,
        _: Attributes,
        fx: &mut Effects,
    ) -> Result<(), Refused> {
        let at = fx.now + fx.stall;
        let beat = WriteBeat::exact(address, width.bytes() as u8, value);
        let done =
            AxiPort::write(&mut self.octospi1, &[beat], at, fx).map_err(|e| Refused::BusError(e.reason))?;
        fx.stall = fx.stall + (done - at);
        Ok(())
    }

    /// CCR.DC or ACTLR.DISRAMODE was written.
    pub fn cache_control(&mut self, _on: bool, _disramode: bool, _fx: &mut Effects) {}

    /// Cache maintenance.
    pub fn maintain(&mut self, _op: CacheOp, _fx: &mut Effects) {}

    /// Has a store failed since the last call, too late for its instruction?
    pub fn take_write_error(&mut self) -> bool {
        core::mem::take(&mut self.write_error)
    }

    /// What the chip saw.
    pub fn psram_stats(&self) -> PsramStats {
        let wire = self.octospi1.stats();
        PsramStats {
            reads: wire.read_frames,
            writes: wire.write_frames,
            bytes_read: wire.bytes_in(),
            bytes_written: wire.bytes_out(),
        }
    }

    /// What the cache did.
    pub fn cache_stats(&self) -> CacheStats {
        CacheStats::default()
    }

    /// What went over AXI.
    pub fn bus_stats(&self) -> BusStats {
        BusStats {
            partial_beats: self.octospi1.stats().partial_beats,
        }
    }

    /// When something here next changes by itself.
    pub fn next_event(&self) -> Option<Time> {
        None
    }

    /// Let time pass.
    pub fn advance(&mut self, fx: &mut Effects) {
        self.octospi1.advance(fx);
    }
}
