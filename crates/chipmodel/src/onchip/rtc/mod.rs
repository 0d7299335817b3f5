//! RTC of the STM32H7A3 (RM0455 50): calendar, two alarms, wake-up timer, calibration, shift; and its backup registers,
//! which are TAMP's (RM0455 51).
//!
//! Nothing is stepped but calendar seconds: the sub-seconds are computed from the time since an anchor. Calibration is spread
//! evenly. Does NOT model: the 12-hour format, summer time, time stamps, outputs, tamper inputs, alarms that compare a part of the
//! sub-seconds.

mod calendar;
mod tamp;

use crate::bus::bank::{lane, merged};
use crate::{Clocks, Device, Effects, Kernel, Kind, Picos, Refused, Time, Width};
use calendar::{Calendar, START};
pub use tamp::Tamp;

const TR: u32 = 0x00;
const DR: u32 = 0x04;
const SSR: u32 = 0x08;
const ICSR: u32 = 0x0C;
const PRER: u32 = 0x10;
const WUTR: u32 = 0x14;
const CR: u32 = 0x18;
const WPR: u32 = 0x24;
const CALR: u32 = 0x28;
const SHIFTR: u32 = 0x2C;
const ALRMAR: u32 = 0x40;
const ALRMASSR: u32 = 0x44;
const ALRMBR: u32 = 0x48;
const ALRMBSSR: u32 = 0x4C;
const SR: u32 = 0x50;
const MISR: u32 = 0x54;
const SCR: u32 = 0x5C;

const ICSR_WUTWF: u32 = 1 << 2;
const ICSR_INITS: u32 = 1 << 4;
const ICSR_RSF: u32 = 1 << 5;
const ICSR_INITF: u32 = 1 << 6;
const ICSR_INIT: u32 = 1 << 7;
const ICSR_RECALPF: u32 = 1 << 16;
const CR_BYPSHAD: u32 = 1 << 5;
/// Alarm A, alarm B, wake-up timer: enabled from bit 8 on, interrupts from bit 12 on, flags from bit 0 on.
const CR_ENABLES: u32 = 7 << 8;
const CR_WUTE: u32 = 1 << 10;
const CR_INTERRUPTS: u32 = 7 << 12;
const CR_BKP: u32 = 1 << 18;
const CR_KNOWN: u32 = 7 | CR_BYPSHAD | CR_ENABLES | CR_INTERRUPTS | CR_BKP;
const ALARMS: u32 = 0b011;
const WAKE_UP: u32 = 0b100;
/// CALP, CALM and both short windows.
const CALR_KNOWN: u32 = 0xE1FF;
const ALL_SUBSECONDS: u32 = 15;

/// How far the write protection is unlocked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lock {
    Closed,
    FirstKey,
    Open,
}

/// The real-time clock.
#[derive(Clone, Debug)]
pub struct Rtc {
    lock: Lock,
    /// PWR_CR1.DBP as the power controller has it.
    pub backup_writable: bool,
    cr: u32,
    prer: u32,
    wutr: u32,
    calr: u32,
    recalibrated: Option<Time>,
    alarms: [(u32, u32); 2],
    sr: u32,
    calendar: Calendar,
    /// Ticks of the asynchronous prescaler since the calendar's second began, at the anchor; and those that `calendar` has
    /// counted since then.
    ticks: u64,
    counted: u64,
    anchor: Time,
    /// A shift has set the seconds on already, and the sub-seconds run down to the end of the second from beyond it.
    ahead: bool,
    hz: u32,
    /// Since when software wants to set the calendar.
    init: Option<Time>,
    /// Since when shadow registers are being filled; `None` once they are.
    filling: Option<Time>,
    /// What the shadow registers hold still, from a read of SSR or TR to that of DR.
    held: Option<(Calendar, u32)>,
    wake_from: Time,
    wakes: u64,
}

