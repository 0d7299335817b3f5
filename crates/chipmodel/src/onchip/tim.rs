//! A general-purpose timer that counts up and compares (RM0455 41): enough for a time base with alarms.
//!
//! Nothing is stepped: the count is computed from the time since an anchor, so a timer costs nothing while it runs.
//! Does NOT model: capture, outputs, down-counting, one-pulse mode, slave modes, DMA requests.

use crate::bus::bank::{lane, merged};
use crate::{Clocks, Device, Effects, Kind, Picos, Refused, Time, Width};

const CR1: u32 = 0x00;
const CR2: u32 = 0x04;
const SMCR: u32 = 0x08;
const DIER: u32 = 0x0C;
const SR: u32 = 0x10;
const EGR: u32 = 0x14;
const CCMR1: u32 = 0x18;
const CCER: u32 = 0x20;
const CNT: u32 = 0x24;
const PSC: u32 = 0x28;
const ARR: u32 = 0x2C;
const CCR1: u32 = 0x34;
const CCR2: u32 = 0x38;

const CR1_CEN: u32 = 1 << 0;
const CR1_UDIS: u32 = 1 << 1;
const CR1_URS: u32 = 1 << 2;
const CR1_ARPE: u32 = 1 << 7;
const UIF: u32 = 1 << 0;
const CC1IF: u32 = 1 << 1;
const CC2IF: u32 = 1 << 2;
const EGR_UG: u32 = 1 << 0;

/// A 16-bit timer with two compare channels, such as TIM12.
#[derive(Clone, Debug)]
pub struct Tim {
    name: &'static str,
    clock: fn(&Clocks) -> u32,
    /// What a count, a period and a compare value can be.
    most: u32,
    cr1: u32,
    dier: u32,
    sr: u32,
    psc_preload: u32,
    psc: u32,
    arr: u32,
    ccr: [u32; 2],
    /// CNT at `anchor`, and how many ticks since then have already set their flags.
    anchor: Time,
    anchor_count: u64,
    settled_ticks: u64,
    /// Timer clock at the anchor; a change of the clock moves the anchor.
    hz: u32,
}

impl Tim {
    /// The timer of this name, on the clock that `clock` picks.
    pub fn new(name: &'static str, clock: fn(&Clocks) -> u32) -> Self {
        Self::counting_to(0xFFFF, name, clock)
    }

    /// One that counts in 32 bits, such as TIM2 and TIM5 (RM0455 39).
    pub fn wide(name: &'static str, clock: fn(&Clocks) -> u32) -> Self {
        Self::counting_to(u32::MAX, name, clock)
    }

    fn counting_to(most: u32, name: &'static str, clock: fn(&Clocks) -> u32) -> Self {
        Tim {
            name,
            clock,
            most,
            cr1: 0,
            dier: 0,
            sr: 0,
            psc_preload: 0,
            psc: 0,
            arr: most,
            ccr: [0; 2],
            anchor: Time(0),
            anchor_count: 0,
            settled_ticks: 0,
            hz: 0,
        }
    }

    fn runs(&self) -> bool {
        self.cr1 & CR1_CEN != 0 && self.hz != 0 && self.arr != 0
    }

    fn period(&self) -> u64 {
        u64::from(self.arr) + 1
    }

    fn ticks_at(&self, now: Time) -> u64 {
        if !self.runs() {
            return 0;
        }
        (now - self.anchor).cycles(self.hz) / (u64::from(self.psc) + 1)
    }

    fn count(&self) -> u64 {
        (self.anchor_count + self.settled_ticks) % self.period()
    }

    /// Set the flags of all that happened up to `now`, and restart the arithmetic if the clock changed.
    fn settle(&mut self, now: Time, clocks: &Clocks) {
        let ticks = self.ticks_at(now);
        if ticks > self.settled_ticks {
            for (target, flag) in self.targets() {
                if self.ticks_until(target) <= ticks - self.settled_ticks {
                    self.sr |= flag;
                }
            }
            self.settled_ticks = ticks;
        }
        if self.hz != (self.clock)(clocks) {
            self.rebase(now);
            self.hz = (self.clock)(clocks);
        }
    }

    /// The counts that set a flag. An update happens on the way from ARR to 0.
    fn targets(&self) -> [(u64, u32); 3] {
        let update = if self.cr1 & CR1_UDIS != 0 { u64::MAX } else { 0 };
        [
            (update, UIF),
            (u64::from(self.ccr[0]), CC1IF),
            (u64::from(self.ccr[1]), CC2IF),
        ]
    }

    /// Ticks from the settled count until the counter next becomes `target`: 1 to a whole period, or never.
    fn ticks_until(&self, target: u64) -> u64 {
        if target >= self.period() {
            return u64::MAX;
        }
        (target + self.period() - 1 - self.count()) % self.period() + 1
    }

    /// Make `now` the new anchor; the fraction of a tick that has passed is lost.
    fn rebase(&mut self, now: Time) {
        self.anchor_count = self.count();
        self.settled_ticks = 0;
        self.anchor = now;
    }

