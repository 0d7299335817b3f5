//! What DMA1, DMA2 and BDMA2 have in common: channels that wait for requests, and the order in which they get the bus.

use super::run::{Plan, Run};
use crate::bus::master::Buses;
use crate::{Effects, Kind, Refused, Time};

/// Flags of a channel, at their places in DMA_LISR for stream 0.
pub mod flag {
    /// Direct mode error.
    pub const DME: u32 = 1 << 2;
    /// Transfer error.
    pub const TE: u32 = 1 << 3;
    /// Half of the block.
    pub const HT: u32 = 1 << 4;
    /// All of it.
    pub const TC: u32 = 1 << 5;
    /// All of them, and FIFO errors.
    pub const ALL: u32 = 1 | DME | TE | HT | TC;
}

/// Items that a copy moves at once: what the FIFO holds.
const COPIED_AT_ONCE: u32 = 16;

/// A stream of DMA1 or DMA2, a channel of BDMA2.
#[derive(Clone, Debug, Default)]
pub struct Channel {
    pub cr: u32,
    pub ndtr: u32,
    pub par: u32,
    pub mar: [u32; 2],
    pub fcr: u32,
    pub flags: u32,
    /// It is on.
    pub run: Option<Run>,
    /// It was switched off while data was in its FIFO.
    pub closing: bool,
    /// 0 to 3; the highest goes first.
    pub priority: u32,
}

impl Channel {
    /// Switched on: what it works with is taken over.
    pub fn start(&mut self, plan: Plan, second: bool) {
        let memory = self.mar[usize::from(second)];
        self.run = Some(Run::new(plan, self.ndtr, self.par, memory, second));
    }

    /// Why it cannot be switched on as it is.
    pub fn objection(&self, plan: &Plan) -> Option<String> {
        let odd = |address: u32, size: u32| address % size != 0;
        if self.ndtr == 0 {
            Some("NDTR is 0".into())
        } else if odd(self.par, plan.peripheral.size) || odd(self.mar[0], plan.memory.size) {
            Some(format!(
                "addresses {:#010x} and {:#010x} are no multiples of the sizes of {} and {} bytes",
                self.par, self.mar[0], plan.peripheral.size, plan.memory.size
            ))
        } else {
            None
        }
    }

    fn wants(&self, requested: bool) -> bool {
        self.closing
            || self
                .run
                .as_ref()
                .is_some_and(|run| requested || run.plan.direction == super::run::Direction::Copy)
    }

    /// Serve one request. Returns when it is done.
    fn serve(&mut self, name: &str, at: Time, buses: &mut dyn Buses, fx: &mut Effects) -> Time {
        let Some(run) = &mut self.run else { return at };
        let mut now = at;
        if self.closing {
            match run.flush(at, buses, fx) {
                Ok(done) => now = done,
                Err(failed) => self.flags |= failure(name, failed, fx),
            }
            self.end();
            return now;
        }
        let items = match run.plan.direction {
            super::run::Direction::Copy => COPIED_AT_ONCE,
            _ => run.plan.burst,
        };
        for _ in 0..items.min(run.left) {
            match run.item(now, buses, fx) {
                Ok(done) => now = done,
                Err(failed) => {
                    self.flags |= failure(name, failed, fx);
                    self.ndtr = run.left;
                    self.run = None;
                    return now;
                }
            }
            let passed = run.passed();
            self.flags |= if passed.half { flag::HT } else { 0 } | if passed.whole { flag::TC } else { 0 };
        }
        self.ndtr = run.left;
        if run.left == 0 {
            if run.plan.circular || run.plan.double {
                run.again(self.mar);
                self.ndtr = run.left;
            } else {
                self.run = None;
            }
        }
        now
    }

    /// Switched off by software before its end.
    pub fn stop(&mut self) {
        match &self.run {
            Some(run) if run.holds_data() => self.closing = true,
            Some(_) => self.end(),
            None => {}
        }
    }

    fn end(&mut self) {
        (self.run, self.closing) = (None, false);
        // That it is over is told as at the end of a block.
        self.flags |= flag::TC;
    }
}

fn failure(name: &str, (address, refused): (u32, Refused), fx: &mut Effects) -> u32 {
    let (kind, why) = match refused {
        Refused::Unmodelled(what) => (Kind::Unmodelled, format!("no model of {what}")),
        Refused::BusError(why) => (Kind::BusError, why),
    };
    fx.report_at(kind, address, format!("{name}: {why}"));
    flag::TE
}

/// All channels of a controller.
#[derive(Clone, Debug, Default)]
pub struct Channels {
    pub all: [Channel; 8],
    /// Levels of their requests.
    requests: u32,
    /// When the last one was done, or something was switched on.
    free: Time,
}

impl Channels {
    /// New levels: bit n is the request of channel n.
    pub fn hear(&mut self, requests: u32) {
        self.requests = requests;
    }

    /// Nothing happens before this.
    pub fn not_before(&mut self, time: Time) {
        self.free = self.free.max(time);
    }

    fn next(&self) -> Option<usize> {
        let wanting = (0..8).filter(|&n| self.all[n].wants(self.requests >> n & 1 != 0));
        wanting.min_by_key(|&n| 3 - self.all[n].priority)
    }

    /// When there is something to do.
    pub fn due(&self) -> Option<Time> {
        self.next().map(|_| self.free)
    }

    /// Serve one request, or some items of a copy: levels may have changed afterwards.
    pub fn work(&mut self, name: &str, buses: &mut dyn Buses, fx: &mut Effects) {
        let Some(n) = self.next() else { return };
        let at = match &self.all[n].run {
            Some(run) if run.plan.direction == super::run::Direction::Copy => self.free,
            // A request comes when it comes; a machine that looks late serves it late.
            _ => self.free.max(fx.now),
        };
        self.free = self.all[n].serve(&format!("{name} channel {n}"), at, buses, fx);
    }
}
