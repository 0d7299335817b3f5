//! A W25Q64JV with its cells, on CS, CLK, DI and DO (W25Q64JV data sheet, revision J): what a program can do to it by single SPI.
//!
//! Reads, erasing and programming with their times (the typical ones), pages that wrap, the write enable latch, both status registers
//! with the protection of blocks, power-down, reset, the IDs. /WP and /HOLD are high, as on modules. A command that is sent while it is
//! busy is lost, as in silicon, and reported. Does NOT model: dual and quad commands, suspend, security registers, the individual locks (WPS),
//! wear, the limits of the clock. `w25q64.rs` is the same part as a visitor to the memory's footprint.

use super::on_nets::OnNets;
use crate::bus::pad::Drive;
use crate::noise::Noise;
use crate::steps::Steps;
use crate::{Effects, Kind, Picos, Time};
use std::ops::Range;
use std::sync::Arc;

const BYTES: usize = 8 << 20;
const PAGE_BYTES: usize = 256;
const JEDEC_ID: [u8; 3] = [0xEF, 0x40, 0x17];
/// Of 90h and ABh.
const DEVICE_ID: u8 = 0x16;

const CS: usize = 0;
const CLK: usize = 1;
const DI: usize = 2;
const DO: usize = 3;
/// On the module, at CS.
const PULL_UP_OHMS: u32 = 10_000;

const SR1_BUSY: u8 = 1 << 0;
const SR1_WEL: u8 = 1 << 1;
/// Status register 1: SRP, SEC, TB, BP2 to BP0. Of register 2 CMP, QE.
const SR1_WRITABLE: u8 = 0xFC;
const SR2_WRITABLE: u8 = 0x42;

const US: u64 = 1_000;
const MS: u64 = 1_000_000;

/// The flash.
#[derive(Clone, Debug)]
pub struct SpiFlash {
    /// Shared with snapshots until one of them changes it.
    cells: Arc<Vec<u8>>,
    status: [u8; 2],
    enabled: bool,
    busy_until: Time,
    asleep: bool,
    reset_armed: bool,
    selected: bool,
    di: bool,
    /// Bits of the byte that comes in.
    shift: u8,
    bits: u8,
    /// What this selection has brought: command, address, data.
    message: Vec<u8>,
    /// The byte that goes out, and how many of its bits are out.
    out: Option<(u8, u8)>,
    output: Option<bool>,
    sent: usize,
    steps: Steps,
    /// Where cells change until it is no longer busy, and what they were.
    under_way: Option<Arc<(usize, Vec<u8>)>>,
}

impl Default for SpiFlash {
    /// Erased, as delivered.
    fn default() -> Self {
        SpiFlash {
            cells: Arc::new(vec![0xFF; BYTES]),
            // QE is set at the factory on the parts that boards carry (-IQ).
            status: [0, 0x02],
            enabled: false,
            busy_until: Time(0),
            asleep: false,
            reset_armed: false,
            selected: false,
            di: false,
            shift: 0,
            bits: 0,
            message: Vec::new(),
            out: None,
            output: None,
            sent: 0,
            steps: Steps::default(),
            under_way: None,
        }
    }
}

impl SpiFlash {
    fn is_busy(&self, now: Time) -> bool {
        now < self.busy_until
    }

    fn address(&self) -> usize {
        let byte = |n: usize| self.message.get(n).copied().map_or(0, usize::from);
        (byte(1) << 16 | byte(2) << 8 | byte(3)) % BYTES
    }

    /// The byte that it sends now, `None` if it still listens. `sent` is how many it has sent.
    fn answer(&self, now: Time) -> Option<u8> {
        let heard = self.message.len();
        let opcode = *self.message.first()?;
        let register1 = self.status[0]
            | if self.is_busy(now) { SR1_BUSY } else { 0 }
            | if self.enabled { SR1_WEL } else { 0 };
        match opcode {
            0x05 => return Some(register1),
            0x35 => return Some(self.status[1]),
            0x15 => return Some(0),
            _ if self.is_busy(now) || self.asleep && opcode != 0xAB => return None,
            _ => {}
        }
        match opcode {
            0x9F => Some(JEDEC_ID[self.sent % 3]),
            0x03 if heard >= 4 => Some(self.cells[(self.address() + self.sent) % BYTES]),
            0x0B if heard >= 5 => Some(self.cells[(self.address() + self.sent) % BYTES]),
            0x90 if heard >= 4 => Some([JEDEC_ID[0], DEVICE_ID][(self.address() + self.sent) % 2]),
            0xAB if heard >= 4 => Some(DEVICE_ID),
            _ => None,
        }
    }