impl Default for Rtc {
    fn default() -> Self {
        Rtc {
            lock: Lock::Closed,
            backup_writable: false,
            cr: 0,
            prer: 0x007F_00FF,
            wutr: 0xFFFF,
            calr: 0,
            recalibrated: None,
            alarms: [(0, 0); 2],
            sr: 0,
            calendar: START,
            ticks: 0,
            counted: 0,
            anchor: Time(0),
            ahead: false,
            hz: 0,
            init: None,
            filling: Some(Time(0)),
            held: None,
            wake_from: Time(0),
            wakes: 0,
        }
    }
}

impl Rtc {
    /// A reset of the backup domain.
    pub fn backup_reset(&mut self) {
        *self = Rtc::default();
    }

    fn prescaler(&self) -> u64 {
        u64::from(self.prer >> 16 & 0x7F) + 1
    }

    fn ticks_a_second(&self) -> u64 {
        u64::from(self.prer & 0x7FFF) + 1
    }

    /// How many pulses of 2^20 are added.
    fn calibration(&self) -> i64 {
        i64::from(self.calr >> 15) * 512 - i64::from(self.calr & 0x1FF)
    }

    fn runs(&self) -> bool {
        self.hz != 0 && self.init.is_none()
    }

    fn ticks_at(&self, now: Time) -> u64 {
        if !self.runs() {
            return 0;
        }
        let cycles = i128::from((now - self.anchor).cycles(self.hz));
        let calibrated = cycles + ((cycles * i128::from(self.calibration())) >> 20);
        calibrated as u64 / self.prescaler()
    }

    /// When the tick of this number since the anchor comes.
    fn time_of_tick(&self, tick: u64) -> Time {
        let cycles = u128::from(tick * self.prescaler()) << 20;
        let cycles = cycles.div_ceil(((1 << 20) + self.calibration()) as u128);
        let mut time = self.anchor + Picos::of_cycles(cycles as u64, self.hz);
        // The two roundings can differ by one pulse.
        while self.ticks_at(time) < tick {
            time = time + Picos::of_cycles(1, self.hz);
        }
        time
    }

    /// The tick that ends the present second.
    fn next_second(&self) -> u64 {
        self.counted + self.ticks_a_second() - (self.ticks + self.counted) % self.ticks_a_second()
    }

    /// Count on to `now`; alarms fire at the seconds on the way.
    fn settle(&mut self, now: Time, clocks: &Clocks) {
        let ticks = self.ticks_at(now);
        loop {
            let second = self.next_second();
            self.fire_alarms(ticks.min(second - 1));
            if second > ticks {
                break;
            }
            self.counted = second;
            self.ahead = false;
            self.calendar.count();
            self.fire_at_second();
        }
        self.counted = self.counted.max(ticks);
        self.settle_wake_up(now);
        if self.filling.is_some_and(|since| self.passed(since, now, 2)) {
            self.filling = None;
        }
        if self
            .recalibrated
            .is_some_and(|since| self.passed(since, now, 3 * self.prescaler()))
        {
            self.recalibrated = None;
        }
        if self.hz != clocks.hz(Kernel::Rtc) {
            self.rebase(now);
            self.hz = clocks.hz(Kernel::Rtc);
            (self.wake_from, self.wakes) = (now, 0);
        }
    }

    fn passed(&self, since: Time, now: Time, cycles: u64) -> bool {
        self.hz != 0 && (now - since).cycles(self.hz) >= cycles
    }

    /// The tick of the present second at which alarm `n` compares equal, if the second does; without sub-seconds its first.
    fn alarm_tick(&self, n: usize) -> Option<u64> {
        let (fields, fraction) = self.alarms[n];
        let enabled = self.cr & 1 << (8 + n) != 0;
        let tick = match fraction >> 24 {
            0 => 0,
            _ => self
                .ticks_a_second()
                .checked_sub(1 + u64::from(fraction & 0x7FFF))?,
        };
        (enabled && self.calendar.matches(fields)).then_some(tick)
    }

