//! Places and bits once more, from RM0455 40 to 43.

use super::*;
use crate::bus::bank::testing::Bench;

use crate::{Kernel, Picos};

fn named(name: &str) -> Kind {
    *KINDS.iter().find(|kind| kind.name == name).expect("a timer")
}

const MICROSECOND: Picos = Picos(1_000_000);

/// 280 MHz, prescaler 279: a tick each microsecond, as a time base sets it up.
fn running() -> (Bench, Tim) {
    let mut bench = Bench::new(Clocks::of(&[(Kernel::Timers1, 280_000_000)]));
    let mut tim = Tim::new(named("TIM12"));
    bench.write(&mut tim, 0x28, 279);
    bench.write(&mut tim, 0x2C, 0xFFFF);
    bench.write(&mut tim, 0x00, 1 << 2);
    bench.write(&mut tim, 0x14, 1);
    bench.write(&mut tim, 0x34, 0x8000);
    bench.write(&mut tim, 0x0C, 0b11);
    bench.write(&mut tim, 0x00, 1 << 2 | 1);
    (bench, tim)
}

fn microseconds(n: u64) -> Picos {
    Picos(n * MICROSECOND.0)
}

#[test]
fn it_counts_microseconds_and_wraps_after_65536() {
    let (mut bench, mut tim) = running();
    assert_eq!(bench.read(&mut tim, 0x10), 0, "UG with URS raises no flag");
    for (span, count) in [
        (1, 1),
        (998, 999),
        (65_536, 999),
        (1_000_000_000, (1_000_000_999 % 65_536) as u32),
    ] {
        bench.pass(&mut tim, microseconds(span));
        assert_eq!(bench.read(&mut tim, 0x24), count);
    }
}

#[test]
fn a_wide_one_goes_beyond_sixteen_bits_also_after_a_reset() {
    let mut bench = Bench::new(Clocks::of(&[(Kernel::Timers1, 280_000_000)]));
    let mut tim = Tim::new(named("TIM5"));
    for _ in 0..2 {
        assert_eq!(bench.read(&mut tim, 0x2C), 0xFFFF_FFFF);
        bench.write(&mut tim, 0x28, 279);
        bench.write(&mut tim, 0x14, 1);
        bench.write(&mut tim, 0x00, 1);
        bench.pass(&mut tim, microseconds(1_000_000));
        assert_eq!(bench.read(&mut tim, 0x24), 1_000_000);
        tim.reset();
    }
}

#[test]
fn half_period_and_overflow_interrupt_when_they_are_due() {
    let (mut bench, mut tim) = running();
    assert_eq!(
        tim.next_event(&bench.clocks),
        Some(Time(0) + microseconds(0x8000))
    );
    bench.pass(&mut tim, microseconds(0x8000));
    assert_eq!(tim.lines(), 1);
    assert_eq!(bench.read(&mut tim, 0x10) & 0b11, 0b10);
    bench.write(&mut tim, 0x10, !0b10);
    assert_eq!(tim.lines(), 0);
    assert_eq!(
        tim.next_event(&bench.clocks),
        Some(Time(0) + microseconds(0x1_0000))
    );
    bench.pass(&mut tim, microseconds(0x8000));
    assert_eq!(bench.read(&mut tim, 0x10) & 0b11, 0b01);
}

#[test]
fn an_alarm_fires_at_its_tick_and_not_before() {
    let (mut bench, mut tim) = running();
    bench.pass(&mut tim, microseconds(100));
    bench.write(&mut tim, 0x38, 150);
    bench.write(&mut tim, 0x0C, 0b100);
    assert_eq!(tim.next_event(&bench.clocks), Some(Time(0) + microseconds(150)));
    bench.pass(&mut tim, Picos(microseconds(50).0 - 1));
    assert_eq!(tim.lines(), 0);
    bench.pass(&mut tim, Picos(1));
    assert_eq!(tim.lines(), 1);
}

#[test]
fn writing_ones_to_the_status_register_clears_nothing() {
    let (mut bench, mut tim) = running();
    bench.pass(&mut tim, microseconds(70_000));
    let flags = bench.read(&mut tim, 0x10);
    bench.write(&mut tim, 0x10, u32::MAX);
    assert_eq!(bench.read(&mut tim, 0x10), flags);
    bench.write(&mut tim, 0x10, 0);
    assert_eq!(bench.read(&mut tim, 0x10), 0);
}

#[test]
fn a_change_of_the_clock_keeps_the_count() {
    let (mut bench, mut tim) = running();
    bench.pass(&mut tim, microseconds(1000));
    bench.clocks = Clocks::of(&[(Kernel::Timers1, 140_000_000)]);
    bench.pass(&mut tim, Picos(0));
    bench.pass(&mut tim, microseconds(1000));
    assert_eq!(bench.read(&mut tim, 0x24), 1500);
}

