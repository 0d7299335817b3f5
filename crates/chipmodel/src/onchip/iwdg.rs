//! IWDG of the STM32H7A3 (RM0455 47): the watchdog on the oscillator of 32 kHz, which nothing stops.
//!
//! Does NOT model: the window, the early wake-up.

use crate::bus::bank::{lane, merged};
use crate::{Clocks, Device, Effects, Kind, Picos, Refused, Time, Width};

const KR: u32 = 0x00;
const PR: u32 = 0x04;
const RLR: u32 = 0x08;
const SR: u32 = 0x0C;
const WINR: u32 = 0x10;

const KEY_START: u32 = 0xCCCC;
const KEY_RELOAD: u32 = 0xAAAA;
const KEY_UNLOCK: u32 = 0x5555;
/// The whole counter, which is also the window that is none.
const WHOLE: u32 = 0xFFF;
/// Typical (DS13195, LSI characteristics); the watchdog switches it on by itself.
const LSI_HZ: u32 = 32_000;
/// How long a new prescaler or reload value takes to arrive, in cycles of the oscillator (RM0455 47.4.4).
const UPDATE_CYCLES: u64 = 5;

/// The independent watchdog.
#[derive(Clone, Debug)]
pub struct Iwdg {
    unlocked: bool,
    pr: u32,
    rlr: u32,
    /// Since when it counts, and from which value; `None`: it has not been started.
    runs: Option<(Time, u32)>,
    started: Option<Time>,
    /// When the last writes to PR and RLR were made.
    updates: [Option<Time>; 2],
}

impl Default for Iwdg {
    fn default() -> Self {
        Iwdg {
            unlocked: false,
            pr: 0,
            rlr: WHOLE,
            runs: None,
            started: None,
            updates: [None; 2],
        }
    }
}

impl Iwdg {
    /// When it resets the chip.
    fn bites_at(&self) -> Option<Time> {
        let (since, from) = self.runs?;
        let cycles = (u64::from(from) + 1) << (2 + self.pr.min(6));
        Some(since + Picos::of_cycles(cycles, LSI_HZ))
    }

    /// Whether the chip is to be reset.
    pub fn bites(&self, now: Time) -> bool {
        self.bites_at().is_some_and(|then| then <= now)
    }

    /// PVU and RVU. An update wants the oscillator, which runs from the start on.
    fn pending(&self, now: Time) -> u32 {
        let is_pending = |update: Option<Time>| {
            update.is_some_and(|since| {
                let from = self.started.map(|started| started.max(since));
                from.is_none_or(|from| (now - from).cycles(LSI_HZ) < UPDATE_CYCLES)
            })
        };
        u32::from(is_pending(self.updates[0])) | u32::from(is_pending(self.updates[1])) << 1
    }

    fn key(&mut self, key: u32, fx: &mut Effects) {
        self.unlocked = key == KEY_UNLOCK;
        match key {
            // It begins with the whole counter, whatever RLR holds (RM0455 47.3.2).
            KEY_START if self.runs.is_none() => {
                self.runs = Some((fx.now, WHOLE));
                self.started = Some(fx.now);
            }
            KEY_RELOAD if self.runs.is_some() => self.runs = Some((fx.now, self.rlr)),
            KEY_START | KEY_RELOAD | KEY_UNLOCK => {}
            // Any other value locks the registers.
            _ => {}
        }
    }

    /// What has been counted is kept when the speed changes.
    fn recount(&mut self, now: Time) {
        if let Some((since, from)) = self.runs {
            let counted = (now - since).cycles(LSI_HZ) >> (2 + self.pr.min(6));
            self.runs = Some((now, from.saturating_sub(counted as u32)));
        }
    }

