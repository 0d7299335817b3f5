//! A quad PSRAM (the ESP-PSRAM64H of 64 Mbit and its sisters), as seen from its eight pins.
//!
//! The chip decodes what arrives clock by clock, in the mode that it is in. A broken limit is reported; of all
//! limits only tCEM has a consequence, too: rows that are not refreshed in time lose data. Not modelled: drive
//! strength, set-up and hold times inside a clock period, contention on the lines.

pub mod cells;
pub mod command;
mod frame;
pub mod part;
pub mod retention;
pub mod rules;
pub mod wires;

#[cfg(test)]
mod tests;

use crate::bus::qspi::{Lanes, Lines, QspiChip};
use crate::{Picos, Report, Time};
use cells::{Cells, Defect};
use command::{Command, Data};
use frame::{Frame, Phase};
use part::{ADDRESS_MASK, PAGE_BYTES, Part};
use retention::Retention;
use rules::RuleBook;

/// The chip.
#[derive(Clone, Debug)]
pub struct Psram {
    part: &'static Part,
    cells: Cells,
    retention: Retention,
    id: [u8; 8],
    rules: RuleBook,
    hold_is_checked: bool,
    /// Commands on four lines, `QE` in the truth table.
    quad: bool,
    wrapped: bool,
    reset_enabled: bool,
    reset_once: bool,
    powered_at: Time,
    supplied_before: Picos,
    deselected_at: Option<Time>,
    selected: bool,
    frame: Frame,
}

impl Psram {
    /// A chip whose supply came up at `powered_at`, with memory as random as `seed`.
    pub fn new(part: &'static Part, seed: u64, powered_at: Time) -> Self {
        Psram {
            part,
            cells: Cells::powered_up(part.size_bytes, seed),
            retention: Retention::new(powered_at),
            id: part.id,
            rules: RuleBook::default(),
            hold_is_checked: false,
            quad: false,
            wrapped: false,
            reset_enabled: false,
            reset_once: false,
            powered_at,
            supplied_before: Picos(0),
            deselected_at: None,
            selected: false,
            frame: Frame::new(powered_at, Picos(0)),
        }
    }

    /// The supply had come up so long before `powered_at` of [`Psram::new`].
    pub fn supplied_before(mut self, span: Picos) -> Self {
        self.supplied_before = span;
        self
    }

    /// Report tCHD too. Off by default: 20 ns after the last edge means at most 50 MHz with a controller that raises
    /// CE# one period after it, and boards are reported to run these parts faster without harm.
    pub fn strict_hold(mut self, on: bool) -> Self {
        self.hold_is_checked = on;
        self
    }

    /// A die that was never marked good (KGD 0x55).
    pub fn not_a_known_good_die(mut self) -> Self {
        self.id[1] = 0x55;
        self
    }

    /// Another die in the same package, of a size that is a power of two, before anything was written to it; bits 47 to 45 of the EID
    /// say so or not.
    pub fn with_die(mut self, size_bytes: u32, density_code: u8, seed: u64) -> Self {
        self.id[2] = self.id[2] & 0x1f | density_code << 5;
        self.cells = Cells::powered_up(size_bytes, seed);
        self
    }

    /// Add a defect of the array.
    pub fn inject(&mut self, defect: Defect) {
        if let Defect::WeakRow { row, holds_ms } = defect {
            let holds = Picos::from_ns(u64::from(holds_ms) * 1_000_000);
            self.retention.weaken(row, holds);
        }
        self.cells.inject(defect);
    }

