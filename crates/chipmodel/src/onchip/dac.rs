//! DAC1 with two channels, DAC2 with one (RM0455 "Digital-to-analog converter"): a number becomes a voltage on a pin.
//!
//! From memory of RM0433's chapter on the same peripheral; RM0455's own could not be read. An ideal converter: VREF+ at the
//! supply, no offset, and the voltage is there at once. Modelled: all three alignments, both channels at once, triggers by
//! software, the output buffer. Does NOT model: triggers by timers (and so DMA, which waits for them), noise and triangles, sample
//! and hold, calibration; outputs that stay inside lead nowhere.

use crate::bus::bank::{Bank, Register, lane, merged};
use crate::bus::pad::{Drive, SUPPLY_MV};
use crate::{Device, Effects, Kind, Refused, Width};

const CR: u32 = 0x00;
const SWTRIGR: u32 = 0x04;
const DHR12R1: u32 = 0x08;
const DHR8R2: u32 = 0x1C;
const DHR12RD: u32 = 0x20;
const DHR12LD: u32 = 0x24;
const DHR8RD: u32 = 0x28;
const DOR1: u32 = 0x2C;
const DOR2: u32 = 0x30;
const SR: u32 = 0x34;
const MCR: u32 = 0x3C;

const EN: u32 = 1 << 0;
const TEN: u32 = 1 << 1;
const TSEL: u32 = 15 << 2;
const KNOWN_OF_CHANNEL: u32 = EN | TEN;

/// Typical (DS13195, DAC characteristics): through the buffer, and without it.
const BUFFERED_OHMS: u32 = 100;
const UNBUFFERED_OHMS: u32 = 12_000;

const REGISTERS: &[Register] = &[
    Register::new(CR, "DAC_CR", 0, KNOWN_OF_CHANNEL | KNOWN_OF_CHANNEL << 16),
    Register::new(SR, "DAC_SR", 0, 0),
    Register::new(0x38, "DAC_CCR", 0, 0),
    Register::new(MCR, "DAC_MCR", 0, 3 | 3 << 16),
];

/// A converter.
#[derive(Clone, Debug)]
pub struct Dac {
    name: &'static str,
    channels: usize,
    bank: Bank,
    /// What waits for a trigger, and what is on the output, of 12 bits.
    holding: [u32; 2],
    output: [u32; 2],
    changed: bool,
}

impl Dac {
    /// The converter of this name.
    pub fn new(name: &'static str, channels: usize) -> Self {
        Dac {
            name,
            channels,
            bank: Bank::new(REGISTERS),
            holding: [0; 2],
            output: [0; 2],
            changed: false,
        }
    }

    fn of_channel(&self, register: u32, channel: usize) -> u32 {
        self.bank.get(register) >> (16 * channel) & 0xFFFF
    }

    fn hold(&mut self, channel: usize, value: u32) {
        self.holding[channel] = value & 0xFFF;
        if self.of_channel(CR, channel) & TEN == 0 {
            self.show(channel);
        }
    }

    fn show(&mut self, channel: usize) {
        self.output[channel] = self.holding[channel];
        self.changed = true;
    }

    fn write_cr(&mut self, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        for channel in 0..2 {
            let own = value >> (16 * channel);
            if own & TEN != 0 && own & TSEL != 0 {
                return Err(Refused::Unmodelled("DAC_CR.TSEL: triggers by timers and pins"));
            }
            if channel >= self.channels && own & EN != 0 {
                let message = format!("{} has no channel {}", self.name, channel + 1);
                fx.report(Kind::Rule, message);
            }
        }
        self.changed = true;
        self.bank.store(CR, value, "DAC_CR", fx)
    }
}

/// A data register of one channel, by its alignment.
fn aligned(register: u32, value: u32) -> u32 {
    match (register - DHR12R1) / 4 % 3 {
        0 => value,
        1 => value >> 4,
        _ => value << 4,
    }
}

