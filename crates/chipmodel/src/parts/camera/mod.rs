//! Camera modules on the board's connector: SCCB registers, reset and power-down, and the pictures that they send.
//!
//! What a frame shows of registers: size, window, scaling (the nearest pixel), mirror, flip, format and its order of bytes, colour
//! bars, and brightness, if gain or exposure are set by hand; automatics always hit. Does NOT model: noise, lenses, colour
//! matrices, banding filters, current. A sensor answers SCCB only with a clock, out of reset and powered, as these do.

mod colour;
mod jpeg;
mod ov2640;
mod ov5640;
mod ov7670;
mod ov7725;
mod picture;
#[cfg(test)]
mod tests;
mod unknown;

use std::fmt;

use super::i2c_target::{OnI2c, Target};
use super::on_nets::OnNets;
use crate::bus::pad::{Drive, SUPPLY_MV};
use crate::bus::video::{Scene, Timing, Video};
use crate::{Effects, Time};
use picture::Output;

/// Whether a register of OV7670 or OV7725 can be written: both have their numbers at the same places, and end somewhere.
fn can_write(register: u16, last: u16) -> Result<(), String> {
    if register > last {
        return Err(format!("there is no register {register:#04x}"));
    }
    if matches!(register, 0x0A | 0x0B | 0x1C | 0x1D) {
        return Err(format!("register {register:#04x} cannot be written"));
    }
    Ok(())
}

/// A sensor behind its registers.
trait Sensor: Clone + 'static {
    /// Its name on the market.
    const NAME: &'static str;
    /// At SCCB, of 7 bits.
    const ADDRESS: u8;
    /// Bytes of a register's address.
    const REGISTER_BYTES: usize = 1;
    /// What XCLK may be, in Hz.
    const CLOCK_HZ: std::ops::RangeInclusive<u32>;

    /// As after power-up.
    fn new() -> Self;
    /// A register is written.
    ///
    /// # Errors
    /// What is wrong with that.
    fn write(&mut self, register: u16, value: u8) -> Result<(), String>;
    /// A register is read.
    fn read(&self, register: u16) -> u8;
    /// What it sends with a clock of `xclk_hz`; `None`: nothing, as things are.
    fn output(&self, xclk_hz: u32) -> Option<Output>;
}

/// Makes a module.
type Make = fn() -> Box<dyn OnNets>;

/// Modules by name, and what they are.
pub const KINDS: &[(&str, &str, Make)] = &[
    ("ov2640", "2 megapixels, with JPEG", make::<ov2640::Ov2640>),
    ("ov7725", "VGA", make::<ov7725::Ov7725>),
    ("ov7670", "VGA", make::<ov7670::Ov7670>),
    ("ov5640", "5 megapixels", make::<ov5640::Ov5640>),
    ("ov9650", "one that no driver knows", make::<unknown::Ov9650>),
];

fn make<S: Sensor>() -> Box<dyn OnNets> {
    Box::new(Module::<S>::new())
}

/// The registers at SCCB.
#[derive(Clone)]
struct Sccb<S> {
    sensor: S,
    /// It has a clock, power, and is out of reset.
    awake: bool,
    /// Bytes of the register's address so far, and the address.
    told: usize,
    register: u16,
    /// Something was written: what it sends may be another thing from here on.
    touched: bool,
}

impl<S: Sensor> Target for Sccb<S> {
    fn is_called(&mut self, address: u8, reads: bool, _now: Time) -> bool {
        if !reads {
            self.told = 0;
        }
        self.awake && address == S::ADDRESS
    }

    fn write(&mut self, byte: u8, fx: &mut Effects) -> bool {
        if self.told < S::REGISTER_BYTES {
            self.register = if self.told == 0 { 0 } else { self.register << 8 } | u16::from(byte);
            self.told += 1;
            return true;
        }
        if let Err(why) = self.sensor.write(self.register, byte) {
            fx.report(crate::Kind::Warning, format!("{}: {why}", S::NAME));
        }
        self.touched = true;
        self.register = self.register.wrapping_add(1);
        true
    }

    fn read(&mut self) -> u8 {
        let value = self.sensor.read(self.register);
        // These have no bursts of reads with an address of one byte; the longer ones count on.
        if S::REGISTER_BYTES == 2 {
            self.register = self.register.wrapping_add(1);
        }
        value
    }

