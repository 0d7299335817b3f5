//! PWR of the STM32H7A3: supply, voltage scale, backup access (RM0455 6).
//!
//! Supplies are stable at once. Does NOT model: voltage monitors, wake-up pins, the USB regulator, voltages in Stop.

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::{Device, Effects, Kind, Refused, Width};

const CR1: u32 = 0x00;
const CSR1: u32 = 0x04;
const CR3: u32 = 0x0C;
const CPUCR: u32 = 0x10;
const SRDCR: u32 = 0x18;

/// RETDS_CD, PDDS_SRD, RUN_SRD.
const CPUCR_WRITABLE: u32 = 1 | CPUCR_PDDS_SRD | 1 << 11;
const CPUCR_PDDS_SRD: u32 = 1 << 2;
const CPUCR_STOPF: u32 = 1 << 5;
const CPUCR_SBF: u32 = 1 << 6;
const CPUCR_CSSF: u32 = 1 << 9;
const CR1_DBP: u32 = 1 << 8;
const CSR1_ACTVOSRDY: u32 = 1 << 13;
const CR3_SUPPLY: u32 = 0b111;
/// SMPSEXTHP and SMPSLEVEL, which a package without the converter may write as well.
const CR3_SMPS: u32 = 0b111 << 3;
const CR3_USB33DEN: u32 = 1 << 24;
const CR3_LDOEN: u32 = 1 << 1;
const CR3_USB33RDY: u32 = 1 << 26;
const SRDCR_VOSRDY: u32 = 1 << 13;
const VOS: u32 = 3 << 14;

const REGISTERS: &[Register] = &[
    Register::new(CR1, "PWR_CR1", 0xF000_C000, CR1_DBP | 1 | 1 << 9 | 3 << 14),
    Register::new(CSR1, "PWR_CSR1", 0x4000 | CSR1_ACTVOSRDY, 0).with_read_only(u32::MAX),
    Register::new(0x08, "PWR_CR2", 0, 1).with_read_only(1 << 16),
    Register::new(CR3, "PWR_CR3", 0b110, CR3_SUPPLY | CR3_SMPS | CR3_USB33DEN).with_read_only(CR3_USB33RDY),
    Register::new(CPUCR, "PWR_CPUCR", 0, CPUCR_WRITABLE).with_read_only(CPUCR_STOPF | CPUCR_SBF | CPUCR_CSSF),
    Register::new(SRDCR, "PWR_SRDCR", 0x4000 | SRDCR_VOSRDY, VOS).with_read_only(SRDCR_VOSRDY),
];

/// Core voltage scale: 0 is the highest voltage and speed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vos(pub u8);

/// The power controller.
#[derive(Clone, Debug)]
pub struct Pwr {
    bank: Bank,
    has_smps: bool,
    supply_is_set: bool,
}

impl Pwr {
    /// After power-up, of a package with the step-down converter's pins or without.
    pub fn new(has_smps: bool) -> Self {
        Pwr {
            bank: Bank::new(REGISTERS),
            has_smps,
            supply_is_set: false,
        }
    }

    /// The voltage scale in force.
    pub fn vos(&self) -> Vos {
        Vos(3 - (self.bank.get(SRDCR) >> 14 & 3) as u8)
    }

    /// Whether the backup domain may be written (CR1.DBP).
    pub fn backup_writable(&self) -> bool {
        self.bank.get(CR1) & CR1_DBP != 0
    }

    /// Whether a deep sleep is Standby, which leaves nothing but the backup domain, or Stop.
    pub fn chooses_standby(&self) -> bool {
        self.bank.get(CPUCR) & CPUCR_PDDS_SRD != 0
    }

    /// The chip has been in Standby, or in Stop.
    pub fn note_sleep(&mut self, standby: bool) {
        let flag = if standby { CPUCR_SBF } else { CPUCR_STOPF };
        self.bank.set(CPUCR, self.bank.get(CPUCR) | flag);
    }

    /// The supply is configured once after power-up; a package without SMPS pins knows only the LDO.
    fn write_supply(&mut self, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let before = self.bank.get(CR3) & CR3_SUPPLY;
        let wanted = value & CR3_SUPPLY;
        if !self.has_smps && wanted != CR3_LDOEN {
            fx.report(
                Kind::Rule,
                format!(
                    "PWR_CR3: supply bits {wanted:#05b}, but this package has no SMPS (only those whose name ends with Q \
                     have): 0b010 (LDO only)"
                ),
            );
        }
        if self.supply_is_set && wanted != before {
            fx.report(
                Kind::Rule,
                "PWR_CR3: the supply can be set only once after power-up (RM0455 6.8.4)".into(),
            );
            return self.bank.store(CR3, value & !CR3_SUPPLY | before, "PWR_CR3", fx);
        }
        self.supply_is_set = true;
        self.bank.store(CR3, value, "PWR_CR3", fx)
    }
}