    /// The part's limits.
    pub fn part(&self) -> &'static Part {
        self.part
    }

    /// The array, for a debugger's view: no time passes and no rule applies.
    pub fn cells(&self) -> &Cells {
        &self.cells
    }

    /// Rows that lost data because refresh was blocked.
    pub fn rows_lost(&self) -> u64 {
        self.retention.lost()
    }

    /// Which rules were broken how often.
    pub fn rules(&self) -> &RuleBook {
        &self.rules
    }

    /// The chip takes commands on four lines.
    pub fn is_quad(&self) -> bool {
        self.quad
    }

    fn lanes(&self) -> Lanes {
        if self.quad { Lanes::Four } else { Lanes::One }
    }

    /// The byte that the chip sends next.
    fn output(&self, command: &Command) -> u8 {
        match command.data {
            // What follows the EID is not specified: the lines are let go.
            Data::Id => self.id.get(self.frame.bytes as usize).copied().unwrap_or(0xff),
            _ => self.cells.read(self.frame.address),
        }
    }

    fn opcode_complete(&mut self) {
        let opcode = self.frame.shift as u8;
        self.frame.opcode = Some(opcode);
        self.frame.bits = 0;
        self.frame.phase = match command::decode(self.lanes(), opcode) {
            Some(row) if row.address.is_some() => Phase::Address(row),
            _ => Phase::Deaf,
        };
    }

    fn address_complete(&mut self, command: &'static Command) {
        let frame = &mut self.frame;
        frame.address = frame.shift & ADDRESS_MASK;
        frame.first_page = frame.address / PAGE_BYTES;
        frame.bits = 0;
        frame.phase = if command.wait > 0 {
            Phase::Wait(command, command.wait)
        } else {
            Phase::Data(command)
        };
    }

    /// The chip is between two bytes of a linear burst on `lanes` lines in direction `data`: the address of the next.
    fn burst(&self, lanes: Lanes, data: Data) -> Option<u32> {
        match self.frame.phase {
            Phase::Data(command)
                if self.selected
                    && command.data == data
                    && command.data_lanes == lanes
                    && self.frame.bits == 0
                    && !self.wrapped =>
            {
                Some(self.frame.address)
            }
            _ => None,
        }
    }

    /// Open the rows of `len` bytes from the next one on, as far as they are not.
    fn open_rows(&mut self, len: u32) {
        let first = self.frame.address / PAGE_BYTES;
        let last = (self.frame.address + len.max(1) - 1) / PAGE_BYTES;
        for page in first..=last {
            if self.frame.open_page != Some(page) {
                self.frame.open_page = Some(page);
                self.retention
                    .open(page * PAGE_BYTES, self.frame.selected_at, &mut self.cells);
            }
        }
    }

    /// Take a whole byte of opcode or address, if the chip listens on just these lines and stands between two bytes.
    fn take_byte(&mut self, lanes: Lanes, byte: u8) -> bool {
        if !self.selected || self.frame.bits % 8 != 0 {
            return false;
        }
        match self.frame.phase {
            Phase::Opcode if self.lanes() == lanes => {
                self.frame.shift = byte.into();
                self.opcode_complete();
                true
            }
            Phase::Address(command) if command.address == Some(lanes) => {
                self.frame.shift = self.frame.shift << 8 | u32::from(byte);
                self.frame.bits += 8;
                if self.frame.bits == 24 {
                    self.address_complete(command);
                }
                true
            }
            _ => false,
        }
    }

    /// What a complete command does when CE# rises.
    fn conclude(&mut self, reports: &mut Vec<Report>) {
        let known = self
            .frame
            .opcode
            .filter(|opcode| command::decode(self.lanes(), *opcode).is_some());
        let armed = core::mem::replace(&mut self.reset_enabled, known == Some(command::RESET_ENABLE));
        let Some(opcode) = known else { return };
        if !self.reset_once && !matches!(opcode, command::RESET_ENABLE | command::RESET) {
            self.rules.not_reset(self.part, opcode, reports);
        }
        match opcode {
            command::ENTER_QUAD => self.quad = true,
            command::EXIT_QUAD => self.quad = false,
            command::WRAP_TOGGLE => self.wrapped = !self.wrapped,
            command::RESET if armed => {
                self.quad = false;
                self.wrapped = false;
                self.reset_once = true;
            }
            _ => {}
        }
    }

    fn clock_out(&mut self, command: &Command) -> Lines {
        if self.frame.bits == 0 {
            if command.data == Data::Read {
                self.open_rows(1);
            }
            self.frame.shift = u32::from(self.output(command));
            self.frame.bits = 8;
        }
        let width = command.data_lanes.bits();
        self.frame.bits -= width;
        let level = (self.frame.shift >> self.frame.bits) as u8 & ((1 << width) - 1);
        if self.frame.bits == 0 {
            // The identity is not in pages, and it does not wrap.
            let wrapped = self.wrapped && command.data == Data::Read;
            self.frame.pass(wrapped);
        }
        match command.data_lanes {
            Lanes::One => Lines {
                level: level << 1,
                driven: 0b0010,
            },
            Lanes::Two => Lines {
                level,
                driven: 0b0011,
            },
            Lanes::Four => Lines {
                level,
                driven: 0b1111,
            },
        }
    }

    fn check_clock(&mut self, reports: &mut Vec<Report>) {
        let frame = &self.frame;
        let Some(opcode) = frame.opcode else { return };
        let max_hz = match opcode {
            command::READ => self.part.slow_read_max_hz,
            command::FAST_READ | command::FAST_READ_QUAD | command::WRITE | command::WRITE_QUAD
                if !self.wrapped =>
            {
                self.part.linear_max_hz
            }
            _ => self.part.wrapped_max_hz,
        };
        self.rules.clock(self.part, opcode, frame.period, max_hz, reports);
        if frame.crossed_page && opcode != command::READ_ID {
            self.rules.page_crossing(self.part, opcode, frame.period, reports);
        }
        if !self.quad && opcode == command::WRITE && !self.wrapped {
            self.rules.linear_spi_write(self.part, frame.bytes, reports);
        }
    }
}

