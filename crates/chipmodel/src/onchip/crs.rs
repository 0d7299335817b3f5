//! CRS (RM0455 9): trims the 48 MHz oscillator by the frames of the USB.
//!
//! The oscillator of the model is exact, so that each frame finds it in order and the trim stays. Does NOT model: other
//! sources, errors, software synchronisation.

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::{Device, Effects, Refused, Width};

const CR: u32 = 0x00;
const CFGR: u32 = 0x04;
const ISR: u32 = 0x08;
const ICR: u32 = 0x0C;

const CR_SYNCOKIE: u32 = 1 << 0;
const CR_CEN: u32 = 1 << 5;
const CR_AUTOTRIMEN: u32 = 1 << 6;
const CR_TRIM: u32 = 0x3F << 8;
const CFGR_SYNCSRC: u32 = 3 << 28;
const SOURCE_USB: u32 = 2 << 28;
const ISR_SYNCOKF: u32 = 1 << 0;
const ISR_ESYNCF: u32 = 1 << 3;

const REGISTERS: &[Register] = &[
    Register::new(CR, "CRS_CR", 32 << 8, 0xF | CR_CEN | CR_AUTOTRIMEN | CR_TRIM),
    // RELOAD, FELIM, SYNCDIV, SYNCSRC, SYNCPOL.
    Register::new(CFGR, "CRS_CFGR", 0x2022_BB7F, 0xB7FF_FFFF),
];

/// The clock recovery system.
#[derive(Clone, Debug)]
pub struct Crs {
    bank: Bank,
    /// Frames come on the USB.
    frames: bool,
}

impl Default for Crs {
    fn default() -> Self {
        Crs {
            bank: Bank::new(REGISTERS),
            frames: false,
        }
    }
}

impl Crs {
    /// Frames come on the USB, or end.
    pub fn set_frames(&mut self, frames: bool) {
        self.frames = frames;
    }

    fn is_synchronised(&self) -> bool {
        self.frames && self.bank.get(CR) & CR_CEN != 0 && self.bank.get(CFGR) & CFGR_SYNCSRC == SOURCE_USB
    }

    fn status(&self) -> u32 {
        match self.is_synchronised() {
            true => ISR_SYNCOKF | ISR_ESYNCF,
            false => 0,
        }
    }
}

impl Device for Crs {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        let word = match offset & !3 {
            ISR => self.status(),
            ICR => 0,
            word => self.bank.load(word, "CRS register")?,
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let word = offset & !3;
        match word {
            // The next frame sets it again.
            ICR => Ok(()),
            ISR => Ok(()),
            _ => {
                let value = merged(self.bank.load(word, "CRS register")?, offset, width, value);
                if word == CR && value & CR_SYNCOKIE != 0 {
                    return Err(Refused::Unmodelled("interrupts of CRS"));
                }
                self.bank.store(word, value, "CRS register", fx)
            }
        }
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
    fn frames_synchronise_it_once_it_is_on() {
        let mut bench = Bench::new(Clocks::default());
        let mut crs = Crs::default();
        crs.set_frames(true);
        assert_eq!(bench.read(&mut crs, ISR), 0, "it is off");
        bench.write(&mut crs, CR, 32 << 8 | CR_CEN | CR_AUTOTRIMEN);
        assert_eq!(bench.read(&mut crs, ISR), 0b1001, "SYNCOK and ESYNC");
        crs.set_frames(false);
        assert_eq!(bench.read(&mut crs, ISR), 0);
        assert_eq!(bench.read(&mut crs, CR) >> 8, 32, "the trim stays");
    }
}
