//! The calendar: kept by the backup domain over every reset but that of the supply, and by a battery at VBAT over that too.
//!
//! It runs on the 32 kHz crystal. That takes up to seconds to start (DS13195, LSE), and nothing waits for it: until it runs, the
//! calendar is the time since start, and it is set to that when the crystal is there. A board whose crystal does not start in
//! [`PATIENCE_US`] gets the chip's own oscillator, which is off by some per cent.

pub mod alarm;
mod registers;

use crate::civil::{DateTime, END_US};
use crate::time::ticks_us;
use embassy_stm32::pac::{PWR, RCC, rcc::vals::Rtcsel};
use embassy_stm32::rcc::{LsConfig, LseConfig, LseDrive, LseMode, RtcClockSource};
use embassy_stm32::time::Hertz;
use registers::*;

/// The crystal.
const LSE_HZ: u32 = 32_768;
const LSI_HZ: u32 = 32_000;
/// The first prescaler divides by four, the least that calibration allows, so that sub-seconds are as fine as they can be.
const PREDIV_A: u32 = 3;
/// How long the crystal may take: 2 s are typical (DS13195).
const PATIENCE_US: u64 = 4_000_000;
/// The slowest of the registers' flags takes three pulses of the first prescaler, 0.4 ms.
const FLAG_US: u64 = 1_000;
const SECOND_US: u64 = 1_000_000;

/// The backup domain as it is, in the words of embassy, which resets what is set up otherwise.
pub(crate) fn kept() -> LsConfig {
    let bdcr = RCC.bdcr().read();
    let lse = LseConfig {
        frequency: Hertz(LSE_HZ),
        mode: LseMode::Oscillator(LseDrive::MediumHigh),
    };
    match bdcr.rtcsel() {
        Rtcsel::LSE if bdcr.rtcen() && bdcr.lserdy() => LsConfig {
            rtc: RtcClockSource::LSE,
            lsi: false,
            lse: Some(lse),
        },
        Rtcsel::LSI if bdcr.rtcen() => LsConfig {
            rtc: RtcClockSource::LSI,
            lsi: true,
            lse: bdcr.lseon().then_some(lse),
        },
        _ => LsConfig::off(),
    }
}

/// Starts the crystal, unless the calendar runs. After [`crate::clocks::start`].
pub fn start() {
    PWR.cr1().modify(|w| w.set_dbp(true));
    while !PWR.cr1().read().dbp() {}
    if RCC.bdcr().read().rtcen() {
        // Filled before the reset: the next read waits for fresh ones.
        unlocked(|| rtc(ICSR).write_value(!(ICSR_RSF | ICSR_INIT)));
    } else {
        RCC.bdcr().modify(|w| {
            w.set_lsedrv(LseDrive::MediumHigh.into());
            w.set_lseon(true);
        });
    }
}

/// Whether the calendar runs; starts it if its clock is there by now.
fn runs() -> bool {
    let bdcr = RCC.bdcr().read();
    if bdcr.rtcen() {
        return true;
    }
    let source = if bdcr.lserdy() {
        Rtcsel::LSE
    } else if ticks_us() >= PATIENCE_US {
        RCC.csr().modify(|w| w.set_lsion(true));
        while !RCC.csr().read().lsirdy() {}
        Rtcsel::LSI
    } else {
        return false;
    };
    RCC.bdcr().modify(|w| w.set_rtcsel(source));
    RCC.bdcr().modify(|w| w.set_rtcen(true));
    initialise(&DateTime::at(ticks_us()))
}

/// The second prescaler, less one.
fn predivider() -> u32 {
    let hz = match RCC.bdcr().read().rtcsel() {
        Rtcsel::LSI => LSI_HZ,
        _ => LSE_HZ,
    };
    hz / (PREDIV_A + 1) - 1
}

/// Waits for flags of ICSR to be set, or not; `false`: they do not come, because the clock has stopped.
fn wait(flags: u32, set: bool) -> bool {
    let end = ticks_us() + FLAG_US;
    loop {
        if (rtc(ICSR).read() & flags == flags) == set {
            return true;
        }
        if ticks_us() > end {
            return false;
        }
    }
}

fn bcd(number: u8) -> u32 {
    u32::from(number / 10) << 4 | u32::from(number % 10)
}

fn number(bcd: u32) -> u8 {
    (bcd >> 4) as u8 * 10 + (bcd & 15) as u8
}