    /// Alarms of the present second between the counted tick and `until`.
    fn fire_alarms(&mut self, until: u64) {
        let second = self.ticks_a_second();
        let (from, to) = (
            (self.ticks + self.counted) % second,
            until.saturating_sub(self.counted),
        );
        for n in 0..2 {
            if self
                .alarm_tick(n)
                .is_some_and(|tick| from < tick && tick <= from + to)
            {
                self.sr |= 1 << n;
            }
        }
    }

    fn fire_at_second(&mut self) {
        for n in 0..2 {
            if self.alarm_tick(n) == Some(0) {
                self.sr |= 1 << n;
            }
        }
    }

    /// Pulses of the clock between two wake-ups.
    fn wake_cycles(&self) -> u64 {
        let counts = u64::from(self.wutr) + 1;
        match self.cr & 7 {
            select @ 0..=3 => counts << (4 - select),
            4 | 5 => counts * self.prescaler() * self.ticks_a_second(),
            _ => (counts + 0x1_0000) * self.prescaler() * self.ticks_a_second(),
        }
    }

    fn settle_wake_up(&mut self, now: Time) {
        if self.cr & CR_WUTE != 0 && self.hz != 0 {
            let wakes = (now - self.wake_from).cycles(self.hz) / self.wake_cycles();
            if wakes > self.wakes {
                self.wakes = wakes;
                self.sr |= WAKE_UP;
            }
        }
    }

    /// Make `now` the new anchor; the fraction of a tick that has passed is lost.
    fn rebase(&mut self, now: Time) {
        self.ticks = (self.ticks + self.counted) % self.ticks_a_second();
        (self.counted, self.anchor) = (0, now);
    }

    fn ssr(&self) -> u32 {
        let second = self.ticks_a_second();
        (second - 1 - (self.ticks + self.counted) % second) as u32
    }

    fn is_initialising(&self, now: Time) -> bool {
        self.init.is_some_and(|since| self.passed(since, now, 2))
    }

    fn icsr(&self, now: Time) -> u32 {
        let writable = (!self.cr >> 8) & (ALARMS | WAKE_UP);
        let flag = |bit: u32, on: bool| if on { bit } else { 0 };
        writable
            | flag(ICSR_WUTWF, self.init.is_some())
            | flag(ICSR_INITS, self.calendar.dr >> 16 != 0)
            | flag(ICSR_RSF, self.filling.is_none() && self.cr & CR_BYPSHAD == 0)
            | flag(ICSR_INITF, self.is_initialising(now))
            | flag(ICSR_INIT, self.init.is_some())
            | flag(ICSR_RECALPF, self.recalibrated.is_some())
    }

    /// The calendar as software sees it: by shadow registers, which stand still until DR has been read.
    fn calendar_register(&mut self, offset: u32, fx: &mut Effects) -> u32 {
        if self.init.is_none() && self.filling.is_some() && self.cr & CR_BYPSHAD == 0 {
            fx.report(
                Kind::Rule,
                "RTC: the calendar is read while ICSR.RSF is 0: the shadow registers are not filled (RM0455 50.3.8)".into(),
            );
        }
        let mut now = (self.calendar, self.ssr());
        if self.ahead {
            now.0.count();
            now.1 += self.ticks_a_second() as u32;
        }
        let (calendar, ssr) = self.held.unwrap_or(now);
        if self.cr & CR_BYPSHAD == 0 && self.init.is_none() {
            self.held = (offset != DR).then_some((calendar, ssr));
        }
        match offset {
            SSR => ssr,
            TR => calendar.tr,
            _ => calendar.dr,
        }
    }

    fn may_write(&self, offset: u32, fx: &mut Effects) -> bool {
        let why = if !self.backup_writable {
            "PWR_CR1.DBP is 0"
        } else if self.lock != Lock::Open && !matches!(offset, WPR | SCR) {
            "the keys were not written to WPR"
        } else if matches!(offset, TR | DR | PRER) && !self.is_initialising(fx.now) {
            "ICSR.INITF is 0"
        } else {
            return true;
        };
        fx.report(
            Kind::Rule,
            format!("RTC+{offset:#04x} written while {why}: the write is lost (RM0455 50.3.7)"),
        );
        false
    }

