//! DBGMCU (RM0455 60.5.8): which chip this is, and what a debugger would keep running.

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::{Device, Effects, Refused, Width};

const REGISTERS: &[Register] = &[
    Register::new(0x00, "DBGMCU_IDC", 0x1000_6480, 0).with_read_only(u32::MAX),
    Register::new(0x04, "DBGMCU_CR", 0, 0b111 | 7 << 20 | 1 << 28),
    Register::new(0x34, "DBGMCU_APB3FZ1", 0, 1 << 6),
    Register::new(0x3C, "DBGMCU_APB1LFZ1", 0, 0x3FF | 7 << 21),
    Register::new(0x4C, "DBGMCU_APB2FZ1", 0, 0b11 | 7 << 16),
    Register::new(0x54, "DBGMCU_APB4FZ1", 0, 1 << 7 | 3 << 9 | 1 << 16 | 1 << 18),
];

/// The debug support of the chip.
#[derive(Clone, Debug)]
pub struct Dbgmcu {
    bank: Bank,
}

impl Default for Dbgmcu {
    fn default() -> Self {
        Dbgmcu {
            bank: Bank::new(REGISTERS),
        }
    }
}

impl Device for Dbgmcu {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        Ok(lane(
            self.bank.load(offset & !3, "DBGMCU register")?,
            offset,
            width,
        ))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let word = offset & !3;
        let value = merged(self.bank.load(word, "DBGMCU register")?, offset, width, value);
        self.bank.store(word, value, "DBGMCU register", fx)
    }

    /// Nothing: the debug domain is reset by power-up only.
    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clocks;
    use crate::bus::bank::testing::Bench;

    #[test]
    fn it_says_device_0x480_and_keeps_what_the_debugger_asked_for() {
        let mut bench = Bench::new(Clocks::default());
        let mut dbgmcu = Dbgmcu::default();
        assert_eq!(bench.read(&mut dbgmcu, 0) & 0xFFF, 0x480);
        bench.write(&mut dbgmcu, 4, 7 | 3 << 21);
        dbgmcu.reset();
        assert_eq!(
            (bench.read(&mut dbgmcu, 4), bench.complaints().len()),
            (7 | 3 << 21, 0)
        );
    }
}
