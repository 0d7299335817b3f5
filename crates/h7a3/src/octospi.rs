//! OCTOSPI1 as a bus for the memory chip: single transfers by register, and the mapped window.
//!
//! By register and not by embassy's driver, which knows neither the time-out that releases NCS in mapped mode, nor a wait
//! after an abort, nor an end to any wait. The opcodes and the rules of the chip are the `psram` crate's; the window's
//! memory attributes and the cache are `window`'s.
//!
//! Decisions that the silicon forces (ES0478 2.7, RM0455 OCTOSPI):
//! - WCCR.DQSE is set although there is no DQS pin, else every mapped write is answered with a bus error (2.7.8); it stays
//!   clear for reads.
//! - SIOO stays clear: a transfer that is split has to send its instruction again.
//! - Clock mode 0, no wrap commands, no automatic polling.
//! - AR is checked before it is written: an address beyond the device leaves the peripheral stuck.

mod fifo;

use embassy_stm32::gpio::{AfType, Flex, OutputType, Pin, Speed};
use embassy_stm32::ospi::{D0Pin, D1Pin, D2Pin, D3Pin, NSSPin, SckPin};
use embassy_stm32::pac::octospi::{regs, vals};
use embassy_stm32::peripherals::OCTOSPI1;
use embassy_stm32::{Peri, pac, rcc};
use psram::{Bus, Frame, Lines, Setup};

use crate::{clocks, time};

const OCTOSPI: pac::octospi::Octospi = pac::OCTOSPI1;

/// No transfer that the driver plans takes a tenth of this.
const PATIENCE_US: u64 = 10_000;

/// What the controller takes or gives while the processor does something else (RM0455, OCTOSPI main features).
const FIFO_BYTES: u32 = 32;

/// What can go wrong in the controller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Error {
    /// Nothing happened for 10 ms.
    TimeOut {
        /// What was waited for.
        waiting_for: &'static str,
        /// OCTOSPI_SR then.
        status: u32,
    },
    /// The controller refused the address.
    Transfer {
        /// Which.
        address: u32,
    },
    /// The transfer ends beyond the device.
    Range {
        /// Where it begins.
        address: u32,
        /// How long it is.
        bytes: usize,
    },
    /// A setting that no register field can hold.
    Setting {
        /// Which one.
        name: &'static str,
        /// What was asked for.
        value: u32,
    },
}

/// OCTOSPI1, on its pins, clocked, in indirect mode.
pub struct Octospi {
    device_bytes: u32,
    late_sampling: bool,
}

fn attach(pin: Peri<'static, impl Pin>, function: u8) {
    let mut pin = Flex::new(pin);
    pin.set_as_af_unchecked(function, AfType::output(OutputType::PushPull, Speed::VeryHigh));
    // Dropping it would detach the pin.
    core::mem::forget(pin);
}

impl Octospi {
    /// Attaches the pins and resets the controller. After a reset of OCTOSPIM, which nobody touches, OCTOSPI1 owns port 1
    /// (RM0455 OCTOSPIM_P1CR).
    pub fn new(
        _peripheral: Peri<'static, OCTOSPI1>,
        clk: Peri<'static, impl SckPin<OCTOSPI1>>,
        ncs: Peri<'static, impl NSSPin<OCTOSPI1>>,
        io0: Peri<'static, impl D0Pin<OCTOSPI1>>,
        io1: Peri<'static, impl D1Pin<OCTOSPI1>>,
        io2: Peri<'static, impl D2Pin<OCTOSPI1>>,
        io3: Peri<'static, impl D3Pin<OCTOSPI1>>,
    ) -> Self {
        let functions = [
            clk.af_num(),
            ncs.af_num(),
            io0.af_num(),
            io1.af_num(),
            io2.af_num(),
            io3.af_num(),
        ];
        attach(clk, functions[0]);
        attach(ncs, functions[1]);
        attach(io0, functions[2]);
        attach(io1, functions[3]);
        attach(io2, functions[4]);
        attach(io3, functions[5]);
        rcc::enable_and_reset::<OCTOSPI1>();
        Octospi {
            device_bytes: 0,
            late_sampling: false,
        }
    }

    /// The same controller once more, for the diagnosis after a driver has failed and is gone.
    pub fn again(&self) -> Octospi {
        Octospi {
            device_bytes: self.device_bytes,
            late_sampling: self.late_sampling,
        }
    }

    /// What the clock on the wire is divided from.
    pub fn kernel_hz(&self) -> u32 {
        clocks::octospi_hz()
    }

