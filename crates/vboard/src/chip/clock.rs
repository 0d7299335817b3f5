//! Virtual time: processor cycles, and the moments in picoseconds that they stand for while the clock changes speed.

use chipmodel::{Picos, Time};

/// The processor's clock.
#[derive(Clone, Debug)]
pub struct Clock {
    /// Cycles since power-up.
    pub cycles: u64,
    /// Instructions since power-up.
    pub instructions: u64,
    hz: u32,
    /// Picoseconds per cycle, with 32 fractional bits.
    period: u64,
    /// Where the clock last changed speed.
    since_cycle: u64,
    since: Time,
}

const PS_PER_S: u64 = 1_000_000_000_000;

fn period_of(hz: u32) -> u64 {
    ((u128::from(PS_PER_S) << 32) / u128::from(hz.max(1))) as u64
}

impl Clock {
    /// A clock at power-up.
    pub fn new(hz: u32) -> Self {
        Clock {
            cycles: 0,
            instructions: 0,
            hz,
            period: period_of(hz),
            since_cycle: 0,
            since: Time(0),
        }
    }

    /// The moment of the present cycle.
    #[inline]
    pub fn now(&self) -> Time {
        self.since + Picos(self.span(self.cycles - self.since_cycle))
    }

    /// The moment of `cycle`, if the clock does not change speed before it.
    pub fn time_at(&self, cycle: u64) -> Time {
        self.since + Picos(self.span(cycle.saturating_sub(self.since_cycle)))
    }

    fn span(&self, cycles: u64) -> u64 {
        ((u128::from(cycles) * u128::from(self.period)) >> 32) as u64
    }

    /// The first cycle that is not before `time`.
    pub fn cycle_at(&self, time: Time) -> u64 {
        let span = (time - self.since).0;
        let cycles = (u128::from(span) << 32).div_ceil(u128::from(self.period));
        self.since_cycle
            .saturating_add(u64::try_from(cycles).unwrap_or(u64::MAX))
    }

    /// The processor waits.
    #[inline]
    pub fn stall(&mut self, span: Picos) {
        // Whole cycles: the processor goes on with the next edge. Long division only for stalls of more than 60 ms.
        self.cycles += match span.0.checked_mul(u64::from(self.hz)) {
            Some(product) => product.div_ceil(PS_PER_S),
            None => (u128::from(span.0) * u128::from(self.hz)).div_ceil(u128::from(PS_PER_S)) as u64,
        };
    }

    /// Jump ahead, while the processor sleeps.
    pub fn jump(&mut self, cycle: u64) {
        self.cycles = self.cycles.max(cycle);
    }

    /// The clock tree may have changed. True: it did, and cycles that were planned ahead are wrong.
    pub fn set_hz(&mut self, hz: u32) -> bool {
        let changed = hz != self.hz;
        if changed {
            self.since = self.now();
            self.since_cycle = self.cycles;
            (self.hz, self.period) = (hz, period_of(hz));
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cycle_of_a_moment_is_the_first_that_is_not_before_it() {
        for hz in [1, 32_768, 64_000_000, 280_000_000] {
            let mut clock = Clock::new(hz);
            for ps in [1, 3571, 3572, 1_000_000, 123_456_789_012] {
                clock.cycles = clock.cycle_at(Time(ps));
                assert!(clock.now() >= Time(ps), "{hz} Hz, {ps} ps");
                clock.cycles -= 1;
                assert!(clock.now() < Time(ps), "{hz} Hz, {ps} ps");
            }
        }
    }

    #[test]
    fn time_goes_on_when_the_clock_changes_speed() {
        let mut clock = Clock::new(64_000_000);
        clock.cycles = 64;
        clock.set_hz(280_000_000);
        assert_eq!(clock.now(), Time(1_000_000));
        clock.cycles += 280;
        assert!((clock.now() - Time(1_000_000)).0.abs_diff(1_000_000) <= 1);
        clock.stall(Picos::from_ns(1000));
        assert_eq!(clock.cycles, 64 + 280 + 280);
    }
}