    fn unlock(&mut self, key: u32) {
        self.lock = match (self.lock, key & 0xFF) {
            (_, 0xCA) => Lock::FirstKey,
            (Lock::FirstKey, 0x53) => Lock::Open,
            _ => Lock::Closed,
        };
    }

    fn write_icsr(&mut self, value: u32, fx: &mut Effects) {
        if value & ICSR_RSF == 0 {
            self.filling = Some(fx.now);
        }
        match (self.init, value & ICSR_INIT != 0) {
            (None, true) => {
                self.rebase(fx.now);
                (self.init, self.held) = (Some(fx.now), None);
            }
            (Some(_), false) => {
                if let Some(complaint) = self.calendar.complaint() {
                    fx.report(Kind::Rule, format!("RTC: {complaint}"));
                }
                self.init = None;
                (self.ticks, self.counted, self.anchor, self.ahead) = (0, 0, fx.now, false);
                self.filling = Some(fx.now);
            }
            _ => {}
        }
    }

    fn write_cr(&mut self, value: u32, fx: &mut Effects) {
        if value & !CR_KNOWN != 0 {
            fx.report(
                Kind::Unmodelled,
                format!("RTC_CR: bits {:#010x} have no model", value & !CR_KNOWN),
            );
        }
        if self.cr & value & CR_WUTE != 0 && (self.cr ^ value) & 7 != 0 {
            fx.report(
                Kind::Rule,
                "RTC_CR: WUCKSEL changed while WUTE is 1 (RM0455 50.3.6)".into(),
            );
        }
        if value & !self.cr & CR_WUTE != 0 {
            (self.wake_from, self.wakes) = (fx.now, 0);
        }
        self.cr = value & CR_KNOWN;
    }

    fn write_alarm(&mut self, offset: u32, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let n = usize::from(offset >= ALRMBR);
        if self.cr & 1 << (8 + n) != 0 {
            fx.report(
                Kind::Rule,
                format!("RTC+{offset:#04x}: an alarm is changed while it is enabled: the write is lost (RM0455 50.3.5)"),
            );
        } else if matches!(offset, ALRMAR | ALRMBR) {
            self.alarms[n].0 = value;
        } else if matches!(value >> 24 & 15, 0 | ALL_SUBSECONDS) {
            self.alarms[n].1 = value & 0x0F00_7FFF;
        } else {
            return Err(Refused::Unmodelled(
                "RTC_ALRMxSSR.MASKSS (a part of the sub-seconds)",
            ));
        }
        Ok(())
    }

    fn shift(&mut self, value: u32, fx: &mut Effects) {
        self.rebase(fx.now);
        let second = self.ticks_a_second();
        let ticks = self.ticks + second * u64::from(value >> 31);
        match ticks.checked_sub(u64::from(value & 0x7FFF)) {
            Some(ticks) => {
                if ticks >= second {
                    self.calendar.count();
                }
                self.ahead = value >> 31 != 0 && ticks < second;
                self.ticks = ticks % second;
            }
            None => fx.report(
                Kind::Unmodelled,
                "RTC_SHIFTR: a shift behind the beginning of the second has no model".into(),
            ),
        }
        self.filling = Some(fx.now);
    }

    fn calibrate(&mut self, value: u32, fx: &mut Effects) {
        if self.recalibrated.is_some() {
            fx.report(
                Kind::Rule,
                "RTC_CALR written while ICSR.RECALPF is 1: the write is lost (RM0455 50.3.12)".into(),
            );
            return;
        }
        if value >> 15 & 1 != 0 && self.prescaler() < 4 {
            fx.report(
                Kind::Rule,
                "RTC_CALR: CALP needs a PREDIV_A of 3 or more (RM0455 50.3.12)".into(),
            );
        }
        self.rebase(fx.now);
        self.calr = value & CALR_KNOWN;
        self.recalibrated = Some(fx.now);
    }

