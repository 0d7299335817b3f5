//! The pins of OCTOSPI in time: when NCS moves, when clocks run, and the chip at the far end.
//!
//! NCS falls one clock period before the first rising edge and rises one period after the last (RM0456 OCTOSPI, NCS
//! behaviour, clock mode 0). `cursor` is the earliest moment for what comes next: while NCS is low the end of the
//! last clock, while it is high the moment when it rose.

use super::frame::FrameShape;
use super::link::{self, Pins};
use super::stats::WireStats;
use crate::bus::qspi::{Copper, Lanes, Lines, QspiChip};
use crate::noise::Noise;
use crate::parts::fitted::Fitted;
use crate::{Kind, Picos, Report, Time};

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
    pins: Pins,
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
    /// How often each line misses an edge to the chip, and from it, at this period and with this sample point.
    odds: [[u64; 4]; 2],
    odds_for: Option<(Picos, bool)>,
    noise: Noise,
    /// Clocks of this frame that are over before the chip is selected, or all if it missed that CE# was high.
    unheard: u64,
    /// CE# lost contact in this frame.
    is_cut: bool,
    /// Where joints are loose: which clock is the next without contact.
    until_lost: [u64; LOOSE],
    loose_noise: [Noise; LOOSE],
}

/// Joints that can be loose: IO0 to IO3, CLK, NCS.
const LOOSE: usize = 6;
const CLK: usize = 4;
const NCS: usize = 5;

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
            odds: [[0; 4]; 2],
            odds_for: None,
            noise: Noise::new(1),
            unheard: 0,
            is_cut: false,
            until_lost: [0; LOOSE],
            loose_noise: [const { Noise::new(0) }; LOOSE],
        }
    }

    /// How the chip is connected.
    pub fn pins(&self) -> Pins {
        self.pins
    }

    /// Connect it otherwise.
    pub fn set_pins(&mut self, pins: Pins) {
        if pins == self.pins {
            return;
        }
        for (n, loose) in pins.loose.into_iter().enumerate() {
            if let Some(loose) = loose.filter(|_| loose != self.pins.loose[n]) {
                self.loose_noise[n] = Noise::new(loose.seed.into());
                self.until_lost[n] = link::clocks_until(loose, &mut self.loose_noise[n]);
            }
        }
        self.pins = pins;
        self.odds_for = None;
    }

    /// Does the chip see clock and NCS?
    fn is_clocked(&self) -> bool {
        self.pins.is_clocked(self.period)
    }

    fn find_odds(&mut self, late: bool) {
        if self.odds_for.replace((self.period, late)) != Some((self.period, late)) {
            let margins = self.pins.margins(self.period, self.chip.access(), late);
            self.odds = margins.map(|ends| ends.map(link::odds));
        }
    }

    /// What is sent arrives as it was sent.
    fn is_sound(&self) -> bool {
        self.is_clocked()
            && self.pins.copper == Copper::SOUND
            && self.odds == [[0; 4]; 2]
            && self.unheard == 0
            && !self.is_cut
    }

    /// A command that arrived garbled may break any rule, and the controller broke none.
    fn excuse(&self, reports: &mut [Report]) {
        let is_late = self.pins.select_delay.0 > 0;
        if !self.is_sound() || is_late || self.pins.loose != [None; LOOSE] {
            reports.iter_mut().for_each(|report| report.kind = Kind::Warning);
        }
    }

    /// Whether so many clocks pass as they should, so that nobody has to look at each; they are over then.
    fn glides(&mut self, clocks: u64) -> bool {
        let is_sound = self.is_sound();
        let mut loose = (0..LOOSE).filter(|n| self.pins.loose[*n].is_some());
        if !is_sound || loose.any(|n| self.until_lost[n] <= clocks) {
            return false;
        }
        for n in 0..LOOSE {
            self.until_lost[n] = self.until_lost[n].saturating_sub(clocks);
        }
        true
    }

    /// Bit n: this joint has no contact in this clock.
    fn lost(&mut self) -> u8 {
        let mut lost = 0;
        for n in 0..LOOSE {
            let Some(loose) = self.pins.loose[n] else { continue };
            self.until_lost[n] = self.until_lost[n].saturating_sub(1);
            if self.until_lost[n] == 0 {
                lost |= 1 << n;
                self.until_lost[n] = link::clocks_until(loose, &mut self.loose_noise[n]);
            }
        }
        lost
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
        let risen = self.risen_before.then_some(self.cursor);
        let fall = earliest.max(risen.map_or(Time(0), |rise| rise + high));
        if let Some(rise) = risen {
            self.stats.ncs_high.add(fall - rise);
        }
        self.low = true;
        self.fell_at = fall;
        self.note_fall(shape, address, with_instruction);
        self.period = period;
        self.cursor = fall + period;
        self.before = [Lines::FLOATING; 2];
        self.select(fall, risen, shape.late, reports);
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
            if self.glides(shape.dummy.into()) {
                self.chip.skip(shape.dummy);
            } else {
                (0..shape.dummy).for_each(|_| {
                    self.clock(Lines::FLOATING);
                });
            }
            self.run(shape.dummy);
        }
    }

    /// NCS falls, as the chip sees it.
    fn select(&mut self, fall: Time, risen: Option<Time>, late: bool, reports: &mut Vec<Report>) {
        self.find_odds(late);
        self.is_cut = false;
        let rise_unseen = risen.is_some_and(|rise| fall - rise < self.pins.select_delay);
        self.unheard = if rise_unseen {
            u64::MAX
        } else {
            self.pins.clocks_missed(self.period)
        };
        if self.is_clocked() && !rise_unseen {
            let known = reports.len();
            self.chip.select(fall, self.period, reports);
            self.excuse(&mut reports[known..]);
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
        if self.glides(data.len() as u64 * u64::from(lanes.clocks_per_byte())) {
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
        if self.is_clocked() && !self.is_cut && self.unheard != u64::MAX {
            let known = reports.len();
            self.chip.deselect(rise, rise - last_edge, reports);
            self.excuse(&mut reports[known..]);
        }
    }

    fn send_number(&mut self, lanes: Lanes, value: u32, bytes: u32) {
        let all = value.to_be_bytes();
        self.put(lanes, &all[4 - bytes as usize..]);
        self.run(bytes * lanes.clocks_per_byte());
    }

    fn put(&mut self, lanes: Lanes, data: &[u8]) {
        if self.glides(data.len() as u64 * u64::from(lanes.clocks_per_byte())) {
            self.chip.send(lanes, data);
        } else {
            self.send_through_gaps(lanes, data);
        }
    }

    /// One clock on lines that are not as they should be; what arrives at the controller.
    fn clock(&mut self, host: Lines) -> Lines {
        let lost = self.lost();
        if lost >> NCS & 1 != 0 && self.is_clocked() && !self.is_cut && self.unheard == 0 {
            // What a chip makes of a command that begins in the middle of another is not modelled: it hears nothing any more.
            self.is_cut = true;
            self.chip.deselect(self.cursor, self.period, &mut Vec::new());
        }
        let at_chip = self.carry(0, host, lost);
        let answer = if lost >> CLK & 1 != 0 {
            self.before[1]
        } else if !self.is_clocked() || self.is_cut || self.unheard > 0 {
            self.unheard = self.unheard.saturating_sub(u64::from(self.unheard != u64::MAX));
            Lines::FLOATING
        } else {
            self.chip.clock(at_chip)
        };
        self.carry(1, answer, lost)
    }

    /// What one end (0: the controller, 1: the chip) drives, as it arrives at the other: a line that is late, or `lost`, stays
    /// as it was.
    fn carry(&mut self, end: usize, now: Lines, lost: u8) -> Lines {
        let before = core::mem::replace(&mut self.before[end], now);
        let changed = now.level ^ before.level | now.driven ^ before.driven;
        let mut late = lost & 15;
        for n in 0..4 {
            let odds = self.odds[end][n];
            if changed >> n & 1 != 0 && odds > 0 && self.noise.next() <= odds {
                late |= 1 << n;
            }
        }
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
