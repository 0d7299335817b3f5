//! OCTOSPI: registers, indirect mode, memory-mapped mode, and the chip behind it.
//!
//! Modelled for a quad memory at single data rate on port 1. Automatic polling, HyperBus, eight lines, double rate,
//! two memories, the wrap command set, the free-running clock, the delay block and DMA requests are not modelled:
//! using one is refused or reported, never ignored. Behaviour follows RM0456 (the same IP in STM32U5, whose text is
//! public) and the errata sheet ES0478 of STM32H7A3.

mod device;
pub mod frame;
mod indirect;
mod link;
mod mapped;
pub mod regs;
pub mod stats;
mod timing;
mod wire;

use crate::bus::axi::{AxiPort, BusError, ReadBeat, ReadBurst, WriteBeat};
use crate::bus::qspi::Lanes;
use crate::parts::fitted::Fitted;
use crate::{Effects, Kernel, Kind, Report, Time};
use frame::FrameShape;
use indirect::Indirect;
pub use link::{JITTER_PS, Loose, Pins, Trace, odds};
use mapped::{Context, Mapped};
pub use mapped::{Quirks, Unstrobed};
use regs::{Reg, ccr, cr, dcr1, dcr2};
use stats::WireStats;
use timing::Timing;
use wire::Wire;
pub use wire::{Edge, Opening};

/// Where OCTOSPI1's memory window begins.
pub const WINDOW_1: u32 = 0x9000_0000;
/// Bytes of the window.
pub const WINDOW_BYTES: u32 = 256 << 20;

/// One OCTOSPI with its chip.
#[derive(Clone, Debug)]
pub struct Octospi {
    name: &'static str,
    window: u32,
    regs: [u32; Reg::COUNT],
    flags: u32,
    wire: Wire,
    indirect: Indirect,
    mapped: Mapped,
    /// BUSY of mapped mode: from the first access to abort or disable.
    mapped_busy: bool,
    /// The wires are at rest from this time on.
    quiet_from: Time,
    /// What mapped mode works with, worked out once for a configuration and a clock.
    plan: Option<Plan>,
    wrap_reported: bool,
    strobe_reported: bool,
    sioo_reported: bool,
}

/// The configuration of mapped mode, digested.
#[derive(Clone, Debug)]
struct Plan {
    kernel_hz: u32,
    timing: Timing,
    read_shape: FrameShape,
    write_shape: FrameShape,
    read_lanes: Option<Lanes>,
    write_lanes: Option<Lanes>,
}

impl Octospi {
    /// OCTOSPI1 after reset, with `chip` in the footprint.
    pub fn octospi1(chip: Fitted) -> Self {
        Octospi {
            name: "OCTOSPI1",
            window: WINDOW_1,
            regs: [0; Reg::COUNT],
            flags: 0,
            wire: Wire::new(chip),
            indirect: Indirect::default(),
            mapped: Mapped::new(Quirks::default()),
            mapped_busy: false,
            quiet_from: Time(0),
            plan: None,
            wrap_reported: false,
            strobe_reported: false,
            sioo_reported: false,
        }
    }

    /// Switches for what is not settled.
    pub fn set_quirks(&mut self, quirks: Quirks) {
        self.mapped.quirks = quirks;
    }

    /// Which pins lead to the chip (GPIO alternate functions and OCTOSPIM decide). All of them by default.
    pub fn set_pins(&mut self, pins: Pins) {
        self.wire.set_pins(pins);
    }

    /// Which pins lead to the chip.
    pub fn pins(&self) -> Pins {
        self.wire.pins()
    }

    /// What is in the footprint.
    pub fn chip(&self) -> &Fitted {
        &self.wire.chip
    }

    /// Counters.
    pub fn stats(&self) -> &WireStats {
        &self.wire.stats
    }

    /// Whether NCS is high at `fx.now`.
    pub fn select_is_high(&mut self, fx: &mut Effects) -> bool {
        self.catch_up(fx.now, fx);
        !self.wire.is_low()
    }