    fn restart_at(&mut self, count: u64, now: Time) {
        self.anchor_count = count;
        self.settled_ticks = 0;
        self.anchor = now;
    }

    fn write_register(&mut self, offset: u32, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        match offset {
            CR1 => {
                let known = CR1_CEN | CR1_UDIS | CR1_URS | CR1_ARPE;
                self.expect_within(value, known, "CR1", fx);
                self.rebase(fx.now);
                self.cr1 = value & known;
            }
            CR2 | SMCR | CCMR1 | CCER if value == 0 => {}
            CR2 => return Err(Refused::Unmodelled("TIM_CR2 (master mode)")),
            SMCR => return Err(Refused::Unmodelled("TIM_SMCR (slave mode)")),
            CCMR1 | CCER => return Err(Refused::Unmodelled("TIM_CCMR1, TIM_CCER (capture and outputs)")),
            DIER => {
                self.expect_within(value, UIF | CC1IF | CC2IF, "DIER", fx);
                self.dier = value & (UIF | CC1IF | CC2IF);
            }
            SR => self.sr &= value,
            EGR => {
                self.expect_within(value, EGR_UG, "EGR", fx);
                if value & EGR_UG != 0 {
                    self.psc = self.psc_preload;
                    self.restart_at(0, fx.now);
                    if self.cr1 & (CR1_URS | CR1_UDIS) == 0 {
                        self.sr |= UIF;
                    }
                }
            }
            CNT => self.restart_at(u64::from(value & self.most), fx.now),
            // Both take effect at the next update event (RM0455 41.6.12); here at UG, so not while it counts.
            PSC => {
                self.expect_stopped("PSC", fx);
                self.psc_preload = value & 0xFFFF;
            }
            ARR => {
                if self.cr1 & CR1_ARPE != 0 {
                    self.expect_stopped("ARR", fx);
                }
                self.rebase(fx.now);
                self.arr = value & self.most;
            }
            CCR1 => self.ccr[0] = value & self.most,
            CCR2 => self.ccr[1] = value & self.most,
            _ => return Err(Refused::Unmodelled("TIM register")),
        }
        Ok(())
    }

    fn read_register(&self, offset: u32) -> Result<u32, Refused> {
        Ok(match offset {
            CR1 => self.cr1,
            CR2 | SMCR | CCMR1 | CCER | EGR => 0,
            DIER => self.dier,
            SR => self.sr,
            CNT => self.count() as u32,
            PSC => self.psc_preload,
            ARR => self.arr,
            CCR1 => self.ccr[0],
            CCR2 => self.ccr[1],
            _ => return Err(Refused::Unmodelled("TIM register")),
        })
    }

    fn expect_stopped(&self, register: &str, fx: &mut Effects) {
        if self.runs() {
            fx.report(
                Kind::Unmodelled,
                format!("{}_{register}: a change while it counts has no model", self.name),
            );
        }
    }

    fn expect_within(&self, value: u32, known: u32, register: &str, fx: &mut Effects) {
        let unknown = value & !known;
        if unknown != 0 {
            fx.report(
                Kind::Unmodelled,
                format!("{}_{register}: bits {unknown:#06x} have no model", self.name),
            );
        }
    }
}