    fn end(&mut self, _stop: bool, _now: Time) {}

    fn content(&self) -> &[u8] {
        &[]
    }
}

const RESET: usize = 2;
const PWDN: usize = 3;
/// On the module: power-down is pulled low, reset high.
const PULL_OHMS: u32 = 10_000;

/// A module with its sensor.
#[derive(Clone)]
struct Module<S> {
    bus: OnI2c<Sccb<S>>,
    clock_hz: u32,
    reset_high: bool,
    pwdn_high: bool,
    /// When the first picture began to be exposed with these settings.
    since: Time,
    told_clock: bool,
}

impl<S: Sensor> fmt::Debug for Module<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(S::NAME)
    }
}

impl<S: Sensor> Module<S> {
    fn new() -> Self {
        Module {
            bus: OnI2c::new(Sccb {
                sensor: S::new(),
                awake: false,
                told: 0,
                register: 0,
                touched: false,
            }),
            clock_hz: 0,
            reset_high: true,
            pwdn_high: false,
            since: Time(0),
            told_clock: false,
        }
    }

    fn settle(&mut self, now: Time) {
        let target = &mut self.bus.target;
        let awake = self.clock_hz != 0 && self.reset_high && !self.pwdn_high;
        if !self.reset_high {
            target.sensor = S::new();
        }
        if awake != target.awake {
            target.awake = awake;
            self.since = now;
        }
    }

    fn timed(&self) -> Option<(Output, Timing)> {
        if !self.bus.target.awake || !S::CLOCK_HZ.contains(&self.clock_hz) {
            return None;
        }
        let output = self.bus.target.sensor.output(self.clock_hz)?;
        let timing = output.timing(self.since)?;
        Some((output, timing))
    }
}

impl<S: Sensor> OnNets for Module<S> {
    fn pins(&self) -> &'static [&'static str] {
        &["SCL", "SDA", "RESET", "PWDN"]
    }

    fn edge(&mut self, pin: usize, high: bool, fx: &mut Effects) {
        match pin {
            RESET => self.reset_high = high,
            PWDN => self.pwdn_high = high,
            _ => {
                self.bus.edge(pin, high, fx);
                if core::mem::take(&mut self.bus.target.touched) {
                    self.since = fx.now;
                    if !S::CLOCK_HZ.contains(&self.clock_hz)
                        && !core::mem::replace(&mut self.told_clock, true)
                    {
                        let message = format!(
                            "{}: XCLK is {} Hz, it takes {} to {} Hz",
                            S::NAME,
                            self.clock_hz,
                            S::CLOCK_HZ.start(),
                            S::CLOCK_HZ.end()
                        );
                        fx.report(crate::Kind::Rule, message);
                    }
                }
                return;
            }
        }
        self.settle(fx.now);
    }

    fn drive(&self, pin: usize) -> Option<Drive> {
        let pull = |millivolts| {
            Some(Drive {
                millivolts,
                ohms: PULL_OHMS,
            })
        };
        match pin {
            RESET => pull(SUPPLY_MV),
            PWDN => pull(0),
            _ => self.bus.drive(pin),
        }
    }

    fn video(&mut self) -> Option<&mut dyn Video> {
        Some(self)
    }

    fn boxed(&self) -> Box<dyn OnNets> {
        Box::new(self.clone())
    }
}

impl<S: Sensor> Video for Module<S> {
    fn set_clock(&mut self, hz: u32, now: Time) {
        if hz != self.clock_hz {
            self.clock_hz = hz;
            self.since = now;
            self.settle(now);
        }
    }

    fn next_picture(&self, now: Time) -> Option<Timing> {
        let (_, first) = self.timed()?;
        let clocks = (now - first.start).cycles(first.pixclk_hz);
        let number = if now < first.start {
            0
        } else {
            clocks / first.frame_clocks + 1
        };
        Some(Timing {
            start: first.at(number * first.frame_clocks),
            ..first
        })
    }

    fn expose(&self, scene: &Scene) -> Vec<u8> {
        self.timed().map_or(Vec::new(), |(output, _)| output.bytes(scene))
    }
}