    /// Note the edges of NCS from now on, or no longer.
    pub fn note_edges(&mut self, on: bool) {
        self.wire.edges = on.then(Vec::new);
    }

    /// The edges since the last call.
    pub fn take_edges(&mut self) -> Vec<Edge> {
        self.wire.edges.as_mut().map(core::mem::take).unwrap_or_default()
    }

    fn reg(&self, reg: Reg) -> u32 {
        self.regs[reg as usize]
    }

    fn is_mapped(&self) -> bool {
        let cr = self.reg(Reg::Cr);
        cr & cr::EN != 0 && cr::fmode(cr) == cr::MAPPED
    }

    fn timing(&self, kernel_hz: u32) -> Option<Timing> {
        let dcr = [Reg::Dcr1, Reg::Dcr2, Reg::Dcr3, Reg::Dcr4].map(|reg| self.reg(reg));
        Timing::new(self.reg(Reg::Cr), dcr, self.reg(Reg::Lptr), kernel_hz)
    }

    /// Modes of the whole peripheral that have no model.
    fn unmodelled_mode(&self) -> Option<&'static str> {
        let (cr, dcr1) = (self.reg(Reg::Cr), self.reg(Reg::Dcr1));
        if cr & (cr::DMM | cr::FSEL) != 0 {
            Some("OCTOSPI_CR: two memories, or the upper half of the port")
        } else if dcr1::mtyp(dcr1) >= dcr1::MTYP_HYPERBUS {
            Some("OCTOSPI_DCR1: HyperBus")
        } else if dcr1 & (dcr1::CKMODE | dcr1::FRCK) != 0 {
            Some("OCTOSPI_DCR1: clock mode 3 or free-running clock")
        } else if dcr1 & dcr1::DLYBYP == 0 {
            Some("OCTOSPI_DCR1: the delay block (DLYBYP = 0)")
        } else {
            None
        }
    }

    fn make_plan(&mut self, kernel_hz: u32) -> Result<(), String> {
        if self.plan.as_ref().is_some_and(|plan| plan.kernel_hz == kernel_hz) {
            return Ok(());
        }
        if let Some(mode) = self.unmodelled_mode() {
            return Err(format!("no model for {mode}"));
        }
        let timing = self
            .timing(kernel_hz)
            .ok_or("the kernel clock of OCTOSPI stands still")?;
        let shape = |frame, timing, instruction, alternate| {
            let [frame, timing, instruction, alternate] =
                [frame, timing, instruction, alternate].map(|reg: Reg| self.reg(reg));
            FrameShape::new(frame, timing, instruction, alternate)
                .map_err(|mode| format!("no model for {mode}"))
        };
        let read_shape = shape(Reg::Ccr, Reg::Tcr, Reg::Ir, Reg::Abr)?;
        let write_shape = shape(Reg::Wccr, Reg::Wtcr, Reg::Wir, Reg::Wabr)?;
        self.plan = Some(Plan {
            kernel_hz,
            timing,
            read_shape,
            write_shape,
            read_lanes: read_shape.data,
            write_lanes: write_shape.data,
        });
        Ok(())
    }

    /// Take over the state of mapped mode and work on it with the wires.
    fn with_mapped<R>(
        &mut self,
        reports: &mut Vec<Report>,
        work: impl FnOnce(&mut Mapped, &mut Context) -> R,
    ) -> Option<R> {
        let plan = self.plan.as_ref()?;
        let lanes = (
            plan.read_lanes.unwrap_or(Lanes::One),
            plan.write_lanes.unwrap_or(Lanes::One),
        );
        let mut context = Context {
            wire: &mut self.wire,
            timing: &plan.timing,
            read_shape: &plan.read_shape,
            write_shape: &plan.write_shape,
            lanes,
            reports,
        };
        let result = work(&mut self.mapped, &mut context);
        if self.mapped.take_timeout() {
            self.flags |= regs::sr::TOF;
        }
        Some(result)
    }

    /// Let mapped mode do what it does by itself until `at`.
    fn settle(&mut self, at: Time, fx: &mut Effects) {
        // Without a kernel clock nothing happens by itself.
        if self.mapped.is_open() && self.make_plan(fx.clocks.hz(Kernel::Octospi)).is_ok() {
            self.with_mapped(fx.reports, |mapped, cx| mapped.settle(at, cx));
        }
    }

    /// The checks that both directions share; the memory address if all is well.
    fn admit(&mut self, addr: u32, bytes: u32, write: bool, fx: &Effects) -> Result<u32, BusError> {
        let refuse = |reason: String| BusError {
            address: addr,
            write,
            reason,
        };
        if !self.is_mapped() {
            let cr = self.reg(Reg::Cr);
            return Err(refuse(format!(
                "{} is not in memory-mapped mode (CR.EN = {}, FMODE = {}; 1 and 3 needed)",
                self.name,
                cr & cr::EN,
                cr::fmode(cr)
            )));
        }
        self.make_plan(fx.clocks.hz(Kernel::Octospi)).map_err(refuse)?;
        let Some(plan) = &self.plan else {
            return Err(refuse("no configuration".into()));
        };
        let start = addr.wrapping_sub(self.window);
        if u64::from(start) + u64::from(bytes) > plan.timing.size {
            return Err(refuse(format!(
                "offset 0x{start:x} lies beyond the memory of {} bytes (DCR1.DEVSIZE = {})",
                plan.timing.size,
                dcr1::devsize(self.reg(Reg::Dcr1))
            )));
        }
        let lanes = if write { plan.write_lanes } else { plan.read_lanes };
        if lanes.is_none() {
            let name = if write { "WCCR" } else { "CCR" };
            return Err(refuse(format!("{name}.DMODE = 0: a frame without data")));
        }
        Ok(start)
    }
}