impl Device for Tim {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        self.settle(fx.now, &fx.clocks);
        Ok(lane(self.read_register(offset & !3)?, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        self.settle(fx.now, &fx.clocks);
        let word = offset & !3;
        // A flag is cleared by writing 0 to it, so the lanes of SR that are not written count as ones.
        let before = if word == SR {
            u32::MAX
        } else {
            self.read_register(word)?
        };
        self.write_register(word, merged(before, offset, width, value), fx)
    }

    fn reset(&mut self) {
        *self = Tim::counting_to(self.most, self.name, self.clock);
    }

    fn lines(&self) -> u32 {
        u32::from(self.sr & self.dier != 0)
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        if !self.runs() {
            return None;
        }
        let waited_for = self.dier & !self.sr;
        let ticks = self
            .targets()
            .into_iter()
            .filter(|(_, flag)| waited_for & flag != 0)
            .map(|(target, _)| self.ticks_until(target))
            .min()
            .filter(|&ticks| ticks != u64::MAX)?;
        let cycles = (self.settled_ticks + ticks) * (u64::from(self.psc) + 1);
        Some(self.anchor + Picos::of_cycles(cycles, self.hz))
    }

    fn advance(&mut self, fx: &mut Effects) {
        self.settle(fx.now, &fx.clocks);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::bank::testing::Bench;

    const MICROSECOND: Picos = Picos(1_000_000);

    /// 280 MHz, prescaler 279: a tick each microsecond, as a time base sets it up.
    fn running() -> (Bench, Tim) {
        let mut bench = Bench::new(Clocks {
            tim1_hz: 280_000_000,
            ..Clocks::default()
        });
        let mut tim = Tim::new("TIM12", |clocks| clocks.tim1_hz);
        bench.write(&mut tim, 0x28, 279);
        bench.write(&mut tim, 0x2C, 0xFFFF);
        bench.write(&mut tim, 0x00, 1 << 2);
        bench.write(&mut tim, 0x14, 1);
        bench.write(&mut tim, 0x34, 0x8000);
        bench.write(&mut tim, 0x0C, 0b11);
        bench.write(&mut tim, 0x00, 1 << 2 | 1);
        (bench, tim)
    }

    fn microseconds(n: u64) -> Picos {
        Picos(n * MICROSECOND.0)
    }

    #[test]
    fn it_counts_microseconds_and_wraps_after_65536() {
        let (mut bench, mut tim) = running();
        assert_eq!(bench.read(&mut tim, 0x10), 0, "UG with URS raises no flag");
        for (span, count) in [
            (1, 1),
            (998, 999),
            (65_536, 999),
            (1_000_000_000, (1_000_000_999 % 65_536) as u32),
        ] {
            bench.pass(&mut tim, microseconds(span));
            assert_eq!(bench.read(&mut tim, 0x24), count);
        }
    }

    #[test]
    fn a_wide_one_goes_beyond_sixteen_bits_also_after_a_reset() {
        let mut bench = Bench::new(Clocks {
            tim1_hz: 280_000_000,
            ..Clocks::default()
        });
        let mut tim = Tim::wide("TIM5", |clocks| clocks.tim1_hz);
        for _ in 0..2 {
            assert_eq!(bench.read(&mut tim, 0x2C), 0xFFFF_FFFF);
            bench.write(&mut tim, 0x28, 279);
            bench.write(&mut tim, 0x14, 1);
            bench.write(&mut tim, 0x00, 1);
            bench.pass(&mut tim, microseconds(1_000_000));
            assert_eq!(bench.read(&mut tim, 0x24), 1_000_000);
            tim.reset();
        }
    }

    #[test]
    fn half_period_and_overflow_interrupt_when_they_are_due() {
        let (mut bench, mut tim) = running();
        assert_eq!(
            tim.next_event(&bench.clocks),
            Some(Time(0) + microseconds(0x8000))
        );
        bench.pass(&mut tim, microseconds(0x8000));
        assert_eq!(tim.lines(), 1);
        assert_eq!(bench.read(&mut tim, 0x10) & 0b11, 0b10);
        bench.write(&mut tim, 0x10, !0b10);
        assert_eq!(tim.lines(), 0);
        assert_eq!(
            tim.next_event(&bench.clocks),
            Some(Time(0) + microseconds(0x1_0000))
        );
        bench.pass(&mut tim, microseconds(0x8000));
        assert_eq!(bench.read(&mut tim, 0x10) & 0b11, 0b01);
    }

    #[test]
    fn an_alarm_fires_at_its_tick_and_not_before() {
        let (mut bench, mut tim) = running();
        bench.pass(&mut tim, microseconds(100));
        bench.write(&mut tim, 0x38, 150);
        bench.write(&mut tim, 0x0C, 0b100);
        assert_eq!(tim.next_event(&bench.clocks), Some(Time(0) + microseconds(150)));
        bench.pass(&mut tim, Picos(microseconds(50).0 - 1));
        assert_eq!(tim.lines(), 0);
        bench.pass(&mut tim, Picos(1));
        assert_eq!(tim.lines(), 1);
    }

    #[test]
    fn writing_ones_to_the_status_register_clears_nothing() {
        let (mut bench, mut tim) = running();
        bench.pass(&mut tim, microseconds(70_000));
        let flags = bench.read(&mut tim, 0x10);
        bench.write(&mut tim, 0x10, u32::MAX);
        assert_eq!(bench.read(&mut tim, 0x10), flags);
        bench.write(&mut tim, 0x10, 0);
        assert_eq!(bench.read(&mut tim, 0x10), 0);
    }

    #[test]
    fn a_change_of_the_clock_keeps_the_count() {
        let (mut bench, mut tim) = running();
        bench.pass(&mut tim, microseconds(1000));
        bench.clocks.tim1_hz = 140_000_000;
        bench.pass(&mut tim, Picos(0));
        bench.pass(&mut tim, microseconds(1000));
        assert_eq!(bench.read(&mut tim, 0x24), 1500);
    }

    #[test]
    fn a_stopped_timer_keeps_its_count_and_asks_for_nothing() {
        let (mut bench, mut tim) = running();
        bench.pass(&mut tim, microseconds(10));
        bench.write(&mut tim, 0x00, 1 << 2);
        bench.pass(&mut tim, microseconds(10));
        assert_eq!(
            (bench.read(&mut tim, 0x24), tim.next_event(&bench.clocks)),
            (10, None)
        );
    }

    #[test]
    fn capture_and_slave_modes_are_refused() {
        let (mut bench, mut tim) = running();
        assert!(matches!(
            tim.write(0x18, Width::Word, 1, &mut bench.fx()),
            Err(Refused::Unmodelled(_))
        ));
    }
}
