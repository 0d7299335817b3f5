//! TAMP of the STM32H7A3 (RM0455 51): the 32 backup registers. Does NOT model: tamper detection, the monotonic counter.

use crate::bus::bank::{lane, merged};
use crate::{Device, Effects, Kind, Refused, Width};

const BKP0R: u32 = 0x100;
const REGISTERS: usize = 32;

/// The registers that keep their content without the main supply.
#[derive(Clone, Debug, Default)]
pub struct Tamp {
    /// PWR_CR1.DBP as the power controller has it.
    pub backup_writable: bool,
    words: [u32; REGISTERS],
}

impl Tamp {
    /// A reset of the backup domain.
    pub fn backup_reset(&mut self) {
        *self = Tamp::default();
    }

    fn word(&mut self, offset: u32) -> Result<&mut u32, Refused> {
        let index = (offset & !3).checked_sub(BKP0R).map(|bytes| bytes as usize / 4);
        let word = index.and_then(|index| self.words.get_mut(index));
        word.ok_or(Refused::Unmodelled("TAMP register (tamper detection)"))
    }
}

impl Device for Tamp {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        Ok(lane(*self.word(offset)?, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let writable = self.backup_writable;
        let word = self.word(offset)?;
        if writable {
            *word = merged(*word, offset, width, value);
        } else {
            fx.report(
                Kind::Rule,
                "TAMP_BKPxR written while PWR_CR1.DBP is 0: the write is lost (RM0455 51.6)".into(),
            );
        }
        Ok(())
    }

    /// A system reset: they are what outlives it.
    fn reset(&mut self) {}
}
