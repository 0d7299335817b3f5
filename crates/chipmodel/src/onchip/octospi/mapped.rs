//! Memory-mapped mode: AXI bursts on one side, frames on the other.
//!
//! After a read the controller goes on fetching until its FIFO is full, stops the clock and keeps NCS low, until
//! the time-out, an access elsewhere, or an abort (RM0456 OCTOSPI, memory-mapped mode). A sequential access goes on
//! with the open burst, and what the last read gave can be read again at once (Game & Watch bench on an STM32H7B0: 64 reads of
//! one word, 40 ns each). Writes go on likewise. REFRESH and CSBOUND cut a burst; it is taken up again with a new
//! command.
//!
//! Assumptions, because the manuals are silent: a wrapped read of a memory without wrap is two linear reads; bytes
//! fetched before a time-out stay valid; REFRESH does not release NCS while the clock is stopped (`Quirks`); the
//! crossing between kernel clock and bus clock costs nothing.

use super::frame::FrameShape;
use super::timing::Timing;
use super::wire::Wire;
use crate::bus::axi::{ReadBeat, ReadBurst, WriteBeat};
use crate::bus::qspi::Lanes;
use crate::{Report, Time};

const FIFO: usize = 32;
/// Beats of 64 bits that the write side can hold.
const WRITE_SLOTS: usize = 4;

/// What goes out in lanes of a 64-bit beat that have no strobe (ES0478 2.7.8 and reports from the field: the
/// controller sends all eight bytes and leaves it to a mask pin to hold some back).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unstrobed {
    /// Zeros.
    #[default]
    Zero,
    /// What the memory holds, as if there were a mask pin.
    Keep,
    /// What was in that lane in the beat before.
    Stale,
}

/// Behaviour that is not settled, or that a test wants different.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quirks {
    /// See `Unstrobed`.
    pub unstrobed: Unstrobed,
    /// REFRESH also acts while the clock is stopped with NCS low.
    pub refresh_while_stopped: bool,
    /// The time-out ends what was read, not what was written.
    pub writes_stay_open: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Burst {
    None,
    Reading,
    Writing { next: u32 },
}

/// The state of mapped mode.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// Switches.
    pub quirks: Quirks,
    burst: Burst,
    fifo: [u8; FIFO],
    fifo_len: usize,
    /// Memory address of the first byte in the FIFO.
    fifo_start: u32,
    /// When the last byte in the FIFO arrived.
    fifo_ready: Time,
    /// From when on there is room again in a FIFO that was full.
    room_since: Time,
    write_slots: [Time; WRITE_SLOTS],
    next_slot: usize,
    last_beat: u64,
    instruction_sent: bool,
    timed_out: bool,
    /// Address, bytes and data of the last beat that was read, while its burst is open.
    last_read: Option<(u32, usize, u64)>,
}

/// What a piece of work in mapped mode needs besides its own state.
pub struct Context<'a> {
    /// The pins.
    pub wire: &'a mut Wire,
    /// The configuration in force.
    pub timing: &'a Timing,
    /// CCR and friends.
    pub read_shape: &'a FrameShape,
    /// WCCR and friends.
    pub write_shape: &'a FrameShape,
    /// Lines of the data, for reads and writes.
    pub lanes: (Lanes, Lanes),
    /// Complaints of the chip.
    pub reports: &'a mut Vec<Report>,
}

impl Mapped {
    /// Nothing open.
    pub fn new(quirks: Quirks) -> Self {
        Mapped {
            quirks,
            burst: Burst::None,
            fifo: [0; FIFO],
            fifo_len: 0,
            fifo_start: 0,
            fifo_ready: Time(0),
            room_since: Time(0),
            write_slots: [Time(0); WRITE_SLOTS],
            next_slot: 0,
            last_beat: 0,
            instruction_sent: false,
            timed_out: false,
            last_read: None,
        }
    }

    /// The time-out struck since the last question.
    pub fn take_timeout(&mut self) -> bool {
        core::mem::take(&mut self.timed_out)
    }

    /// Something may be open.
    pub fn is_open(&self) -> bool {
        self.burst != Burst::None
    }

    /// Serve one read burst of `burst` at memory address `start`.
    pub fn read(
        &mut self,
        burst: &ReadBurst,
        start: u32,
        at: Time,
        beats: &mut [ReadBeat; 4],
        cx: &mut Context,
    ) {
        self.settle(at, cx);
        let base = burst.addr.wrapping_sub(start);
        for index in 0..burst.beats {
            let addr = burst.beat_addr(index).wrapping_sub(base);
            let size = usize::from(burst.size);
            if let Some(data) = self.read_again(addr, size) {
                beats[usize::from(index)] = ReadBeat { data, ready: at };
                cx.wire.stats.read_beats += 1;
                continue;
            }
            if self.burst == Burst::Reading && addr == self.fifo_start {
                cx.wire.stats.continued += u64::from(index == 0);
            } else {
                self.stop(at, cx);
                self.burst = Burst::Reading;
                self.fifo_start = addr;
            }
            let mut ready = if self.fifo_len > 0 {
                at.max(self.fifo_ready)
            } else {
                at
            };
            while self.fifo_len < size {
                self.fetch(size - self.fifo_len, at, cx);
                ready = ready.max(cx.wire.cursor());
            }
            let mut bytes = [0; 8];
            bytes[..size].copy_from_slice(&self.fifo[..size]);
            let data = u64::from_le_bytes(bytes) << (8 * (addr & 7));
            beats[usize::from(index)] = ReadBeat { data, ready };
            self.last_read = Some((addr, size, data));
            self.drop_front(size, ready);
            cx.wire.stats.read_beats += 1;
        }
    }

