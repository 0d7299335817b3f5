//! RCC of the STM32H7A3: oscillators, PLLs, prescalers, kernel muxes, clock gates and peripheral resets (RM0455 8).
//!
//! The clock tree is computed from the registers alone. A broken rule is reported and takes its effect: a switch to a
//! clock that does not run does not happen.
//! Does NOT model: start-up times (a clock is ready when it is on), clock security, MCO2, low-power modes.

mod registers;
mod tree;

use crate::bus::bank::{Bank, lane, merged};
use crate::{Clocks, Device, Effects, Kernel, Kind, Refused, Width};
use registers::*;

/// A bit of an enable register and of its reset twin, which has the same layout 0xB8 below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gate {
    /// Offset of the enable register.
    pub enable: u32,
    /// The bit in both.
    pub bit: u8,
}

impl Gate {
    /// The name of the enable bit's place, for messages.
    pub fn describe(&self) -> String {
        format!("{} bit {}", register_name(self.enable), self.bit)
    }
}

/// The reset and clock controller.
#[derive(Clone, Debug)]
pub struct Rcc {
    bank: Bank,
    hse_hz: u32,
    lse_hz: u32,
    clocks: Clocks,
    resets: [u32; RSTR_COUNT],
    /// PWR_CR1.DBP as the power controller has it: without it RCC_BDCR is write-protected (RM0455 8.7.20).
    pub backup_writable: bool,
    backup_reset: bool,
}

/// Why the chip was reset, for RCC_RSR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResetCause {
    /// Power came up.
    PowerOn,
    /// The reset pin was pulled.
    Pin,
    /// AIRCR.SYSRESETREQ.
    Software,
    /// The independent watchdog.
    Watchdog,
    /// The end of Standby, which sets no flag here.
    Standby,
}

impl Rcc {
    /// Right after power-up, with the board's crystals.
    pub fn new(hse_hz: u32, lse_hz: u32) -> Self {
        let bank = Bank::new(REGISTERS);
        let clocks = tree::compute(&bank, hse_hz, lse_hz);
        Rcc {
            bank,
            hse_hz,
            lse_hz,
            clocks,
            resets: [0; RSTR_COUNT],
            backup_writable: false,
            backup_reset: false,
        }
    }

    /// A reset of the chip: everything but the backup domain, and the cause in RSR.
    pub fn system_reset(&mut self, cause: ResetCause) {
        let backup = self.bank.get(BDCR);
        let causes = self.bank.get(RSR);
        self.reset();
        self.bank.set(BDCR, backup);
        self.bank.set(
            RSR,
            match cause {
                ResetCause::PowerOn => RSR_POWER_ON,
                ResetCause::Pin => causes | RSR_PINRSTF,
                ResetCause::Standby => causes,
                ResetCause::Watchdog => causes | RSR_PINRSTF | RSR_IWDGRSTF | RSR_CPURSTF,
                ResetCause::Software => causes | RSR_PINRSTF | RSR_SFTRSTF | RSR_CPURSTF,
            },
        );
        // The calendar's clock goes on.
        self.clocks = tree::compute(&self.bank, self.hse_hz, self.lse_hz);
    }

    /// Stop: all clocks stand still but the calendar's, and the system's will be HSI (RM0455 8.5.3). The processor's is told as
    /// HSI all the same, because its cycles measure the sleep.
    pub fn stop(&mut self) {
        let running = CR_HSION | CR_HSIRDY;
        let off = CR_ON_RDY.iter().fold(0, |off, (on, ready)| off | on | ready);
        self.bank.set(CR, self.bank.get(CR) & !off | running);
        self.bank.set(CFGR, self.bank.get(CFGR) & !(CFGR_SW | CFGR_SWS));
        self.clocks = tree::compute(&self.bank, self.hse_hz, self.lse_hz);
        self.clocks = Clocks::of(&[
            (Kernel::Cpu, self.clocks.hz(Kernel::Cpu)),
            (Kernel::Rtc, self.clocks.hz(Kernel::Rtc)),
        ]);
    }

    /// The end of Stop.
    pub fn wake(&mut self) {
        self.clocks = tree::compute(&self.bank, self.hse_hz, self.lse_hz);
    }

    /// All clocks as they run now.
    pub fn clocks(&self) -> Clocks {
        self.clocks
    }

    /// Whether a peripheral gets its bus clock.
    pub fn is_on(&self, gate: Gate) -> bool {
        self.bank.get(gate.enable) & 1 << gate.bit != 0
    }

    /// Whether a peripheral is held in reset.
    pub fn is_held(&self, gate: Gate) -> bool {
        self.bank.get(gate.enable - EN_TO_RSTR) & 1 << gate.bit != 0
    }

    /// Whether the peripheral was reset since the last call.
    pub fn take_reset(&mut self, gate: Gate) -> bool {
        let flags = &mut self.resets[rstr_index(gate.enable - EN_TO_RSTR)];
        let was = *flags & 1 << gate.bit != 0;
        *flags &= !(1 << gate.bit);
        was
    }

    /// Whether any peripheral was reset since [`Rcc::take_reset`] last saw it.
    pub fn has_resets(&self) -> bool {
        self.resets.iter().any(|&r| r != 0)
    }

