//! What the factory wrote into the chip: unique id and flash size (RM0455 61).
//!
//! Does NOT model: the package code, calibration values, the one-time programmable area.

use crate::bus::bank::lane;
use crate::{Device, Effects, Refused, Width};

/// The read-only words at 0x08FF_F800.
#[derive(Clone, Debug)]
pub struct Signature {
    uid: [u32; 3],
    flash_kb: u32,
}

impl Signature {
    /// A chip with this unique id (wafer coordinates, lot and wafer number, as twelve bytes) and so much flash.
    pub fn new(uid: [u32; 3], flash_kb: u32) -> Self {
        Signature { uid, flash_kb }
    }
}

impl Device for Signature {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        match (offset, width) {
            (0x0..=0xB, _) => Ok(lane(self.uid[(offset / 4) as usize], offset, width)),
            (0xC..=0xD, Width::Byte | Width::Half) => Ok(lane(self.flash_kb, offset, width)),
            _ => Err(Refused::Unmodelled("package code and calibration words")),
        }
    }

    fn write(&mut self, _: u32, _: Width, _: u32, _: &mut Effects) -> Result<(), Refused> {
        Err(Refused::BusError("the factory's words cannot be written".into()))
    }

    fn reset(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clocks;
    use crate::bus::bank::testing::Bench;

    #[test]
    fn the_id_has_twelve_bytes_and_the_flash_2048_kb() {
        let mut bench = Bench::new(Clocks::default());
        let mut chip = Signature::new([1, 2, 0x0A0B_0C0D], 2048);
        assert_eq!(bench.read(&mut chip, 8), 0x0A0B_0C0D);
        assert_eq!(chip.read(11, Width::Byte, &mut bench.fx()), Ok(0x0A));
        assert_eq!(chip.read(0xC, Width::Half, &mut bench.fx()), Ok(2048));
        assert!(chip.read(0xE, Width::Half, &mut bench.fx()).is_err());
    }
}