/// Sets calendar and prescalers. The fraction of the second is shifted in afterwards: the sub-seconds cannot be written.
fn initialise(to: &DateTime) -> bool {
    let done = unlocked(|| {
        rtc(ICSR).write_value(ICSR_INIT | ICSR_RSF);
        let ready = wait(ICSR_INITF, true);
        if ready {
            // In two steps (RM0455 50.3.7).
            rtc(PRER).write_value(predivider());
            rtc(PRER).write_value(PREDIV_A << 16 | predivider());
            rtc(TR).write_value(bcd(to.hour) << 16 | bcd(to.minute) << 8 | bcd(to.second));
            let year = bcd((to.year - 2000) as u8);
            let weekday = u32::from(to.weekday());
            rtc(DR).write_value(year << 16 | weekday << 13 | bcd(to.month) << 8 | bcd(to.day));
        }
        rtc(ICSR).write_value(0);
        ready
    });
    if done && to.microsecond != 0 {
        let second = u64::from(predivider()) + 1;
        let left = second - (u64::from(to.microsecond) * second / SECOND_US).min(second - 1);
        unlocked(|| {
            if wait(ICSR_SHPF, false) {
                rtc(SHIFTR).write_value(SHIFTR_ADD1S | left as u32);
            }
        });
    }
    done
}

/// Sets the calendar. `false`: it has no clock. Blocks until the crystal has started, if it has not yet.
pub fn set(to: &DateTime) -> bool {
    while !runs() {
        if ticks_us() > PATIENCE_US + SECOND_US {
            return false;
        }
        // The system's tick ends it.
        cortex_m::asm::wfi();
    }
    initialise(to)
}

/// What the calendar says; before its clock has started, the time since start.
pub fn now() -> DateTime {
    if !runs() || !wait(ICSR_RSF, true) {
        return DateTime::at(ticks_us());
    }
    // The first read holds the others still, and that of the date lets them go: nobody may come between.
    let (subseconds, time, date) =
        critical_section::with(|_| (rtc(SSR).read(), rtc(TR).read(), rtc(DR).read()));
    let second = u64::from(predivider()) + 1;
    // After a shift they run down from beyond the end of the second, and the rest is a second ahead (RM0455 RTC_SSR).
    let ahead = u64::from(subseconds) >= second;
    let passed = second * (1 + u64::from(ahead)) - 1 - u64::from(subseconds);
    let moment = DateTime {
        year: 2000 + u16::from(number(date >> 16 & 0xFF)),
        month: number(date >> 8 & 0x1F),
        day: number(date & 0x3F),
        hour: number(time >> 16 & 0x3F),
        minute: number(time >> 8 & 0x7F),
        second: number(time & 0x7F),
        // Rounded up, so that what was set reads back.
        microsecond: (passed * SECOND_US).div_ceil(second) as u32,
    };
    if ahead {
        DateTime::at(moment.micros() + END_US - SECOND_US)
    } else {
        moment
    }
}

/// Whether it runs on the crystal; `None`: it does not run yet.
pub fn is_on_crystal() -> Option<bool> {
    let bdcr = RCC.bdcr().read();
    bdcr.rtcen().then(|| bdcr.rtcsel() == Rtcsel::LSE)
}

/// Pulses of 2^20 that are added, or taken away: 0.954 ppm each.
pub fn calibration() -> i32 {
    let word = rtc(CALR).read();
    let added = if word & CALR_CALP != 0 { 512 } else { 0 };
    added - (word & CALR_CALM) as i32
}

/// -511 to 512. `false`: the calendar has no clock.
pub fn calibrate(pulses: i32) -> bool {
    let word = if pulses > 0 {
        CALR_CALP | (512 - pulses) as u32
    } else {
        -pulses as u32
    };
    // A change before is taken over after three pulses of the first prescaler.
    runs() && wait(ICSR_RECALPF, false) && {
        unlocked(|| rtc(CALR).write_value(word));
        wait(ICSR_RECALPF, false)
    }
}

/// A word that is kept as the calendar is.
pub fn kept_word(index: usize) -> u32 {
    backup(index).read()
}

/// Changes it.
pub fn keep_word(index: usize, word: u32) {
    backup(index).write_value(word);
}

/// How many such words there are.
pub const KEPT_WORDS: usize = BACKUP_WORDS;