    /// Whether these bytes are protected (W25Q64JV 7.1, tables of block protection).
    fn is_protected(&self, first: usize, bytes: usize) -> bool {
        let blocks = self.status[0] >> 2 & 7;
        let (bottom, sectors) = (self.status[0] & 0x20 != 0, self.status[0] & 0x40 != 0);
        let size = match (blocks, sectors) {
            (0, _) => 0,
            (7, _) => BYTES,
            (n, true) => 4096 << (n - 1).min(3),
            (n, false) => (128 << 10) << (n - 1),
        };
        let range = if bottom { 0..size } else { BYTES - size..BYTES };
        let inverted = self.status[1] & 0x40 != 0;
        if bytes == BYTES {
            return if inverted { size < BYTES } else { size > 0 };
        }
        // Ranges are whole sectors, but a block may be larger than one of them.
        let mut ends = [first, first + bytes - 1].into_iter();
        ends.any(|at| range.contains(&at) != inverted)
    }

    /// CS rises: what changes the flash happens now.
    fn execute(&mut self, fx: &mut Effects) {
        let Some(&opcode) = self.message.first() else {
            return;
        };
        let armed = core::mem::take(&mut self.reset_armed);
        if matches!(opcode, 0x05 | 0x35 | 0x15) {
            return;
        }
        if self.is_busy(fx.now) {
            let message = format!("w25q64: command {opcode:#04x} while it is busy is lost (W25Q64JV 8.2)");
            fx.report(Kind::Rule, message);
            return;
        }
        if self.asleep {
            self.asleep = opcode != 0xAB;
            return;
        }
        match opcode {
            0x06 => self.enabled = true,
            0x04 => self.enabled = false,
            0x01 | 0x31 => self.write_status(opcode, fx.now),
            0x02 => self.program(fx.now),
            0x20 => self.erase(4 << 10, 45 * MS, fx.now),
            0x52 => self.erase(32 << 10, 120 * MS, fx.now),
            0xD8 => self.erase(64 << 10, 150 * MS, fx.now),
            0xC7 | 0x60 => self.erase(BYTES, 20_000 * MS, fx.now),
            0xB9 => self.asleep = true,
            0x66 => self.reset_armed = true,
            0x99 if armed => {
                self.enabled = false;
                self.busy_until = fx.now + Picos::from_ns(30 * US);
            }
            0x03 | 0x0B | 0x90 | 0x99 | 0x9F | 0xAB => {}
            _ => {
                let message =
                    format!("w25q64: command {opcode:#04x} has no model, nothing was done (W25Q64JV)");
                fx.report(Kind::Unmodelled, message);
            }
        }
    }

    /// Takes the write enable latch, and begins so many nanoseconds of work. False: it was not set.
    fn begin(&mut self, ns: u64, now: Time) -> bool {
        let enabled = core::mem::take(&mut self.enabled);
        if enabled {
            self.busy_until = now + Picos::from_ns(ns);
        }
        enabled
    }

    /// These cells are about to change.
    fn change(&mut self, place: Range<usize>) {
        self.steps.begin();
        self.under_way = Some(Arc::new((place.start, self.cells[place].to_vec())));
    }

    fn write_status(&mut self, opcode: u8, now: Time) {
        if self.message.len() < 2 || !self.begin(10 * MS, now) {
            return;
        }
        if opcode == 0x31 {
            self.status[1] = self.message[1] & SR2_WRITABLE;
            return;
        }
        self.status[0] = self.message[1] & SR1_WRITABLE;
        if let Some(second) = self.message.get(2) {
            self.status[1] = second & SR2_WRITABLE;
        }
    }

    fn program(&mut self, now: Time) {
        let at = self.address();
        if self.message.len() < 5 || self.is_protected(at, 1) {
            self.enabled = false;
            return;
        }
        if !self.begin(400 * US, now) {
            return;
        }
        let page = at / PAGE_BYTES * PAGE_BYTES;
        // Of more than a page the last bytes count: each replaces the one before it in its place.
        let mut buffer = [0xFF; PAGE_BYTES];
        for (n, &byte) in self.message[4..].iter().enumerate() {
            buffer[(at + n) % PAGE_BYTES] = byte;
        }
        self.change(page..page + PAGE_BYTES);
        let cells = Arc::make_mut(&mut self.cells);
        for (cell, byte) in cells[page..page + PAGE_BYTES].iter_mut().zip(buffer) {
            *cell &= byte;
        }
    }

