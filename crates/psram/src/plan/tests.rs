//! The planner against a golden table and against an independent calculation in floating-point nanoseconds.

extern crate std;
use super::*;
use crate::part::{self, ALL, ESP_PSRAM64H, UNKNOWN};
use proptest::prelude::*;
use std::string::ToString;
use std::vec::Vec;

const FIELD: Wish = Wish {
    clock_max_hz: 84_000_000,
    hold: Hold::Field,
};
const ANY_CLOCK: Wish = Wish {
    clock_max_hz: u32::MAX,
    hold: Hold::Field,
};

fn plan(part: &'static Part, kernel_hz: u32, wish: Wish) -> Plan {
    Plan::new(part, &Controller::OCTOSPI, kernel_hz, wish).unwrap()
}

/// tCPH 50 ns and tCEM 8 us, worked out by hand for the clocks that a 25 MHz crystal gives.
#[test]
fn the_golden_table_of_clocks() {
    // kernel Hz, divider, CE# high cycles, tCEM in cycles, longest read, line read in us, line write in us
    let table = [
        (40_000_000u32, 1u32, 2, 320, 152, 2.00, 1.85),
        (280_000_000, 6, 3, 373, 178, 1.71, 1.59),
        (50_000_000, 1, 3, 400, 192, 1.60, 1.48),
        (60_000_000, 1, 3, 480, 232, 1.33, 1.23),
        (70_000_000, 1, 4, 560, 272, 1.14, 1.06),
        (280_000_000, 4, 4, 560, 272, 1.14, 1.06),
        (140_000_000, 2, 4, 560, 272, 1.14, 1.06),
        (84_000_000, 1, 5, 672, 328, 0.95, 0.88),
    ];
    for (kernel_hz, divider, cs_high, low_max, read_max, read_us, write_us) in table {
        let max = kernel_hz.div_ceil(divider);
        let found = plan(
            &ESP_PSRAM64H,
            kernel_hz,
            Wish {
                clock_max_hz: max,
                hold: Hold::Field,
            },
        );
        assert_eq!(u32::from(found.setup.divider), divider, "{kernel_hz} Hz");
        assert_eq!(found.setup.cs_high_cycles, cs_high, "{kernel_hz} Hz");
        let idle = low_max / 32; // 250 ns of 8 us
        assert_eq!(u32::from(found.setup.idle_cycles), idle, "{kernel_hz} Hz");
        assert_eq!(
            found.setup.refresh_cycles,
            low_max - 4 - 2 - idle - 1, // one to spare
            "{kernel_hz} Hz"
        );
        assert_eq!(found.read_max_bytes, read_max & !3, "{kernel_hz} Hz");
        assert_eq!(found.setup.boundary_bytes, None);
        let us = |ps: u64| (ps as f64 / 1e4).round() / 100.0;
        assert_eq!(
            (us(found.read_ps(32)), us(found.write_ps(32))),
            (read_us, write_us),
            "{kernel_hz} Hz"
        );
    }
}

#[test]
fn above_84_mhz_bursts_stay_in_their_page() {
    let fast = plan(&ESP_PSRAM64H, 93_333_333, ANY_CLOCK);
    assert_eq!((fast.setup.divider, fast.setup.cs_high_cycles), (1, 5));
    assert_eq!(
        (fast.setup.refresh_cycles, fast.read_max_bytes),
        (746 - 6 - 23 - 1, 364)
    );
    assert_eq!(fast.setup.boundary_bytes, Some(1024));
    let bursts: Vec<_> = fast.bursts(1000, 100, fast.read_max_bytes).collect();
    assert_eq!(bursts, [(1000, 24), (1024, 76)]);
    // 140 MHz is beyond this part: half of it is taken.
    assert_eq!(plan(&ESP_PSRAM64H, 140_000_000, ANY_CLOCK).clock.hz(), 70_000_000);
    assert_eq!(
        plan(&part::LY68L6400, 140_000_000, ANY_CLOCK).clock.hz(),
        140_000_000
    );
}

#[test]
fn the_two_practices_for_hold_differ_where_20_ns_bind() {
    let kernel_hz = 70_000_000;
    assert_eq!(
        plan(&ESP_PSRAM64H, kernel_hz, Wish::default()).clock.hz(),
        35_000_000
    );
    assert_eq!(plan(&ESP_PSRAM64H, kernel_hz, FIELD).clock.hz(), 70_000_000);
    assert_eq!(
        plan(&part::IPS6404L_SQ, kernel_hz, Wish::default()).clock.hz(),
        70_000_000
    );
    assert_eq!(
        plan(&ESP_PSRAM64H, 50_000_000, Wish::default()).clock.hz(),
        50_000_000
    );
}

