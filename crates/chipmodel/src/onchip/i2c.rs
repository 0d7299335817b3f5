//! I2C (RM0455 47) as a controller of the bus, bit by bit on its two lines.
//!
//! Start, repeated start and stop, addresses of 7 bits, bytes both ways with their acknowledge, NBYTES with RELOAD, AUTOEND and
//! software end, clock stretching by either side, a bus that somebody holds low, lost arbitration. Events and errors raise
//! the two interrupt lines. Does NOT model: being a target, addresses of 10 bits, SMBus, the digital filter, the two to four clocks that
//! the input stage adds to each half of SCL, and misplaced starts and stops of others (BERR).

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::{Clocks, Device, Effects, Kind, Picos, Refused, Time, Width};

const CR1: u32 = 0x00;
const CR2: u32 = 0x04;
const OAR1: u32 = 0x08;
const OAR2: u32 = 0x0C;
const TIMINGR: u32 = 0x10;
const TIMEOUTR: u32 = 0x14;
const ISR: u32 = 0x18;
const ICR: u32 = 0x1C;
const PECR: u32 = 0x20;
const RXDR: u32 = 0x24;
const TXDR: u32 = 0x28;

const CR1_PE: u32 = 1 << 0;
const CR1_TXDMAEN: u32 = 1 << 14;
const CR1_RXDMAEN: u32 = 1 << 15;
/// TXIE, RXIE, ADDRIE, NACKIE, STOPIE, TCIE, ERRIE, DNF, ANFOFF.
const CR1_KNOWN: u32 = 0x1FFF | CR1_TXDMAEN | CR1_RXDMAEN;

const CR2_RD_WRN: u32 = 1 << 10;
const CR2_START: u32 = 1 << 13;
const CR2_STOP: u32 = 1 << 14;
const CR2_RELOAD: u32 = 1 << 24;
const CR2_AUTOEND: u32 = 1 << 25;
/// SADD, RD_WRN, START, STOP, NACK (of targets only), NBYTES, RELOAD, AUTOEND.
const CR2_KNOWN: u32 = 0x3FF | CR2_RD_WRN | 7 << 13 | 0xFF << 16 | CR2_RELOAD | CR2_AUTOEND;

const TXE: u32 = 1 << 0;
const TXIS: u32 = 1 << 1;
const RXNE: u32 = 1 << 2;
const NACKF: u32 = 1 << 4;
const STOPF: u32 = 1 << 5;
const TC: u32 = 1 << 6;
const TCR: u32 = 1 << 7;
const ARLO: u32 = 1 << 9;
const BUSY: u32 = 1 << 15;
/// What ICR clears: ADDR, NACKF, STOPF, BERR, ARLO, OVR and those of SMBus, at their places in ISR.
const CLEARABLE: u32 = 0x3F38;

const REGISTERS: &[Register] = &[
    Register::new(CR1, "I2C_CR1", 0, CR1_KNOWN),
    Register::new(CR2, "I2C_CR2", 0, CR2_KNOWN),
    Register::new(OAR1, "I2C_OAR1", 0, 0),
    Register::new(OAR2, "I2C_OAR2", 0, 0),
    Register::new(TIMINGR, "I2C_TIMINGR", 0, 0xF0FF_FFFF),
    Register::new(TIMEOUTR, "I2C_TIMEOUTR", 0, 0),
    Register::new(ISR, "I2C_ISR", TXE, 0),
    Register::new(PECR, "I2C_PECR", 0, 0),
    Register::new(RXDR, "I2C_RXDR", 0, 0),
    Register::new(TXDR, "I2C_TXDR", 0, 0xFF),
];

/// The acknowledge is the ninth bit.
const ACKNOWLEDGE: u8 = 8;

/// Where on the wire it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Idle,
    /// START is set, and the bus is not free.
    WaitsForBus,
    /// A repeated start: SDA is released, SCL low; then SCL is released and has to rise.
    Restart,
    RestartRise,
    RestartHigh,
    /// SDA has fallen, SCL is high.
    Start,
    /// SCL low with the bit on SDA, released and not high yet, high.
    Low(u8),
    Rise(u8),
    High(u8),
    /// SCL low until software does something.
    Held,
    /// The stop: SDA and SCL low, SCL released, both high.
    Stop,
    StopRise,
    StopHigh,
}