impl Device for Pwr {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        Ok(lane(self.bank.load(offset & !3, "PWR register")?, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let word = offset & !3;
        let value = merged(self.bank.load(word, "PWR register")?, offset, width, value);
        match word {
            CR3 => {
                self.write_supply(value, fx)?;
                // Both boards lead 3.3 V to VDD33USB.
                let stored = self.bank.get(CR3) & !CR3_USB33RDY;
                let ready = if stored & CR3_USB33DEN != 0 {
                    CR3_USB33RDY
                } else {
                    0
                };
                self.bank.set(CR3, stored | ready);
                Ok(())
            }
            CPUCR => {
                self.bank.store(CPUCR, value, "PWR_CPUCR", fx)?;
                if value & CPUCR_CSSF != 0 {
                    let flags = CPUCR_STOPF | CPUCR_SBF;
                    self.bank.set(CPUCR, self.bank.get(CPUCR) & !flags);
                }
                Ok(())
            }
            SRDCR => {
                self.bank.store(SRDCR, value, "PWR_SRDCR", fx)?;
                self.bank.set(CSR1, CSR1_ACTVOSRDY | value & VOS);
                Ok(())
            }
            _ => self.bank.store(word, value, "PWR register", fx),
        }
    }

    /// A system reset; the supply stays as it was set after power-up.
    fn reset(&mut self) {
        let supply = self.bank.get(CR3) & CR3_SUPPLY;
        let standby = self.bank.get(CPUCR) & CPUCR_SBF;
        self.bank.reset();
        self.bank.set(CPUCR, standby);
        if self.supply_is_set {
            self.bank.set(CR3, supply);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clocks;
    use crate::bus::bank::testing::Bench;

    #[test]
    fn the_voltage_scale_follows_and_is_ready() {
        let mut bench = Bench::new(Clocks::default());
        let mut pwr = Pwr::new(false);
        assert_eq!(bench.read(&mut pwr, 0x04) >> 13, 0b011, "CSR1: VOS code 1, ready");
        bench.write(&mut pwr, 0x18, 3 << 14);
        assert_eq!(pwr.vos(), Vos(0));
        assert_eq!(bench.read(&mut pwr, 0x18), 3 << 14 | 1 << 13);
        assert_eq!(bench.read(&mut pwr, 0x04), 3 << 14 | 1 << 13);
    }

    #[test]
    fn the_smps_of_another_package_is_a_broken_rule() {
        let mut bench = Bench::new(Clocks::default());
        let mut pwr = Pwr::new(false);
        bench.write(&mut pwr, 0x0C, 0b100);
        assert!(bench.complaints()[0].contains("no SMPS"));
        bench.write(&mut pwr, 0x0C, 0b010);
        assert!(bench.complaints()[0].contains("only once"));
        assert_eq!(bench.read(&mut pwr, 0x0C), 0b100);
    }

    #[test]
    fn the_supply_of_usb_is_ready_once_it_is_watched() {
        let mut bench = Bench::new(Clocks::default());
        let mut pwr = Pwr::new(false);
        bench.write(&mut pwr, 0x0C, 0b010 | 1 << 24);
        assert_eq!(bench.read(&mut pwr, 0x0C), 0b010 | 1 << 24 | 1 << 26);
        bench.write(&mut pwr, 0x0C, 0b010);
        assert_eq!(bench.read(&mut pwr, 0x0C), 0b010);
    }

    #[test]
    fn a_package_with_the_converter_may_use_it_once() {
        let mut bench = Bench::new(Clocks::default());
        let mut pwr = Pwr::new(true);
        bench.write(&mut pwr, 0x0C, 0b100);
        assert_eq!(bench.complaints(), Vec::<String>::new());
        bench.write(&mut pwr, 0x0C, 0b010);
        assert!(bench.complaints()[0].contains("only once"));
    }

    #[test]
    fn the_flag_of_standby_outlives_a_reset_until_it_is_cleared() {
        let mut bench = Bench::new(Clocks::default());
        let mut pwr = Pwr::new(false);
        bench.write(&mut pwr, 0x10, 1 << 2);
        assert!(pwr.chooses_standby());
        pwr.note_sleep(true);
        pwr.note_sleep(false);
        pwr.reset();
        assert!(!pwr.chooses_standby());
        assert_eq!(bench.read(&mut pwr, 0x10), 1 << 6);
        bench.write(&mut pwr, 0x10, 1 << 9);
        assert_eq!((bench.read(&mut pwr, 0x10), bench.complaints().len()), (0, 0));
    }

    #[test]
    fn the_ldo_is_accepted_any_number_of_times() {
        let mut bench = Bench::new(Clocks::default());
        let mut pwr = Pwr::new(false);
        for _ in 0..2 {
            bench.write(&mut pwr, 0x0C, 0b010);
            pwr.reset();
        }
        assert_eq!((bench.read(&mut pwr, 0x0C), bench.complaints().len()), (0b010, 0));
    }
}