    fn wait(&self, waiting_for: &'static str, ready: impl Fn(regs::Sr) -> bool) -> Result<(), Error> {
        let deadline_us = time::ticks_us() + PATIENCE_US;
        loop {
            let status = OCTOSPI.sr().read();
            if ready(status) {
                return Ok(());
            }
            if time::ticks_us() > deadline_us {
                return Err(Error::TimeOut {
                    waiting_for,
                    status: status.0,
                });
            }
        }
    }

    fn idle(&self) -> Result<(), Error> {
        self.wait("the end of the transfer before", |sr| !sr.busy())
    }

    /// Prepares a transfer. Without address and data it starts here; with data to read, when AR is written; with data to
    /// write, when the first byte is (RM0455 "OCTOSPI indirect mode").
    fn begin(
        &self,
        mode: vals::FunctionalMode,
        frame: &Frame,
        address: u32,
        bytes: usize,
    ) -> Result<(), Error> {
        self.idle()?;
        let end = u64::from(address) + bytes as u64;
        if frame.address != Lines::None && end > u64::from(self.device_bytes) {
            return Err(Error::Range { address, bytes });
        }
        clear_flags();
        OCTOSPI.cr().modify(|w| {
            w.set_fmode(mode);
            w.set_fthres(vals::Threshold::from_bits(0));
        });
        // The register holds the length less one.
        OCTOSPI
            .dlr()
            .write(|w| w.set_dl((bytes as u32).saturating_sub(1)));
        OCTOSPI.tcr().write(|w| self.timing(w, frame));
        OCTOSPI.ccr().write(|w| command_phases(w, frame));
        OCTOSPI.ir().write(|w| w.set_instruction(frame.opcode.into()));
        if frame.address != Lines::None {
            OCTOSPI.ar().write(|w| w.set_address(address));
        }
        Ok(())
    }

    fn end(&self, address: u32) -> Result<(), Error> {
        self.wait("the transfer's end", |sr| sr.tcf() || sr.tef())?;
        let failed = OCTOSPI.sr().read().tef();
        clear_flags();
        if failed {
            self.abort()?;
            return Err(Error::Transfer { address });
        }
        self.idle()
    }

    fn abort(&self) -> Result<(), Error> {
        OCTOSPI.cr().modify(|w| w.set_abort(true));
        self.wait("the abort", |sr| !sr.busy())?;
        clear_flags();
        Ok(())
    }

    fn timing(&self, w: &mut regs::Tcr, frame: &Frame) {
        w.set_dcyc(frame.dummy_cycles);
        w.set_sshift(if self.late_sampling {
            vals::SampleShift::HALF_CYCLE
        } else {
            vals::SampleShift::NONE
        });
    }
}

fn clear_flags() {
    OCTOSPI.fcr().write(|w| {
        w.set_ctef(true);
        w.set_ctcf(true);
        w.set_ctof(true);
    });
}

const fn phase(lines: Lines) -> vals::PhaseMode {
    match lines {
        Lines::None => vals::PhaseMode::NONE,
        Lines::One => vals::PhaseMode::ONE_LINE,
        Lines::Four => vals::PhaseMode::FOUR_LINES,
    }
}

/// 8 bits of instruction, 24 of address, all at single data rate.
fn command_phases(w: &mut regs::Ccr, frame: &Frame) {
    w.set_imode(phase(frame.command));
    w.set_isize(vals::SizeInBits::_8BIT);
    w.set_admode(phase(frame.address));
    w.set_adsize(vals::SizeInBits::_24BIT);
    w.set_dmode(phase(frame.data));
}

/// The exponent of a power of two, if it is one.
fn log2(name: &'static str, value: u32) -> Result<u8, Error> {
    if value.is_power_of_two() {
        Ok(value.trailing_zeros() as u8)
    } else {
        Err(Error::Setting { name, value })
    }
}

/// A count as the field that holds it less one.
fn less_one(name: &'static str, value: u32, most: u32) -> Result<u8, Error> {
    if (1..=most).contains(&value) {
        Ok((value - 1) as u8)
    } else {
        Err(Error::Setting { name, value })
    }
}

impl Bus for Octospi {
    type Error = Error;

    fn most_bytes(&self) -> u32 {
        FIFO_BYTES
    }

