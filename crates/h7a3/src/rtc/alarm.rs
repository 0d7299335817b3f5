//! Interrupts by the calendar: alarm A at a moment, and the wake-up timer again and again. Both reach the core by EXTI.
#![allow(unsafe_code)]

use core::cell::Cell;

use critical_section::Mutex;
use embassy_stm32::interrupt::typelevel::{self, Handler, Interrupt};
use embassy_stm32::pac::EXTI;
use embassy_stm32::{bind_interrupts, interrupt::Priority};

use super::registers::*;
use super::{bcd, wait};
use crate::civil::DateTime;

/// Lines of EXTI (RM0455 table 137).
const ALARM_LINE: u32 = 1 << 17;
const WAKE_UP_LINE: u32 = 1 << 19;
/// All bits of the sub-seconds are compared.
const ALL_SUBSECONDS: u32 = 15 << 24;

/// What has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// The alarm.
    Alarm,
    /// The wake-up timer.
    WakeUp,
}

/// Told in the interrupt, after its flag was cleared.
pub type Hook = fn(Event);

static HOOK: Mutex<Cell<Option<Hook>>> = Mutex::new(Cell::new(None));

struct Vector;

bind_interrupts!(struct Irqs {
    RTC_ALARM => Vector;
    RTC_WKUP => Vector;
});

fn serve(flag: u32, line: u32, event: Event) {
    if rtc(SR).read() & flag == 0 {
        return;
    }
    rtc(SCR).write_value(flag);
    EXTI.pr(0).write(|w| w.0 = line);
    if let Some(hook) = critical_section::with(|cs| HOOK.borrow(cs).get()) {
        hook(event);
    }
}

impl Handler<typelevel::RTC_ALARM> for Vector {
    unsafe fn on_interrupt() {
        serve(SR_ALRAF, ALARM_LINE, Event::Alarm);
    }
}

impl Handler<typelevel::RTC_WKUP> for Vector {
    unsafe fn on_interrupt() {
        serve(SR_WUTF, WAKE_UP_LINE, Event::WakeUp);
    }
}

/// Lets both vectors through. Programs can hold them back ([`crate::interrupts`]).
pub fn start(hook: Hook) {
    critical_section::with(|cs| {
        HOOK.borrow(cs).set(Some(hook));
        EXTI.rtsr(0).modify(|w| w.0 |= ALARM_LINE | WAKE_UP_LINE);
        EXTI.pr(0).write(|w| w.0 = ALARM_LINE | WAKE_UP_LINE);
        EXTI.imr(0).modify(|w| w.0 |= ALARM_LINE | WAKE_UP_LINE);
    });
    fn enable<I: Interrupt>() {
        I::set_priority(Priority::P1);
        // SAFETY: the handlers above are ready from the start.
        unsafe { I::enable() };
    }
    enable::<typelevel::RTC_ALARM>();
    enable::<typelevel::RTC_WKUP>();
}

fn disable(enable: u32, interrupt: u32, flag: u32, line: u32) {
    unlocked(|| rtc(CR).modify(|w| *w &= !(enable | interrupt)));
    rtc(SCR).write_value(flag);
    EXTI.pr(0).write(|w| w.0 = line);
}

/// Interrupts at this moment: the day of the month, and the time of the day. At one more than a month ahead it comes early.
pub fn set(at: &DateTime) {
    cancel();
    let second = u64::from(super::predivider()) + 1;
    // In the tick in which the moment lies or the next one, never before it.
    let at = DateTime::at(at.micros() + super::SECOND_US / second + 1);
    let passed = u64::from(at.microsecond) * second / super::SECOND_US;
    unlocked(|| {
        let time = bcd(at.hour) << 16 | bcd(at.minute) << 8 | bcd(at.second);
        rtc(ALRMAR).write_value(bcd(at.day) << 24 | time);
        rtc(ALRMASSR).write_value(ALL_SUBSECONDS | (second - 1 - passed) as u32);
        rtc(CR).modify(|w| *w |= CR_ALRAE | CR_ALRAIE);
    });
}

/// No alarm any more.
pub fn cancel() {
    disable(CR_ALRAE, CR_ALRAIE, SR_ALRAF, ALARM_LINE);
}

/// The longest that the wake-up timer takes.
pub const LONGEST_MS: u32 = 65_536_000;

/// Interrupts each time so many milliseconds have passed: from one to [`LONGEST_MS`]. Up to 32 s to a fraction of one, from there
/// on to a second. `false`: the calendar has no clock.
pub fn wake_each(ms: u32) -> bool {
    stop_waking();
    let hz = (u64::from(super::predivider()) + 1) * u64::from(super::PREDIV_A + 1);
    // By 2, 4, 8 or 16 (WUCKSEL 3 to 0), and then whole seconds (4).
    let counts = |shift: u32| (u64::from(ms) * hz).div_ceil(1000 << shift);
    let (select, counts) = match (1..=4).find(|shift| counts(*shift) <= 0x1_0000) {
        Some(shift) => (4 - shift, counts(shift)),
        None => (4, u64::from(ms / 1000)),
    };
    super::runs() && wait(ICSR_WUTWF, true) && {
        unlocked(|| {
            // A count of nothing is forbidden with WUCKSEL 3 (RM0455 RTC_WUTR).
            rtc(WUTR).write_value((counts - 1).max(1) as u32);
            rtc(CR).modify(|w| *w = *w & !CR_WUCKSEL | select | CR_WUTE | CR_WUTIE);
        });
        true
    }
}

/// No wake-up any more.
pub fn stop_waking() {
    disable(CR_WUTE, CR_WUTIE, SR_WUTF, WAKE_UP_LINE);
}
