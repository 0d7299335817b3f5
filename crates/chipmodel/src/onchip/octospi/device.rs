//! OCTOSPI as the processor sees it through its registers.

use super::frame::FrameShape;
use super::regs::{self, Reg, ccr, cr, dcr1, dcr3, sr};
use super::{Octospi, Quirks};
use crate::{Device, Effects, Kernel, Kind, Refused, Time, Width};

impl Octospi {
    fn rule(&self, fx: &mut Effects, message: String) {
        fx.report(Kind::Rule, format!("{}: {message}", self.name));
    }

    /// Everything that happens by itself until `at`.
    pub(super) fn catch_up(&mut self, at: Time, fx: &mut Effects) {
        if self.is_mapped() {
            self.settle(at, fx);
        } else if self.indirect.pump(at, &mut self.wire, fx.reports) {
            self.flags |= sr::TCF;
        }
    }

    fn is_busy(&self, at: Time) -> bool {
        // BUSY falls when the operation is over and the FIFO is empty (RM0456 OCTOSPI_SR).
        let unread = cr::fmode(self.reg(Reg::Cr)) == cr::INDIRECT_READ && self.indirect.level() > 0;
        self.indirect.is_busy() || unread || self.mapped_busy || at < self.quiet_from
    }

    fn status(&self, at: Time) -> u32 {
        let cr = self.reg(Reg::Cr);
        let level = self.indirect.level();
        let wanted = cr::fthres(cr) + 1;
        let threshold = match cr::fmode(cr) {
            _ if cr & cr::EN == 0 => false,
            cr::INDIRECT_WRITE => 32 - level >= wanted,
            cr::INDIRECT_READ => level >= wanted || (level > 0 && !self.indirect.is_reading()),
            _ => false,
        };
        let mut status = self.flags | level << sr::FLEVEL_SHIFT;
        if threshold {
            status |= sr::FTF;
        }
        if self.is_busy(at) {
            status |= sr::BUSY;
        }
        status
    }

    /// End everything. What was under way is cut off at `at`.
    fn end_all(&mut self, at: Time, fx: &mut Effects) {
        self.settle(at, fx);
        self.indirect.abort(at, &mut self.wire, fx.reports);
        self.mapped.forget();
        self.mapped_busy = false;
        self.quiet_from = at.max(self.wire.cursor());
    }

    fn write_cr(&mut self, value: u32, at: Time, fx: &mut Effects) {
        let old = self.reg(Reg::Cr);
        let busy = self.is_busy(at);
        if busy && value & cr::ABORT != 0 {
            self.end_all(at, fx);
            self.flags |= sr::TCF;
        } else if old & cr::EN != 0 && value & cr::EN == 0 {
            self.end_all(at, fx);
        }
        let still_busy = self.indirect.is_busy() || self.mapped_busy;
        let mut new = value & !cr::ABORT;
        if still_busy && (new ^ old) & cr::FMODE != 0 {
            let (from, to) = (cr::fmode(old), cr::fmode(new));
            self.rule(
                fx,
                format!("CR.FMODE written {to} while BUSY; stays {from}, abort first"),
            );
            new = new & !cr::FMODE | old & cr::FMODE;
        }
        if new & cr::DMAEN != 0 && old & cr::DMAEN == 0 {
            fx.report(
                Kind::Unmodelled,
                format!("{}: CR.DMAEN set, DMA requests have no model", self.name),
            );
        }
        if cr::fmode(new) == cr::MAPPED && cr::fmode(old) != cr::MAPPED {
            self.indirect.flush();
        }
        self.regs[Reg::Cr as usize] = new;
    }

    fn write_reg(&mut self, reg: Reg, value: u32, at: Time, fx: &mut Effects) -> Result<(), Refused> {
        let info = reg.info();
        if value & !info.mask != 0 {
            let bits = value & !info.mask;
            self.rule(fx, format!("reserved bits 0x{bits:08x} of {} written", info.name));
        }
        let value = value & info.mask;
        if reg == Reg::Cr {
            self.write_cr(value, at, fx);
            self.plan = None;
            return Ok(());
        }
        if self.is_busy(at) {
            self.rule(
                fx,
                format!("{} written 0x{value:08x} while BUSY; ignored", info.name),
            );
            return Ok(());
        }
        if reg == Reg::Ar && cr::fmode(self.reg(Reg::Cr)) == cr::MAPPED {
            self.rule(
                fx,
                format!("AR written 0x{value:08x} in memory-mapped mode; ignored"),
            );
            return Ok(());
        }
        self.plan = None;
        if matches!(reg, Reg::Ccr | Reg::Wccr | Reg::Ir | Reg::Wir) {
            self.mapped.frame_changed();
        }
        self.regs[reg as usize] = value;
        let cr = self.reg(Reg::Cr);
        let ccr = self.reg(Reg::Ccr);
        let starts_unless_data_goes_out = match reg {
            Reg::Ir => ccr::admode(ccr) == 0,
            Reg::Ar => ccr::admode(ccr) != 0,
            _ => false,
        };
        if cr & cr::EN == 0 || !starts_unless_data_goes_out {
            return Ok(());
        }
        match cr::fmode(cr) {
            cr::INDIRECT_READ => self.start(false, at, fx),
            cr::INDIRECT_WRITE if ccr::dmode(ccr) == 0 => self.start(true, at, fx),
            cr::POLLING => Err(Refused::Unmodelled("OCTOSPI_CR: automatic polling")),
            _ => Ok(()),
        }
    }

