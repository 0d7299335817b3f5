//! When the core has to stop.

use crate::chip::clock::Clock;
use chipmodel::Time;

/// The next stop, and what it follows from. Times are kept with their cycles, which a change of the clock moves.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    /// The core stops at the first block at or after this cycle.
    pub deadline: u64,
    /// The run ends here.
    limit: (Time, u64),
    /// The run ends at the next byte on the console.
    stop_on_output: bool,
    /// The next moment at which a device changes by itself.
    device: (Option<Time>, u64),
}

impl Schedule {
    /// Nothing is planned, and the core stops at once.
    pub fn new() -> Self {
        Schedule {
            deadline: 0,
            limit: (Time(0), 0),
            stop_on_output: false,
            device: (None, u64::MAX),
        }
    }

    /// Run no further than this, or the next byte on the console.
    pub fn set_limit(&mut self, time: Time, stop_on_output: bool, clock: &Clock) {
        (self.limit, self.stop_on_output) = ((time, clock.cycle_at(time)), stop_on_output);
    }

    /// The clock's frequency is another.
    pub fn clock_changed(&mut self, clock: &Clock) {
        self.limit.1 = clock.cycle_at(self.limit.0);
    }

    /// A device changes next at this time.
    pub fn set_device(&mut self, next: Option<Time>, clock: &Clock) {
        if next != self.device.0 || next.is_some() {
            self.device = (next, next.map_or(u64::MAX, |time| clock.cycle_at(time)));
        }
    }

    /// The cycle at which a device changes next.
    pub fn device(&self) -> Option<u64> {
        self.device.0.map(|_| self.device.1)
    }

    /// Set the deadline: at once, or at the first of all that is due.
    pub fn plan(&mut self, at_once: bool, has_output: bool, others: [u64; 2]) {
        self.deadline = if at_once || self.stop_on_output && has_output {
            0
        } else {
            others.into_iter().fold(self.device.1.min(self.limit.1), u64::min)
        };
    }
}