impl AxiPort for Octospi {
    fn read(
        &mut self,
        burst: &ReadBurst,
        at: Time,
        beats: &mut [ReadBeat; 4],
        fx: &mut Effects,
    ) -> Result<(), BusError> {
        let span = u32::from(burst.size) * u32::from(burst.beats);
        let lowest = if burst.wrap {
            burst.addr & !(span - 1)
        } else {
            burst.addr
        };
        self.admit(lowest, span, false, fx)?;
        self.check_strobe(fx);
        self.check_sioo(Reg::Ccr, fx);
        if burst.wrap && dcr2::wrapsize(self.reg(Reg::Dcr2)) != 0 && !self.wrap_reported {
            self.wrap_reported = true;
            fx.report_at(
                Kind::Unmodelled,
                burst.addr,
                format!(
                    "{}: wrapped read with DCR2.WRAPSIZE set; done as two linear reads",
                    self.name
                ),
            );
        }
        let start = burst.addr.wrapping_sub(self.window);
        let at = at.max(self.quiet_from);
        self.mapped_busy = true;
        self.with_mapped(fx.reports, |mapped, cx| mapped.read(burst, start, at, beats, cx));
        Ok(())
    }

    fn write(&mut self, beats: &[WriteBeat], at: Time, fx: &mut Effects) -> Result<Time, BusError> {
        let mut taken = at.max(self.quiet_from);
        for beat in beats {
            let start = self.admit(beat.addr, u32::from(beat.size), true, fx)?;
            if self.reg(Reg::Wccr) & ccr::DQSE == 0 {
                return Err(BusError {
                    address: beat.addr,
                    write: true,
                    reason: "WCCR.DQSE = 0: memory-mapped writes answer with an error unless the DQS output is on, \
                             pin or no pin (ES0478 2.7.8)"
                        .into(),
                });
            }
            self.check_sioo(Reg::Wccr, fx);
            self.mapped_busy = true;
            let at = taken;
            if let Some(then) = self.with_mapped(fx.reports, |mapped, cx| mapped.write(beat, start, at, cx)) {
                taken = then;
            }
        }
        Ok(taken)
    }
}
