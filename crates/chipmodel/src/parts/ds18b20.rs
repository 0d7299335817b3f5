//! A DS18B20: a thermometer on one wire (Maxim DS18B20 data sheet, 19-7487), in the times of its slots.
//!
//! Reset and presence, the ROM commands with SEARCH, conversion, scratchpad. It measures 23.5625 degrees, always. The module has the pull-up.
//! Does NOT model: alarms (ALARM SEARCH is never answered), the EEPROM behind the scratchpad, parasite power, overdrive.

use super::on_nets::OnNets;
use crate::bus::pad::Drive;
use crate::{Effects, Kind, Picos, Time};

/// Family 28h, serial number, CRC.
const ROM: [u8; 7] = [0x28, 0x53, 0x50, 0x49, 0x52, 0x41, 0x4D];
/// A sixteenth of a degree each.
const TEMPERATURE: i16 = 377;
/// As after power-up: 85 degrees, until something was converted.
const AT_POWER_UP: i16 = 85 * 16;
const PULL_UP_OHMS: u32 = 4_700;

const US: u64 = 1_000_000;
/// tRSTL is 480 at least.
const RESET_US: u64 = 480;
/// tPDHIGH and tPDLOW: within 15 to 60 and 60 to 240.
const PRESENCE_AFTER_US: u64 = 30;
const PRESENCE_US: u64 = 120;
/// When the part looks at a slot: within 15 to 60.
const SAMPLE_US: u64 = 30;
/// How long it holds a zero that is read.
const HOLD_US: u64 = 30;
/// tCONV at 12 bits.
const CONVERSION_US: u64 = 750_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Until the next reset.
    Deaf,
    /// A ROM command comes in.
    RomCommand,
    /// MATCH ROM: compares.
    Match,
    /// SEARCH ROM: bit, its complement, the choice; 0 to 2.
    Search(u8),
    /// A function command comes in.
    Function,
    /// Bytes go out: ROM or scratchpad.
    Sends,
    /// Says whether it still converts.
    Converts,
    /// WRITE SCRATCHPAD.
    Takes,
}

/// What happens by itself next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Presence,
    Release,
    Sample,
}

/// The thermometer.
#[derive(Clone, Debug)]
pub struct Ds18b20 {
    state: State,
    line: bool,
    fell_at: Time,
    pulls_low: bool,
    due: Option<(Time, Next)>,
    byte: u8,
    /// Bits since the state began.
    bits: usize,
    /// What goes out.
    out: Vec<u8>,
    scratchpad: [u8; 8],
    converts_until: Time,
}

impl Default for Ds18b20 {
    fn default() -> Self {
        let [low, high] = AT_POWER_UP.to_le_bytes();
        Ds18b20 {
            state: State::Deaf,
            line: true,
            fell_at: Time(0),
            pulls_low: false,
            due: None,
            byte: 0,
            bits: 0,
            out: Vec::new(),
            scratchpad: [low, high, 75, 70, 0x7F, 0xFF, 0x0C, 0x10],
            converts_until: Time(0),
        }
    }
}

/// x^8 + x^5 + x^4 + 1, the lowest bit first (application note 27).
fn with_crc(bytes: &[u8]) -> Vec<u8> {
    let mut crc = 0u8;
    for byte in bytes {
        crc ^= byte;
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 != 0 { 0x8C } else { 0 };
        }
    }
    bytes.iter().copied().chain([crc]).collect()
}

fn bit_of(bytes: &[u8], n: usize) -> bool {
    bytes.get(n / 8).is_none_or(|byte| byte >> (n % 8) & 1 != 0)
}

impl Ds18b20 {
    fn go(&mut self, state: State) {
        (self.state, self.bits, self.byte) = (state, 0, 0);
    }

    fn send(&mut self, bytes: &[u8]) {
        self.out = with_crc(bytes);
        self.go(State::Sends);
    }

    /// The bit that it puts into a slot that is read; `None` in one that is written.
    fn says(&self, now: Time) -> Option<bool> {
        match self.state {
            State::Sends => Some(bit_of(&self.out, self.bits)),
            State::Search(turn @ 0..=1) => Some(bit_of(&with_crc(&ROM), self.bits) != (turn == 1)),
            State::Converts => Some(now >= self.converts_until),
            _ => None,
        }
    }

