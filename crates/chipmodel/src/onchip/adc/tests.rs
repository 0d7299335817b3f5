//! Offsets and bits from RM0455 once more.

use super::*;
use crate::bus::bank::testing::Bench;
use crate::{Kernel, Picos};

const ADC2: u32 = 0x100;

/// A converter at 25 MHz that is ready, with the sampling time of channels 0 to 9 at 64.5 clocks.
fn ready(base: u32) -> (Bench, Adc12) {
    let mut bench = Bench::new(Clocks::of(&[(Kernel::Adc, 25_000_000)]));
    let mut adc = Adc12::new();
    bench.write(&mut adc, base + 0x08, 0x1000_0000);
    bench.pass(&mut adc, Picos::from_ns(10_000));
    assert_eq!(bench.read(&mut adc, base), 1 << 12);
    bench.write(&mut adc, base + 0x08, 0x9000_0000);
    bench.pass(&mut adc, Picos::from_ns(100_000));
    assert_eq!(bench.read(&mut adc, base + 0x08), 0x1000_0000);
    bench.write(&mut adc, base + 0x08, 0x1000_0001);
    bench.pass(&mut adc, Picos::from_ns(1000));
    assert_eq!(bench.read(&mut adc, base) & 1, 1);
    (bench, adc)
}

fn start(bench: &mut Bench, adc: &mut Adc12, base: u32, channel: u32) {
    bench.write(adc, base + 0x1C, 1 << channel);
    bench.write(adc, base + 0x30, channel << 6);
    bench.write(adc, base + 0x08, 0x1000_0005);
}

#[test]
fn a_voltage_becomes_its_share_of_full_scale_at_each_resolution() {
    for (res, full) in [(0, 65535_u32), (1, 16383), (2, 4095), (3, 1023), (7, 255)] {
        let (mut bench, mut adc) = ready(0);
        bench.write(&mut adc, 0x0C, 0x8000_0000 | res << 2);
        for (mv, value) in [(0, 0), (3300, full), (1650, full.div_ceil(2)), (5000, full)] {
            start(&mut bench, &mut adc, 0, 3);
            assert_eq!(adc.wants_sample(), Some(("ADC1", 3)));
            adc.sample(Some(mv), &mut bench.fx());
            bench.pass(&mut adc, Picos::from_ns(10_000));
            assert_eq!(bench.read(&mut adc, 0x40), value, "{mv} mV, RES {res}");
        }
        assert!(bench.complaints().is_empty());
    }
}

#[test]
fn a_conversion_takes_sampling_and_conversion_time() {
    let (mut bench, mut adc) = ready(0);
    bench.write(&mut adc, 0x14, 5 << 9);
    start(&mut bench, &mut adc, 0, 3);
    adc.sample(Some(1000), &mut bench.fx());
    // 64.5 + 8.5 clocks of 40 ns.
    bench.pass(&mut adc, Picos::from_ns(2919));
    assert_eq!(bench.read(&mut adc, 0) & 4, 0);
    bench.pass(&mut adc, Picos::from_ns(1));
    assert_eq!(bench.read(&mut adc, 0) & 0b1110, 0b1110);
    assert_eq!(bench.read(&mut adc, 0x08) & 4, 0, "ADSTART has fallen");
}

#[test]
fn internal_channels_answer_when_they_are_switched_on() {
    for (channel, enable, mv) in [(19, 1 << 22, 1216), (18, 1 << 23, 610), (14, 1 << 24, 750)] {
        let (mut bench, mut adc) = ready(ADC2);
        start(&mut bench, &mut adc, ADC2, channel);
        adc.sample(None, &mut bench.fx());
        assert!(bench.complaints()[0].contains("switched off"));
        bench.pass(&mut adc, Picos::from_ns(100_000));
        assert_eq!(bench.read(&mut adc, ADC2 + 0x40), 0);
        bench.write(&mut adc, 0x308, enable);
        start(&mut bench, &mut adc, ADC2, channel);
        adc.sample(None, &mut bench.fx());
        bench.pass(&mut adc, Picos::from_ns(100_000));
        bench.read(&mut adc, ADC2 + 0x40);
        assert_eq!(bench.complaints(), Vec::<String>::new());
        start(&mut bench, &mut adc, ADC2, channel);
        adc.sample(None, &mut bench.fx());
        bench.pass(&mut adc, Picos::from_ns(100_000));
        let value = bench.read(&mut adc, ADC2 + 0x40);
        assert_eq!((value * 3300 + 32767) / 65535, mv, "channel {channel}");
    }
}

