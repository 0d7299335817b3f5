//! The pins of OCTOSPI in time: when NCS moves, when clocks run, and the chip at the far end.
//!
//! NCS falls one clock period before the first rising edge and rises one period after the last (RM0456 OCTOSPI, NCS
//! behaviour, clock mode 0). `cursor` is the earliest moment for what comes next: while NCS is low the end of the
//! last clock, while it is high the moment when it rose.

use super::frame::FrameShape;
use super::stats::WireStats;
use crate::bus::qspi::{Copper, Lanes, Lines, QspiChip};
use crate::parts::fitted::Fitted;
use crate::{Picos, Report, Time};

/// Which pins of the port really lead to the chip, and what is wrong with those that do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pins {
    /// CLK and NCS.
    pub clk_and_ncs: bool,
    /// IO0 to IO3.
    pub copper: Copper,
    /// How late an edge arrives on IO0 to IO3.
    pub io_delay: [Picos; 4],
    /// The same on CLK or NCS, whichever is worse.
    pub clock_delay: Picos,
}

impl Pins {
    /// All of them, as they should be.
    pub const ALL: Pins = Pins {
        clk_and_ncs: true,
        copper: Copper::SOUND,
        io_delay: [Picos(0); 4],
        clock_delay: Picos(0),
    };

    /// Lines whose edges miss the sampling point, half a period after they were made.
    fn late(&self, period: Picos) -> u8 {
        (0..4).fold(0, |late, n| {
            late | u8::from(2 * self.io_delay[n].0 > period.0) << n
        })
    }
}

/// What a frame begins with; `None` where it has no such part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opening {
    /// The instruction.
    pub instruction: Option<u32>,
    /// The address.
    pub address: Option<u32>,
}

/// NCS fell, and a frame began, or it rose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// When.
    pub at: Time,
    /// What began.
    pub frame: Option<Opening>,
}

/// The pins and what hangs on them.
#[derive(Clone, Debug)]
pub struct Wire {
    /// The chip.
    pub chip: Fitted,
    /// How it is connected.
    pub pins: Pins,
    /// What passed.
    pub stats: WireStats,
    /// Edges of NCS, if somebody records them.
    pub edges: Option<Vec<Edge>>,
    low: bool,
    fell_at: Time,
    risen_before: bool,
    cursor: Time,
    period: Picos,
    row: usize,
    counted_in: bool,
    counted_out: bool,
    /// What the two ends drove one clock ago, for lines that are late.
    before: [Lines; 2],
}

impl Wire {
    /// NCS high since the beginning of time.
    pub fn new(chip: Fitted) -> Self {
        Wire {
            chip,
            pins: Pins::ALL,
            stats: WireStats::default(),
            edges: None,
            low: false,
            fell_at: Time(0),
            risen_before: false,
            cursor: Time(0),
            period: Picos(0),
            row: 0,
            counted_in: false,
            counted_out: false,
            before: [Lines::FLOATING; 2],
        }
    }

    /// Does the chip see clock and NCS?
    fn is_clocked(&self) -> bool {
        self.pins.clk_and_ncs && 2 * self.pins.clock_delay.0 <= self.period.0
    }

    /// NCS is low.
    pub fn is_low(&self) -> bool {
        self.low
    }

    /// When NCS fell last.
    pub fn fell_at(&self) -> Time {
        self.fell_at
    }

    /// See the module's head.
    pub fn cursor(&self) -> Time {
        self.cursor
    }

    /// NCS low at `earliest` or when it has been high for `high`, then everything up to the data.
    pub fn open(
        &mut self,
        shape: &FrameShape,
        address: u32,
        with_instruction: bool,
        earliest: Time,
        (period, high): (Picos, Picos),
        reports: &mut Vec<Report>,
    ) {
        debug_assert!(!self.low);
        let fall = earliest.max(if self.risen_before {
            self.cursor + high
        } else {
            Time(0)
        });
        if self.risen_before {
            self.stats.ncs_high.add(fall - self.cursor);
        }
        self.low = true;
        self.fell_at = fall;
        self.note_fall(shape, address, with_instruction);
        self.period = period;
        self.cursor = fall + period;
        self.before = [Lines::FLOATING; 2];
        if self.is_clocked() {
            self.chip.select(fall, period, reports);
        }
        if let Some((lanes, value, bytes)) = shape.instruction {
            self.row = self.stats.row(value as u8);
            self.stats.traffic[self.row].frames += 1;
            if with_instruction {
                self.send_number(lanes, value, bytes);
            }
        } else {
            self.row = self.stats.row(0);
            self.stats.traffic[self.row].frames += 1;
        }
        self.counted_in = false;
        self.counted_out = false;
        if let Some((lanes, bytes)) = shape.address {
            self.send_number(lanes, address, bytes);
        }
        if let Some((lanes, value, bytes)) = shape.alternate {
            self.send_number(lanes, value, bytes);
        }
        if shape.dummy > 0 {
            if self.is_clocked() {
                self.chip.skip(shape.dummy);
            }
            self.run(shape.dummy);
        }
    }

