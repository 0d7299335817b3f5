//! The way to the memory chip: data cache, AXI, OCTOSPI1 and its I/O manager, the chip itself.

use crate::board::footprint::Footprint;
use crate::chip::{MemoryPart, Slot, find};
use crate::machine::stats::{BusStats, CacheStats, CommandStats, PsramStats, Span};
use chipmodel::bus::axi::{self, AxiPort, BusError, ReadBeat, ReadBurst, WriteBeat};
use chipmodel::core::dcache::{Dcache, Op, Policy};
use chipmodel::core::mpu::Attributes;
use chipmodel::onchip::gpio::Gpio;
use chipmodel::onchip::octospi::stats::Extent;
use chipmodel::onchip::octospi::{Octospi, Quirks, Unstrobed};
use chipmodel::onchip::octospim::Octospim;
use chipmodel::parts::fitted::Fitted;
use chipmodel::parts::psram::rules::Rule;
use chipmodel::{Clocks, Device, Effects, Kind, Refused, Report, Time, Width};

/// A fault, or an open question, that silicon may decide another way than the models do by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erratum {
    /// ACTLR.DISRAMODE has no effect.
    DisramodeIneffective,
    /// Bytes of a 64-bit beat without a strobe keep what the chip holds, as if there were a mask pin.
    LanesKeep,
    /// They get what was in the controller before. By default: zeros.
    LanesStale,
    /// On the way from a DMA to the controller narrow beats of a burst become 64-bit beats.
    DmaJoined,
}

impl Erratum {
    /// All, with the name for a command line and what it means.
    pub const KNOWN: [(&'static str, Erratum, &'static str); 4] = [
        (
            "disramode-ineffective",
            Erratum::DisramodeIneffective,
            "ACTLR.DISRAMODE does not switch read-allocate mode off",
        ),
        (
            "lanes-keep",
            Erratum::LanesKeep,
            "unstrobed bytes of a beat keep their content, as with a mask pin",
        ),
        (
            "lanes-stale",
            Erratum::LanesStale,
            "unstrobed bytes of a beat get those of the beat before, not zeros",
        ),
        (
            "dma-joined",
            Erratum::DmaJoined,
            "narrow beats of a DMA's burst reach the controller joined to 64 bits",
        ),
    ];
}

/// The parts, in a row.
#[derive(Clone)]
pub struct External {
    /// The controller, with the chip behind it.
    pub octospi1: Octospi,
    /// The switch between controllers and ports.
    pub octospim: Octospim,
    footprint: Footprint,
    /// The data cache, as far as it holds the chip's content.
    pub dcache: Dcache,
    write_error: bool,
    joins_dma: bool,
}

impl External {
    /// As after power-up, with `chip` soldered in.
    pub fn new(chip: Fitted, footprint: Footprint) -> Self {
        External {
            octospi1: Octospi::octospi1(chip),
            octospim: Octospim::new(),
            footprint,
            dcache: Dcache::new(),
            write_error: false,
            joins_dma: false,
        }
    }

    /// From now on the silicon has this fault, also after a reset.
    pub fn afflict(&mut self, erratum: Erratum) {
        let lanes = |unstrobed| Quirks {
            unstrobed,
            ..Quirks::default()
        };
        match erratum {
            Erratum::DisramodeIneffective => self.dcache.break_disramode(),
            Erratum::LanesKeep => self.octospi1.set_quirks(lanes(Unstrobed::Keep)),
            Erratum::LanesStale => self.octospi1.set_quirks(lanes(Unstrobed::Stale)),
            Erratum::DmaJoined => self.joins_dma = true,
        }
    }

    /// System reset: the chip keeps its power, its content and its mode.
    pub fn reset(&mut self) {
        self.octospi1.reset();
        self.octospim.reset();
        self.dcache.reset();
        self.write_error = false;
    }

    /// Reset of one part by RCC.
    pub fn reset_controller(&mut self, part: MemoryPart) {
        match part {
            MemoryPart::Octospi1 => self.octospi1.reset(),
            MemoryPart::Octospim => self.octospim.reset(),
        }
    }

    fn part(&mut self, address: u32) -> Result<(&mut dyn Device, u32), Refused> {
        let place = find(address).ok_or(Refused::Unmodelled("address"))?;
        match place.slot {
            Slot::Memory(MemoryPart::Octospi1) => Ok((&mut self.octospi1, place.base)),
            Slot::Memory(MemoryPart::Octospim) => Ok((&mut self.octospim, place.base)),
            _ => Err(Refused::Unmodelled(place.name)),
        }
    }

