//! Converters. PB0 is held at 1 V, PB1 at 2.5 V.

use crate::Irqs;
use crate::host::wait_for;
use embassy_stm32::Peripherals;
use embassy_stm32::adc::{Adc, AdcChannel, AdcConfig, Resolution, SampleTime};

/// Of 12 bits at 3.3 V, within half a percent.
fn is_near(value: u16, millivolts: u32) -> bool {
    u32::from(value).abs_diff(millivolts * 4095 / 3300) <= 20
}

/// One conversion after the other, for which the core waits; then a sequence of two, four times over, by DMA.
pub fn adc(p: Peripherals) {
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
}