/// One controller.
#[derive(Clone, Debug)]
pub struct I2c {
    name: &'static str,
    kernel_hz: fn(&Clocks) -> u32,
    bank: Bank,
    step: Step,
    due: Option<Time>,
    /// What it does to the lines: true lets go.
    scl: bool,
    sda: bool,
    /// What it sees on them.
    scl_seen: bool,
    sda_seen: bool,
    moved: bool,
    shift: u8,
    is_address: bool,
    reads: bool,
    /// Bytes of NBYTES that the wire has not seen.
    left: u8,
    /// TXDR holds a byte.
    full: bool,
    /// A byte has come in, and RXDR is not free for it: its acknowledge waits.
    is_late: bool,
}

impl I2c {
    /// The controller of this name, with its kernel clock.
    pub fn new(name: &'static str, kernel_hz: fn(&Clocks) -> u32) -> Self {
        I2c {
            name,
            kernel_hz,
            bank: Bank::new(REGISTERS),
            step: Step::Idle,
            due: None,
            scl: true,
            sda: true,
            scl_seen: true,
            sda_seen: true,
            moved: false,
            shift: 0,
            is_address: false,
            reads: false,
            left: 0,
            full: false,
            is_late: false,
        }
    }

    fn flags(&mut self, set: u32, clear: u32) {
        let isr = self.bank.get(ISR);
        self.bank.set(ISR, isr & !clear | set);
    }

    fn cr2(&self, bit: u32) -> bool {
        self.bank.get(CR2) & bit != 0
    }

    fn clear_cr2(&mut self, bits: u32) {
        let cr2 = self.bank.get(CR2);
        self.bank.set(CR2, cr2 & !bits);
    }

    /// The line is told to move.
    fn put(&mut self, scl: bool, sda: bool) {
        self.moved |= (scl, sda) != (self.scl, self.sda);
        (self.scl, self.sda) = (scl, sda);
    }

    /// SCLL + 1 or SCLH + 1 periods of the prescaled clock (RM0455 47.4.9).
    fn half(&self, high: bool, fx: &mut Effects) -> Picos {
        let timing = self.bank.get(TIMINGR);
        let hz = (self.kernel_hz)(&fx.clocks);
        if hz == 0 {
            fx.report(
                Kind::Rule,
                format!("{}: its kernel clock does not run", self.name),
            );
            return Picos::from_ns(1_000_000);
        }
        let field = if high { timing >> 8 } else { timing } & 0xFF;
        Picos::of_cycles(u64::from(((timing >> 28) + 1) * (field + 1)), hz)
    }

    fn go(&mut self, step: Step, high: bool, fx: &mut Effects) {
        self.step = step;
        self.due = Some(fx.now + self.half(high, fx));
    }

    /// Let go of SCL, and wait until nobody holds it (which is told by `sense`).
    fn release_scl(&mut self, step: Step) {
        (self.step, self.due) = (step, None);
        self.put(true, self.sda);
    }

    fn try_start(&mut self, fx: &mut Effects) {
        if self.bank.get(ISR) & BUSY != 0 || !self.scl_seen || !self.sda_seen {
            (self.step, self.due) = (Step::WaitsForBus, None);
            return;
        }
        self.start(fx);
    }

    fn start(&mut self, fx: &mut Effects) {
        self.put(true, false);
        self.go(Step::Start, true, fx);
    }

    /// The address goes out first; hardware takes START back when it is sent.
    fn send_address(&mut self) {
        let cr2 = self.bank.get(CR2);
        self.is_address = true;
        self.reads = cr2 & CR2_RD_WRN != 0;
        self.left = (cr2 >> 16) as u8;
        self.shift = (cr2 & 0xFE) as u8 | u8::from(self.reads);
        self.flags(0, TC | TCR);
    }

    fn drives(&self) -> bool {
        self.is_address || !self.reads
    }

    /// SCL falls, with the bit on SDA.
    fn low(&mut self, bit: u8, fx: &mut Effects) {
        let last = self.left == 1 && !self.cr2(CR2_RELOAD);
        let sda = match bit {
            ACKNOWLEDGE => self.drives() || last,
            _ => !self.drives() || self.shift >> (7 - bit) & 1 != 0,
        };
        self.put(false, sda);
        self.go(Step::Low(bit), false, fx);
    }

