//! The counter: from time to ticks, updates, flags.

use super::*;
use crate::Picos;

impl Tim {
    /// Whether it counts by its clock.
    pub(super) fn runs(&self) -> bool {
        self.cr1 & CR1_CEN != 0 && self.hz != 0 && self.active.arr != 0 && !self.counts_edges()
    }

    pub(super) fn period(&self) -> u64 {
        u64::from(self.active.arr) + 1
    }

    fn prescaler(&self) -> u64 {
        u64::from(self.active.psc) + 1
    }

    fn ticks_at(&self, now: Time) -> u64 {
        if !self.runs() {
            return 0;
        }
        (now - self.anchor).cycles(self.hz) / self.prescaler()
    }

    /// When the tick of this number since the anchor comes.
    pub(super) fn time_of_tick(&self, tick: u64) -> Time {
        self.anchor + Picos::of_cycles(tick * self.prescaler(), self.hz)
    }

    pub(super) fn count(&self) -> u64 {
        (self.anchor_count + self.settled_ticks) % self.period()
    }

    /// Set the flags of all that happened up to `now`, and restart the arithmetic if the clock changed.
    pub(super) fn settle(&mut self, now: Time, clocks: &Clocks) {
        loop {
            let ticks = self.ticks_at(now).saturating_sub(self.settled_ticks);
            let overflow = self.ticks_until(0);
            if ticks < overflow || !self.changes_at_overflow() {
                self.pass(ticks);
                break;
            }
            // Period by period while something waits for the end of one.
            self.pass(overflow);
            let then = self.time_of_tick(self.settled_ticks);
            self.restart_at(0, then);
            self.update();
            if self.cr1 & CR1_OPM != 0 {
                self.cr1 &= !CR1_CEN;
            }
        }
        if self.hz != (self.kind.clock)(clocks) {
            self.rebase(now);
            self.hz = (self.kind.clock)(clocks);
        }
    }

    fn changes_at_overflow(&self) -> bool {
        self.cr1 & CR1_UDIS == 0 && (self.cr1 & CR1_OPM != 0 || self.active != self.preload)
    }

    /// What software has written counts from here on.
    fn update(&mut self) {
        self.active = self.preload;
    }

    /// EGR.UG.
    pub(super) fn generate_update(&mut self, now: Time) {
        self.update();
        self.restart_at(0, now);
        if self.cr1 & (CR1_URS | CR1_UDIS) == 0 {
            self.sr |= UIF;
        }
    }

    pub(super) fn write_arr(&mut self, value: u32, fx: &mut Effects) {
        self.preload.arr = value;
        if self.cr1 & CR1_ARPE == 0 {
            self.rebase(fx.now);
            if self.runs() && self.anchor_count > u64::from(value) {
                fx.report(
                    Problem::Unmodelled,
                    format!(
                        "{}_ARR: {value} is below the count {}, which runs on to its end: no model",
                        self.kind.name, self.anchor_count
                    ),
                );
            }
            self.active.arr = value;
        }
    }

    pub(super) fn write_ccr(&mut self, channel: usize, value: u32) {
        self.preload.ccr[channel] = value & self.kind.most;
        if !self.is_preloaded(channel) {
            self.active.ccr[channel] = self.preload.ccr[channel];
        }
    }

    /// So many ticks pass, without an update that changes anything.
    fn pass(&mut self, ticks: u64) {
        if ticks == 0 {
            return;
        }
        if self.cr1 & CR1_UDIS == 0 && self.ticks_until(0) <= ticks {
            self.sr |= UIF;
        }
        for channel in self.outputs() {
            let first = self.ticks_until(u64::from(self.active.ccr[channel]));
            if first <= ticks {
                self.sr |= ccif(channel);
                self.compared(channel, 1 + (ticks - first) / self.period());
            }
        }
        self.settled_ticks += ticks;
    }

    /// One step by an edge at a pin.
    pub(super) fn step(&mut self, up: bool) {
        if self.cr1 & CR1_CEN == 0 {
            return;
        }
        self.cr1 = self.cr1 & !CR1_DIR | if up { 0 } else { CR1_DIR };
        let last = self.period() - 1;
        let count = match (self.count(), up) {
            (count, true) if count == last => 0,
            (count, true) => count + 1,
            (0, false) => last,
            (count, false) => count - 1,
        };
        let wraps = count == if up { 0 } else { last };
        (self.anchor_count, self.settled_ticks) = (count, 0);
        if wraps && self.cr1 & CR1_UDIS == 0 {
            self.sr |= UIF;
            self.update();
        }
        for channel in self.outputs() {
            if count == u64::from(self.active.ccr[channel]) {
                self.sr |= ccif(channel);
                self.compared(channel, 1);
            }
        }
    }

    /// The channels that compare; the others capture.
    fn outputs(&self) -> impl Iterator<Item = usize> + use<> {
        let selections: [u32; 4] = core::array::from_fn(|channel| self.selection(channel));
        (0..self.kind.channels).filter(move |channel| selections[*channel] == 0)
    }

    /// Ticks from the settled count until the counter next becomes `target`: 1 to a whole period, or never.
    pub(super) fn ticks_until(&self, target: u64) -> u64 {
        if target >= self.period() {
            return u64::MAX;
        }
        (target + self.period() - 1 - self.count()) % self.period() + 1
    }

    /// Ticks until something happens that is waited for.
    pub(super) fn next_tick(&self) -> Option<u64> {
        if !self.runs() {
            return None;
        }
        let waited_for = self.dier & !self.sr;
        let mut next = u64::MAX;
        if waited_for & UIF != 0 && self.cr1 & CR1_UDIS == 0 {
            next = self.ticks_until(0);
        }
        for channel in self.outputs() {
            if waited_for & ccif(channel) != 0 {
                next = next.min(self.ticks_until(u64::from(self.active.ccr[channel])));
            }
            if self.is_routed(channel) {
                next = next.min(self.ticks_until_edge(channel));
                if self.changes_at_overflow() {
                    next = next.min(self.ticks_until(0));
                }
            }
        }
        (next != u64::MAX).then_some(next)
    }

    /// Make `now` the new anchor; the fraction of a tick that has passed is lost.
    pub(super) fn rebase(&mut self, now: Time) {
        self.restart_at(self.count(), now);
    }

    pub(super) fn restart_at(&mut self, count: u64, now: Time) {
        (self.anchor_count, self.settled_ticks, self.anchor) = (count, 0, now);
    }
}