#[test]
fn odd_dividers_are_passed_over() {
    // 280 / 3 = 93.3 and 280 / 5 = 56 MHz would be reached only with an uneven clock.
    assert_eq!(plan(&ESP_PSRAM64H, 280_000_000, FIELD).setup.divider, 4);
    assert_eq!(
        plan(
            &ESP_PSRAM64H,
            280_000_000,
            Wish {
                clock_max_hz: 56_000_000,
                ..FIELD
            }
        )
        .setup
        .divider,
        6
    );
}

#[test]
fn a_clock_that_cannot_work_is_refused_with_both_sides() {
    let slow = Plan::new(&UNKNOWN, &Controller::OCTOSPI, 8_000_000, FIELD).unwrap_err();
    assert_eq!(
        slow,
        PlanError::TooSlow {
            clock_hz: 8_000_000,
            needed_hz: 12_250_000
        }
    );
    assert!(slow.to_string().contains("12250000 Hz needed"));
    let fast = Plan::new(
        &UNKNOWN,
        &Controller::OCTOSPI,
        280_000_000,
        Wish {
            clock_max_hz: 1_000_000,
            ..FIELD
        },
    );
    assert_eq!(
        fast.unwrap_err(),
        PlanError::TooFast {
            kernel_hz: 280_000_000,
            divider_max: 256,
            limit_hz: 1_000_000
        }
    );
    assert!(Plan::new(&UNKNOWN, &Controller::OCTOSPI, 0, FIELD).is_err());
    assert!(
        Plan::new(
            &UNKNOWN,
            &Controller::OCTOSPI,
            70_000_000,
            Wish {
                clock_max_hz: 0,
                ..FIELD
            }
        )
        .is_err()
    );
}

#[test]
fn the_check_notices_each_rule_when_it_is_broken() {
    let good = plan(&ESP_PSRAM64H, 40_000_000, Wish::default());
    assert_eq!(good.check(), Ok(()));
    let broken = |change: fn(&mut Plan)| {
        let mut bad = good;
        change(&mut bad);
        bad.check().unwrap_err().symbol
    };
    assert_eq!(broken(|p| p.setup.cs_high_cycles = 1), "tCPH");
    assert_eq!(broken(|p| p.read_max_bytes += 4), "tCEM");
    assert_eq!(broken(|p| p.write_max_bytes += 4), "tCEM");
    assert_eq!(
        broken(|p| p.setup.refresh_cycles += 1),
        "tCEM in the mapped window"
    );
    assert_eq!(broken(|p| p.clock.kernel_hz = 134_000_000), "tCLK");
    assert_eq!(broken(|p| p.clock.kernel_hz = 85_000_000), "tCLK across pages");
    assert_eq!(
        broken(|p| (p.clock.kernel_hz, p.setup.cs_high_cycles) = (51_000_000, 8)),
        "tCHD"
    );
    assert_eq!(broken(|p| p.controller.lead_cycles = 0), "tCSP");
}