impl QspiChip for Psram {
    fn select(&mut self, at: Time, period: Picos, reports: &mut Vec<Report>) {
        let supplied = Picos((at - self.powered_at).0 + self.supplied_before.0);
        self.rules.powered(self.part, supplied, reports);
        if let Some(high_since) = self.deselected_at {
            self.rules.ce_high(self.part, at - high_since, reports);
        }
        self.retention.run(at, &mut self.cells);
        self.selected = true;
        self.frame = Frame::new(at, period);
    }

    fn clock(&mut self, host: Lines) -> Lines {
        if !self.selected {
            return Lines::FLOATING;
        }
        match self.frame.phase {
            Phase::Opcode => {
                self.frame.take(self.lanes(), host.seen());
                if self.frame.bits == 8 {
                    self.opcode_complete();
                }
            }
            Phase::Address(command) => {
                self.frame
                    .take(command.address.unwrap_or(Lanes::One), host.seen());
                if self.frame.bits == 24 {
                    self.address_complete(command);
                }
            }
            Phase::Wait(command, left) => {
                self.frame.phase = if left > 1 {
                    Phase::Wait(command, left - 1)
                } else {
                    Phase::Data(command)
                };
            }
            Phase::Data(command) if command.data == Data::Write => {
                self.frame.take(command.data_lanes, host.seen());
                if self.frame.bits == 8 {
                    self.frame.bits = 0;
                    self.open_rows(1);
                    self.cells.write(self.frame.address, self.frame.shift as u8);
                    self.frame.pass(self.wrapped);
                }
            }
            Phase::Data(command) => return self.clock_out(command),
            Phase::Deaf => {}
        }
        Lines::FLOATING
    }

    fn deselect(&mut self, at: Time, hold: Picos, reports: &mut Vec<Report>) {
        if !core::mem::replace(&mut self.selected, false) {
            return;
        }
        self.deselected_at = Some(at);
        self.rules.ce_low(self.part, at - self.frame.selected_at, reports);
        let refresh_stops = self.frame.selected_at + self.part.ce_low_max;
        if at > refresh_stops {
            self.retention.run(refresh_stops, &mut self.cells);
            self.retention.block(refresh_stops, at);
        }
        if self.hold_is_checked {
            self.rules.ce_hold(self.part, hold, reports);
        }
        let rows_lost = self.retention.take_news();
        if rows_lost > 0 {
            self.rules.rows_lost(self.part, rows_lost, reports);
        }
        self.check_clock(reports);
        self.conclude(reports);
    }

    fn send(&mut self, lanes: Lanes, bytes: &[u8]) {
        if let Some(start) = self.burst(lanes, Data::Write) {
            self.open_rows(bytes.len() as u32);
            if let Some(cells) = self.cells.run_mut(start, bytes.len()) {
                cells.copy_from_slice(bytes);
                self.frame.pass_run(bytes.len());
                return;
            }
        }
        for byte in bytes {
            if self.take_byte(lanes, *byte) {
                continue;
            }
            let mut left = 8;
            while left > 0 {
                left -= lanes.bits();
                self.clock(Lines::sent(lanes, byte >> left));
            }
        }
    }

    fn skip(&mut self, clocks: u32) {
        let mut left = clocks;
        while left > 0 {
            let step = match self.frame.phase {
                Phase::Wait(command, wait) if self.selected => {
                    let step = left.min(wait.into());
                    let rest = wait - step as u8;
                    self.frame.phase = if rest > 0 {
                        Phase::Wait(command, rest)
                    } else {
                        Phase::Data(command)
                    };
                    step
                }
                _ => {
                    self.clock(Lines::FLOATING);
                    1
                }
            };
            left -= step;
        }
    }

    fn receive(&mut self, lanes: Lanes, bytes: &mut [u8]) {
        if let Some(start) = self.burst(lanes, Data::Read) {
            self.open_rows(bytes.len() as u32);
            if let Some(cells) = self.cells.run(start, bytes.len()) {
                bytes.copy_from_slice(cells);
                self.frame.pass_run(bytes.len());
                return;
            }
        }
        for byte in bytes {
            *byte = 0;
            for _ in 0..lanes.clocks_per_byte() {
                let bits = self.clock(Lines::listening(lanes)).received(lanes);
                *byte = (u16::from(*byte) << lanes.bits()) as u8 | bits;
            }
        }
    }
}