impl Device for Dac {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        let register = offset & !3;
        let channel = |first: u32| ((register - first) / 12) as usize;
        let word = match register {
            SWTRIGR => 0,
            DHR12R1..=DHR8R2 => {
                let held = self.holding[channel(DHR12R1)];
                match (register - DHR12R1) / 4 % 3 {
                    0 => held,
                    1 => held << 4,
                    _ => held >> 4,
                }
            }
            DHR12RD => self.holding[0] | self.holding[1] << 16,
            DHR12LD => self.holding[0] << 4 | self.holding[1] << 20,
            DHR8RD => self.holding[0] >> 4 | self.holding[1] >> 4 << 8,
            DOR1 => self.output[0],
            DOR2 => self.output[1],
            plain => self.bank.load(plain, "DAC register (sample and hold)")?,
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        let register = offset & !3;
        let value = match register {
            CR | SR | 0x38 | MCR => merged(self.bank.get(register), offset, width, value),
            _ => merged(0, offset, width, value),
        };
        match register {
            CR => self.write_cr(value, fx)?,
            SWTRIGR => (0..2)
                .filter(|channel| value >> channel & 1 != 0)
                .for_each(|channel| self.show(channel)),
            DHR12R1..=DHR8R2 => {
                let channel = ((register - DHR12R1) / 12) as usize;
                self.hold(channel, aligned(register, value));
            }
            DHR12RD => [value, value >> 16]
                .into_iter()
                .enumerate()
                .for_each(|(n, value)| self.hold(n, value)),
            DHR12LD => [value >> 4, value >> 20]
                .into_iter()
                .enumerate()
                .for_each(|(n, value)| self.hold(n, value)),
            DHR8RD => [(value & 0xFF) << 4, (value >> 8 & 0xFF) << 4]
                .into_iter()
                .enumerate()
                .for_each(|(n, value)| self.hold(n, value)),
            DOR1 | DOR2 | SR => {}
            MCR => {
                self.changed = true;
                self.bank.store(MCR, value, "DAC_MCR", fx)?;
            }
            other => self
                .bank
                .store(other, value, "DAC register (sample and hold)", fx)?,
        }
        Ok(())
    }

    fn reset(&mut self) {
        *self = Dac::new(self.name, self.channels);
        self.changed = true;
    }

    fn analog_output(&self, channel: u8) -> Option<Drive> {
        let channel = usize::from(channel);
        let mode = self.of_channel(MCR, channel) & 7;
        // 3 stays inside the chip.
        if self.of_channel(CR, channel) & EN == 0 || mode == 3 {
            return None;
        }
        Some(Drive {
            millivolts: (self.output[channel] * SUPPLY_MV + 2047) / 4095,
            ohms: if mode == 2 { UNBUFFERED_OHMS } else { BUFFERED_OHMS },
        })
    }

    fn take_outputs_changed(&mut self) -> bool {
        core::mem::take(&mut self.changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clocks;
    use crate::bus::bank::testing::Bench;

    fn millivolts(dac: &Dac, channel: u8) -> Option<u32> {
        dac.analog_output(channel).map(|drive| drive.millivolts)
    }

    #[test]
    fn each_alignment_of_each_channel_makes_its_voltage() {
        let (mut bench, mut dac) = (Bench::new(Clocks::default()), Dac::new("DAC1", 2));
        assert_eq!(millivolts(&dac, 0), None, "off");
        bench.write(&mut dac, 0x00, 1 | 1 << 16);
        assert_eq!(millivolts(&dac, 0), Some(0));
        for (register, value, channel) in [
            (0x08, 2048, 0),
            (0x0C, 2048 << 4, 0),
            (0x10, 128, 0),
            (0x14, 2048, 1),
            (0x18, 2048 << 4, 1),
            (0x1C, 128, 1),
        ] {
            bench.write(&mut dac, 0x20, 0);
            assert_eq!((millivolts(&dac, 0), millivolts(&dac, 1)), (Some(0), Some(0)));
            bench.write(&mut dac, register, value);
            assert_eq!(millivolts(&dac, channel), Some(1650), "{register:#x}");
            assert_eq!(bench.read(&mut dac, 0x2C + 4 * u32::from(channel)), 2048);
        }
        bench.write(&mut dac, 0x28, 0xFF | 0x80 << 8);
        assert_eq!(
            (millivolts(&dac, 0), millivolts(&dac, 1)),
            (Some(3288), Some(1650))
        );
        assert!(dac.take_outputs_changed() && !dac.take_outputs_changed());
        assert!(bench.complaints().is_empty());
    }

    #[test]
    fn a_trigger_by_software_lets_the_number_through_and_others_are_refused() {
        let (mut bench, mut dac) = (Bench::new(Clocks::default()), Dac::new("DAC1", 2));
        bench.write(&mut dac, 0x00, 3);
        bench.write(&mut dac, 0x08, 4095);
        assert_eq!(millivolts(&dac, 0), Some(0));
        bench.write(&mut dac, 0x04, 1);
        assert_eq!(millivolts(&dac, 0), Some(3300));
        let refused = dac.write(0x00, Width::Word, 3 | 5 << 2, &mut bench.fx());
        assert!(matches!(refused, Err(Refused::Unmodelled(_))));
        bench.write(&mut dac, 0x3C, 3);
        assert_eq!(millivolts(&dac, 0), None, "inside the chip");
        bench.write(&mut dac, 0x3C, 2);
        assert!(dac.analog_output(0).is_some_and(|drive| drive.ohms > 10_000));
    }
}