    fn erase(&mut self, bytes: usize, ns: u64, now: Time) {
        let first = if bytes == BYTES {
            0
        } else {
            self.address() / bytes * bytes
        };
        let complete = bytes == BYTES || self.message.len() == 4;
        if !complete || self.is_protected(first, bytes) {
            self.enabled = false;
            return;
        }
        if self.begin(ns, now) {
            self.change(first..first + bytes);
            Arc::make_mut(&mut self.cells)[first..first + bytes].fill(0xFF);
        }
    }

    fn rise(&mut self, fx: &mut Effects) {
        if self.out.is_some() {
            return;
        }
        self.shift = self.shift << 1 | u8::from(self.di);
        self.bits += 1;
        if self.bits == 8 {
            self.bits = 0;
            self.message.push(self.shift);
            self.out = self.answer(fx.now).map(|byte| (byte, 0));
        }
    }

    fn fall(&mut self, fx: &mut Effects) {
        let Some((byte, bits)) = self.out else { return };
        let (byte, bits) = if bits == 8 {
            self.sent += 1;
            match self.answer(fx.now) {
                Some(byte) => (byte, 0),
                None => return,
            }
        } else {
            (byte, bits)
        };
        self.output = Some(byte >> (7 - bits) & 1 != 0);
        self.out = Some((byte, bits + 1));
    }
}

impl OnNets for SpiFlash {
    fn pins(&self) -> &'static [&'static str] {
        &["CS", "CLK", "DI", "DO"]
    }

    fn edge(&mut self, pin: usize, high: bool, fx: &mut Effects) {
        match pin {
            CS => {
                if high && self.selected && self.bits == 0 {
                    self.execute(fx);
                }
                self.selected = !high;
                self.message.clear();
                (self.bits, self.sent, self.out, self.output) = (0, 0, None, None);
            }
            CLK if self.selected && high => self.rise(fx),
            CLK if self.selected => self.fall(fx),
            DI => self.di = high,
            _ => {}
        }
    }

    fn drive(&self, pin: usize) -> Option<Drive> {
        match pin {
            CS => Some(Drive::pull_up(PULL_UP_OHMS)),
            DO => self.output.map(Drive::output),
            _ => None,
        }
    }

    fn exchanges_frames(&self, clock: usize, data: usize, answer: usize) -> bool {
        (clock, data, answer) == (CLK, DI, DO)
    }

    fn exchange(&mut self, word: u32, bits: u32, cycle: Picos, idle: bool, fx: &mut Effects) -> u32 {
        let (end, mut heard) = (fx.now, 0);
        for bit in (0..bits).rev() {
            let before = |half_cycles: u64| Time(end.0.saturating_sub(half_cycles * cycle.0 / 2));
            heard = heard << 1 | u32::from(self.output.unwrap_or(idle));
            self.di = word >> bit & 1 != 0;
            if self.selected {
                fx.now = before(2 * u64::from(bit) + 1);
                self.rise(fx);
                fx.now = before(2 * u64::from(bit));
                self.fall(fx);
            }
        }
        fx.now = end;
        heard
    }

    fn steps(&mut self) -> Option<&mut Steps> {
        Some(&mut self.steps)
    }

    /// A byte under way is as before, done, or has some of its bits; so is the whole.
    fn lose_power(&mut self, now: Time) {
        let Some(before) = self.under_way.take().filter(|_| self.is_busy(now)) else {
            return;
        };
        let (first, before) = &*before;
        let mut noise = Noise::new(self.steps.begun());
        let whole = noise.next() % 4;
        let cells = Arc::make_mut(&mut self.cells);
        for (cell, before) in cells[*first..].iter_mut().zip(before) {
            let draw = noise.next();
            *cell = match (whole, draw % 4) {
                (0, _) | (2.., 0) => *before,
                (1, _) | (2.., 1) => *cell,
                // A bit that changes has changed, or not yet.
                _ => *before ^ (*before ^ *cell) & (draw >> 8) as u8,
            };
        }
    }

    fn content(&self) -> &[u8] {
        &self.cells
    }

    fn put_content(&mut self, bytes: &[u8]) -> bool {
        let fits = bytes.len() == BYTES;
        if fits {
            self.cells = Arc::new(bytes.to_vec());
        }
        fits
    }

    fn boxed(&self) -> Box<dyn OnNets> {
        Box::new(self.clone())
    }
}

#[cfg(test)]
mod tests;