#[test]
fn a_stopped_timer_keeps_its_count_and_asks_for_nothing() {
    let (mut bench, mut tim) = running();
    bench.pass(&mut tim, microseconds(10));
    bench.write(&mut tim, 0x00, 1 << 2);
    bench.pass(&mut tim, microseconds(10));
    assert_eq!(
        (bench.read(&mut tim, 0x24), tim.next_event(&bench.clocks)),
        (10, None)
    );
}

#[test]
fn what_has_no_model_is_refused() {
    let (mut bench, mut tim) = running();
    for (offset, value) in [
        (0x08, 4),
        (0x18, 3),
        (0x18, 1 << 4 | 1),
        (0x18, 1 << 16),
        (0x20, 1 << 8),
        (0x04, 1 << 4),
        (0x44, 1),
    ] {
        assert!(
            matches!(
                tim.write(offset, Width::Word, value, &mut bench.fx()),
                Err(Refused::Unmodelled(_))
            ),
            "{offset:#x}"
        );
    }
}

#[test]
fn a_wave_is_measured_by_capture_at_both_edges_and_a_reset_at_one() {
    let (mut bench, mut tim) = running();
    tim.sense("CH1", Some(false), &mut bench.fx());
    // CC1S: TI1, rising. CC2S: TI1, falling. Reset mode by TI1FP1.
    bench.write(&mut tim, 0x18, 1 | 2 << 8);
    bench.write(&mut tim, 0x20, 1 | 1 << 4 | 1 << 5);
    bench.write(&mut tim, 0x08, 4 | 5 << 4);
    bench.write(&mut tim, 0x10, 0);
    for _ in 0..3 {
        tim.sense("CH1", Some(true), &mut bench.fx());
        bench.pass(&mut tim, microseconds(30));
        tim.sense("CH1", Some(false), &mut bench.fx());
        bench.pass(&mut tim, microseconds(70));
    }
    tim.sense("CH1", Some(true), &mut bench.fx());
    assert_eq!(
        (bench.read(&mut tim, 0x34), bench.read(&mut tim, 0x38)),
        (100, 30)
    );
    // CC1IF, CC2IF, TIF, and both overcaptures; no update, which URS keeps away.
    assert_eq!(bench.read(&mut tim, 0x10), 0x646);
    assert_eq!(bench.read(&mut tim, 0x24), 0);
    assert_eq!(tim.lines(), 1);
}

/// PWM mode 1 on CH1 of this timer, 10 ticks of a microsecond, 3 of them high; preloaded, its pin watched.
fn wave(name: &str) -> (Bench, Tim) {
    let mut bench = Bench::new(Clocks::of(&[
        (Kernel::Timers1, 280_000_000),
        (Kernel::Timers2, 280_000_000),
    ]));
    let mut tim = Tim::new(named(name));
    tim.sense("CH1", Some(false), &mut bench.fx());
    for (offset, value) in [
        (0x28, 279),
        (0x2C, 9),
        (0x18, 6 << 4 | 1 << 3),
        (0x34, 3),
        (0x20, 1),
        (0x14, 1),
    ] {
        bench.write(&mut tim, offset, value);
    }
    bench.write(&mut tim, 0x00, 1 << 7 | 1);
    (bench, tim)
}

/// Levels of CH1 with how long each lasts, in microseconds, for so many edges.
fn edges(bench: &mut Bench, tim: &mut Tim, n: usize) -> Vec<(bool, u64)> {
    let mut seen = Vec::new();
    for _ in 0..n {
        let (level, start) = (tim.output("CH1").expect("on"), bench.now);
        let Some(mut next) = tim.next_event(&bench.clocks) else {
            break;
        };
        loop {
            let span = next - bench.now;
            bench.pass(tim, span);
            if tim.output("CH1") != Some(level) {
                break;
            }
            next = tim.next_event(&bench.clocks).expect("goes on");
        }
        seen.push((level, (bench.now - start).0 / MICROSECOND.0));
    }
    seen
}

#[test]
fn a_wave_has_its_period_and_its_width_and_changes_only_between_two_periods() {
    let (mut bench, mut tim) = wave("TIM3");
    assert_eq!(
        edges(&mut bench, &mut tim, 4),
        [(true, 3), (false, 7), (true, 3), (false, 7)]
    );
    bench.pass(&mut tim, microseconds(1));
    bench.write(&mut tim, 0x34, 5);
    bench.write(&mut tim, 0x2C, 19);
    assert_eq!(bench.read(&mut tim, 0x34), 5);
    assert_eq!(
        edges(&mut bench, &mut tim, 4),
        [(true, 2), (false, 7), (true, 5), (false, 15)]
    );
    // Never high, always high.
    bench.write(&mut tim, 0x34, 0);
    bench.pass(&mut tim, microseconds(20));
    assert_eq!(
        (tim.output("CH1"), tim.next_event(&bench.clocks)),
        (Some(false), None)
    );
    bench.write(&mut tim, 0x34, 20);
    bench.pass(&mut tim, microseconds(20));
    assert_eq!(
        (tim.output("CH1"), tim.next_event(&bench.clocks)),
        (Some(true), None)
    );
    // The other polarity, and off.
    bench.write(&mut tim, 0x20, 0b11);
    assert_eq!(tim.output("CH1"), Some(false));
    bench.write(&mut tim, 0x20, 0);
    assert_eq!(tim.output("CH1"), None);
    assert!(bench.complaints().is_empty());
}