    fn configure(&mut self, n: usize, value: u32, fx: &mut Effects) {
        let why = if !self.unlocked {
            "the key 0x5555"
        } else if self.pending(fx.now) >> n & 1 != 0 {
            "its flag in SR is 0"
        } else {
            self.updates[n] = Some(fx.now);
            if n == 0 {
                self.recount(fx.now);
                self.pr = value & 7;
            } else {
                self.rlr = value & WHOLE;
            }
            return;
        };
        let name = ["IWDG_PR", "IWDG_RLR"][n];
        fx.report(
            Kind::Rule,
            format!("{name} written before {why}: the write is lost (RM0455 47.4)"),
        );
    }
}

impl Device for Iwdg {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        let word = match offset & !3 {
            KR => 0,
            PR => self.pr,
            RLR => self.rlr,
            SR => self.pending(fx.now),
            WINR => WHOLE,
            _ => return Err(Refused::Unmodelled("IWDG register")),
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let value = merged(0, offset, width, value);
        match offset & !3 {
            KR => self.key(value, fx),
            PR => self.configure(0, value, fx),
            RLR => self.configure(1, value, fx),
            WINR if value & WHOLE == WHOLE => {}
            WINR => return Err(Refused::Unmodelled("IWDG_WINR (window)")),
            _ => return Err(Refused::Unmodelled("IWDG register")),
        }
        Ok(())
    }

    fn reset(&mut self) {
        *self = Iwdg::default();
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        self.bites_at()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::bank::testing::Bench;

    const MS: u64 = 1_000_000_000;

    #[test]
    fn it_begins_with_the_whole_counter_and_goes_on_from_the_reload_value() {
        let (mut bench, mut iwdg) = (Bench::new(Clocks::default()), Iwdg::default());
        assert_eq!(iwdg.next_event(&bench.clocks), None);
        bench.write(&mut iwdg, 0x00, 0xCCCC);
        assert_eq!(iwdg.next_event(&bench.clocks), Some(Time(512 * MS)));
        bench.write(&mut iwdg, 0x00, 0x5555);
        bench.write(&mut iwdg, 0x04, 3);
        bench.write(&mut iwdg, 0x08, 999);
        assert_eq!(bench.read(&mut iwdg, 0x0C), 3);
        bench.pass(&mut iwdg, Picos(MS));
        assert_eq!(bench.read(&mut iwdg, 0x0C), 0);
        bench.write(&mut iwdg, 0x00, 0xAAAA);
        assert_eq!(bench.read(&mut iwdg, 0x0C), 0);
        assert_eq!(iwdg.next_event(&bench.clocks), Some(Time(1001 * MS)));
        assert!(!iwdg.bites(Time(1001 * MS - 1)) && iwdg.bites(Time(1001 * MS)));
        assert!(bench.complaints().is_empty());
        // Three quarters of 1000 counts are left when they become eight times as fast.
        bench.pass(&mut iwdg, Picos(250 * MS));
        bench.write(&mut iwdg, 0x00, 0x5555);
        bench.write(&mut iwdg, 0x04, 0);
        assert_eq!(
            iwdg.next_event(&bench.clocks),
            Some(Time((251 + 94) * MS - MS / 4))
        );
        iwdg.reset();
        assert_eq!(iwdg.next_event(&bench.clocks), None);
    }

    #[test]
    fn a_write_without_the_key_or_too_soon_is_lost() {
        let (mut bench, mut iwdg) = (Bench::new(Clocks::default()), Iwdg::default());
        bench.write(&mut iwdg, 0x04, 1);
        assert!(bench.complaints()[0].contains("0x5555"));
        bench.write(&mut iwdg, 0x00, 0x5555);
        bench.write(&mut iwdg, 0x08, 1);
        bench.pass(&mut iwdg, Picos(MS));
        bench.write(&mut iwdg, 0x08, 2);
        assert!(
            bench.complaints()[0].contains("flag in SR"),
            "its clock does not run yet"
        );
        assert_eq!((bench.read(&mut iwdg, 0x04), bench.read(&mut iwdg, 0x08)), (0, 1));
        assert!(matches!(
            iwdg.write(0x10, Width::Word, 5, &mut bench.fx()),
            Err(Refused::Unmodelled(_))
        ));
    }
}
