//! How a timer divides its clock: a prescaler of 16 bits, and a period of 16 or 32.

/// What is written to PSC and ARR, each one less than the factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The prescaler.
    pub psc: u16,
    /// The period.
    pub arr: u32,
}

/// The longest period. One less than the counter could do, so that a compare value beyond it exists: always high.
const MOST: u64 = 0xFFFF;
const MOST_WIDE: u64 = 0xFFFF_FFFF;

impl Period {
    /// The nearest to so many cycles of the timer's clock; `None` if the counter cannot do them.
    pub fn of_cycles(cycles: u64, wide: bool) -> Option<Period> {
        let most = if wide { MOST_WIDE } else { MOST };
        let prescaler = cycles.div_ceil(most).max(1);
        let ticks = (cycles + prescaler / 2) / prescaler;
        let psc = u16::try_from(prescaler - 1).ok()?;
        // A period of one tick stops the counter.
        (2..=most).contains(&ticks).then(|| Period {
            psc,
            arr: (ticks - 1) as u32,
        })
    }

    /// Ticks of a period.
    pub fn ticks(self) -> u64 {
        u64::from(self.arr) + 1
    }

    /// Cycles of the timer's clock.
    pub fn cycles(self) -> u64 {
        self.ticks() * (u64::from(self.psc) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frequency_is_met_to_a_few_parts_in_a_hundred_thousand() {
        const HZ: u64 = 280_000_000;
        for wide in [false, true] {
            for hz in (1..50_000).step_by(7) {
                let cycles = (HZ + hz / 2) / hz;
                let period = Period::of_cycles(cycles, wide).unwrap();
                let off = period.cycles().abs_diff(cycles);
                assert!(off * 30_000 <= cycles, "{hz} Hz: {period:?}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert_eq!(Period::of_cycles(1, false), None);
        assert_eq!(Period::of_cycles(2, false), Some(Period { psc: 0, arr: 1 }));
        assert_eq!(
            Period::of_cycles(0xFFFF, false),
            Some(Period { psc: 0, arr: 0xFFFE })
        );
        assert_eq!(
            Period::of_cycles(0xFFFF * 0x1_0000, false),
            Some(Period {
                psc: 0xFFFF,
                arr: 0xFFFE
            })
        );
        assert_eq!(Period::of_cycles(0xFFFF * 0x1_0000 + 0x1_0000, false), None);
        assert!(Period::of_cycles(0xFFFF * 0x1_0001, true).is_some());
        assert_eq!(Period::of_cycles(0xFFFF_FFFF * 0x1_0001, true), None);
    }
}
