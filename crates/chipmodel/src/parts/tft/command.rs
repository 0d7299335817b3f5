//! What the commands do (ST7735R V0.2 10, ST7789V V1.6 9, ILI9341 V1.11 8): one set, which all three share.

use super::kind::MV;
use super::{Dot, Tft};
use crate::{Effects, Kind as Of};
use std::sync::Arc;

const SWRESET: u8 = 0x01;
const RDDID: u8 = 0x04;
const RDDPM: u8 = 0x0A;
const RDDMADCTL: u8 = 0x0B;
const RDDCOLMOD: u8 = 0x0C;
const SLPIN: u8 = 0x10;
const SLPOUT: u8 = 0x11;
const NORON: u8 = 0x13;
const INVOFF: u8 = 0x20;
const INVON: u8 = 0x21;
const DISPOFF: u8 = 0x28;
const DISPON: u8 = 0x29;
const CASET: u8 = 0x2A;
const RASET: u8 = 0x2B;
const RAMWR: u8 = 0x2C;
const RAMRD: u8 = 0x2E;
const MADCTL: u8 = 0x36;
const COLMOD: u8 = 0x3A;
const RAMWRC: u8 = 0x3C;
const RDID4: u8 = 0xD3;

/// What is done with the bytes behind a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Parameters with a meaning here.
    Known,
    /// Pixels.
    Pixels,
    /// Parameters of voltages, gamma, frame rates and the like.
    Setting,
    /// No such command, or none with a model.
    Unknown,
}

/// The command that is under way.
#[derive(Clone, Debug, Default)]
pub(super) struct Parser {
    pub(super) command: Option<Command>,
    opcode: u8,
    pub(super) bytes: Vec<u8>,
}

impl Command {
    pub(super) fn of(opcode: u8) -> Command {
        match opcode {
            RAMWR | RAMWRC => Command::Pixels,
            0x00 | SWRESET | RDDID | RDDPM | RDDMADCTL | RDDCOLMOD | SLPIN | SLPOUT | NORON => Command::Known,
            INVOFF | INVON | DISPOFF | DISPON | CASET | RASET | RAMRD | MADCTL | COLMOD | RDID4 => {
                Command::Known
            }
            // GAMSET; TEOFF and TEON, whose line is not connected; brightness; the second set of commands, the makers' own.
            0x26 | 0x34 | 0x35 | 0x51 | 0x53 | 0x55 | 0x5E | 0xB0..=0xFF => Command::Setting,
            _ => Command::Unknown,
        }
    }
}

impl Tft {
    pub(super) fn command(&mut self, opcode: u8, fx: &mut Effects) {
        self.parser.opcode = opcode;
        self.answer.clear();
        let of = self.kind.controller;
        match opcode {
            SWRESET => {
                let was_awake = self.is_awake;
                self.set_defaults();
                self.deaf_until = fx.now + of.reset;
                // SLPOUT after a reset while it was awake has to wait as after SLPIN.
                self.settled_at = fx.now + if was_awake { of.settle } else { of.reset };
            }
            SLPIN | SLPOUT => self.change_sleep(opcode == SLPOUT, fx),
            INVOFF | INVON => self.is_inverted = opcode == INVON,
            DISPOFF | DISPON => self.is_on = opcode == DISPON,
            RAMWR => self.at = [self.window[0][0], self.window[1][0]],
            RDDID => self.answer_with(1, &of.id),
            RDDPM => {
                // BSTON, SLPOUT, NORON, DISON.
                let awake = if self.is_awake { 0x90 } else { 0 };
                self.answer_with(0, &[awake | 0x08 | if self.is_on { 4 } else { 0 }]);
            }
            RDDMADCTL => self.answer_with(0, &[self.madctl]),
            RDDCOLMOD => self.answer_with(0, &[self.format]),
            RDID4 => match of.id4 {
                // A dummy byte comes first.
                Some([a, b, c]) => self.answer_with(0, &[0, a, b, c]),
                None => self.refuse(opcode, fx),
            },
            RAMRD => self.answer_with_pixels(),
            _ if Command::of(opcode) == Command::Unknown => self.refuse(opcode, fx),
            _ => {}
        }
    }

    fn refuse(&self, opcode: u8, fx: &mut Effects) {
        let message = format!(
            "{}: the command {opcode:#04x} has no model",
            self.kind.controller.name
        );
        fx.report(Of::Unmodelled, message);
    }