    /// What the last read gave, if it was there and as wide.
    fn read_again(&self, addr: u32, size: usize) -> Option<u64> {
        let (last, bytes, data) = self.last_read?;
        (self.burst == Burst::Reading && last == addr && bytes == size).then_some(data)
    }

    /// Take one write beat at memory address `addr`; returns when it was taken.
    pub fn write(&mut self, beat: &WriteBeat, addr: u32, at: Time, cx: &mut Context) -> Time {
        self.settle(at, cx);
        cx.wire.stats.write_beats += 1;
        let data = if beat.is_partial() {
            cx.wire.stats.partial_beats += 1;
            self.fill_gaps(beat, addr, cx.wire)
        } else {
            beat.data
        };
        self.last_beat = data;
        let lane = (addr & 7) as usize;
        let bytes = data.to_le_bytes();
        let taken = at.max(self.write_slots[self.next_slot]);
        self.push(&bytes[lane..lane + usize::from(beat.size)], addr, taken, cx);
        self.write_slots[self.next_slot] = cx.wire.cursor();
        self.next_slot = (self.next_slot + 1) % WRITE_SLOTS;
        taken
    }

    /// Let the controller do by itself what it would have done until `at`: fetch ahead, time out.
    pub fn settle(&mut self, at: Time, cx: &mut Context) {
        if self.burst == Burst::None || !cx.wire.is_low() {
            return;
        }
        if self.burst == Burst::Reading {
            let byte = cx.timing.clocks(cx.lanes.0.clocks_per_byte());
            while self.fifo_len < FIFO && cx.wire.is_low() && self.fetch_addr() < cx.timing.size {
                let begin = cx.wire.cursor().max(self.room_since);
                let passed = (at - begin).0 / byte.0.max(1);
                if passed == 0 {
                    return;
                }
                self.fetch(passed.min(FIFO as u64) as usize, begin, cx);
            }
        }
        self.release_if_idle(at, cx);
    }

    /// The clock has stopped at the cursor: time-out and, if so chosen, REFRESH.
    fn release_if_idle(&mut self, at: Time, cx: &mut Context) {
        let stopped = cx.wire.cursor();
        let stays = self.quirks.writes_stay_open && matches!(self.burst, Burst::Writing { .. });
        if let Some(timeout) = cx.timing.timeout.filter(|_| !stays) {
            let due = stopped + timeout;
            if due <= at {
                cx.wire.close(due, cx.reports);
                self.timed_out = true;
                return;
            }
        }
        if self.quirks.refresh_while_stopped {
            match self.refresh_due(cx) {
                Some(due) if due <= at => cx.wire.close(due, cx.reports),
                _ => {}
            }
        }
    }

    /// When the time-out will strike if nothing happens.
    pub fn timeout_due(&self, wire: &Wire, timing: &Timing) -> Option<Time> {
        if self.burst == Burst::None || !wire.is_low() {
            return None;
        }
        let left = match self.burst {
            Burst::Reading => (FIFO - self.fifo_len) as u32 * 8,
            _ => 0,
        };
        timing
            .timeout
            .map(|timeout| wire.cursor() + timing.clocks(left) + timeout)
    }

    /// End whatever is open; NCS goes high at `at` or as soon as it may.
    pub fn stop(&mut self, at: Time, cx: &mut Context) {
        cx.wire.close(at, cx.reports);
        self.forget();
    }

    /// Nothing is open any more, and nothing fetched is valid.
    pub fn forget(&mut self) {
        self.burst = Burst::None;
        self.fifo_len = 0;
        self.last_read = None;
        self.room_since = Time(0);
    }

    /// A new frame register set: SIOO starts over.
    pub fn frame_changed(&mut self) {
        self.instruction_sent = false;
    }

    fn fetch_addr(&self) -> u64 {
        u64::from(self.fifo_start) + self.fifo_len as u64
    }

    fn drop_front(&mut self, count: usize, at: Time) {
        if self.fifo_len == FIFO {
            self.room_since = at;
        }
        self.fifo.copy_within(count.., 0);
        self.fifo_len -= count;
        self.fifo_start = self.fifo_start.wrapping_add(count as u32);
    }

