//! The registers of RTC and TAMP (RM0455 50.6, 51.6), by address: the PAC describes those of the STM32H743, whose RTC is an
//! older one with CR, SSR, the alarms and the backup registers in other places. So embassy's driver cannot be used either.
#![allow(unsafe_code)]

use embassy_stm32::pac::common::{RW, Reg};

const RTC: usize = 0x5800_4000;
const TAMP: usize = 0x5800_4400;

pub const TR: usize = 0x00;
pub const DR: usize = 0x04;
pub const SSR: usize = 0x08;
pub const ICSR: usize = 0x0C;
pub const PRER: usize = 0x10;
pub const WUTR: usize = 0x14;
pub const CR: usize = 0x18;
const WPR: usize = 0x24;
pub const CALR: usize = 0x28;
pub const SHIFTR: usize = 0x2C;
pub const ALRMAR: usize = 0x40;
pub const ALRMASSR: usize = 0x44;
pub const SR: usize = 0x50;
pub const SCR: usize = 0x5C;
const BKP0R: usize = 0x100;

pub const ICSR_WUTWF: u32 = 1 << 2;
pub const ICSR_SHPF: u32 = 1 << 3;
pub const ICSR_RSF: u32 = 1 << 5;
pub const ICSR_INITF: u32 = 1 << 6;
pub const ICSR_INIT: u32 = 1 << 7;
pub const ICSR_RECALPF: u32 = 1 << 16;
pub const CR_WUCKSEL: u32 = 7;
pub const CR_ALRAE: u32 = 1 << 8;
pub const CR_WUTE: u32 = 1 << 10;
pub const CR_ALRAIE: u32 = 1 << 12;
pub const CR_WUTIE: u32 = 1 << 14;
pub const CALR_CALP: u32 = 1 << 15;
pub const CALR_CALM: u32 = 0x1FF;
pub const SHIFTR_ADD1S: u32 = 1 << 31;
pub const SR_ALRAF: u32 = 1 << 0;
pub const SR_WUTF: u32 = 1 << 2;

/// How many backup registers there are.
pub const BACKUP_WORDS: usize = 32;

/// A register of the RTC.
pub fn rtc(offset: usize) -> Reg<u32, RW> {
    // SAFETY: a register of the RTC by one of the offsets above.
    unsafe { Reg::from_ptr((RTC + offset) as *mut u32) }
}

/// A backup register.
pub fn backup(index: usize) -> Reg<u32, RW> {
    assert!(index < BACKUP_WORDS);
    // SAFETY: one of the registers TAMP_BKPxR.
    unsafe { Reg::from_ptr((TAMP + BKP0R + 4 * index) as *mut u32) }
}

/// Changes protected registers. Interrupts wait: a handler that does the same would lock them in the middle.
pub fn unlocked<T>(change: impl FnOnce() -> T) -> T {
    critical_section::with(|_| {
        rtc(WPR).write_value(0xCA);
        rtc(WPR).write_value(0x53);
        let result = change();
        rtc(WPR).write_value(0xFF);
        result
    })
}