    fn change_sleep(&mut self, awake: bool, fx: &mut Effects) {
        if fx.now < self.settled_at {
            let name = if awake { "SLPOUT" } else { "SLPIN" };
            let ms = (self.settled_at - fx.now).0 / 1_000_000_000 + 1;
            self.tell(
                fx,
                format!("{name} {ms} ms too early after a reset or the last change of sleep"),
            );
        }
        let of = self.kind.controller;
        self.is_awake = awake;
        self.deaf_until = fx.now + of.wake;
        self.settled_at = fx.now + of.settle;
    }

    /// So many clocks for nothing, then these bytes.
    fn answer_with(&mut self, dummies: usize, bytes: &[u8]) {
        if !self.has_output {
            return;
        }
        let bits = bytes
            .iter()
            .flat_map(|byte| (0..8).map(move |n| byte >> n & 1 != 0).rev());
        let mut all: Vec<bool> = std::iter::repeat_n(false, dummies).chain(bits).collect();
        all.reverse();
        self.answer = all;
    }

    /// From the window's beginning on, behind a dummy byte, three bytes each (ST7789V 8.8.19, ILI9341 8.2.24).
    fn answer_with_pixels(&mut self) {
        if !self.has_output {
            return;
        }
        let [[left, right], [top, bottom]] = self.window;
        let places = (top..=bottom).flat_map(|y| (left..=right).map(move |x| [x, y]));
        let dots = places.map(|place| self.memory[self.kind.controller.place(self.madctl, place)]);
        let bytes: Vec<u8> = dots.flatten().map(|six| six << 2).collect();
        self.answer_with(8, &bytes);
    }

    pub(super) fn parameter(&mut self, fx: &mut Effects) {
        let bytes = &self.parser.bytes;
        match (self.parser.opcode, bytes.len()) {
            (MADCTL, 1) => {
                let exchanged = (self.madctl ^ bytes[0]) & MV != 0;
                self.madctl = bytes[0];
                if exchanged {
                    // What the window was counts the other axis now: every driver sets it anew, and so must this one.
                    let [columns, rows] = self.kind.controller.size(self.madctl);
                    self.window = [[0, columns - 1], [0, rows - 1]];
                }
            }
            (COLMOD, 1) => {
                let format = bytes[0] & 7;
                if self.kind.controller.formats.contains(&format) {
                    self.format = format;
                } else {
                    self.tell(fx, format!("COLMOD {:#04x} is no format", self.parser.bytes[0]));
                }
            }
            (opcode @ (CASET | RASET), 4) => {
                let word = |n: usize| usize::from(u16::from_be_bytes([bytes[n], bytes[n + 1]]));
                let (axis, ends) = (usize::from(opcode == RASET), [word(0), word(2)]);
                let most = self.kind.controller.size(self.madctl)[axis] - 1;
                if ends[0] > ends[1] || ends[1] > most {
                    let name = ["CASET", "RASET"][axis];
                    let [from, to] = ends;
                    self.tell(
                        fx,
                        format!("{name} from {from} to {to}, where the memory has 0 to {most}"),
                    );
                    return;
                }
                self.window[axis] = ends;
                self.at[axis] = ends[0];
            }
            _ => {}
        }
    }

    pub(super) fn pixel_byte(&mut self, byte: u8) {
        let bytes = &mut self.parser.bytes;
        bytes.push(byte);
        let five = |value: u8| value << 1 | value >> 4;
        let four = |value: u8| value << 2 | value >> 2;
        match (self.format, bytes.len()) {
            (5, 2) => {
                let word = u16::from_be_bytes([bytes[0], bytes[1]]);
                bytes.clear();
                let dot = [
                    five((word >> 11) as u8),
                    (word >> 5 & 63) as u8,
                    five((word & 31) as u8),
                ];
                self.dot(dot);
            }
            (6, 3) => {
                let dot = [bytes[0] >> 2, bytes[1] >> 2, bytes[2] >> 2];
                bytes.clear();
                self.dot(dot);
            }
            // Two pixels in three bytes.
            (3, 2) => {
                let dot = [four(bytes[0] >> 4), four(bytes[0] & 15), four(bytes[1] >> 4)];
                self.dot(dot);
            }
            (3, 3) => {
                let dot = [four(bytes[1] & 15), four(bytes[2] >> 4), four(bytes[2] & 15)];
                bytes.clear();
                self.dot(dot);
            }
            _ => {}
        }
    }

    /// To the place that it is at, and on to the next.
    fn dot(&mut self, dot: Dot) {
        let place = self.kind.controller.place(self.madctl, self.at);
        Arc::make_mut(&mut self.memory)[place] = dot;
        let [[left, right], [top, bottom]] = self.window;
        self.at[0] += 1;
        if self.at[0] > right {
            self.at = [left, self.at[1] + 1];
        }
        if self.at[1] > bottom {
            self.at[1] = top;
        }
    }
}