    /// Drop resets of peripherals that nobody models.
    pub fn forget_resets(&mut self) {
        self.resets = [0; RSTR_COUNT];
    }

    /// Whether the backup domain was reset since the last call.
    pub fn take_backup_reset(&mut self) -> bool {
        core::mem::take(&mut self.backup_reset)
    }

    fn store(&mut self, offset: u32, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let before = self.bank.load(offset, "RCC register")?;
        match offset {
            CR => self.write_cr(before, value, fx)?,
            CFGR => self.write_cfgr(value, fx)?,
            PLLCKSELR | PLL1DIVR | PLL2DIVR | PLL3DIVR => {
                // Hardware ignores changes to the dividers of a PLL that is on, and to the source while any is on
                // (RM0455 8.7.10 and 8.7.12).
                let locked = tree::locked_by_plls(offset, self.bank.get(CR));
                self.bank
                    .store(offset, value & !locked | before & locked, "RCC", fx)?;
            }
            BDCR => self.write_bdcr(value, fx)?,
            CSR => {
                self.bank.store(offset, value, "RCC", fx)?;
                self.bank
                    .set(CSR, self.bank.get(CSR) & !CSR_LSIRDY | (value & CSR_LSION) << 1);
            }
            RSR => {
                if value & RSR_RMVF != 0 {
                    self.bank.set(RSR, 0);
                }
            }
            AHB3RSTR..=APB4RSTR => {
                self.resets[rstr_index(offset)] |= value & !before;
                self.bank.store(offset, value, "RCC", fx)?;
            }
            _ => self.bank.store(offset, value, "RCC", fx)?,
        }
        self.clocks = tree::compute(&self.bank, self.hse_hz, self.lse_hz);
        Ok(())
    }

    fn write_cr(&mut self, before: u32, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        // Hardware keeps the oscillator that the system runs from, directly or by PLL1 (RM0455 8.7.2, HSION).
        let in_use = tree::oscillators_in_use(&self.bank);
        self.bank.store(CR, value | in_use, "RCC_CR", fx)?;
        let on = self.bank.get(CR);
        for (n, pll_on) in CR_PLLON.into_iter().enumerate() {
            if on & !before & pll_on != 0 {
                for complaint in tree::pll_complaints(&self.bank, n, self.hse_hz) {
                    fx.report(Kind::Rule, complaint);
                }
            }
        }
        let mut ready = on & !CR_ALL_RDY;
        for (on_bit, rdy_bit) in CR_ON_RDY {
            let runs = match on_bit {
                CR_HSEON => self.hse_hz != 0,
                bit if CR_PLLON.contains(&bit) => tree::pll_input_runs(ready, &self.bank),
                _ => true,
            };
            if on & on_bit != 0 && runs {
                ready |= rdy_bit;
            }
        }
        self.bank.set(CR, ready);
        Ok(())
    }

    fn write_cfgr(&mut self, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        self.bank.store(CFGR, value, "RCC_CFGR", fx)?;
        let wanted = self.bank.get(CFGR) & CFGR_SW;
        match SYSCLK_READY.get(wanted as usize) {
            Some((_, rdy)) if self.bank.get(CR) & rdy != 0 => {
                self.bank.set(CFGR, self.bank.get(CFGR) & !CFGR_SWS | wanted << 3);
            }
            Some((name, _)) => fx.report(
                Kind::Rule,
                format!(
                    "RCC_CFGR: switch of the system clock to {name}, which is not ready (RM0455 8.7.6, SW)"
                ),
            ),
            None => fx.report(
                Kind::Rule,
                format!("RCC_CFGR: SW = {wanted} is reserved (RM0455 8.7.6)"),
            ),
        }
        Ok(())
    }

    fn write_bdcr(&mut self, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        if !self.backup_writable {
            fx.report(
                Kind::Rule,
                "RCC_BDCR written while PWR_CR1.DBP is 0: the write is lost (RM0455 8.7.20)".into(),
            );
            return Ok(());
        }
        if value & BDCR_BDRST != 0 {
            self.bank.set(BDCR, BDCR_BDRST);
            self.backup_reset = true;
            return Ok(());
        }
        let before = self.bank.get(BDCR) & BDCR_RTCSEL;
        if before != 0 && value & BDCR_RTCSEL != before {
            fx.report(
                Kind::Warning,
                "RCC_BDCR: RTCSEL changes only by a reset of the backup domain; ignored (RM0455 8.7.20)"
                    .into(),
            );
        }
        let value = if before == 0 {
            value
        } else {
            value & !BDCR_RTCSEL | before
        };
        self.bank.store(BDCR, value, "RCC_BDCR", fx)?;
        let mut now = self.bank.get(BDCR) & !BDCR_LSERDY;
        if now & BDCR_LSEON != 0 && self.lse_hz != 0 {
            now |= BDCR_LSERDY;
        }
        self.bank.set(BDCR, now);
        Ok(())
    }
}

impl Device for Rcc {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        Ok(lane(self.bank.load(offset & !3, "RCC register")?, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let word = offset & !3;
        let before = self.bank.load(word, "RCC register")?;
        self.store(word, merged(before, offset, width, value), fx)
    }

    fn reset(&mut self) {
        *self = Rcc::new(self.hse_hz, self.lse_hz);
    }
}

#[cfg(test)]
mod tests;