    fn slot(&mut self, now: Time) {
        if let Some(bit) = self.says(now) {
            match self.state {
                State::Search(turn) => self.state = State::Search(turn + 1),
                State::Sends => self.bits += 1,
                _ => {}
            }
            if !bit {
                self.pulls_low = true;
                self.due = Some((now + Picos(HOLD_US * US), Next::Release));
            }
        } else if self.state != State::Deaf {
            self.due = Some((now + Picos(SAMPLE_US * US), Next::Sample));
        }
    }

    /// The bus has written a bit.
    fn take(&mut self, bit: bool, fx: &mut Effects) {
        match self.state {
            State::Match | State::Search(_) => {
                let same = bit_of(&with_crc(&ROM), self.bits) == bit;
                self.bits += 1;
                match (same, self.bits) {
                    (false, _) => self.go(State::Deaf),
                    (true, 64) => self.go(State::Function),
                    (true, _) if self.state != State::Match => self.state = State::Search(0),
                    _ => {}
                }
                return;
            }
            _ => {}
        }
        self.byte = self.byte >> 1 | u8::from(bit) << 7;
        self.bits += 1;
        if !self.bits.is_multiple_of(8) {
            return;
        }
        let byte = self.byte;
        match self.state {
            State::RomCommand => match byte {
                0x33 => self.send(&ROM),
                0x55 => self.go(State::Match),
                0xCC => self.go(State::Function),
                0xF0 => self.go(State::Search(0)),
                _ => self.go(State::Deaf),
            },
            State::Function => self.function(byte, fx),
            // TH, TL and the configuration.
            State::Takes => {
                self.scratchpad[1 + self.bits / 8] = byte;
                if self.bits == 24 {
                    self.go(State::Deaf);
                }
            }
            _ => {}
        }
    }

    fn function(&mut self, byte: u8, fx: &mut Effects) {
        match byte {
            0x44 => {
                self.converts_until = fx.now + Picos(CONVERSION_US * US);
                self.go(State::Converts);
            }
            0xBE => {
                if self.converts_until != Time(0) && fx.now >= self.converts_until {
                    self.scratchpad[..2].copy_from_slice(&TEMPERATURE.to_le_bytes());
                }
                self.send(&self.scratchpad.clone());
            }
            0x4E => self.go(State::Takes),
            _ => {
                let message = format!("ds18b20: command {byte:#04x} has no model, nothing was done");
                fx.report(Kind::Unmodelled, message);
                self.go(State::Deaf);
            }
        }
    }
}

impl OnNets for Ds18b20 {
    fn pins(&self) -> &'static [&'static str] {
        &["DQ"]
    }

    fn edge(&mut self, _pin: usize, high: bool, fx: &mut Effects) {
        self.line = high;
        if high {
            if fx.now - self.fell_at >= Picos(RESET_US * US) && !self.pulls_low {
                self.go(State::RomCommand);
                self.due = Some((fx.now + Picos(PRESENCE_AFTER_US * US), Next::Presence));
            }
        } else {
            self.fell_at = fx.now;
            if !self.pulls_low {
                self.slot(fx.now);
            }
        }
    }

    fn drive(&self, _pin: usize) -> Option<Drive> {
        Some(if self.pulls_low {
            Drive::output(false)
        } else {
            Drive::pull_up(PULL_UP_OHMS)
        })
    }

    fn next_event(&self) -> Option<Time> {
        self.due.map(|(time, _)| time)
    }

    fn advance(&mut self, fx: &mut Effects) {
        let Some((_, next)) = self.due.filter(|(time, _)| *time <= fx.now) else {
            return;
        };
        self.due = None;
        match next {
            Next::Presence => {
                self.pulls_low = true;
                self.due = Some((fx.now + Picos(PRESENCE_US * US), Next::Release));
            }
            Next::Release => self.pulls_low = false,
            Next::Sample => self.take(self.line, fx),
        }
    }

    fn boxed(&self) -> Box<dyn OnNets> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_the_data_sheet() {
        // Application note 27's example.
        assert_eq!(with_crc(&[0x02, 0x1C, 0xB8, 0x01, 0, 0, 0])[7], 0xA2);
    }
}
