//! SysTick, counted in processor cycles (Armv7-M B3.3).
//!
//! Not here: the calibration value that ST programs for the external reference; the reference clock is HCLK/8 (RM0455,
//! SysTick calibration), which this model takes as an eighth of the processor's clock, true while HPRE divides by 1.

use crate::Refused;

const ENABLE: u32 = 1;
const TICKINT: u32 = 1 << 1;
const CLKSOURCE: u32 = 1 << 2;
const COUNTFLAG: u32 = 1 << 16;

/// The timer.
#[derive(Clone, Debug, Default)]
pub struct SysTick {
    control: u32,
    reload: u32,
    /// The counter at `since`.
    value: u32,
    /// The cycle that `value` belongs to.
    since: u64,
    flag: bool,
}

impl SysTick {
    fn divider(&self) -> u64 {
        if self.control & CLKSOURCE != 0 { 1 } else { 8 }
    }

    /// Let time pass up to `cycle`. True if the counter came to zero and wants its exception.
    pub fn advance(&mut self, cycle: u64) -> bool {
        let ticks = cycle.saturating_sub(self.since) / self.divider();
        if self.control & ENABLE == 0 {
            self.since = cycle;
            return false;
        }
        self.since += ticks * self.divider();
        let value = u64::from(self.value);
        if ticks < value || ticks == 0 {
            self.value = (value - ticks.min(value)) as u32;
            return false;
        }
        // A counter at zero takes one tick to reload and does not count that as an arrival.
        let arrived = value != 0 || (self.reload != 0 && ticks > u64::from(self.reload));
        let period = u64::from(self.reload) + 1;
        let past = (ticks - value) % period;
        self.value = if past == 0 { 0 } else { (period - past) as u32 };
        self.flag |= arrived;
        arrived && self.control & TICKINT != 0
    }

    /// The cycle at which it next wants its exception.
    pub fn next_event(&self) -> Option<u64> {
        if self.control & (ENABLE | TICKINT) != ENABLE | TICKINT || (self.reload == 0 && self.value == 0) {
            return None;
        }
        let ticks = if self.value == 0 {
            u64::from(self.reload) + 1
        } else {
            u64::from(self.value)
        };
        Some(self.since + ticks * self.divider())
    }

    /// Read the register at `offset` from 0xE000E010; the model must have been advanced to now.
    pub fn read(&mut self, offset: u32) -> Result<u32, Refused> {
        match offset {
            0 => Ok(self.control
                | if core::mem::take(&mut self.flag) {
                    COUNTFLAG
                } else {
                    0
                }),
            4 => Ok(self.reload),
            8 => Ok(self.value),
            _ => Err(Refused::Unmodelled("SYST_CALIB")),
        }
    }

    /// Write it.
    pub fn write(&mut self, offset: u32, value: u32, mask: u32) -> Result<(), Refused> {
        match offset {
            0 => self.control = (self.control & !mask | value & mask) & (ENABLE | TICKINT | CLKSOURCE),
            4 => self.reload = (self.reload & !mask | value & mask) & 0x00FF_FFFF,
            // Any write clears the counter and the flag.
            8 => (self.value, self.flag) = (0, false),
            _ => return Err(Refused::Unmodelled("SYST_CALIB")),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(reload: u32) -> SysTick {
        let mut timer = SysTick::default();
        timer.write(4, reload, !0).unwrap();
        timer.write(8, 0, !0).unwrap();
        timer.write(0, ENABLE | TICKINT | CLKSOURCE, !0).unwrap();
        timer
    }

    #[test]
    fn a_period_is_reload_plus_one_cycles() {
        let mut timer = running(99);
        assert_eq!(timer.next_event(), Some(100));
        assert!(!timer.advance(99));
        assert_eq!(timer.read(8), Ok(1));
        assert!(timer.advance(100));
        assert_eq!(timer.next_event(), Some(200));
        assert!(timer.advance(200));
        assert!(timer.read(0).unwrap() & COUNTFLAG != 0);
        assert_eq!(timer.read(0).unwrap() & COUNTFLAG, 0, "reading clears COUNTFLAG");
    }

    #[test]
    fn one_long_step_equals_many_short_ones() {
        let (mut long, mut short) = (running(6), running(6));
        let mut hits = false;
        for cycle in 1..=1000 {
            hits |= short.advance(cycle);
        }
        assert!(hits && long.advance(1000));
        assert_eq!(
            (long.value, long.since, long.flag),
            (short.value, short.since, short.flag)
        );
    }

    #[test]
    fn a_stopped_timer_keeps_its_value() {
        let mut timer = running(99);
        timer.advance(40);
        timer.write(0, CLKSOURCE, !0).unwrap();
        assert_eq!(timer.next_event(), None);
        assert!(!timer.advance(10_000));
        assert_eq!(timer.read(8), Ok(60));
    }
}
