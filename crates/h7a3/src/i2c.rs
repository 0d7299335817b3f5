//! I2C as a controller: bytes to and from the address of a part, by a unit and pins that a program chooses at run time.
//!
//! By registers: embassy's driver wants unit and pins as types, and puts the pins back when it is dropped. The core waits in loops that
//! end by a timeout; nothing is done in interrupts. A unit keeps no state here but its registers.

use crate::clocks::core_hz;
use crate::time;
use embassy_stm32::pac::i2c::{I2c, regs::Isr, vals};
use embassy_stm32::pac::{I2C1, I2C2, I2C3, I2C4, RCC};

/// Hz: fast-mode plus, and what the prescaler still makes of the kernel clock.
pub const FASTEST_HZ: u32 = 1_000_000;
/// The same, at the other end.
pub const SLOWEST_HZ: u32 = 20_000;
/// What NBYTES holds.
const CHUNK_BYTES: usize = 255;

/// One of I2C1 to I2C4.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unit(u8);

/// Why a transfer ended early.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// Nobody acknowledged the address.
    NoDevice,
    /// The bus is not free, or SCL is held.
    Timeout,
    /// Another controller won, or the lines made no sense.
    Lost,
    /// The program is to be stopped.
    Stopped,
}

/// What goes over the bus.
pub enum Data<'a> {
    /// From the part.
    Read(&'a mut [u8]),
    /// To the part.
    Write(&'a [u8]),
}

/// How to wait.
#[derive(Clone, Copy)]
pub struct Patience {
    /// For each step of the hardware.
    pub timeout_us: u32,
    /// Whether to give up at once.
    pub stopped: fn() -> bool,
}

impl Unit {
    /// The unit of this number.
    pub const fn new(number: u32) -> Option<Unit> {
        match number {
            1..=4 => Some(Unit(number as u8)),
            _ => None,
        }
    }

    /// 1 to 4.
    pub const fn number(self) -> u8 {
        self.0
    }

    fn registers(self) -> I2c {
        match self.0 {
            1 => I2C1,
            2 => I2C2,
            3 => I2C3,
            _ => I2C4,
        }
    }

    /// Switches the unit on, from its reset, at this speed. The pins are the caller's.
    pub fn start(self, hz: u32) {
        critical_section::with(|_| match self.0 {
            1 => RCC.apb1lenr().modify(|w| w.set_i2c1en(true)),
            2 => RCC.apb1lenr().modify(|w| w.set_i2c2en(true)),
            3 => RCC.apb1lenr().modify(|w| w.set_i2c3en(true)),
            _ => RCC.apb4enr().modify(|w| w.set_i2c4en(true)),
        });
        let timing = Timing::of(hz);
        let registers = self.registers();
        registers.cr1().write(|w| w.set_pe(false));
        registers.timingr().write(|w| {
            w.set_presc(timing.prescaler);
            w.set_scll(timing.low);
            w.set_sclh(timing.high);
            w.set_scldel(timing.setup);
            w.set_sdadel(0);
        });
        registers.cr1().write(|w| w.set_pe(true));
    }

    /// One message: start, address, bytes, and a stop if it is asked for; without it the bus stays ours until the next
    /// message. Returns how many bytes the part has acknowledged, or sent.
    pub fn transfer(self, address: u8, data: Data, stop: bool, patience: Patience) -> Result<usize, Fault> {
        let mut message = Message {
            registers: self.registers(),
            address,
            stop,
            patience,
        };
        let result = match data {
            Data::Read(bytes) => message.read(bytes),
            Data::Write(bytes) => message.write(bytes),
        };
        if matches!(result, Err(Fault::Timeout | Fault::Lost | Fault::Stopped)) {
            // Off and on again lets go of the lines and forgets the message (RM0455 47.4.6: three APB clocks in between, which
            // the reads take).
            let cr1 = message.registers.cr1();
            cr1.modify(|w| w.set_pe(false));
            while cr1.read().pe() {}
            cr1.modify(|w| w.set_pe(true));
        }
        result
    }
}

struct Message {
    registers: I2c,
    address: u8,
    stop: bool,
    patience: Patience,
}

impl Message {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Fault> {
        let total = bytes.len();
        self.begin(vals::Dir::READ, total)?;
        for (n, byte) in bytes.iter_mut().enumerate() {
            self.next_chunk(n, total)?;
            if !self.wait(Isr::rxne)? {
                self.after_nack()?;
                return Err(Fault::NoDevice);
            }
            *byte = self.registers.rxdr().read().rxdata();
        }
        self.end()?;
        Ok(total)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let total = bytes.len();
        self.begin(vals::Dir::WRITE, total)?;
        for (n, &byte) in bytes.iter().enumerate() {
            self.next_chunk(n, total)?;
            if !self.wait(Isr::txis)? {
                return self.refused(n);
            }
            self.registers.txdr().write(|w| w.set_txdata(byte));
        }
        if !self.end()? {
            return self.refused(total);
        }
        Ok(total)
    }

    /// A NACK after so many bytes were given to the unit: the address's if there were none, else that of the last byte on
    /// the wire, behind which one may wait in TXDR.
    fn refused(&mut self, given: usize) -> Result<usize, Fault> {
        let waits = !self.registers.isr().read().txe();
        self.registers.isr().write(|w| w.set_txe(true));
        self.after_nack()?;
        match given - usize::from(waits) {
            0 => Err(Fault::NoDevice),
            sent => Ok(sent - 1),
        }
    }

    fn begin(&mut self, direction: vals::Dir, total: usize) -> Result<(), Fault> {
        // TC: the bus is still ours.
        if !self.registers.isr().read().tc() {
            self.poll(|isr| !isr.busy())?;
        }
        let (bytes, reload, autoend) = self.chunk(total);
        self.registers.cr2().write(|w| {
            w.set_sadd(u16::from(self.address) << 1);
            w.set_dir(direction);
            w.set_nbytes(bytes);
            w.set_reload(reload);
            w.set_autoend(autoend);
            w.set_start(true);
        });
        Ok(())
    }

    /// NBYTES and what comes behind it, when so many bytes are left.
    fn chunk(&self, left: usize) -> (u8, vals::Reload, vals::Autoend) {
        let reload = if left > CHUNK_BYTES {
            vals::Reload::NOT_COMPLETED
        } else {
            vals::Reload::COMPLETED
        };
        let autoend = if self.stop {
            vals::Autoend::AUTOMATIC
        } else {
            vals::Autoend::SOFTWARE
        };
        (left.min(CHUNK_BYTES) as u8, reload, autoend)
    }

    fn next_chunk(&mut self, done: usize, total: usize) -> Result<(), Fault> {
        if done == 0 || !done.is_multiple_of(CHUNK_BYTES) {
            return Ok(());
        }
        // A NACK comes back at the wait for the byte.
        if self.wait(Isr::tcr)? {
            let (bytes, reload, autoend) = self.chunk(total - done);
            self.registers.cr2().modify(|w| {
                w.set_nbytes(bytes);
                w.set_reload(reload);
                w.set_autoend(autoend);
            });
        }
        Ok(())
    }

    /// False: not acknowledged.
    fn end(&mut self) -> Result<bool, Fault> {
        let acknowledged = if self.stop {
            self.wait(Isr::stopf)?
        } else {
            self.wait(Isr::tc)?
        };
        if acknowledged && self.stop {
            self.registers.icr().write(|w| w.set_stopcf(true));
        }
        Ok(acknowledged)
    }

    /// The unit stops by itself after a NACK.
    fn after_nack(&mut self) -> Result<(), Fault> {
        self.poll(Isr::stopf)?;
        self.registers.icr().write(|w| {
            w.set_nackcf(true);
            w.set_stopcf(true);
        });
        Ok(())
    }

    /// Until a flag is up; false if there is a NACK.
    fn wait(&mut self, flag: fn(&Isr) -> bool) -> Result<bool, Fault> {
        let isr = self.poll(|isr| isr.nackf() || flag(isr))?;
        Ok(!isr.nackf())
    }

    fn poll(&mut self, ready: impl Fn(&Isr) -> bool) -> Result<Isr, Fault> {
        let start_us = time::ticks_us();
        loop {
            let isr = self.registers.isr().read();
            if isr.arlo() || isr.berr() {
                self.registers.icr().write(|w| {
                    w.set_arlocf(true);
                    w.set_berrcf(true);
                });
                return Err(Fault::Lost);
            }
            if ready(&isr) {
                return Ok(isr);
            }
            if (self.patience.stopped)() {
                return Err(Fault::Stopped);
            }
            if time::ticks_us() - start_us > self.patience.timeout_us.into() {
                return Err(Fault::Timeout);
            }
        }
    }
}

/// Fields of TIMINGR.
struct Timing {
    prescaler: u8,
    low: u8,
    high: u8,
    setup: u8,
}

impl Timing {
    /// Low for two thirds of the period above 100 kHz, as the bus's specification wants it of its fast modes (UM10204 table 10),
    /// else for a half.
    fn of(hz: u32) -> Timing {
        // APB1 and APB4, whose divider is two.
        let kernel_hz = core_hz() / 2;
        let clocks = kernel_hz / hz.clamp(SLOWEST_HZ, FASTEST_HZ);
        let low = if hz > 100_000 { clocks * 2 / 3 } else { clocks / 2 };
        let divider = low.div_ceil(256).clamp(1, 16);
        // Set-up of data: 250 ns, 100 ns in the fast modes, 50 ns at 1 MHz.
        let setup_ns = match hz {
            0..=100_000 => 250,
            100_001..=400_000 => 100,
            _ => 50,
        };
        let setup = (kernel_hz / 1_000_000 * setup_ns / 1000)
            .div_ceil(divider)
            .clamp(1, 16);
        let field = |clocks: u32| (clocks / divider).clamp(1, 256) as u8 - 1;
        Timing {
            prescaler: divider as u8 - 1,
            low: ((low / divider).clamp(1, 256) - 1) as u8,
            high: field((clocks - low).min(255 * divider)),
            setup: setup as u8 - 1,
        }
    }
}
