//! FMC of the STM32H7A3, as far as start-up code touches it where no memory is on its pins (RM0455 22.9.4): the first control
//! register holds what is written. Every CubeMX start-up writes it once, to take bank 1 off the bus.
//!
//! Does NOT model: memories. An access to their windows is a bus error.

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::{Device, Effects, Refused, Width};

const REGISTERS: &[Register] = &[
    Register::new(0x00, "FMC_BCR1", 0x0000_30DB, 0x83DF_FF7F),
    Register::new(0x04, "FMC_BTR1", 0x0FFF_FFFF, 0x3FFF_FFFF),
];

/// The controller.
#[derive(Clone, Debug)]
pub struct Fmc {
    bank: Bank,
}

impl Default for Fmc {
    fn default() -> Self {
        Fmc {
            bank: Bank::new(REGISTERS),
        }
    }
}

impl Device for Fmc {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        Ok(lane(self.bank.load(offset & !3, "FMC register")?, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let word = offset & !3;
        let value = merged(self.bank.load(word, "FMC register")?, offset, width, value);
        self.bank.store(word, value, "FMC register", fx)
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
    fn what_cubemx_writes_reads_back() {
        let mut bench = Bench::new(Clocks::default());
        let mut fmc = Fmc::default();
        assert_eq!(bench.read(&mut fmc, 0), 0x30DB);
        bench.write(&mut fmc, 0, 0x30D2);
        assert_eq!((bench.read(&mut fmc, 0), bench.complaints().len()), (0x30D2, 0));
    }
}
