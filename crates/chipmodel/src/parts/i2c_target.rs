//! The bus side of an I2C target: start, address, bytes with their acknowledge, stop (UM10204 3.1), from edges alone, so that
//! any controller that moves the two lines is served.
//!
//! The module that carries the part has the pull-ups, as the modules on sale do. Does NOT model: addresses of 10 bits, stretching of
//! the clock, a limit of the speed.

use super::on_nets::OnNets;
use crate::bus::pad::Drive;
use crate::{Effects, Time};

/// What a part makes of the bus.
pub trait Target: Clone + 'static {
    /// Whether it answers to this address of 7 bits now.
    fn is_called(&mut self, address: u8, reads: bool, now: Time) -> bool;
    /// The bus has written a byte. False: not acknowledged.
    fn write(&mut self, byte: u8, fx: &mut Effects) -> bool;
    /// The next byte that the bus reads.
    fn read(&mut self) -> u8;
    /// A stop, or a start before one: `stop` tells which.
    fn end(&mut self, stop: bool, now: Time);
    /// What it holds.
    fn content(&self) -> &[u8];
}

const SCL: usize = 0;
const SDA: usize = 1;
/// On the module, at both lines.
const PULL_UP_OHMS: u32 = 4_700;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Not addressed: waits for a start.
    Deaf,
    /// A byte comes in; the first one is the address.
    Hears { address: bool },
    /// The acknowledge of a byte that came in; then it hears, speaks or is deaf.
    Acknowledges { then_speaks: bool },
    /// A byte goes out.
    Speaks,
    /// The acknowledge of a byte that went out.
    IsAcknowledged,
}

/// A target on its two lines.
#[derive(Clone, Debug)]
pub struct OnI2c<T> {
    /// The part.
    pub target: T,
    scl: bool,
    sda: bool,
    state: State,
    byte: u8,
    bits: u8,
    pulls_low: bool,
}

impl<T: Target> OnI2c<T> {
    /// On an idle bus.
    pub fn new(target: T) -> Self {
        OnI2c {
            target,
            scl: true,
            sda: true,
            state: State::Deaf,
            byte: 0,
            bits: 0,
            pulls_low: false,
        }
    }

    fn start_or_stop(&mut self, stop: bool, fx: &Effects) {
        self.target.end(stop, fx.now);
        self.pulls_low = false;
        (self.byte, self.bits) = (0, 0);
        self.state = if stop {
            State::Deaf
        } else {
            State::Hears { address: true }
        };
    }

    /// The clock rises: the listener takes the bit.
    fn rise(&mut self) {
        match self.state {
            State::Hears { .. } => {
                self.byte = self.byte << 1 | u8::from(self.sda);
                self.bits += 1;
            }
            State::IsAcknowledged if self.sda => self.state = State::Deaf,
            _ => {}
        }
    }

    /// The clock falls: the speaker puts the next bit.
    fn fall(&mut self, fx: &mut Effects) {
        match self.state {
            State::Hears { address } if self.bits == 8 => {
                let reads = self.byte & 1 != 0;
                let known = if address {
                    self.target.is_called(self.byte >> 1, reads, fx.now)
                } else {
                    self.target.write(self.byte, fx)
                };
                self.pulls_low = known;
                self.state = if known {
                    State::Acknowledges {
                        then_speaks: address && reads,
                    }
                } else {
                    State::Deaf
                };
            }
            State::Acknowledges { then_speaks: false } => {
                self.pulls_low = false;
                (self.byte, self.bits) = (0, 0);
                self.state = State::Hears { address: false };
            }
            State::Acknowledges { then_speaks: true } | State::IsAcknowledged => {
                self.byte = self.target.read();
                self.bits = 0;
                self.state = State::Speaks;
                self.put_bit();
            }
            State::Speaks if self.bits == 8 => {
                self.pulls_low = false;
                self.state = State::IsAcknowledged;
            }
            State::Speaks => self.put_bit(),
            _ => {}
        }
    }

    fn put_bit(&mut self) {
        self.pulls_low = self.byte >> (7 - self.bits) & 1 == 0;
        self.bits += 1;
    }
}

impl<T: Target> OnNets for OnI2c<T> {
    fn pins(&self) -> &'static [&'static str] {
        &["SCL", "SDA"]
    }

    fn edge(&mut self, pin: usize, high: bool, fx: &mut Effects) {
        match pin {
            SCL => {
                self.scl = high;
                if high {
                    self.rise();
                } else {
                    self.fall(fx);
                }
            }
            _ => {
                self.sda = high;
                if self.scl {
                    self.start_or_stop(high, fx);
                }
            }
        }
    }

    fn drive(&self, pin: usize) -> Option<Drive> {
        let pulled = pin == SDA && self.pulls_low;
        Some(if pulled {
            Drive::output(false)
        } else {
            Drive::pull_up(PULL_UP_OHMS)
        })
    }

    fn content(&self) -> &[u8] {
        self.target.content()
    }

    fn boxed(&self) -> Box<dyn OnNets> {
        Box::new(self.clone())
    }
}
