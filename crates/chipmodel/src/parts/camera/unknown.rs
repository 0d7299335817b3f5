//! OV9650: a sensor that answers at the OV2640's address with another id. Its registers are kept, it sends nothing.

use super::Sensor;
use super::picture::Output;

/// The registers.
#[derive(Clone)]
pub struct Ov9650 {
    values: Box<[u8; 256]>,
}

impl Sensor for Ov9650 {
    const NAME: &'static str = "ov9650";
    const ADDRESS: u8 = 0x30;
    const CLOCK_HZ: std::ops::RangeInclusive<u32> = 10_000_000..=48_000_000;

    fn new() -> Self {
        let mut values = Box::new([0; 256]);
        (values[0x0A], values[0x0B], values[0x1C], values[0x1D]) = (0x96, 0x52, 0x7F, 0xA2);
        Ov9650 { values }
    }

    fn write(&mut self, register: u16, value: u8) -> Result<(), String> {
        if !matches!(register, 0x0A | 0x0B | 0x1C | 0x1D) {
            self.values[usize::from(register as u8)] = value;
        }
        Ok(())
    }

    fn read(&self, register: u16) -> u8 {
        self.values[usize::from(register as u8)]
    }

    fn output(&self, _xclk_hz: u32) -> Option<Output> {
        None
    }
}