    /// Ports or the switch may have changed: find out which pins lead to the chip.
    pub fn connect(&mut self, ports: &[Gpio]) {
        let pins = self.footprint.connected(ports, &self.octospim);
        self.octospi1.set_pins(pins);
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
    #[inline]
    pub fn load(
        &mut self,
        address: u32,
        width: Width,
        how: Attributes,
        fx: &mut Effects,
    ) -> Result<u32, Refused> {
        let policy = policy(how)?;
        match self.dcache.load(address, width, policy, &mut self.octospi1, fx) {
            Ok(value) => Ok(value),
            Err(error) if error.write => {
                // An eviction failed: that is another store's fault. The line is gone, so there is room now.
                self.write_failed(error, fx);
                self.dcache
                    .load(address, width, policy, &mut self.octospi1, fx)
                    .map_err(refused)
            }
            Err(error) => Err(refused(error)),
        }
    }

    /// A store in the memory window.
    #[inline]
    pub fn store(
        &mut self,
        address: u32,
        width: Width,
        value: u32,
        how: Attributes,
        fx: &mut Effects,
    ) -> Result<(), Refused> {
        match self
            .dcache
            .store(address, width, value, policy(how)?, &mut self.octospi1, fx)
        {
            Ok(()) => Ok(()),
            // A linefill for the store: the core learns of it as late as of a failed write.
            Err(error) => {
                self.write_failed(error, fx);
                Ok(())
            }
        }
    }

    /// A read of the window by a master behind the core's cache.
    pub fn read_past_cache(
        &mut self,
        burst: &ReadBurst,
        at: Time,
        beats: &mut [ReadBeat; 4],
        fx: &mut Effects,
    ) -> Result<(), Refused> {
        AxiPort::read(&mut self.octospi1, burst, at, beats, fx).map_err(refused)
    }

    /// A write of the window by a master behind the core's cache. Returns when the controller has taken it.
    pub fn write_past_cache(
        &mut self,
        beats: &[WriteBeat],
        at: Time,
        fx: &mut Effects,
    ) -> Result<Time, Refused> {
        let taken = if self.joins_dma {
            AxiPort::write(&mut self.octospi1, &axi::joined(beats), at, fx)
        } else {
            AxiPort::write(&mut self.octospi1, beats, at, fx)
        };
        taken.map_err(refused)
    }

    /// DSB, or exception entry: what is buffered goes out.
    pub fn drain(&mut self, fx: &mut Effects) {
        if let Err(error) = self.dcache.drain(&mut self.octospi1, fx) {
            self.write_failed(error, fx);
        }
    }

    /// CCR.DC, ACTLR.DISRAMODE or CACR.FORCEWT was written.
    pub fn cache_control(&mut self, on: bool, disramode: bool, force_write_through: bool) {
        self.dcache.set_enabled(on);
        self.dcache.set_disramode(disramode);
        self.dcache.set_force_write_through(force_write_through);
    }

    /// Cache maintenance.
    pub fn maintain(&mut self, op: Op, fx: &mut Effects) {
        if let Err(error) = self.dcache.maintain(op, &mut self.octospi1, fx) {
            self.write_failed(error, fx);
        }
    }

    fn write_failed(&mut self, error: BusError, fx: &mut Effects) {
        self.write_error = true;
        fx.reports.push(Report {
            kind: Kind::BusError,
            address: Some(error.address),
            message: error.reason,
        });
    }

    /// Has a store failed since the last call, too late for its instruction?
    pub fn take_write_error(&mut self) -> bool {
        core::mem::take(&mut self.write_error)
    }

    /// What the chip saw.
    pub fn psram_stats(&self) -> PsramStats {
        let wire = self.octospi1.stats();
        let psram = self.octospi1.chip().psram();
        let span = |extent: Extent| {
            let (min, max) = extent.min_max?;
            Some(Span {
                min: min.0,
                max: max.0,
            })
        };
        let commands = wire.traffic.iter().map(|row| CommandStats {
            opcode: format!("{:#04x}", row.opcode),
            frames: row.frames,
            bytes_in: row.bytes_in,
            bytes_out: row.bytes_out,
        });
        PsramStats {
            reads: wire.read_frames,
            writes: wire.write_frames,
            bytes_read: wire.bytes_in(),
            bytes_written: wire.bytes_out(),
            commands: commands.collect(),
            ncs_low_ps: span(wire.ncs_low),
            ncs_high_ps: span(wire.ncs_high),
            refresh_violations: psram.map_or(0, |chip| chip.rules().count(Rule::CeLow)),
            rows_lost: psram.map_or(0, |chip| chip.rows_lost()),
        }
    }

    /// What the cache did.
    pub fn cache_stats(&self) -> CacheStats {
        let cache = self.dcache.stats();
        CacheStats {
            hits: cache.hits,
            misses: cache.misses,
            evictions: cache.evictions,
        }
    }

    /// What went over AXI.
    pub fn bus_stats(&self) -> BusStats {
        BusStats {
            partial_beats: self.octospi1.stats().partial_beats,
        }
    }

    /// When something here next changes by itself.
    pub fn next_event(&self, clocks: &Clocks) -> Option<Time> {
        self.octospi1.next_event(clocks)
    }

    /// Level of OCTOSPI1's interrupt line.
    pub fn interrupt(&self) -> bool {
        self.octospi1.interrupt()
    }

    /// Let time pass.
    pub fn advance(&mut self, fx: &mut Effects) {
        self.octospi1.advance(fx);
    }
}

fn policy(how: Attributes) -> Result<Policy, Refused> {
    Policy::from_mpu(how.tex, how.c, how.b, how.s).ok_or(Refused::Unmodelled(
        "memory attributes that Armv7-M leaves open (TEX, C, B of the MPU region)",
    ))
}

fn refused(error: BusError) -> Refused {
    Refused::BusError(error.reason)
}

/// Do these attributes forbid unaligned access (Armv7-M A3.2.1)?
pub fn is_device(how: Attributes) -> bool {
    policy(how).is_ok_and(|policy| !policy.is_normal())
}