    /// Reads that are clocked in by a strobe, from a chip that sends none.
    pub(super) fn check_strobe(&mut self, fx: &mut Effects) {
        if self.reg(Reg::Ccr) & ccr::DQSE != 0 && !self.strobe_reported {
            self.strobe_reported = true;
            self.rule(
                fx,
                "CCR.DQSE = 1 for a read: this chip sends no data strobe, DQSE = 0 needed".into(),
            );
        }
    }

    /// A burst that REFRESH or CSBOUND cuts is taken up again with a command, and so wants its instruction each time
    /// (RM0456 OCTOSPI_DCR3, OCTOSPI_DCR4: not to be used with SIOO).
    pub(super) fn check_sioo(&mut self, frame: Reg, fx: &mut Effects) {
        let cut = self.reg(Reg::Dcr4) != 0 || dcr3::csbound(self.reg(Reg::Dcr3)) != 0;
        if self.reg(frame) & ccr::SIOO != 0 && cut && !self.sioo_reported {
            self.sioo_reported = true;
            let name = frame.info().name;
            self.rule(
                fx,
                format!("{name}.SIOO = 1 with REFRESH or CSBOUND: a burst that is cut starts again without its instruction"),
            );
        }
    }

    /// Begin an indirect transfer (start conditions: RM0456 OCTOSPI, indirect mode).
    fn start(&mut self, write: bool, at: Time, fx: &mut Effects) -> Result<(), Refused> {
        if let Some(mode) = self.unmodelled_mode() {
            return Err(Refused::Unmodelled(mode));
        }
        let [frame, times, instruction, alternate] =
            [Reg::Ccr, Reg::Tcr, Reg::Ir, Reg::Abr].map(|reg| self.reg(reg));
        let shape = FrameShape::new(frame, times, instruction, alternate).map_err(Refused::Unmodelled)?;
        let Some(timing) = self.timing(fx.clocks.hz(Kernel::Octospi)) else {
            return Err(Refused::BusError(
                "the kernel clock of OCTOSPI stands still".into(),
            ));
        };
        let address = self.reg(Reg::Ar);
        let length = u64::from(self.reg(Reg::Dlr)) + 1;
        let to_the_end = self.reg(Reg::Dlr) == u32::MAX;
        let mut bytes = length;
        if shape.address.is_some() && shape.data.is_some() {
            let room = timing.size.saturating_sub(u64::from(address));
            if to_the_end {
                bytes = room;
            }
            if room == 0 || bytes > room {
                self.flags |= sr::TEF;
                self.rule(
                    fx,
                    format!(
                        "transfer of {bytes} bytes at 0x{address:x} goes beyond {} bytes (DCR1.DEVSIZE = {})",
                        timing.size,
                        dcr1::devsize(self.reg(Reg::Dcr1))
                    ),
                );
                return Ok(());
            }
        }
        if !write {
            self.check_strobe(fx);
        }
        let at = at.max(self.quiet_from);
        self.indirect.start(
            write,
            shape,
            address,
            bytes,
            timing,
            at,
            &mut self.wire,
            fx.reports,
        );
        Ok(())
    }

    fn read_data(&mut self, width: Width, at: Time, fx: &mut Effects) -> Result<u32, Refused> {
        match cr::fmode(self.reg(Reg::Cr)) {
            cr::INDIRECT_READ => {}
            // Mapped mode does not use it; it reads 0 (RM0456 OCTOSPI_DR).
            cr::MAPPED => return Ok(0),
            _ => return Err(Refused::Unmodelled("OCTOSPI_DR: read outside indirect read mode")),
        }
        let mut value = 0;
        let mut now = at;
        for index in 0..width.bytes() {
            let Some((byte, then)) = self.indirect.pop(now, &mut self.wire, fx.reports) else {
                if index == 0 {
                    self.rule(fx, "DR read with an empty FIFO and no transfer; reads 0".into());
                }
                break;
            };
            value |= u32::from(byte) << (8 * index);
            now = then;
        }
        fx.stall = fx.stall + (now - at);
        self.catch_up(now, fx);
        Ok(value)
    }

