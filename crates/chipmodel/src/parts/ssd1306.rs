//! An SSD1306: a display of 128x64 dots on I2C (Solomon Systech SSD1306 Rev 1.1).
//!
//! The picture's memory with its three ways of addressing, and whether the display is on; of the other commands the length is
//! known, and what they would set is not modelled. A command that the data sheet does not have is reported.

use super::i2c_target::{OnI2c, Target};
use crate::{Effects, Kind, Time};

const ADDRESS: u8 = 0x3C;
const WIDTH: usize = 128;
const PAGES: usize = 8;

/// The controller.
#[derive(Clone, Debug)]
pub struct Ssd1306 {
    /// A byte is eight dots below each other, the lowest bit on top: page by page.
    picture: Vec<u8>,
    /// Whether dots are lit at all.
    pub is_on: bool,
    mode: Mode,
    columns: [usize; 2],
    pages: [usize; 2],
    column: usize,
    page: usize,
    control: Option<Control>,
    command: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Horizontal,
    Vertical,
    Page,
}

/// The control byte: Co and D/C# (8.1.5.2).
#[derive(Clone, Copy, Debug)]
struct Control {
    one_byte: bool,
    is_data: bool,
}

impl Ssd1306 {
    /// As after a reset, with an empty picture.
    pub fn on_bus() -> OnI2c<Ssd1306> {
        OnI2c::new(Ssd1306::new())
    }

    fn new() -> Ssd1306 {
        Ssd1306 {
            picture: vec![0; WIDTH * PAGES],
            is_on: false,
            mode: Mode::Page,
            columns: [0, WIDTH - 1],
            pages: [0, PAGES - 1],
            column: 0,
            page: 0,
            control: None,
            command: Vec::new(),
        }
    }

    fn dots(&mut self, byte: u8) {
        self.picture[self.page * WIDTH + self.column] = byte;
        match self.mode {
            Mode::Page => self.column = (self.column + 1) % WIDTH,
            Mode::Horizontal => {
                if step(&mut self.column, self.columns, WIDTH) {
                    step(&mut self.page, self.pages, PAGES);
                }
            }
            Mode::Vertical => {
                if step(&mut self.page, self.pages, PAGES) {
                    step(&mut self.column, self.columns, WIDTH);
                }
            }
        }
    }

    fn command(&mut self, byte: u8, fx: &mut Effects) {
        self.command.push(byte);
        let opcode = self.command[0];
        let Some(more) = arguments(opcode) else {
            self.command.clear();
            let message = format!("ssd1306: there is no command {opcode:#04x} (SSD1306 Rev 1.1 table 9-1)");
            fx.report(Kind::Rule, message);
            return;
        };
        if self.command.len() <= more {
            return;
        }
        let command = core::mem::take(&mut self.command);
        let argument = |n: usize, below: usize| usize::from(command[n]) % below;
        match opcode {
            0x00..=0x0F => self.column = self.column & 0xF0 | usize::from(opcode & 15),
            0x10..=0x1F => self.column = (self.column & 0x0F | usize::from(opcode & 7) << 4) % WIDTH,
            0x20 => {
                self.mode = match command[1] & 3 {
                    0 => Mode::Horizontal,
                    1 => Mode::Vertical,
                    _ => Mode::Page,
                }
            }
            0x21 => {
                self.columns = [argument(1, WIDTH), argument(2, WIDTH)];
                self.column = self.columns[0];
            }
            0x22 => {
                self.pages = [argument(1, PAGES), argument(2, PAGES)];
                self.page = self.pages[0];
            }
            0xAE | 0xAF => self.is_on = opcode == 0xAF,
            0xB0..=0xB7 => self.page = usize::from(opcode & 7),
            _ => {}
        }
    }
}

/// The next place between two ends; true after the last one.
fn step(at: &mut usize, [first, last]: [usize; 2], of: usize) -> bool {
    let wraps = *at == last;
    *at = if wraps { first } else { (*at + 1) % of };
    wraps
}

/// How many bytes follow a command (table 9-1, and the charge pump's application note).
fn arguments(opcode: u8) -> Option<usize> {
    Some(match opcode {
        0x00..=0x1F | 0x2E | 0x2F | 0x40..=0x7F | 0xA0 | 0xA1 | 0xA4..=0xA7 => 0,
        0xAE | 0xAF | 0xB0..=0xB7 | 0xC0 | 0xC8 | 0xE3 => 0,
        0x20 | 0x81 | 0x8D | 0xA8 | 0xD3 | 0xD5 | 0xD9 | 0xDA | 0xDB => 1,
        // 0xAD selects the current reference on the sister SSD1306B; drivers send it to both.
        0xAD => 1,
        0x21 | 0x22 | 0xA3 => 2,
        0x29 | 0x2A => 5,
        0x26 | 0x27 => 6,
        _ => return None,
    })
}

impl Target for Ssd1306 {
    fn is_called(&mut self, address: u8, reads: bool, _now: Time) -> bool {
        // A command may go on in the next message: drivers send each byte in one of its own.
        self.control = None;
        address == ADDRESS && !reads
    }

    fn write(&mut self, byte: u8, fx: &mut Effects) -> bool {
        match self.control {
            None => {
                self.control = Some(Control {
                    one_byte: byte & 0x80 != 0,
                    is_data: byte & 0x40 != 0,
                });
            }
            Some(control) => {
                if control.is_data {
                    self.dots(byte);
                } else {
                    self.command(byte, fx);
                }
                if control.one_byte {
                    self.control = None;
                }
            }
        }
        true
    }

    fn read(&mut self) -> u8 {
        // Never called: a read is not acknowledged.
        0xFF
    }

    fn end(&mut self, _stop: bool, _now: Time) {}

    fn content(&self) -> &[u8] {
        &self.picture
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_may_come_in_several_messages() {
        let (mut display, mut reports) = (Ssd1306::new(), Vec::new());
        let mut fx = Effects::new(Time(0), Default::default(), &mut reports);
        for message in [[0x80, 0x21], [0x80, 5], [0x80, 6], [0x40, 0xAA]] {
            assert!(display.is_called(ADDRESS, false, Time(0)));
            for byte in message {
                assert!(display.write(byte, &mut fx));
            }
        }
        assert_eq!(display.picture[5], 0xAA);
        assert!(reports.is_empty(), "{reports:?}");
    }
}
