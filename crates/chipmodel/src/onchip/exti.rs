//! EXTI (RM0455 20.6): edges on the sixteen pin lines become pending bits and interrupts.
//!
//! Which port a line follows is SYSCFG's; the chip tells this model of edges. Does NOT model: events, the lines of
//! peripherals, wake-up of the D3 domain.

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::{Device, Effects, Refused, Width};

const RTSR1: u32 = 0x00;
const FTSR1: u32 = 0x04;
const SWIER1: u32 = 0x08;
const CPUIMR1: u32 = 0x80;
const CPUPR1: u32 = 0x88;
/// The lines of pins.
const PINS: u32 = 0xFFFF;

const REGISTERS: &[Register] = &[
    Register::new(RTSR1, "EXTI_RTSR1", 0, PINS),
    Register::new(FTSR1, "EXTI_FTSR1", 0, PINS),
    // The direct lines are let through after reset.
    Register::new(CPUIMR1, "EXTI_CPUIMR1", 0xFFC0_0000, PINS),
    Register::new(CPUPR1, "EXTI_CPUPR1", 0, PINS),
];

/// The extended interrupt controller.
#[derive(Clone, Debug)]
pub struct Exti {
    bank: Bank,
}

impl Default for Exti {
    fn default() -> Self {
        Exti {
            bank: Bank::new(REGISTERS),
        }
    }
}

impl Exti {
    /// The level of a line's pin has changed.
    pub fn edge(&mut self, line: u8, rising: bool) {
        let selected = self.bank.get(if rising { RTSR1 } else { FTSR1 });
        self.pend(selected & 1 << line);
    }

    fn pend(&mut self, lines: u32) {
        self.bank.set(CPUPR1, self.bank.get(CPUPR1) | lines & PINS);
    }
}

impl Device for Exti {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        let word = match offset & !3 {
            SWIER1 => 0,
            plain => self.bank.load(plain, "EXTI register")?,
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        match offset & !3 {
            SWIER1 => self.pend(merged(0, offset, width, value)),
            CPUPR1 => {
                let ones = merged(0, offset, width, value);
                self.bank.set(CPUPR1, self.bank.get(CPUPR1) & !ones);
            }
            plain => {
                let word = merged(self.bank.load(plain, "EXTI register")?, offset, width, value);
                self.bank.store(plain, word, "EXTI register", fx)?;
            }
        }
        Ok(())
    }

    fn reset(&mut self) {
        self.bank.reset();
    }

    /// EXTI0 to EXTI4, EXTI9_5, EXTI15_10.
    fn lines(&self) -> u32 {
        let active = self.bank.get(CPUPR1) & self.bank.get(CPUIMR1);
        let shared = |lines: u32, bit: u32| u32::from(active & lines != 0) << bit;
        active & 0x1F | shared(0x03E0, 5) | shared(0xFC00, 6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clocks;
    use crate::bus::bank::testing::Bench;

    #[test]
    fn only_the_selected_edge_is_pending_and_only_an_unmasked_line_interrupts() {
        let (mut bench, mut exti) = (Bench::new(Clocks::default()), Exti::default());
        bench.write(&mut exti, 0x00, 1 << 3);
        exti.edge(3, false);
        assert_eq!(bench.read(&mut exti, 0x88), 0);
        exti.edge(3, true);
        assert_eq!((bench.read(&mut exti, 0x88), exti.lines()), (1 << 3, 0));
        bench.write(&mut exti, 0x80, 0xFFC0_0008);
        assert_eq!(exti.lines(), 1 << 3);
        bench.write(&mut exti, 0x88, 1 << 3);
        assert_eq!((bench.read(&mut exti, 0x88), exti.lines()), (0, 0));
    }

    #[test]
    fn lines_above_four_share_two_interrupts() {
        let (mut bench, mut exti) = (Bench::new(Clocks::default()), Exti::default());
        bench.write(&mut exti, 0x80, 0xFFC0_FFFF);
        for (line, bit) in [(4, 4), (5, 5), (9, 5), (10, 6), (15, 6)] {
            bench.write(&mut exti, 0x08, 1 << line);
            assert_eq!(exti.lines(), 1 << bit, "line {line}");
            bench.write(&mut exti, 0x88, 1 << line);
        }
    }

    #[test]
    fn what_has_no_model_is_refused() {
        let (mut bench, mut exti) = (Bench::new(Clocks::default()), Exti::default());
        assert!(matches!(
            exti.write(0x84, Width::Word, 1, &mut bench.fx()),
            Err(Refused::Unmodelled(_))
        ));
    }
}