#[test]
fn each_step_of_switching_on_is_checked() {
    let mut bench = Bench::new(Clocks::of(&[(Kernel::Adc, 25_000_000)]));
    let mut adc = Adc12::new();
    bench.write(&mut adc, 0x08, 0x1000_0000);
    bench.write(&mut adc, 0x08, 0x9000_0000);
    assert!(bench.complaints()[0].contains("before its voltage regulator is up"));
    bench.pass(&mut adc, Picos::from_ns(10_000));
    bench.write(&mut adc, 0x08, 0x1000_0004);
    assert!(bench.complaints()[0].contains("before it was enabled"));
    bench.clocks = Clocks::of(&[(Kernel::Adc, 64_000_000)]);
    bench.write(&mut adc, 0x08, 0x1000_0001);
    assert!(bench.complaints()[0].contains("64000000 Hz"));
}

#[test]
fn what_has_no_model_is_refused_by_name() {
    let (mut bench, mut adc) = ready(0);
    for (offset, value) in [
        (0x0C, 0x8000_0002),
        (0x0C, 0x8001_0000),
        (0x10, 1),
        (0xC0, 1),
        (0x30C, 0),
        (0x308, 1),
    ] {
        let refused = adc.write(offset, Width::Word, value, &mut bench.fx());
        assert!(matches!(refused, Err(Refused::Unmodelled(_))), "{offset:#x}");
    }
}

/// Channel `n` has `n` * 100 mV.
fn convert_one(bench: &mut Bench, adc: &mut Adc12) -> u32 {
    let (_, channel) = adc.wants_sample().expect("a conversion is under way");
    adc.sample(Some(100 * u32::from(channel)), &mut bench.fx());
    bench.now = adc.next_event(&bench.clocks).unwrap();
    adc.advance(&mut bench.fx());
    u32::from(channel)
}

#[test]
fn a_sequence_is_converted_in_its_order_and_over_and_over_if_asked() {
    let (mut bench, mut adc) = ready(0);
    // Six conversions: 3, 5, 1, 7 in SQR1, 2, 15 in SQR2.
    bench.write(&mut adc, 0x1C, 0x80AE);
    bench.write(&mut adc, 0x30, 5 | 3 << 6 | 5 << 12 | 1 << 18 | 7 << 24);
    bench.write(&mut adc, 0x34, 2 | 15 << 6);
    // CONT, DMA in one shot, 12 bits.
    bench.write(&mut adc, 0x0C, 0x8000_0000 | 1 << 13 | 2 << 2 | 1);
    bench.write(&mut adc, 0x08, 0x1000_0005);
    for round in 0..2 {
        for (n, channel) in [3, 5, 1, 7, 2, 15].into_iter().enumerate() {
            assert_eq!(adc.requests(), 0);
            assert_eq!(convert_one(&mut bench, &mut adc), channel, "round {round}");
            assert_eq!(adc.requests(), 1);
            let isr = bench.read(&mut adc, 0);
            assert_eq!(isr & 8 != 0, round > 0 || n == 5, "EOS");
            assert_eq!(bench.read(&mut adc, 0x40), (channel * 100 * 4095 + 1650) / 3300);
        }
    }
    // What nobody fetches is lost, and asks for nothing more.
    convert_one(&mut bench, &mut adc);
    convert_one(&mut bench, &mut adc);
    assert_eq!((bench.read(&mut adc, 0) & 0x10, adc.requests()), (0x10, 0));
    assert!(bench.complaints().is_empty());
    bench.write(&mut adc, 0x08, 0x1000_0011);
    assert_eq!(adc.wants_sample(), None);
}
