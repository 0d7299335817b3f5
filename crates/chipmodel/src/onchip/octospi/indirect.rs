//! Indirect mode: one frame, with its data going through the FIFO behind DR.
//!
//! The FIFO holds 32 bytes; when it is full (reading) or empty (writing) the clock stops with NCS low. Time is only
//! worked out when somebody looks.

use std::collections::VecDeque;

use super::frame::FrameShape;
use super::timing::Timing;
use super::wire::Wire;
use crate::{Report, Time};

const FIFO: usize = 32;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Read,
    Write,
}

/// A transfer that is under way.
#[derive(Clone, Copy, Debug)]
struct Transfer {
    direction: Direction,
    shape: FrameShape,
    timing: Timing,
    /// Bytes still to pass over the wire.
    left: u64,
}

/// The state of indirect mode.
#[derive(Clone, Debug, Default)]
pub struct Indirect {
    transfer: Option<Transfer>,
    /// Bytes and when each got in.
    fifo: VecDeque<(u8, Time)>,
    /// From when on there is room again in a FIFO that was full.
    room_since: Time,
    /// NCS goes high at this time and the transfer is complete.
    ends_at: Option<Time>,
}

impl Indirect {
    /// Bytes in the FIFO.
    pub fn level(&self) -> u32 {
        self.fifo.len() as u32
    }

    /// A frame is on the wires, or its data has not been fetched.
    pub fn is_busy(&self) -> bool {
        self.transfer.is_some() || self.ends_at.is_some()
    }

    /// A transfer on the wires that brings data in.
    pub fn is_reading(&self) -> bool {
        self.transfer
            .is_some_and(|transfer| transfer.direction == Direction::Read)
    }

    /// Begin. `bytes` is how many there will be; none at all if the frame has no data phase.
    #[expect(clippy::too_many_arguments, reason = "a frame has that many parts")]
    pub fn start(
        &mut self,
        write: bool,
        shape: FrameShape,
        address: u32,
        bytes: u64,
        timing: Timing,
        at: Time,
        wire: &mut Wire,
        reports: &mut Vec<Report>,
    ) {
        self.fifo.clear();
        self.room_since = Time(0);
        wire.open(&shape, address, true, at, (timing.period, timing.high), reports);
        let left = if shape.data.is_some() { bytes } else { 0 };
        let direction = if write { Direction::Write } else { Direction::Read };
        if left == 0 {
            self.finish(wire, reports);
        } else {
            self.transfer = Some(Transfer {
                direction,
                shape,
                timing,
                left,
            });
        }
    }

    /// Pass the bytes whose last clock is over at `now`. Returns true once, when the transfer is complete.
    pub fn pump(&mut self, now: Time, wire: &mut Wire, reports: &mut Vec<Report>) -> bool {
        while let Some(end) = self.next_byte_ends(wire) {
            if end > now {
                break;
            }
            self.pass_byte(wire, reports);
        }
        match self.ends_at {
            Some(end) if end <= now => {
                self.ends_at = None;
                true
            }
            _ => false,
        }
    }

    /// When the next byte will have passed; `None` if the clock stands still or nothing is left.
    pub fn next_byte_ends(&self, wire: &Wire) -> Option<Time> {
        let transfer = self.transfer?;
        let begin = match transfer.direction {
            Direction::Read if self.fifo.len() >= FIFO => return None,
            Direction::Read => wire.cursor().max(self.room_since),
            Direction::Write => wire.cursor().max(self.fifo.front()?.1),
        };
        let lanes = transfer.shape.data?;
        Some(begin + transfer.timing.clocks(lanes.clocks_per_byte()))
    }

    /// When something next happens by itself.
    pub fn next_event(&self, wire: &Wire) -> Option<Time> {
        self.ends_at.or_else(|| self.next_byte_ends(wire))
    }

    fn pass_byte(&mut self, wire: &mut Wire, reports: &mut Vec<Report>) {
        let Some(transfer) = &mut self.transfer else {
            return;
        };
        let Some(lanes) = transfer.shape.data else { return };
        match transfer.direction {
            Direction::Read => {
                let mut byte = [0];
                wire.receive(lanes, &mut byte, self.room_since);
                self.fifo.push_back((byte[0], wire.cursor()));
            }
            Direction::Write => {
                let Some((byte, since)) = self.fifo.pop_front() else {
                    return;
                };
                wire.send(lanes, &[byte], since);
            }
        }
        transfer.left -= 1;
        if transfer.left == 0 {
            self.transfer = None;
            self.finish(wire, reports);
        }
    }

    fn finish(&mut self, wire: &mut Wire, reports: &mut Vec<Report>) {
        wire.close(Time(0), reports);
        self.ends_at = Some(wire.cursor());
    }

    /// Take a byte out of the FIFO; returns it with the time when it was there. `None` if none will come.
    pub fn pop(&mut self, at: Time, wire: &mut Wire, reports: &mut Vec<Report>) -> Option<(u8, Time)> {
        if self.fifo.is_empty() && self.is_reading() {
            self.pass_byte(wire, reports);
        }
        let full = self.fifo.len() >= FIFO;
        let (byte, since) = self.fifo.pop_front()?;
        let taken = at.max(since);
        if full {
            self.room_since = taken;
        }
        Some((byte, taken))
    }

    /// Put a byte into the FIFO; returns when there was room. `None` if the transfer does not want it.
    pub fn push(&mut self, byte: u8, at: Time, wire: &mut Wire, reports: &mut Vec<Report>) -> Option<Time> {
        let transfer = self.transfer?;
        if transfer.direction != Direction::Write || self.fifo.len() as u64 >= transfer.left {
            return None;
        }
        let mut room = at;
        if self.fifo.len() >= FIFO {
            self.pass_byte(wire, reports);
            room = at.max(wire.cursor());
        }
        self.fifo.push_back((byte, room));
        Some(room)
    }

    /// End it here and now; what is in the FIFO is lost.
    pub fn abort(&mut self, at: Time, wire: &mut Wire, reports: &mut Vec<Report>) {
        wire.close(at, reports);
        *self = Indirect::default();
    }

    /// Forget bytes that were received and not fetched.
    pub fn flush(&mut self) {
        self.fifo.clear();
    }
}
