//! Virtual time, in picoseconds, so that devices with unrelated clocks share one axis.

use core::ops::{Add, Sub};

/// A moment: picoseconds since the processor's reset was released after power-up. 64 bits last for 213 days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(pub u64);

/// A span of virtual time in picoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Picos(pub u64);

const PS_PER_S: u128 = 1_000_000_000_000;

impl Picos {
    /// How long `cycles` of a clock of `hz` last, rounded up so that nothing ends before its last edge.
    ///
    /// # Panics
    /// If `hz` is 0.
    pub fn of_cycles(cycles: u64, hz: u32) -> Self {
        Picos((u128::from(cycles) * PS_PER_S).div_ceil(u128::from(hz)) as u64)
    }

    /// How many whole cycles of a clock of `hz` fit into this span.
    pub fn cycles(self, hz: u32) -> u64 {
        (u128::from(self.0) * u128::from(hz) / PS_PER_S) as u64
    }

    /// A span given in nanoseconds.
    pub const fn from_ns(ns: u64) -> Self {
        Picos(ns * 1000)
    }
}

impl Add<Picos> for Time {
    type Output = Time;
    fn add(self, span: Picos) -> Time {
        Time(self.0 + span.0)
    }
}

impl Sub for Time {
    type Output = Picos;
    /// The span from `earlier` to `self`; zero if `earlier` is in fact later.
    fn sub(self, earlier: Time) -> Picos {
        Picos(self.0.saturating_sub(earlier.0))
    }
}

impl Add for Picos {
    type Output = Picos;
    fn add(self, other: Picos) -> Picos {
        Picos(self.0 + other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cycles_survive_the_way_there_and_back() {
        for hz in [1_000_000, 64_000_000, 70_000_000, 280_000_000] {
            for cycles in [0, 1, 2, 3, 77, 1_000_000_007] {
                assert_eq!(Picos::of_cycles(cycles, hz).cycles(hz), cycles);
            }
        }
    }
}