/// Is `found` at least `limit`, with room for nothing but floating-point noise?
fn at_least(found: f64, limit: f64) -> bool {
    found >= limit * (1.0 - 1e-9)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(50_000))]

    /// The rules once more, in nanoseconds and straight from the datasheets' wording, for any part and kernel clock.
    #[test]
    fn every_plan_keeps_every_rule(
        which in 0..ALL.len() + 1,
        kernel_hz in 1_000_000u32..=280_000_000,
        max_mhz in 1u32..200,
        field in any::<bool>(),
    ) {
        let part = if which < ALL.len() { ALL[which] } else { &UNKNOWN };
        let hold = if field { Hold::Field } else { Hold::Datasheet };
        let wish = Wish { clock_max_hz: max_mhz * 1_000_000, hold };
        let plan = match Plan::new(part, &Controller::OCTOSPI, kernel_hz, wish) {
            Ok(plan) => plan,
            Err(PlanError::TooSlow { needed_hz, .. }) => {
                // 98 clocks do not fit into 8 us; the divider is at most twice what the wish asks for.
                prop_assert!(kernel_hz < needed_hz || max_mhz < 25, "{kernel_hz} Hz refused");
                return Ok(());
            }
            Err(PlanError::TooFast { limit_hz, .. }) => {
                prop_assert!(f64::from(kernel_hz) / 256.0 > f64::from(limit_hz));
                return Ok(());
            }
        };
        let mhz = f64::from(kernel_hz) / f64::from(plan.setup.divider) / 1e6;
        let clock_ns = 1e3 / mhz;
        prop_assert!(plan.setup.divider == 1 || plan.setup.divider % 2 == 0);
        prop_assert!(at_least(f64::from(max_mhz), mhz));
        prop_assert!(at_least(f64::from(part.clock_max_hz) / 1e6, mhz));
        prop_assert!(plan.setup.boundary_bytes == Some(1024) || at_least(84.0, mhz));
        // CE# high between transfers; CE# low before the first and after the last rising edge.
        prop_assert!(at_least(f64::from(plan.setup.cs_high_cycles) * clock_ns * 1e3, f64::from(part.t_cph_min_ps)));
        prop_assert!((1..=8).contains(&plan.setup.cs_high_cycles));
        prop_assert!(at_least(clock_ns * 1e3, f64::from(part.t_csp_min_ps)));
        prop_assert!(field || at_least(clock_ns * 1e3, f64::from(part.t_chd_min_ps)));
        // CE# low: 8 command bits and 24 address bits on four lines, 6 dummies for a read, two clocks a byte, and one
        // clock at either end. Four bytes more must not fit, or the plan wastes time.
        let low_ns = |overhead: u32, bytes: u32| f64::from(1 + overhead + 2 * bytes + 1) * clock_ns;
        prop_assert!(at_least(8000.0, low_ns(2 + 6 + 6, plan.read_max_bytes)));
        prop_assert!(at_least(8000.0, low_ns(2 + 6, plan.write_max_bytes)));
        prop_assert!(!at_least(8000.0, low_ns(2 + 6 + 6, plan.read_max_bytes + 4)));
        prop_assert!(!at_least(8000.0, low_ns(2 + 6, plan.write_max_bytes + 4)));
        let worst_clocks = plan.setup.refresh_cycles + 4 + 2 + u32::from(plan.setup.idle_cycles);
        // Also when the crystal is 50 ppm slow.
        prop_assert!(at_least(8000.0, f64::from(worst_clocks) * clock_ns * 1.000_05));
        prop_assert!(plan.setup.refresh_cycles > 2 + 6 + 6 + 64, "a line fits between two refreshes");
        prop_assert!(at_least(8000.0, f64::from(1 + 8 + 24 + 64 + 1) * clock_ns), "READ ID within tCEM");
        // The idle time-out is short against tCEM; the controller's space holds the chip twice.
        prop_assert!(plan.setup.idle_cycles >= 1 && f64::from(plan.setup.idle_cycles) * clock_ns <= 8000.0 / 8.0);
        prop_assert_eq!(plan.setup.device_bytes, 32 << 20);
        // Not slower than need be: the next faster divider would break a rule.
        let faster = match plan.setup.divider { 1 => None, 2 => Some(1), even => Some(even - 2) };
        if let Some(faster) = faster {
            let mhz = f64::from(kernel_hz) / f64::from(faster) / 1e6;
            let hold_breaks = !field && 1e6 / mhz < f64::from(part.t_chd_min_ps);
            let limit_mhz = f64::from(part.clock_max_hz.min(140_000_000)) / 1e6;
            prop_assert!(mhz > f64::from(max_mhz) || mhz > limit_mhz || hold_breaks, "{mhz} MHz would do");
        }
    }

    /// Bursts cover the range exactly, in order, none too long, none across a page where that counts.
    #[test]
    fn bursts_cover_the_range(address in 0u32..8 << 20, len in 0u32..5000, fast in any::<bool>()) {
        let plan = plan(&ESP_PSRAM64H, if fast { 93_333_333 } else { 70_000_000 }, ANY_CLOCK);
        let mut next = address;
        for (start, bytes) in plan.bursts(address, len, plan.read_max_bytes) {
            prop_assert_eq!(start, next);
            prop_assert!(bytes >= 1 && bytes <= plan.read_max_bytes);
            if fast {
                prop_assert_eq!(start / 1024, (start + bytes - 1) / 1024);
            }
            next += bytes;
        }
        prop_assert_eq!(next, address + len);
    }
}