    fn apply(&mut self, setup: &Setup) -> Result<(), Error> {
        let device_size = log2("device_bytes", setup.device_bytes)?;
        let boundary = setup
            .boundary_bytes
            .map_or(Ok(0), |bytes| log2("boundary_bytes", bytes))?;
        let prescaler = less_one("divider", setup.divider.into(), 256)?;
        let high = less_one("cs_high_cycles", setup.cs_high_cycles.into(), 8)?;
        self.idle()?;
        OCTOSPI.dcr1().write(|w| {
            // A quad chip's transfers do not depend on the type (AN5050 4.1.4); 2 is the one without any data mangling.
            w.set_mtyp(vals::MemType::from_bits(2));
            w.set_devsize(device_size - 1);
            w.set_csht(high);
            w.set_dlybyp(true);
        });
        OCTOSPI.dcr3().write(|w| w.set_csbound(boundary));
        OCTOSPI.dcr4().write(|w| w.set_refresh(setup.refresh_cycles));
        OCTOSPI.lptr().write(|w| w.set_timeout(setup.idle_cycles));
        // Last, because a new prescaler starts the clock anew and BUSY shows it.
        OCTOSPI.dcr2().write(|w| w.set_prescaler(prescaler));
        self.idle()?;
        OCTOSPI.cr().write(|w| w.set_en(true));
        self.device_bytes = setup.device_bytes;
        self.late_sampling = setup.late_sampling;
        Ok(())
    }

    fn command(&mut self, frame: &Frame) -> Result<(), Error> {
        self.begin(vals::FunctionalMode::INDIRECT_WRITE, frame, 0, 0)?;
        self.end(0)
    }

    fn read(&mut self, frame: &Frame, address: u32, data: &mut [u8]) -> Result<(), Error> {
        if data.is_empty() {
            return Ok(());
        }
        self.begin(vals::FunctionalMode::INDIRECT_READ, frame, address, data.len())?;
        for byte in data.iter_mut() {
            self.wait("data", |sr| sr.flevel() > 0 || sr.tef())?;
            if OCTOSPI.sr().read().tef() {
                return self.end(address);
            }
            *byte = fifo::pop();
        }
        self.end(address)
    }

    fn write(&mut self, frame: &Frame, address: u32, data: &[u8]) -> Result<(), Error> {
        if data.is_empty() {
            return Ok(());
        }
        self.begin(vals::FunctionalMode::INDIRECT_WRITE, frame, address, data.len())?;
        if OCTOSPI.sr().read().tef() {
            return self.end(address);
        }
        // The first byte starts the transfer, and NCS stays low until the last has come: what the FIFO holds is pushed
        // without a look at it.
        for (sent, &byte) in (0..).zip(data) {
            if sent >= FIFO_BYTES {
                self.wait("room for data", |sr| sr.ftf() || sr.tef())?;
            }
            fifo::push(byte);
        }
        self.end(address)
    }

    fn enter_mapped(&mut self, read: &Frame, write: &Frame) -> Result<(), Error> {
        self.idle()?;
        clear_flags();
        // In this mode, and with data, writing IR starts nothing.
        OCTOSPI
            .cr()
            .modify(|w| w.set_fmode(vals::FunctionalMode::INDIRECT_WRITE));
        OCTOSPI.wccr().write(|w| {
            w.set_imode(phase(write.command));
            w.set_isize(vals::SizeInBits::_8BIT);
            w.set_admode(phase(write.address));
            w.set_adsize(vals::SizeInBits::_24BIT);
            w.set_dmode(phase(write.data));
            w.set_dqse(true);
        });
        OCTOSPI.wtcr().write(|w| w.set_dcyc(write.dummy_cycles));
        OCTOSPI.wir().write(|w| w.set_instruction(write.opcode.into()));
        OCTOSPI.tcr().write(|w| self.timing(w, read));
        OCTOSPI.ccr().write(|w| command_phases(w, read));
        OCTOSPI.ir().write(|w| w.set_instruction(read.opcode.into()));
        OCTOSPI.cr().modify(|w| {
            w.set_tcen(true);
            w.set_fmode(vals::FunctionalMode::MEMORY_MAPPED);
        });
        // All of it has arrived before the first access to the window.
        cortex_m::asm::dsb();
        cortex_m::asm::isb();
        Ok(())
    }

    fn leave_mapped(&mut self) -> Result<(), Error> {
        cortex_m::asm::dsb();
        self.abort()?;
        OCTOSPI.cr().modify(|w| {
            w.set_tcen(false);
            w.set_fmode(vals::FunctionalMode::INDIRECT_WRITE);
        });
        Ok(())
    }

    fn delay_us(&mut self, us: u32) {
        time::delay_us(us.into());
    }
}
