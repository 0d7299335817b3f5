//! RNG (RM0455 34), with a seed in place of noise, so that a run can be repeated.
//!
//! A number is ready whenever the generator is on, unless the source is [broken](Rng::break_source). Does NOT model: seed and clock
//! errors, the health tests.

use crate::bus::bank::{lane, merged};
use crate::noise::Noise;
use crate::{Device, Effects, Kind, Refused, Width};

const CR: u32 = 0x00;
const SR: u32 = 0x04;
const DR: u32 = 0x08;
const HTCR: u32 = 0x10;

const CR_RNGEN: u32 = 1 << 2;
const CR_IE: u32 = 1 << 3;
/// Also the configuration fields, CED, CONDRST; CONFIGLOCK has no model.
const CR_KNOWN: u32 = CR_RNGEN | CR_IE | 1 << 5 | 0x03FF_FF00 | 1 << 30;
const SR_DRDY: u32 = 1 << 0;
const HTCR_MAGIC: u32 = 0x1759_0ABC;

/// The random number generator.
#[derive(Clone, Debug)]
pub struct Rng {
    noise: Noise,
    cr: u32,
    htcr: u32,
    htcr_open: bool,
    is_broken: bool,
}

impl Rng {
    /// A generator whose numbers follow from `seed`.
    pub fn new(seed: u64) -> Self {
        Rng {
            noise: Noise::new(seed),
            cr: 0,
            htcr: 0x0001_2072,
            htcr_open: false,
            is_broken: false,
        }
    }

    /// From now on no number is ever ready.
    pub fn break_source(&mut self) {
        self.is_broken = true;
    }

    fn next(&mut self) -> u32 {
        // Zero stands for "no number" (RM0455 34.7.3).
        ((self.noise.next() >> 32) as u32).max(1)
    }

    fn is_ready(&self) -> bool {
        !self.is_broken && self.cr & CR_RNGEN != 0 && self.cr & 1 << 30 == 0
    }
}

impl Device for Rng {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        let word = match offset & !3 {
            CR => self.cr,
            SR => u32::from(self.is_ready()) * SR_DRDY,
            DR if self.is_ready() => self.next(),
            DR => 0,
            HTCR => self.htcr,
            _ => return Err(Refused::Unmodelled("RNG register")),
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        match offset & !3 {
            CR => {
                let value = merged(self.cr, offset, width, value);
                if value & !CR_KNOWN != 0 {
                    fx.report(
                        Kind::Unmodelled,
                        format!("RNG_CR: bits {:#010x} have no model", value & !CR_KNOWN),
                    );
                }
                self.cr = value & CR_KNOWN;
            }
            // Only error flags, which are never set, can be cleared here.
            SR => {}
            HTCR if value == HTCR_MAGIC => self.htcr_open = true,
            HTCR if self.htcr_open => {
                self.htcr_open = false;
                self.htcr = value;
            }
            HTCR => fx.report(
                Kind::Rule,
                "RNG_HTCR written without the magic number before (RM0455 34.7.4)".into(),
            ),
            _ => return Err(Refused::Unmodelled("RNG register")),
        }
        Ok(())
    }

    fn reset(&mut self) {
        *self = Rng {
            noise: self.noise.clone(),
            is_broken: self.is_broken,
            ..Rng::new(0)
        };
    }

    fn lines(&self) -> u32 {
        u32::from(self.cr & CR_IE != 0 && self.is_ready())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clocks;
    use crate::bus::bank::testing::Bench;

    fn numbers(seed: u64) -> Vec<u32> {
        let mut bench = Bench::new(Clocks::default());
        let mut rng = Rng::new(seed);
        bench.write(&mut rng, 0, 1 << 2);
        (0..100).map(|_| bench.read(&mut rng, 8)).collect()
    }

    #[test]
    fn a_seed_gives_the_same_numbers_again_and_another_seed_others() {
        assert_eq!(numbers(1), numbers(1));
        assert_ne!(numbers(1), numbers(2));
        assert!(numbers(1).iter().all(|&n| n != 0));
    }

    #[test]
    fn nothing_is_ready_while_it_is_off_or_conditioning() {
        let mut bench = Bench::new(Clocks::default());
        let mut rng = Rng::new(1);
        assert_eq!((bench.read(&mut rng, 4), bench.read(&mut rng, 8)), (0, 0));
        bench.write(&mut rng, 0, 1 << 30 | 1 << 2);
        assert_eq!(bench.read(&mut rng, 4), 0);
        bench.write(&mut rng, 0, 1 << 2);
        assert_eq!(bench.read(&mut rng, 4), 1);
    }
}
