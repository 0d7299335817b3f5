//! The private peripheral bus: which of the core's registers stands where (Armv7-M table B3-2), and what its writes set off.

use crate::machine::system::System;
use chipmodel::core::nvic::number;
use chipmodel::core::scb::Effect;
use chipmodel::{Refused, Width};

const DEMCR: u32 = 0xE000_EDFC;

impl System {
    /// Read one of the core's registers; narrow accesses take their part of the word.
    pub(crate) fn ppb_read(&mut self, address: u32, width: Width) -> Result<u32, Refused> {
        let word = address & !3;
        let shift = 8 * (address & 3);
        let value = match word {
            0xE000_1000..0xE000_2000 => self.dwt.read(word & 0xFFF, self.clock.cycles),
            0xE000_E010..0xE000_E020 => {
                self.tick();
                self.systick.read(word & 0xF)
            }
            0xE000_E100..0xE000_E4F0 => self.nvic.read(word - 0xE000_E100),
            0xE000_ED90..0xE000_EDC0 => self.mpu.read(word - 0xE000_ED90),
            DEMCR => Ok(self.dwt.demcr()),
            0xE000_E000..0xE000_F000 => self.scb.read(word, &self.nvic, self.current),
            _ => Err(Refused::Unmodelled(outside(word))),
        }?;
        let mask = if width == Width::Word {
            !0
        } else {
            (1 << (8 * width.bytes())) - 1
        };
        Ok(value >> shift & mask)
    }

    /// Write one of the core's registers.
    pub(crate) fn ppb_write(&mut self, address: u32, width: Width, value: u32) -> Result<(), Refused> {
        let word = address & !3;
        let shift = 8 * (address & 3);
        let mask = if width == Width::Word {
            !0
        } else {
            ((1 << (8 * width.bytes())) - 1) << shift
        };
        let value = value << shift & mask;
        match word {
            0xE000_1000..0xE000_2000 => self.dwt.write(word & 0xFFF, value, mask, self.clock.cycles),
            0xE000_E010..0xE000_E020 => {
                self.tick();
                self.systick.write(word & 0xF, value, mask)
            }
            0xE000_E100..0xE000_E4F0 => self.nvic.write(word - 0xE000_E100, value, mask),
            0xE000_ED90..0xE000_EDC0 => {
                self.forget_rights();
                self.mpu.write(word - 0xE000_ED90, value, mask)
            }
            DEMCR => {
                self.dwt.set_demcr(value, mask, self.clock.cycles);
                Ok(())
            }
            0xE000_E000..0xE000_F000 => {
                let effect = self.scb.write(word, value, mask, &mut self.nvic)?;
                self.follow(effect);
                Ok(())
            }
            _ => Err(Refused::Unmodelled(outside(word))),
        }
    }

    fn tick(&mut self) {
        if self.systick.advance(self.clock.cycles) {
            self.nvic.pend(number::SYS_TICK, true);
        }
    }

    fn follow(&mut self, effect: Effect) {
        match effect {
            Effect::None => {}
            Effect::Reset => {
                self.pending.reset = true;
                self.stop_soon();
            }
            Effect::CacheControl => self.data.control(&self.scb),
            Effect::CodeChanged => {
                self.pending.code = true;
                self.stop_soon();
            }
            Effect::Cache(op) => self.maintain(op),
        }
    }
}

fn outside(address: u32) -> &'static str {
    match address >> 12 {
        0xE0000 => "the ITM",
        0xE0002 => "the flash patch unit",
        0xE0040 => "the TPIU",
        0xE0041 => "the ETM",
        _ => "this part of the private peripheral bus",
    }
}
