//! EXTI (RM0455 20.6): edges on the lines of pins and of the RTC become pending bits and interrupts.
//!
//! Which port a line follows is SYSCFG's; the chip tells this model of edges. Does NOT model: events, the lines of
//! other peripherals, wake-up of the D3 domain.

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::{Device, Effects, Refused, Width};

const RTSR1: u32 = 0x00;
const FTSR1: u32 = 0x04;
const SWIER1: u32 = 0x08;
const CPUIMR1: u32 = 0x80;
const CPUPR1: u32 = 0x88;
/// The lines of pins, of the RTC's alarms and of its wake-up timer (RM0455 table 137).
const LINES: u32 = 0xFFFF | 1 << RTC_ALARM | 1 << RTC_WAKE_UP;
const RTC_ALARM: u8 = 17;
const RTC_WAKE_UP: u8 = 19;

const REGISTERS: &[Register] = &[
    Register::new(RTSR1, "EXTI_RTSR1", 0, LINES),
    Register::new(FTSR1, "EXTI_FTSR1", 0, LINES),
    // The direct lines are let through after reset.
    Register::new(CPUIMR1, "EXTI_CPUIMR1", 0xFFC0_0000, LINES),
    Register::new(CPUPR1, "EXTI_CPUPR1", 0, LINES),
];

/// The extended interrupt controller.
#[derive(Clone, Debug)]
pub struct Exti {
    bank: Bank,
    /// Levels of the lines of peripherals.
    levels: u32,
}

impl Default for Exti {
    fn default() -> Self {
        Exti {
            bank: Bank::new(REGISTERS),
            levels: 0,
        }
    }
}

impl Exti {
    /// The level of a line's pin has changed.
    pub fn edge(&mut self, line: u8, rising: bool) {
        let selected = self.bank.get(if rising { RTSR1 } else { FTSR1 });
        self.pend(selected & 1 << line);
    }

    /// The level that a peripheral puts on its line. True: it has changed.
    pub fn set_level(&mut self, line: u8, high: bool) -> bool {
        let changed = (self.levels >> line & 1 != 0) != high;
        if changed {
            self.levels ^= 1 << line;
            self.edge(line, high);
        }
        changed
    }

    fn pend(&mut self, lines: u32) {
        self.bank.set(CPUPR1, self.bank.get(CPUPR1) | lines & LINES);
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

    /// EXTI0 to EXTI4, EXTI9_5, EXTI15_10, RTC_Alarm, RTC_WKUP.
    fn lines(&self) -> u32 {
        let active = self.bank.get(CPUPR1) & self.bank.get(CPUIMR1);
        let shared = |lines: u32, bit: u32| u32::from(active & lines != 0) << bit;
        active & 0x1F
            | shared(0x03E0, 5)
            | shared(0xFC00, 6)
            | shared(1 << RTC_ALARM, 7)
            | shared(1 << RTC_WAKE_UP, 8)
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
    fn the_lines_of_the_rtc_have_vectors_of_their_own() {
        let (mut bench, mut exti) = (Bench::new(Clocks::default()), Exti::default());
        bench.write(&mut exti, 0x00, 1 << 17 | 1 << 19);
        bench.write(&mut exti, 0x80, 0xFFCA_0000);
        for (line, bit) in [(17, 7), (19, 8)] {
            assert!(exti.set_level(line, true) && !exti.set_level(line, true));
            assert_eq!(exti.lines(), 1 << bit);
            bench.write(&mut exti, 0x88, 1 << line);
            assert_eq!(exti.lines(), 0, "an edge pends, a level does not");
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
