//! SYSCFG (RM0455 12): the routing of pins to EXTI lines and the compensation cell.
//!
//! The compensation cell is ready as soon as it is on. Does NOT model: fast-mode plus, analog switches, option words.

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::{Device, Effects, Refused, Width};

const EXTICR1: u32 = 0x08;
const CCCSR: u32 = 0x20;
const CCCSR_EN: u32 = 1 << 0;
const CCCSR_READY: u32 = 1 << 8;

const REGISTERS: &[Register] = &[
    Register::new(EXTICR1, "SYSCFG_EXTICR1", 0, 0xFFFF),
    Register::new(0x0C, "SYSCFG_EXTICR2", 0, 0xFFFF),
    Register::new(0x10, "SYSCFG_EXTICR3", 0, 0xFFFF),
    Register::new(0x14, "SYSCFG_EXTICR4", 0, 0xFFFF),
    Register::new(CCCSR, "SYSCFG_CCCSR", 0, CCCSR_EN | 1 << 1 | 1 << 16).with_read_only(CCCSR_READY),
];

/// The system configuration controller.
#[derive(Clone, Debug)]
pub struct Syscfg {
    bank: Bank,
}

impl Default for Syscfg {
    fn default() -> Self {
        Syscfg {
            bank: Bank::new(REGISTERS),
        }
    }
}

impl Syscfg {
    /// The port, counted from A, whose pin drives this EXTI line.
    pub fn exti_port(&self, line: u8) -> u8 {
        let register = self.bank.get(EXTICR1 + 4 * u32::from(line / 4));
        (register >> (4 * (line % 4)) & 15) as u8
    }
}

impl Device for Syscfg {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        Ok(lane(
            self.bank.load(offset & !3, "SYSCFG register")?,
            offset,
            width,
        ))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let word = offset & !3;
        let value = merged(self.bank.load(word, "SYSCFG register")?, offset, width, value);
        self.bank.store(word, value, "SYSCFG register", fx)?;
        if word == CCCSR {
            let ready = if value & CCCSR_EN != 0 { CCCSR_READY } else { 0 };
            self.bank.set(CCCSR, self.bank.get(CCCSR) & !CCCSR_READY | ready);
        }
        Ok(())
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
    fn the_compensation_cell_is_ready_when_it_is_on() {
        let mut bench = Bench::new(Clocks::default());
        let mut syscfg = Syscfg::default();
        bench.write(&mut syscfg, 0x20, 1);
        assert_eq!(bench.read(&mut syscfg, 0x20), 1 | 1 << 8);
        bench.write(&mut syscfg, 0x20, 0);
        assert_eq!(bench.read(&mut syscfg, 0x20), 0);
    }
}