    fn note_fall(&mut self, shape: &FrameShape, address: u32, with_instruction: bool) {
        let Some(edges) = &mut self.edges else { return };
        let instruction = shape.instruction.filter(|_| with_instruction);
        let frame = Opening {
            instruction: instruction.map(|(_, value, _)| value),
            address: shape.address.map(|_| address),
        };
        edges.push(Edge {
            at: self.fell_at,
            frame: Some(frame),
        });
    }

    /// Clock data in; the first clock starts at `start` or when the ones before are over.
    pub fn receive(&mut self, lanes: Lanes, data: &mut [u8], start: Time) {
        self.cursor = self.cursor.max(start);
        if self.is_clocked() && self.pins == Pins::ALL {
            self.chip.receive(lanes, data);
        } else {
            self.receive_through_gaps(lanes, data);
        }
        self.run(data.len() as u32 * lanes.clocks_per_byte());
        self.stats.traffic[self.row].bytes_in += data.len() as u64;
        self.stats.read_frames += u64::from(!core::mem::replace(&mut self.counted_in, true));
    }

    /// Clock data out; the first clock starts at `start` or when the ones before are over.
    pub fn send(&mut self, lanes: Lanes, data: &[u8], start: Time) {
        self.cursor = self.cursor.max(start);
        self.put(lanes, data);
        self.run(data.len() as u32 * lanes.clocks_per_byte());
        self.stats.traffic[self.row].bytes_out += data.len() as u64;
        self.stats.write_frames += u64::from(!core::mem::replace(&mut self.counted_out, true));
    }

    /// NCS high at `at`, or as soon as the last clock allows.
    pub fn close(&mut self, at: Time, reports: &mut Vec<Report>) {
        if !self.low {
            return;
        }
        let last_edge = Time(self.cursor.0 - self.period.0);
        let rise = at.max(self.cursor);
        self.low = false;
        self.risen_before = true;
        self.cursor = rise;
        self.stats.ncs_low.add(rise - self.fell_at);
        if let Some(edges) = &mut self.edges {
            edges.push(Edge {
                at: rise,
                frame: None,
            });
        }
        if self.is_clocked() {
            self.chip.deselect(rise, rise - last_edge, reports);
        }
    }

    fn send_number(&mut self, lanes: Lanes, value: u32, bytes: u32) {
        let all = value.to_be_bytes();
        self.put(lanes, &all[4 - bytes as usize..]);
        self.run(bytes * lanes.clocks_per_byte());
    }

    fn put(&mut self, lanes: Lanes, data: &[u8]) {
        if self.is_clocked() && self.pins == Pins::ALL {
            self.chip.send(lanes, data);
        } else {
            self.send_through_gaps(lanes, data);
        }
    }

    /// One clock on lines that are not as they should be; what arrives at the controller.
    fn clock(&mut self, host: Lines) -> Lines {
        let at_chip = self.carry(0, host);
        let answer = if self.is_clocked() {
            self.chip.clock(at_chip)
        } else {
            Lines::FLOATING
        };
        self.carry(1, answer)
    }

    /// What one end (0: the controller, 1: the chip) drives, as it arrives at the other.
    fn carry(&mut self, end: usize, now: Lines) -> Lines {
        let late = self.pins.late(self.period);
        let before = core::mem::replace(&mut self.before[end], now);
        let arriving = |now: u8, before: u8| now & !late | before & late;
        self.pins.copper.pass(Lines {
            level: arriving(now.level, before.level),
            driven: arriving(now.driven, before.driven),
        })
    }

    fn send_through_gaps(&mut self, lanes: Lanes, data: &[u8]) {
        for byte in data {
            let mut left = 8;
            while left > 0 {
                left -= lanes.bits();
                self.clock(Lines::sent(lanes, byte >> left));
            }
        }
    }

    fn receive_through_gaps(&mut self, lanes: Lanes, data: &mut [u8]) {
        for byte in data {
            let mut value = 0u16;
            for _ in 0..lanes.clocks_per_byte() {
                let answer = self.clock(Lines::listening(lanes));
                value = value << lanes.bits() | u16::from(answer.received(lanes));
            }
            *byte = value as u8;
        }
    }

    fn run(&mut self, clocks: u32) {
        self.cursor = self.cursor + Picos(self.period.0 * u64::from(clocks));
    }
}