    /// The middle of a bit: SDA counts.
    fn sample(&mut self, bit: u8, fx: &mut Effects) {
        let seen = self.sda_seen;
        if bit < ACKNOWLEDGE && self.drives() && self.sda && !seen {
            self.flags(ARLO, 0);
            self.put(true, true);
            (self.step, self.due) = (Step::Idle, None);
            self.clear_cr2(CR2_START | CR2_STOP);
            return;
        }
        if bit < ACKNOWLEDGE {
            if !self.drives() {
                self.shift = self.shift << 1 | u8::from(seen);
            }
            if bit + 1 == ACKNOWLEDGE && !self.drives() && self.bank.get(ISR) & RXNE != 0 {
                self.is_late = true;
                self.hold();
            } else {
                self.low(bit + 1, fx);
            }
            return;
        }
        if self.drives() && seen {
            // What waits in TXDR stays there until software throws it away.
            self.flags(NACKF, TXIS);
            self.stop(fx);
            return;
        }
        if !self.is_address {
            self.left -= 1;
            if self.reads {
                self.bank.set(RXDR, u32::from(self.shift));
                self.flags(RXNE, 0);
            }
        }
        self.is_address = false;
        self.hold();
        self.proceed(fx);
    }

    fn hold(&mut self) {
        self.put(false, true);
        (self.step, self.due) = (Step::Held, None);
    }

    /// SCL is low and a byte is over, or software has done something: what next?
    fn proceed(&mut self, fx: &mut Effects) {
        if self.step != Step::Held {
            return;
        }
        if self.is_late {
            if self.bank.get(ISR) & RXNE == 0 {
                self.is_late = false;
                self.low(ACKNOWLEDGE, fx);
            }
            return;
        }
        if self.left == 0 {
            return self.end_of_count(fx);
        }
        if self.cr2(CR2_STOP) {
            return self.stop(fx);
        }
        if self.reads {
            self.low(0, fx);
        } else if self.full {
            self.shift = self.bank.get(TXDR) as u8;
            self.full = false;
            self.flags(TXE | if self.left > 1 { TXIS } else { 0 }, TXIS);
            self.low(0, fx);
        } else {
            self.flags(TXIS, 0);
        }
    }

    fn end_of_count(&mut self, fx: &mut Effects) {
        if self.cr2(CR2_START) {
            // What else CR2 says is of the message that follows.
            self.put(false, true);
            self.go(Step::Restart, false, fx);
        } else if self.cr2(CR2_RELOAD) {
            self.flags(TCR, TXIS);
        } else if self.cr2(CR2_STOP | CR2_AUTOEND) {
            self.stop(fx);
        } else {
            self.flags(TC, TXIS);
        }
    }

    fn stop(&mut self, fx: &mut Effects) {
        self.flags(0, TC | TCR | TXIS);
        self.put(false, false);
        self.go(Step::Stop, false, fx);
    }

    fn end(&mut self) {
        self.put(true, true);
        (self.step, self.due) = (Step::Idle, None);
        self.clear_cr2(CR2_STOP | CR2_START);
        self.flags(STOPF, 0);
    }

    fn write_cr2(&mut self, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        // START and STOP are set by software and cleared by hardware only.
        let kept = self.bank.get(CR2) & (CR2_START | CR2_STOP);
        self.bank.store(CR2, value | kept, "I2C_CR2", fx)?;
        if self.bank.get(CR1) & CR1_PE == 0 {
            self.clear_cr2(CR2_START | CR2_STOP);
            return Ok(());
        }
        let count = (value >> 16) as u8;
        if self.step == Step::Held && self.bank.get(ISR) & TCR != 0 && count != 0 {
            self.left = count;
            self.flags(0, TCR);
        }
        match self.step {
            Step::Idle if self.cr2(CR2_START) => self.try_start(fx),
            Step::Held => self.proceed(fx),
            _ => {}
        }
        Ok(())
    }

    fn write_cr1(&mut self, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        self.bank.store(CR1, value, "I2C_CR1", fx)?;
        if value & CR1_PE == 0 {
            // A software reset: the lines are let go, flags and the bits of CR2 that hardware owns are cleared (RM0455 47.4.6).
            self.put(true, true);
            (self.step, self.due) = (Step::Idle, None);
            (self.full, self.is_late) = (false, false);
            self.bank.set(ISR, TXE);
            self.clear_cr2(CR2_START | CR2_STOP);
        }
        Ok(())
    }
}

