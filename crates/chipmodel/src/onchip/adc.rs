//! ADC1, ADC2 and what they share (RM0455, analog-to-digital converters): sequences of up to 16 conversions, once or over and
//! over, started by software, with requests to DMA.
//!
//! An ideal converter: no noise, no offset, VREF+ at the supply. A conversion takes the time that sampling time, resolution
//! and clock give it. The temperature sensor, VBAT (a quarter of it) and VREFINT are channels of ADC2. The order of switching
//! on is checked: voltage regulator, its start-up time, calibration, enable.
//! Does NOT model: injected channels, triggers, discontinuous and dual mode, differential inputs, oversampling,
//! offsets, watchdogs, the linearity calibration's words. Using one is refused or reported.

mod converter;
mod registers;

use crate::bus::bank::{lane, merged};
use crate::{Clocks, Device, Effects, Kernel, Refused, Time, Width};
use converter::Converter;
use registers::{
    CCR, CCR_KNOWN, DR, ISR, PRESCALERS, VBAT_QUARTER_MV, VBATEN, VREFEN, VREFINT_MV, VSENSE_MV, VSENSEEN,
};

/// Both converters.
#[derive(Clone, Debug, Default)]
pub struct Adc12 {
    converters: [Converter; 2],
    ccr: u32,
}

impl Adc12 {
    /// After reset.
    pub fn new() -> Self {
        let mut adc = Adc12::default();
        adc.converters[1].name = "ADC2";
        adc
    }

    /// The clock of both converters.
    fn hz(&self, clocks: &Clocks) -> u32 {
        match self.ccr >> 16 & 3 {
            0 => clocks.hz(Kernel::Adc) / PRESCALERS[(self.ccr >> 18 & 15) as usize],
            mode => clocks.hz(Kernel::Hclk) >> (mode - 1),
        }
    }

    /// The voltage of a channel that no pin carries; `None` if it is not one, or switched off.
    fn internal(&self, converter: usize, channel: u8) -> Option<u32> {
        let (enable, millivolts) = match (converter, channel) {
            (1, 14) => (VBATEN, VBAT_QUARTER_MV),
            (1, 18) => (VSENSEEN, VSENSE_MV),
            (1, 19) => (VREFEN, VREFINT_MV),
            _ => return None,
        };
        (self.ccr & enable != 0).then_some(millivolts)
    }

    fn waiting(&self) -> Option<(usize, u8)> {
        let mut converters = self.converters.iter().enumerate();
        converters.find_map(|(index, converter)| Some((index, converter.waits?)))
    }
}

/// Converter and register of an offset.
fn place(offset: u32) -> Option<(usize, u32)> {
    (offset < 0x200).then_some(((offset / 0x100) as usize, (offset % 0x100) & !3))
}

impl Device for Adc12 {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        self.advance(fx);
        let word = match place(offset) {
            Some((index, register)) => self.converters[index].read(register)?,
            None if offset & !3 == CCR => self.ccr,
            None => return Err(Refused::Unmodelled("ADC common register")),
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        self.advance(fx);
        let hz = self.hz(&fx.clocks);
        match place(offset) {
            Some((index, register)) => {
                // Narrow writes to registers that clear when read or written do not happen here.
                let before = if matches!(register, ISR | DR) {
                    0
                } else {
                    self.converters[index].read(register)?
                };
                self.converters[index].write(register, merged(before, offset, width, value), hz, fx)
            }
            None if offset & !3 == CCR => {
                let value = merged(self.ccr, offset, width, value);
                if value & !CCR_KNOWN != 0 {
                    return Err(Refused::Unmodelled("ADC_CCR: dual mode or DMA"));
                }
                self.ccr = value;
                Ok(())
            }
            None => Err(Refused::Unmodelled("ADC common register")),
        }
    }

    fn reset(&mut self) {
        *self = Adc12::new();
    }

    fn lines(&self) -> u32 {
        self.converters.iter().any(|c| c.isr & c.ier != 0).into()
    }

    fn requests(&self) -> u32 {
        u32::from(self.converters[0].requests()) | u32::from(self.converters[1].requests()) << 1
    }

    fn wants_sample(&self) -> Option<(&'static str, u8)> {
        let (index, channel) = self.waiting()?;
        Some((self.converters[index].name, channel))
    }

    fn sample(&mut self, millivolts: Option<u32>, fx: &mut Effects) {
        let Some((index, channel)) = self.waiting() else {
            return;
        };
        let found = millivolts.or_else(|| self.internal(index, channel));
        if found.is_none() {
            let what = format!("channel {channel} floats, or is switched off: the result is arbitrary");
            self.converters[index].rule(fx, &what);
        }
        let hz = self.hz(&fx.clocks);
        self.converters[index].convert(found.unwrap_or(0), hz);
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        self.converters.iter().filter_map(Converter::next_event).min()
    }

    fn advance(&mut self, fx: &mut Effects) {
        for converter in &mut self.converters {
            converter.advance(fx.now);
        }
    }
}

#[cfg(test)]
mod tests;
