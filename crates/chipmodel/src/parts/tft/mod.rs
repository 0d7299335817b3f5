//! A small colour display on a serial bus with a data/command line: ST7735R, ST7789 or ILI9341, on its glass.
//!
//! The commands that a driver needs, with the times of the data sheets around reset and sleep, the windows and orders of
//! addresses, pixels of 12, 16 and 18 bits, inversion, reading of IDs, modes and pixels where there is a line back. Whole
//! frames of a bus are taken as edges are. What the memory holds at power-up is noise, as in silicon. Settings of voltages,
//! gamma and frame rates are heard and change nothing. Does NOT model: scrolling, partial and idle mode (refused),
//! the tearing line, the interface with three lines, the look-up table for 16 bits, the lights' colour.

mod command;
mod kind;
mod picture;
#[cfg(test)]
mod tests;

pub use kind::{ILI9341_320X240, KINDS, Kind, ST7789_240X320};
pub use picture::Picture;

use super::on_nets::OnNets;
use crate::bus::pad::Drive;
use crate::noise::Noise;
use crate::{Effects, Kind as Of, Picos, Time};
use command::{Command, Parser};
use std::sync::Arc;

const CS: usize = 0;
const SCL: usize = 1;
const DC: usize = 3;
const SDA: usize = 2;
const BLK: usize = 4;
const SDO: usize = 5;
const PINS: [&str; 6] = ["CS", "SCL", "SDA", "DC", "BLK", "SDO"];

/// On the module, at CS: assumed.
const PULL_UP_OHMS: u32 = 10_000;

/// The bits of a dot are six of each colour.
type Dot = [u8; 3];

/// The display.
#[derive(Clone, Debug)]
pub struct Tft {
    kind: &'static Kind,
    has_output: bool,
    lit_by: bool,
    /// Shared with snapshots until one of them changes it.
    memory: Arc<Vec<Dot>>,
    madctl: u8,
    format: u8,
    is_inverted: bool,
    is_on: bool,
    is_awake: bool,
    /// Columns and rows of the window, both ends included, and the place in it.
    window: [[usize; 2]; 2],
    at: [usize; 2],
    parser: Parser,
    /// Nothing is heard before this.
    deaf_until: Time,
    /// Sleep does not begin or end before this.
    settled_at: Time,
    selected: bool,
    data: bool,
    lamp: bool,
    sda: bool,
    shift: u8,
    bits: u8,
    risen: Option<Time>,
    told_fast: bool,
    /// Bits that go out, the highest first.
    answer: Vec<bool>,
    output: Option<bool>,
}

impl Tft {
    /// As after power-up: asleep, dark, noise in its memory. `has_output`: with a line back to the chip; `lit_by`: the level
    /// that switches the light on.
    pub fn new(kind: &'static Kind, has_output: bool, lit_by: bool) -> Self {
        let dots = kind.controller.columns * kind.controller.rows;
        let mut noise = Noise::new(0x0D07);
        let memory = (0..dots).map(|_| {
            let [r, g, b, ..] = noise.next().to_le_bytes();
            [r & 63, g & 63, b & 63]
        });
        let mut display = Tft {
            kind,
            has_output,
            lit_by,
            memory: Arc::new(memory.collect()),
            madctl: 0,
            format: kind.controller.format,
            is_inverted: false,
            is_on: false,
            is_awake: false,
            window: [[0, 0]; 2],
            at: [0, 0],
            parser: Parser::default(),
            deaf_until: Time(0) + kind.controller.reset,
            settled_at: Time(0) + kind.controller.settle,
            selected: false,
            data: true,
            lamp: true,
            sda: true,
            shift: 0,
            bits: 0,
            risen: None,
            told_fast: false,
            answer: Vec::new(),
            output: None,
        };
        display.set_defaults();
        display
    }

    /// What a reset makes of the registers. The memory keeps its content.
    fn set_defaults(&mut self) {
        self.madctl = 0;
        self.format = self.kind.controller.format;
        (self.is_inverted, self.is_on, self.is_awake) = (false, false, false);
        let [columns, rows] = self.kind.controller.size(0);
        self.window = [[0, columns - 1], [0, rows - 1]];
        self.at = [0, 0];
    }

