//! Somebody at the other end of a serial port, who talks in bytes at a speed of its own.

use crate::{Picos, Time};
use std::collections::VecDeque;

/// Start bit, eight data bits, stop bit.
pub(super) const FRAME_BITS: u64 = 10;
/// The other end.
#[derive(Clone, Debug)]
pub(super) struct Other {
    pub baud: u32,
    /// The frame in the transmit shift register, and when its stop bit ends.
    pub shifting: Option<(u16, Time)>,
    /// Bytes that are still to come, and when the first one's stop bit ends.
    pub arriving: VecDeque<u8>,
    pub arrives_at: Option<Time>,
    /// Whether the pins of output and input belong to the port.
    pub connected: [bool; 2],
    pub complained: bool,
}

impl Other {
    pub fn new(baud: u32) -> Other {
        Other {
            baud,
            shifting: None,
            arriving: VecDeque::new(),
            arrives_at: None,
            connected: [true; 2],
            complained: false,
        }
    }

    pub fn is_sending(&self) -> bool {
        self.shifting.is_some()
    }

    pub fn is_arriving(&self) -> bool {
        self.arrives_at.is_some()
    }

    pub fn stop(&mut self) {
        self.shifting = None;
    }

    pub fn next_event(&self) -> Option<Time> {
        let times = [self.shifting.map(|(_, end)| end), self.arrives_at];
        times.into_iter().flatten().min()
    }

    pub fn frame(&self) -> Picos {
        Picos::of_cycles(FRAME_BITS, self.baud)
    }
}
