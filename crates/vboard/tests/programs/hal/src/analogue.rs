//! Converters. PB0 is held at 1 V, PB1 at 2.5 V.

use crate::Irqs;
use crate::host::wait_for;
use embassy_stm32::Peripherals;
use embassy_stm32::adc::{Adc, AdcChannel, AdcConfig, Resolution, SampleTime};
use embassy_stm32::dac::{Dac, Value};

/// Of 12 bits at 3.3 V, within half a percent.
fn is_near(value: u16, millivolts: u32) -> bool {
    u32::from(value).abs_diff(millivolts * 4095 / 3300) <= 20
}

/// One conversion after the other, for which the core waits; a sequence of two, four times over, by DMA; then what the DAC makes.
pub fn converters(p: Peripherals) {
    let config = AdcConfig {
        resolution: Some(Resolution::BITS12),
        ..Default::default()
    };
    let mut adc = Adc::new_with_config(p.ADC1, config);
    let (mut one, mut other) = (p.PB0.degrade_adc(), p.PB1.degrade_adc());
    for _ in 0..3 {
        let value = adc.blocking_read(&mut one, SampleTime::CYCLES32_5);
        assert!(is_near(value, 1000), "{value}");
        let value = adc.blocking_read(&mut other, SampleTime::CYCLES32_5);
        assert!(is_near(value, 2500), "{value}");
    }
    let mut got = [0; 8];
    let sequence = [
        (&mut one, SampleTime::CYCLES810_5),
        (&mut other, SampleTime::CYCLES810_5),
    ];
    wait_for(adc.read(p.DMA2_CH0, Irqs, sequence.into_iter(), &mut got));
    for pair in got.chunks(2) {
        assert!(is_near(pair[0], 1000) && is_near(pair[1], 2500), "{got:?}");
    }
    // SAFETY: both ends of the pin: one looks at what the other makes.
    let mut eyes = unsafe {
        [
            p.PA4.clone_unchecked().degrade_adc(),
            p.PA5.clone_unchecked().degrade_adc(),
        ]
    };
    let mut dac = Dac::new_blocking(p.DAC1, p.PA4, p.PA5);
    for (number, millivolts) in [(0, 0), (1024, 825), (4095, 3300)] {
        dac.ch1().set(Value::Bit12Right(number));
        dac.ch2().set(Value::Bit12Right(4095 - number));
        let seen = eyes
            .each_mut()
            .map(|eye| adc.blocking_read(eye, SampleTime::CYCLES32_5));
        assert!(
            is_near(seen[0], millivolts) && is_near(seen[1], 3300 - millivolts),
            "{seen:?}"
        );
    }
}
