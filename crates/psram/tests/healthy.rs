//! No board that is well is told that it is not: the evidence as the firmware collects it, from the model of the chip behind copper and
//! pulls that were drawn. The chip is spoken to by OCTOSPI's registers; levels and charge are those of sound lines. Copper is as
//! bad as the clock allows: with stubs of 75 mm an IPS6404L-SQ at its 84 MHz is no healthy board any more, and is told so.

mod controller;

use chipmodel::noise::Noise;
use chipmodel::onchip::octospi::{Pins, Trace};
use controller::Board;
use psram::diagnose::{self, Kind, LINES, Seen, talk};
use psram::part::ALL;
use psram::{Controller, Plan, Timing, Wish};

/// As many as `SPIRAM_SEEDS` says; ten thousand have been.
const SEEDS: u64 = 300;
const SAFE_HZ: u32 = 40_000_000;

#[test]
fn a_healthy_board_has_no_verdict_whatever_its_part_clock_copper_and_pulls() {
    let asked = std::env::var("SPIRAM_SEEDS").ok();
    let seeds = asked.map_or(SEEDS, |n| n.parse().expect("a number of seeds"));
    for seed in 0..seeds {
        let mut noise = Noise::new(seed);
        let mut from = |low: u32, high: u32| low + (noise.next() % u64::from(high - low + 1)) as u32;
        let part = ALL[from(0, ALL.len() as u32 - 1) as usize];
        let timing = [Timing::Datasheet, Timing::Field, Timing::Safe][from(0, 2) as usize];
        let trace = Trace {
            length_mm: from(15, 45),
            stub_mm: from(0, 45),
            line_ohms: from(45, 90),
            stub_ohms: from(45, 120),
            reflection_percent: from(70, 100),
        };
        // A pull of 30 to 50 kOhm; 15 to 25 pF, which differ by 3 % from line to line; cycles of 280 MHz.
        let (kilo_ohms, pico_farads) = (from(30, 50), from(15, 25));
        let charge =
            [0; LINES].map(|_: u32| kilo_ohms * pico_farads * 280 * 12 / 10_000 * from(97, 103) / 100);
        let wish = timing.wish(SAFE_HZ);
        let at = |clock_max_hz: u32| {
            let wish = Wish { clock_max_hz, ..wish };
            let plan = psram::policy::fastest(
                part,
                &Controller::OCTOSPI,
                [40_000_000, 50_000_000, 70_000_000, 84_000_000],
                wish,
            );
            let plan: Plan = plan.expect("an offer").expect("a plan");
            let mut board = Board::new(part.key, plan.clock.kernel_hz);
            board.octospi.set_pins(Pins {
                trace: Some(trace),
                ..Pins::ALL
            });
            talk::talk(&mut board, &plan).expect("a chip that answers")
        };
        let seen = Seen {
            charge,
            slow: at(20_000_000),
            fast: at(wish.clock_max_hz),
            ..Seen::default()
        };
        let verdict = diagnose::judge(&seen);
        assert_eq!(
            verdict.kind,
            Kind::Healthy,
            "seed {seed}: {}, {timing:?}, {trace:?}: {seen:?}",
            part.name
        );
    }
}