impl Device for I2c {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        let word = match offset & !3 {
            ICR => 0,
            RXDR => {
                let byte = self.bank.get(RXDR);
                self.flags(0, RXNE);
                self.proceed(fx);
                byte
            }
            plain => self.bank.load(plain, "I2C register")?,
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let register = offset & !3;
        let before = match register {
            ICR => 0,
            _ => self.bank.load(register, "I2C register")?,
        };
        let value = merged(before, offset, width, value);
        match register {
            CR1 => self.write_cr1(value, fx),
            CR2 => self.write_cr2(value, fx),
            TIMINGR if self.bank.get(CR1) & CR1_PE != 0 => {
                fx.report(
                    Kind::Rule,
                    format!("{}_TIMINGR written while PE is 1 (RM0455 47.7.5)", self.name),
                );
                Ok(())
            }
            ICR => {
                self.flags(0, value & CLEARABLE);
                Ok(())
            }
            ISR => {
                // Only TXE can be written, to empty TXDR.
                if value & TXE != 0 {
                    self.full = false;
                    self.flags(TXE, 0);
                }
                Ok(())
            }
            TXDR => {
                self.bank.store(TXDR, value, "I2C_TXDR", fx)?;
                self.full = true;
                self.flags(0, TXE | TXIS);
                self.proceed(fx);
                Ok(())
            }
            _ => self.bank.store(register, value, "I2C register", fx),
        }
    }

    fn reset(&mut self) {
        let lines = (self.scl_seen, self.sda_seen);
        *self = I2c::new(self.name, self.kernel_hz);
        (self.scl_seen, self.sda_seen, self.moved) = (lines.0, lines.1, true);
    }

    fn lines(&self) -> u32 {
        let (cr1, isr) = (self.bank.get(CR1), self.bank.get(ISR));
        let on = |enable: u32, flags: u32| cr1 & enable != 0 && isr & flags != 0;
        let event = on(1 << 1, TXIS)
            || on(1 << 2, RXNE)
            || on(1 << 4, NACKF)
            || on(1 << 5, STOPF)
            || on(1 << 6, TC | TCR);
        u32::from(event) | u32::from(on(1 << 7, ARLO)) << 1
    }

    fn requests(&self) -> u32 {
        let (cr1, isr) = (self.bank.get(CR1), self.bank.get(ISR));
        let receives = cr1 & CR1_RXDMAEN != 0 && isr & RXNE != 0;
        let sends = cr1 & CR1_TXDMAEN != 0 && isr & TXIS != 0;
        u32::from(receives) | u32::from(sends) << 1
    }

    fn output(&self, signal: &str) -> Option<bool> {
        match signal {
            "SCL" => Some(self.scl),
            "SDA" => Some(self.sda),
            _ => None,
        }
    }

    fn signals(&self) -> &'static [&'static str] {
        &["SCL", "SDA"]
    }

    fn take_outputs_changed(&mut self) -> bool {
        core::mem::take(&mut self.moved)
    }

    fn sense(&mut self, signal: &str, level: Option<bool>, fx: &mut Effects) {
        // A signal that no pin carries rests.
        let high = level.unwrap_or(true);
        if signal == "SDA" {
            let edge = self.sda_seen != high;
            self.sda_seen = high;
            if edge && self.scl_seen && self.bank.get(CR1) & CR1_PE != 0 {
                // A start or a stop, whoever makes it.
                self.flags(if high { 0 } else { BUSY }, BUSY);
            }
        } else {
            self.scl_seen = high;
        }
        if !high {
            return;
        }
        match self.step {
            Step::Rise(bit) if self.scl_seen => self.go(Step::High(bit), true, fx),
            Step::RestartRise if self.scl_seen => self.go(Step::RestartHigh, true, fx),
            Step::StopRise if self.scl_seen => self.go(Step::StopHigh, true, fx),
            Step::WaitsForBus => self.try_start(fx),
            _ => {}
        }
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        self.due
    }

    fn advance(&mut self, fx: &mut Effects) {
        if self.due.is_none_or(|due| due > fx.now) {
            return;
        }
        self.due = None;
        match self.step {
            Step::Start => {
                self.clear_cr2(CR2_START);
                self.send_address();
                self.low(0, fx);
            }
            Step::Low(bit) => self.release_scl(Step::Rise(bit)),
            Step::High(bit) => self.sample(bit, fx),
            Step::Restart => self.release_scl(Step::RestartRise),
            Step::RestartHigh => self.start(fx),
            Step::Stop => self.release_scl(Step::StopRise),
            Step::StopHigh => self.end(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