    fn write_register(&mut self, offset: u32, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        match offset {
            TR if value & !calendar::TR != 0 => {
                return Err(Refused::Unmodelled("RTC_TR.PM (12-hour format)"));
            }
            TR => self.calendar.tr = value,
            DR => self.calendar.dr = value & calendar::DR,
            ICSR => self.write_icsr(value, fx),
            PRER => self.prer = value & 0x007F_7FFF,
            WUTR if self.cr & CR_WUTE != 0 => fx.report(
                Kind::Rule,
                "RTC_WUTR written while CR.WUTE is 1: the write is lost (RM0455 50.3.6)".into(),
            ),
            WUTR => self.wutr = value & 0xFFFF,
            CR => self.write_cr(value, fx),
            WPR => self.unlock(value),
            CALR => self.calibrate(value, fx),
            SHIFTR => self.shift(value, fx),
            ALRMAR..=ALRMBSSR => self.write_alarm(offset, value, fx)?,
            SCR => self.sr &= !value,
            SR | MISR | SSR => {}
            _ => return Err(Refused::Unmodelled("RTC register")),
        }
        Ok(())
    }

    fn read_register(&mut self, offset: u32, fx: &mut Effects) -> Result<u32, Refused> {
        Ok(match offset {
            TR | DR | SSR => self.calendar_register(offset, fx),
            ICSR => self.icsr(fx.now),
            PRER => self.prer,
            WUTR => self.wutr,
            CR => self.cr,
            WPR | SHIFTR | SCR => 0,
            CALR => self.calr,
            ALRMAR => self.alarms[0].0,
            ALRMASSR => self.alarms[0].1,
            ALRMBR => self.alarms[1].0,
            ALRMBSSR => self.alarms[1].1,
            SR => self.sr,
            MISR => self.sr & self.cr >> 12,
            _ => return Err(Refused::Unmodelled("RTC register")),
        })
    }

    /// The next moment at which an alarm may fire: its tick of this second, or the next second.
    fn next_alarm(&self) -> Option<Time> {
        let waited_for = self.cr >> 8 & self.cr >> 12 & !self.sr & ALARMS;
        if !self.runs() || waited_for == 0 {
            return None;
        }
        let second = self.next_second();
        let present = (self.ticks + self.counted) % self.ticks_a_second();
        let of_second = (0..2).filter_map(|n| self.alarm_tick(n));
        let tick = of_second
            .filter(|tick| *tick > present)
            .map(|tick| self.counted + tick - present)
            .min();
        Some(self.time_of_tick(tick.unwrap_or(second).min(second)))
    }

    fn next_wake_up(&self) -> Option<Time> {
        let waited_for = self.cr >> 8 & self.cr >> 12 & !self.sr & WAKE_UP != 0;
        (waited_for && self.hz != 0).then(|| {
            let cycles = (self.wakes + 1) * self.wake_cycles();
            self.wake_from + Picos::of_cycles(cycles, self.hz)
        })
    }
}

impl Device for Rtc {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        self.settle(fx.now, &fx.clocks);
        Ok(lane(self.read_register(offset & !3, fx)?, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        self.settle(fx.now, &fx.clocks);
        let word = offset & !3;
        if width != Width::Word && word != WPR {
            return Err(Refused::Unmodelled("RTC register, written in part"));
        }
        if self.may_write(word, fx) {
            self.write_register(word, merged(0, offset, width, value), fx)?;
        }
        Ok(())
    }

    /// A system reset: the calendar and all settings go on; the shadow registers are filled anew.
    fn reset(&mut self) {
        self.held = None;
        self.filling = Some(self.anchor);
    }

    /// Alarms, wake-up timer: lines 17 and 19 of EXTI.
    fn lines(&self) -> u32 {
        let active = self.sr & self.cr >> 12;
        u32::from(active & ALARMS != 0) | u32::from(active & WAKE_UP != 0) << 1
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        self.next_alarm().into_iter().chain(self.next_wake_up()).min()
    }

    fn advance(&mut self, fx: &mut Effects) {
        self.settle(fx.now, &fx.clocks);
    }
}

#[cfg(test)]
mod tests;
