//! The cycle counter of the debug unit (Armv7-M C1.8), and DEMCR that switches it on.
//!
//! Comparators and the other event counters are not modelled.

use crate::Refused;

const TRCENA: u32 = 1 << 24;
const CYCCNTENA: u32 = 1;
/// NUMCOMP = 4 in DWT_CTRL bits 31:28 (Cortex-M7 TRM, DWT programmers model).
const NUMCOMP: u32 = 4 << 28;

/// DWT and DEMCR.
#[derive(Clone, Debug, Default)]
pub struct Dwt {
    control: u32,
    demcr: u32,
    /// The counter when stopped, else what to add to the cycles.
    base: u32,
}

impl Dwt {
    fn counts(&self) -> bool {
        self.demcr & TRCENA != 0 && self.control & CYCCNTENA != 0
    }

    fn count(&self, cycle: u64) -> u32 {
        if self.counts() {
            self.base.wrapping_add(cycle as u32)
        } else {
            self.base
        }
    }

    fn change(&mut self, cycle: u64, change: impl FnOnce(&mut Self)) {
        let count = self.count(cycle);
        change(self);
        self.base = if self.counts() {
            count.wrapping_sub(cycle as u32)
        } else {
            count
        };
    }

    /// DEMCR.
    pub fn demcr(&self) -> u32 {
        self.demcr
    }

    /// Write DEMCR. Vector catch bits are kept but catch nothing: there is no debugger.
    pub fn set_demcr(&mut self, value: u32, mask: u32, cycle: u64) {
        self.change(cycle, |dwt| {
            dwt.demcr = dwt.demcr & !mask | value & mask & 0x010F_07F1
        });
    }

    /// Read the register at `offset` from 0xE0001000.
    pub fn read(&self, offset: u32, cycle: u64) -> Result<u32, Refused> {
        match offset {
            0 => Ok(self.control | NUMCOMP),
            4 => Ok(self.count(cycle)),
            // The lock is open for software: LSR (ARM CoreSight, lock status).
            0xFB4 => Ok(1),
            _ => Err(Refused::Unmodelled(
                "a DWT register other than CTRL, CYCCNT, LAR, LSR",
            )),
        }
    }

    /// Write it.
    pub fn write(&mut self, offset: u32, value: u32, mask: u32, cycle: u64) -> Result<(), Refused> {
        match offset {
            0 if value & mask & 0x0FFF_FFFE != 0 => {
                Err(Refused::Unmodelled("DWT_CTRL bits other than CYCCNTENA"))
            }
            0 => {
                self.change(cycle, |dwt| {
                    dwt.control = dwt.control & !mask | value & mask & CYCCNTENA
                });
                Ok(())
            }
            4 => {
                self.base = if self.counts() {
                    value.wrapping_sub(cycle as u32)
                } else {
                    value
                };
                Ok(())
            }
            // LAR: the key 0xC5ACCE55 unlocks; nothing here depends on it.
            0xFB0 => Ok(()),
            _ => Err(Refused::Unmodelled(
                "a DWT register other than CTRL, CYCCNT, LAR, LSR",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_counter_runs_only_when_both_switches_are_on() {
        let mut dwt = Dwt::default();
        dwt.write(0, 1, !0, 100).unwrap();
        assert_eq!(dwt.read(4, 200), Ok(0));
        dwt.set_demcr(TRCENA, !0, 300);
        assert_eq!(dwt.read(4, 310), Ok(10));
        dwt.write(4, 1000, !0, 400).unwrap();
        assert_eq!(dwt.read(4, 405), Ok(1005));
        dwt.write(0, 0, !0, 500).unwrap();
        assert_eq!(dwt.read(4, 9000), Ok(1100));
        assert_eq!(dwt.read(0, 0), Ok(NUMCOMP));
    }
}
