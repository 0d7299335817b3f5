//! The registers of the FLASH interface: wait states, and a lock that stays shut (RM0455 4.9).
//!
//! Does NOT model: programming, erasing, option bytes, ECC. To unlock is an unmodelled event.

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::{Device, Effects, Refused, Width};

const ACR: u32 = 0x000;
const CR1: u32 = 0x00C;
const SR1: u32 = 0x010;
const CCR1: u32 = 0x014;
const OPTCR: u32 = 0x018;
const BANK2: u32 = 0x100;
const CR_LOCK: u32 = 1;

const REGISTERS: &[Register] = &[
    Register::new(ACR, "FLASH_ACR", 0x13, 0x3F),
    Register::new(CR1, "FLASH_CR1", CR_LOCK, CR_LOCK),
    Register::new(SR1, "FLASH_SR1", 0, 0).with_read_only(u32::MAX),
    Register::new(CCR1, "FLASH_CCR1", 0, 0).with_read_only(u32::MAX),
    Register::new(OPTCR, "FLASH_OPTCR", 1, 1),
    Register::new(BANK2 + CR1, "FLASH_CR2", CR_LOCK, CR_LOCK),
    Register::new(BANK2 + SR1, "FLASH_SR2", 0, 0).with_read_only(u32::MAX),
    Register::new(BANK2 + CCR1, "FLASH_CCR2", 0, 0).with_read_only(u32::MAX),
];

/// The flash interface.
#[derive(Clone, Debug)]
pub struct FlashInterface {
    bank: Bank,
}

impl Default for FlashInterface {
    fn default() -> Self {
        FlashInterface {
            bank: Bank::new(REGISTERS),
        }
    }
}

impl FlashInterface {
    /// ACR.LATENCY: wait states of a read.
    pub fn latency(&self) -> u32 {
        self.bank.get(ACR) & 0xF
    }

    /// ACR.WRHIGHFREQ: the delay that belongs to the frequency.
    pub fn wrhighfreq(&self) -> u32 {
        self.bank.get(ACR) >> 4 & 3
    }

    fn missing(offset: u32) -> &'static str {
        match offset & !BANK2 {
            0x004 => "FLASH_KEYR (programming and erasing)",
            0x008 => "FLASH_OPTKEYR (option bytes)",
            0x01C..=0x03F => "FLASH option byte register",
            0x040..=0x047 => "FLASH_BOOT",
            0x050..=0x05F => "FLASH_CRC",
            _ => "FLASH register",
        }
    }
}

impl Device for FlashInterface {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        Ok(lane(
            self.bank.load(offset & !3, Self::missing(offset & !3))?,
            offset,
            width,
        ))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let word = offset & !3;
        let value = merged(self.bank.load(word, Self::missing(word))?, offset, width, value);
        // A lock bit can be set by software, but only the key sequence clears it (RM0455 4.9.4).
        let lock = if [CR1, BANK2 + CR1, OPTCR].contains(&word) {
            self.bank.get(word) & 1
        } else {
            0
        };
        self.bank.store(word, value | lock, Self::missing(word), fx)
    }

    fn reset(&mut self) {
        self.bank.reset();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clocks;
    use crate::bus::bank::testing::Bench;

    #[test]
    fn wait_states_read_back() {
        let mut bench = Bench::new(Clocks::default());
        let mut flash = FlashInterface::default();
        assert_eq!(bench.read(&mut flash, 0), 0x13);
        bench.write(&mut flash, 0, 0x36);
        assert_eq!((flash.latency(), flash.wrhighfreq()), (6, 3));
    }

    #[test]
    fn the_lock_cannot_be_cleared_by_writing_it() {
        let mut bench = Bench::new(Clocks::default());
        let mut flash = FlashInterface::default();
        bench.write(&mut flash, 0x0C, 0);
        assert_eq!(bench.read(&mut flash, 0x0C), 1);
    }

    #[test]
    fn the_key_register_is_an_unmodelled_event() {
        let mut bench = Bench::new(Clocks::default());
        let mut flash = FlashInterface::default();
        let refused = flash.write(0x104, Width::Word, 0x4567_0123, &mut bench.fx());
        assert!(matches!(refused, Err(Refused::Unmodelled(name)) if name.contains("KEYR")));
    }
}