#[test]
fn a_timer_with_a_break_wants_moe_and_has_complements() {
    let (mut bench, mut tim) = wave("TIM1");
    bench.write(&mut tim, 0x20, 0b101);
    assert_eq!(tim.output("CH1"), None);
    bench.write(&mut tim, 0x44, 1 << 15);
    assert_eq!((tim.output("CH1"), tim.output("CH1N")), (Some(true), Some(false)));
    bench.write(&mut tim, 0x20, 0b100);
    assert_eq!((tim.output("CH1"), tim.output("CH1N")), (None, Some(true)));
    bench.write(&mut tim, 0x0C, 0b11);
    bench.write(&mut tim, 0x10, 0);
    bench.pass(&mut tim, microseconds(3));
    assert_eq!(tim.lines(), 0b10, "a vector for compares");
    bench.pass(&mut tim, microseconds(7));
    assert_eq!(tim.lines(), 0b11, "and one for updates");
}

#[test]
fn a_single_pulse_ends_with_the_timer_off() {
    let (mut bench, mut tim) = wave("TIM16");
    bench.write(&mut tim, 0x44, 1 << 15);
    bench.write(&mut tim, 0x00, 0);
    bench.write(&mut tim, 0x24, 5);
    bench.write(&mut tim, 0x0C, 1);
    bench.write(&mut tim, 0x10, 0);
    bench.write(&mut tim, 0x00, 1 << 3 | 1);
    bench.pass(&mut tim, microseconds(5));
    assert_eq!((tim.lines(), bench.read(&mut tim, 0x00)), (1, 1 << 3));
    bench.pass(&mut tim, microseconds(100));
    assert_eq!(
        (bench.read(&mut tim, 0x24), tim.next_event(&bench.clocks)),
        (0, None)
    );
}

#[test]
fn compare_modes_without_a_period_toggle_set_and_clear() {
    let (mut bench, mut tim) = wave("TIM4");
    bench.write(&mut tim, 0x18, 3 << 4);
    bench.write(&mut tim, 0x34, 4);
    assert_eq!(
        edges(&mut bench, &mut tim, 3),
        [(false, 4), (true, 10), (false, 10)]
    );
    bench.pass(&mut tim, microseconds(35));
    assert_eq!(tim.output("CH1"), Some(false), "three more");
    for (mode, level) in [(1, true), (2, false), (5, true), (4, false)] {
        bench.write(&mut tim, 0x18, mode << 4);
        bench.pass(&mut tim, microseconds(10));
        assert_eq!(tim.output("CH1"), Some(level), "{mode}");
    }
}

#[test]
fn an_encoder_counts_both_ways_and_a_counter_edges() {
    let (mut bench, mut tim) = wave("TIM2");
    bench.write(&mut tim, 0x20, 0);
    bench.write(&mut tim, 0x2C, u32::MAX);
    bench.write(&mut tim, 0x18, 0x0101);
    bench.write(&mut tim, 0x08, 3);
    bench.write(&mut tim, 0x14, 1);
    tim.sense("CH2", Some(false), &mut bench.fx());
    let turn = |bench: &mut Bench, tim: &mut Tim, steps: &[(&str, bool)]| {
        for (signal, level) in steps {
            tim.sense(signal, Some(*level), &mut bench.fx());
        }
        bench.read(tim, 0x24) as i32
    };
    let up = [("CH1", true), ("CH2", true), ("CH1", false), ("CH2", false)];
    let down = [("CH2", true), ("CH1", true), ("CH2", false), ("CH1", false)];
    assert_eq!(turn(&mut bench, &mut tim, &up), 4);
    assert_eq!(turn(&mut bench, &mut tim, &down), 0);
    assert_eq!(turn(&mut bench, &mut tim, &down), -4);
    assert_eq!(bench.read(&mut tim, 0x00) >> 4 & 1, 1, "DIR: down");
    // External clock: rising edges of TI2, then falling ones, then both.
    for (polarity, counts) in [(0, 2), (0x20, 2), (0xA0, 4)] {
        bench.write(&mut tim, 0x20, polarity);
        bench.write(&mut tim, 0x08, 6 << 4 | 7);
        bench.write(&mut tim, 0x24, 0);
        let edges = [
            ("CH2", true),
            ("CH2", false),
            ("CH1", true),
            ("CH2", true),
            ("CH2", false),
        ];
        assert_eq!(turn(&mut bench, &mut tim, &edges), counts, "{polarity:#x}");
    }
    bench.pass(&mut tim, microseconds(1000));
    assert_eq!(bench.read(&mut tim, 0x24), 4, "time does not count");
}