    fn write_data(&mut self, width: Width, value: u32, at: Time, fx: &mut Effects) -> Result<(), Refused> {
        let cr = self.reg(Reg::Cr);
        if cr & cr::EN == 0 || cr::fmode(cr) != cr::INDIRECT_WRITE {
            self.rule(fx, "DR written outside indirect write mode; ignored".into());
            return Ok(());
        }
        if !self.indirect.is_busy() {
            if ccr::dmode(self.reg(Reg::Ccr)) == 0 {
                self.rule(
                    fx,
                    "DR written for a frame without data (CCR.DMODE = 0); ignored".into(),
                );
                return Ok(());
            }
            self.start(true, at, fx)?;
        }
        let mut now = at;
        for index in 0..width.bytes() {
            let byte = (value >> (8 * index)) as u8;
            match self.indirect.push(byte, now, &mut self.wire, fx.reports) {
                Some(then) => now = then,
                None => {
                    self.rule(fx, "more bytes written to DR than DLR says; ignored".into());
                    break;
                }
            }
        }
        fx.stall = fx.stall + (now - at);
        self.catch_up(now, fx);
        Ok(())
    }
}

impl Device for Octospi {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        let at = fx.now + fx.stall;
        self.catch_up(at, fx);
        if offset == regs::DR {
            return self.read_data(width, at, fx);
        }
        if width != Width::Word {
            return Err(Refused::Unmodelled(
                "OCTOSPI: byte or halfword access to a register other than DR",
            ));
        }
        match offset {
            regs::SR => Ok(self.status(at)),
            regs::FCR => Err(Refused::Unmodelled("OCTOSPI_FCR: write-only")),
            _ => Reg::at(offset)
                .map(|reg| self.reg(reg))
                .ok_or(Refused::Unmodelled("OCTOSPI: no such register")),
        }
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let at = fx.now + fx.stall;
        self.catch_up(at, fx);
        if offset == regs::DR {
            return self.write_data(width, value, at, fx);
        }
        if width != Width::Word {
            return Err(Refused::Unmodelled(
                "OCTOSPI: byte or halfword access to a register other than DR",
            ));
        }
        match offset {
            regs::SR => {
                self.rule(fx, "SR is read-only; ignored".into());
                Ok(())
            }
            regs::FCR => {
                self.flags &= !(value & sr::CLEARABLE);
                Ok(())
            }
            _ => match Reg::at(offset) {
                Some(reg) => self.write_reg(reg, value, at, fx),
                None => Err(Refused::Unmodelled("OCTOSPI: no such register")),
            },
        }
    }

    /// Reset of the peripheral; the chip on the other end keeps its state, and NCS goes high.
    fn reset(&mut self) {
        let quirks: Quirks = self.mapped.quirks;
        let quiet_from = self.wire.cursor();
        self.wire.close(quiet_from, &mut Vec::new());
        let mut fresh = Octospi::octospi1(crate::parts::fitted::Fitted::Nothing);
        core::mem::swap(&mut fresh.wire, &mut self.wire);
        fresh.set_quirks(quirks);
        fresh.name = self.name;
        fresh.window = self.window;
        *self = fresh;
    }

    fn lines(&self) -> u32 {
        let enabled = self.reg(Reg::Cr);
        // FTF and BUSY move with time, the flags do not; the time of the last access is good enough for a level.
        let status = self.status(self.quiet_from);
        [
            (cr::TEIE, sr::TEF),
            (cr::TCIE, sr::TCF),
            (cr::FTIE, sr::FTF),
            (cr::SMIE, sr::SMF),
            (cr::TOIE, sr::TOF),
        ]
        .into_iter()
        .any(|(enable, flag)| enabled & enable != 0 && status & flag != 0)
        .into()
    }

    fn next_event(&self, clocks: &crate::Clocks) -> Option<Time> {
        let enabled = self.reg(Reg::Cr);
        if enabled & (cr::TEIE | cr::TCIE | cr::FTIE | cr::TOIE) == 0 {
            return None;
        }
        if self.is_mapped() {
            let plan = self
                .plan
                .as_ref()
                .filter(|plan| plan.kernel_hz == clocks.hz(Kernel::Octospi))?;
            return self
                .mapped
                .timeout_due(&self.wire, &plan.timing)
                .filter(|_| enabled & cr::TOIE != 0);
        }
        self.indirect.next_event(&self.wire)
    }

    fn advance(&mut self, fx: &mut Effects) {
        let at = fx.now + fx.stall;
        self.catch_up(at, fx);
    }
}
