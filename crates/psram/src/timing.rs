//! From picoseconds to clock cycles and back, without rounding the wrong way.
//!
//! The clock is kept as a fraction (kernel clock and divider), because a frequency in whole hertz is already rounded,
//! and a limit that is missed by a hair is missed.

const PS_PER_S: u64 = 1_000_000_000_000;

/// The clock on the wire: `kernel_hz / divider`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// What goes into the controller.
    pub kernel_hz: u32,
    /// What the controller divides it by, at least 1.
    pub divider: u16,
}

impl Clock {
    /// In hertz, rounded down.
    pub const fn hz(self) -> u32 {
        self.kernel_hz / self.divider as u32
    }

    /// Is it at most `max_hz`?
    pub const fn within(self, max_hz: u32) -> bool {
        self.kernel_hz as u64 <= max_hz as u64 * self.divider as u64
    }

    /// The fewest cycles that last for at least `ps`.
    pub const fn cycles_for_at_least(self, ps: u32) -> u32 {
        (ps as u64 * self.kernel_hz as u64).div_ceil(PS_PER_S * self.divider as u64) as u32
    }

    /// The most cycles that last for at most `ps`.
    pub const fn cycles_for_at_most(self, ps: u32) -> u32 {
        (ps as u64 * self.kernel_hz as u64 / (PS_PER_S * self.divider as u64)) as u32
    }

    /// How long `cycles` last, rounded up.
    pub const fn ps(self, cycles: u32) -> u64 {
        (cycles as u64 * self.divider as u64 * PS_PER_S).div_ceil(self.kernel_hz as u64)
    }
}

/// The fastest clock of which `cycles` still last for `ps`.
pub const fn fastest_hz(cycles: u32, ps: u32) -> u32 {
    let hz = cycles as u64 * PS_PER_S / ps as u64;
    if hz > u32::MAX as u64 { u32::MAX } else { hz as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_70_MHZ: Clock = Clock {
        kernel_hz: 140_000_000,
        divider: 2,
    };

    #[test]
    fn cycles_round_to_the_safe_side() {
        assert_eq!(AT_70_MHZ.hz(), 70_000_000);
        assert_eq!(AT_70_MHZ.cycles_for_at_least(50_000), 4); // 3.5 periods
        assert_eq!(AT_70_MHZ.cycles_for_at_most(50_000), 3);
        assert_eq!(AT_70_MHZ.cycles_for_at_most(8_000_000), 560);
        assert_eq!(AT_70_MHZ.cycles_for_at_least(8_000_000), 560); // exactly
        assert_eq!(AT_70_MHZ.ps(7), 100_000);
        assert_eq!(AT_70_MHZ.ps(1), 14_286);
    }

    #[test]
    fn a_divided_clock_is_compared_exactly() {
        let third = Clock {
            kernel_hz: 100_000_001,
            divider: 3,
        };
        assert_eq!(third.hz(), 33_333_333);
        assert!(!third.within(33_333_333));
        assert!(third.within(33_333_334));
    }

    #[test]
    fn twenty_nanoseconds_of_hold_need_at_most_50_mhz() {
        assert_eq!(fastest_hz(1, 20_000), 50_000_000);
        assert_eq!(fastest_hz(1, 3_000), 333_333_333);
    }
}