    fn tell(&self, fx: &mut Effects, what: String) {
        let Kind { name, controller, .. } = self.kind;
        fx.report(Of::Rule, format!("{name}: {what} ({})", controller.sheet));
    }

    /// SCL from rise to rise.
    fn check_cycle(&mut self, cycle: Picos, fx: &mut Effects) {
        let least = self.kind.controller.cycle;
        if cycle < least && !self.told_fast {
            self.told_fast = true;
            let message = format!(
                "{}: a clock cycle of {} ns, at least {} ns needed ({}, serial clock cycle, write); modules are often run faster",
                self.kind.name,
                cycle.0 / 1000,
                least.0 / 1000,
                self.kind.controller.sheet
            );
            fx.report(Of::Warning, message);
        }
    }

    fn rise(&mut self, fx: &mut Effects) {
        if let Some(before) = self.risen.replace(fx.now) {
            self.check_cycle(fx.now - before, fx);
        }
        self.shift = self.shift << 1 | u8::from(self.sda);
        self.bits += 1;
        if self.bits == 8 {
            self.bits = 0;
            self.byte(self.shift, fx);
        }
    }

    fn fall(&mut self) {
        self.output = self.answer.pop();
    }

    fn byte(&mut self, byte: u8, fx: &mut Effects) {
        if fx.now < self.deaf_until {
            let ms = (self.deaf_until - fx.now).0 / 1_000_000_000 + 1;
            self.tell(
                fx,
                format!("written to {ms} ms too early after a reset or a change of sleep"),
            );
            return;
        }
        if !self.data {
            self.parser.command = Some(Command::of(byte));
            self.parser.bytes.clear();
            self.command(byte, fx);
            return;
        }
        match self.parser.command {
            Some(Command::Pixels) => self.pixel_byte(byte),
            Some(Command::Known) => {
                self.parser.bytes.push(byte);
                self.parameter(fx);
            }
            Some(Command::Setting) => {}
            // It was told when the command came.
            Some(Command::Unknown) | None => {}
        }
    }

    fn deselect(&mut self) {
        (self.bits, self.risen, self.output) = (0, None, None);
        self.answer.clear();
        // Of a pixel that was not complete nothing is kept; the next selection may go on with the parameters (ST7789V 8.4.4).
        if matches!(self.parser.command, Some(Command::Pixels)) {
            self.parser.bytes.clear();
        }
    }
}

impl OnNets for Tft {
    fn pins(&self) -> &'static [&'static str] {
        if self.has_output { &PINS } else { &PINS[..SDO] }
    }

    fn edge(&mut self, pin: usize, high: bool, fx: &mut Effects) {
        match pin {
            CS => {
                self.selected = !high;
                self.deselect();
            }
            SCL if self.selected && high => self.rise(fx),
            SCL if self.selected => self.fall(),
            SDA => self.sda = high,
            DC => self.data = high,
            BLK => self.lamp = high,
            _ => {}
        }
    }

    fn drive(&self, pin: usize) -> Option<Drive> {
        match pin {
            CS => Some(Drive::pull_up(PULL_UP_OHMS)),
            SDO => self.output.map(Drive::output),
            _ => None,
        }
    }

    fn takes_frames(&self, clock: usize, data: usize) -> bool {
        (clock, data) == (SCL, SDA)
    }

    fn frame(&mut self, word: u32, bits: u32, cycle: Picos, fx: &mut Effects) {
        if !self.selected {
            return;
        }
        self.check_cycle(cycle, fx);
        if self.bits == 0 && bits.is_multiple_of(8) && self.answer.is_empty() {
            for n in (0..bits / 8).rev() {
                self.byte((word >> (8 * n)) as u8, fx);
            }
        } else {
            for n in (0..bits).rev() {
                self.sda = word >> n & 1 != 0;
                self.risen = None;
                self.rise(fx);
                self.fall();
            }
        }
        self.risen = Some(fx.now);
    }

    fn picture(&self) -> Option<Picture> {
        Some(self.seen())
    }

    fn boxed(&self) -> Box<dyn OnNets> {
        Box::new(self.clone())
    }
}
