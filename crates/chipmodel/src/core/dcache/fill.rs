//! Linefills under way, and the logic that notices when fetching lines is a waste.
//!
//! The core has two linefill buffers; the critical word comes first and the rest follows behind the processor's back.
//! If three lines in a row are written completely before their linefill is over, the bus unit goes into dynamic
//! read-allocate mode: stores that miss are written out instead (Cortex-M7 TRM 5.9.1).

use super::lines::LINE;
use crate::bus::axi::ReadBeat;
use crate::{Effects, Time};

const BUFFERS: usize = 2;
const LINES_IN_A_ROW: u8 = 3;

#[derive(Clone, Copy, Debug)]
struct Fill {
    line: u32,
    /// When each 64-bit beat of the line, in address order, is there.
    ready: [Time; 4],
    done: Time,
    /// Bytes that stores have put into the line meanwhile.
    written: u32,
}

/// The linefill buffers.
#[derive(Clone, Debug, Default)]
pub struct Fills {
    buffers: [Option<Fill>; BUFFERS],
    row: u8,
}

impl Fills {
    /// Whether a linefill may still be in progress; finished ones are retired lazily.
    #[inline(always)]
    pub fn any(&self) -> bool {
        self.buffers[0].is_some() || self.buffers[1].is_some()
    }

    /// Forget those that are over at `now`.
    pub fn retire(&mut self, now: Time) {
        for buffer in &mut self.buffers {
            match buffer {
                Some(fill) if fill.done <= now => {
                    if fill.written != u32::MAX {
                        self.row = 0;
                    }
                    *buffer = None;
                }
                _ => {}
            }
        }
    }

    /// Wait until a buffer is free.
    pub fn wait_for_room(&mut self, fx: &mut Effects) {
        self.retire(fx.now + fx.stall);
        let first = self
            .buffers
            .iter()
            .map(|buffer| buffer.as_ref().map(|fill| fill.done))
            .min()
            .flatten();
        if let Some(done) = first {
            wait_until(done, fx);
            self.retire(done);
        }
    }

    /// A linefill has been sent off; `beats` as they came, the critical one first.
    pub fn begin(&mut self, addr: u32, beats: &[ReadBeat; 4]) {
        let critical = (addr / 8 % 4) as usize;
        let mut fill = Fill {
            line: addr / LINE,
            ready: [Time(0); 4],
            done: Time(0),
            written: 0,
        };
        for (index, beat) in beats.iter().enumerate() {
            fill.ready[(critical + index) % 4] = beat.ready;
            fill.done = fill.done.max(beat.ready);
        }
        if let Some(free) = self.buffers.iter_mut().find(|buffer| buffer.is_none()) {
            *free = Some(fill);
        }
    }

    /// Wait until the word at `addr` has arrived, if its line is under way.
    pub fn wait_for_word(&mut self, addr: u32, fx: &mut Effects) {
        for fill in self.buffers.iter().flatten() {
            if fill.line == addr / LINE {
                wait_until(fill.ready[(addr / 8 % 4) as usize], fx);
            }
        }
        self.retire(fx.now + fx.stall);
    }

    /// Wait until the line of `addr` is complete, if it is under way.
    pub fn wait_for_line(&mut self, addr: u32, fx: &mut Effects) {
        for fill in self.buffers.iter().flatten() {
            if fill.line == addr / LINE {
                wait_until(fill.done, fx);
            }
        }
        self.retire(fx.now + fx.stall);
    }

    /// A store went into the line of `addr`. True if that was the last byte of the third line in a row.
    pub fn store(&mut self, addr: u32, bytes: u32, now: Time) -> bool {
        self.retire(now);
        for fill in self.buffers.iter_mut().flatten() {
            if fill.line != addr / LINE {
                continue;
            }
            let before = fill.written;
            fill.written |= (((1u64 << bytes) - 1) << (addr % LINE)) as u32;
            if before != u32::MAX && fill.written == u32::MAX {
                self.row = (self.row + 1).min(LINES_IN_A_ROW);
                return self.row == LINES_IN_A_ROW;
            }
        }
        false
    }

    /// A line is fetched for another reason than a store: the row is broken.
    pub fn break_row(&mut self) {
        self.row = 0;
    }
}

/// Stall the processor until `time`.
pub fn wait_until(time: Time, fx: &mut Effects) {
    let now = fx.now + fx.stall;
    fx.stall = fx.stall + (time - now);
}