    /// Clock in up to `want` bytes behind those in the FIFO; at least one.
    fn fetch(&mut self, want: usize, earliest: Time, cx: &mut Context) {
        let addr = self.fetch_addr() as u32;
        let want = want.min(FIFO - self.fifo_len);
        let start = earliest.max(self.room_since);
        self.cut_if_due(addr, 4, cx.lanes.0, start, cx);
        if !cx.wire.is_low() {
            self.open(cx.read_shape, addr, start, cx);
        }
        let count = self.uncut(addr, want, (4, self.room_since), cx.lanes.0, cx);
        let into = &mut self.fifo[self.fifo_len..self.fifo_len + count];
        // A clock that never stopped goes on by itself; `start` only matters after a stop.
        cx.wire.receive(cx.lanes.0, into, self.room_since);
        self.fifo_len += count;
        self.fifo_ready = cx.wire.cursor();
    }

    /// Send `bytes`, in one burst with what went before if that ended at `addr`.
    fn push(&mut self, bytes: &[u8], addr: u32, at: Time, cx: &mut Context) {
        if self.burst == (Burst::Writing { next: addr }) && cx.wire.is_low() {
            cx.wire.stats.continued += 1;
        } else {
            self.stop(at, cx);
        }
        let mut sent = 0;
        while sent < bytes.len() {
            let here = addr.wrapping_add(sent as u32);
            self.cut_if_due(here, 1, cx.lanes.1, at, cx);
            if !cx.wire.is_low() {
                self.open(cx.write_shape, here, at, cx);
            }
            let count = self.uncut(here, bytes.len() - sent, (1, at), cx.lanes.1, cx);
            cx.wire.send(cx.lanes.1, &bytes[sent..sent + count], at);
            sent += count;
        }
        self.burst = Burst::Writing {
            next: addr.wrapping_add(bytes.len() as u32),
        };
    }

    fn open(&mut self, shape: &FrameShape, addr: u32, at: Time, cx: &mut Context) {
        let with_instruction = !(shape.instruction_once && self.instruction_sent);
        self.instruction_sent = true;
        let times = (cx.timing.period, cx.timing.high);
        cx.wire.open(shape, addr, with_instruction, at, times, cx.reports);
    }

    fn refresh_due(&self, cx: &Context) -> Option<Time> {
        let extra = if self.burst == Burst::Reading { 4 } else { 1 };
        (cx.timing.refresh_clocks > 0)
            .then(|| cx.wire.fell_at() + cx.timing.clocks(cx.timing.refresh_clocks.saturating_add(extra)))
    }

    /// Close the burst before the byte at `addr` if that lies behind a boundary or beyond the refresh time.
    fn cut_if_due(&mut self, addr: u32, extra: u32, lanes: Lanes, start: Time, cx: &mut Context) {
        if !cx.wire.is_low() {
            return;
        }
        let at_boundary = cx.timing.boundary > 0 && addr & (cx.timing.boundary - 1) == 0;
        let spent = self.bytes_until_refresh(extra, lanes, start, cx) == 0;
        if at_boundary || spent {
            cx.wire.close(Time(0), cx.reports);
        }
    }

    /// How many of `want` bytes from `addr` fit in before the next cut, if the clock goes on (after a stop) no earlier than
    /// `start`; at least one.
    fn uncut(
        &self,
        addr: u32,
        want: usize,
        (extra, start): (u32, Time),
        lanes: Lanes,
        cx: &Context,
    ) -> usize {
        let mut count = want as u64;
        if cx.timing.boundary > 0 {
            count = count.min(u64::from(cx.timing.boundary - (addr & (cx.timing.boundary - 1))));
        }
        count = count.min(self.bytes_until_refresh(extra, lanes, start, cx));
        count.max(1) as usize
    }

    fn bytes_until_refresh(&self, extra: u32, lanes: Lanes, start: Time, cx: &Context) -> u64 {
        if cx.timing.refresh_clocks == 0 {
            return u64::MAX;
        }
        let due = cx.wire.fell_at() + cx.timing.clocks(cx.timing.refresh_clocks.saturating_add(extra));
        let begin = cx.wire.cursor().max(start);
        (due - begin).0 / cx.timing.clocks(lanes.clocks_per_byte()).0.max(1)
    }

    fn fill_gaps(&self, beat: &WriteBeat, addr: u32, wire: &Wire) -> u64 {
        let old = self.last_beat.to_le_bytes();
        let mut bytes = beat.data.to_le_bytes();
        for (lane, byte) in bytes.iter_mut().enumerate() {
            if beat.strobes >> lane & 1 == 0 {
                *byte = match self.quirks.unstrobed {
                    Unstrobed::Zero => 0,
                    Unstrobed::Keep => wire.chip.peek((addr & !7) + lane as u32),
                    Unstrobed::Stale => old[lane],
                };
            }
        }
        u64::from_le_bytes(bytes)
    }
}
