//! What a sweep chooses, against what the model of the copper knows: boards that were drawn, from short traces to
//! flying wires.

mod controller;

use chipmodel::noise::Noise;
use chipmodel::onchip::octospi::{Pins, Trace, odds};
use chipmodel::{Clocks, Kernel, Picos};
use controller::Board;
use psram::part::ESP_PSRAM64H;
use psram::train::{self, Best, Setting, Sweep};
use psram::{Bus, Plan, Psram, Timing};

const MHZ: u32 = 1_000_000;
/// As the firmware has them.
const CLOCKS: [u32; 16] = [40, 42, 44, 46, 48, 50, 55, 60, 64, 70, 75, 84, 90, 100, 110, 130];
/// As many as `SPIRAM_BOARDS` says; a thousand have been, and none had an error.
const BOARDS: u64 = 60;
const BLOCK: usize = 1024;

fn trace(seed: u64) -> Trace {
    let mut noise = Noise::new(seed);
    let mut from = |low: u32, high: u32| low + (noise.next() % u64::from(high - low + 1)) as u32;
    Trace {
        length_mm: from(15, 90),
        stub_mm: from(0, 400),
        line_ohms: from(45, 90),
        stub_ohms: from(45, 120),
        reflection_percent: from(70, 100),
    }
}

/// A board with this copper, swept as the firmware does it.
fn sweep(trace: Trace) -> Sweep {
    let plan = psram::policy::fastest(
        &ESP_PSRAM64H,
        &psram::Controller::OCTOSPI,
        CLOCKS.map(|mhz| mhz * MHZ),
        Timing::Datasheet.wish(40 * MHZ),
    );
    let plan: Plan = plan.expect("an offer").expect("a plan");
    let mut board = Board::new("esp-psram64h", plan.clock.kernel_hz);
    board.octospi.set_pins(Pins {
        trace: Some(trace),
        ..Pins::ALL
    });
    let mut block = [0; BLOCK];
    train::pattern(&mut block, 1);
    let mut chip = Psram::open(board, plan).expect("a chip at the clock of the datasheet");
    chip.write(0, &block).expect("a block");
    let mut board = chip.release();
    let mut sweep = Sweep::default();
    for clock_hz in CLOCKS.map(|mhz| mhz * MHZ) {
        if sweep.is_over() {
            break;
        }
        for late in [false, true] {
            let setting = Setting { clock_hz, late };
            let plan = setting.plan(&ESP_PSRAM64H).expect("a plan");
            board.clocks = Clocks::of(&[
                (Kernel::Cpu, board.clocks.hz(Kernel::Cpu)),
                (Kernel::Octospi, clock_hz),
            ]);
            let Ok(()) = board.apply(&plan.setup);
            let Ok(point) = train::measure(&mut board, setting, (0, &block), 4);
            sweep.add(point);
        }
    }
    assert_eq!(board.messages(), [""; 0], "{trace:?}: no rule is broken");
    sweep
}

/// Bits that are wrong in ten minutes of nothing but traffic, by the model.
fn errors_in_ten_minutes(trace: Trace, setting: Setting) -> f64 {
    let pins = Pins {
        trace: Some(trace),
        ..Pins::ALL
    };
    let period = Picos::of_cycles(1, setting.clock_hz);
    let [write, read] = pins.margins(period, Picos::from_ns(6), setting.late);
    let bits = 600.0 * f64::from(setting.clock_hz) * 4.0;
    let share = odds(write[0].min(read[0])) as f64 / 2f64.powi(64);
    share * bits
}

#[test]
fn no_chosen_clock_has_an_error_in_ten_minutes_and_long_stubs_bring_it_down() {
    let asked = std::env::var("SPIRAM_BOARDS").ok();
    let boards = asked.map_or(BOARDS, |n| n.parse().expect("a number of boards"));
    let (mut chosen, mut none) = (Vec::new(), 0);
    for seed in 0..boards {
        let trace = trace(seed);
        // The clock of the datasheet has to work for a sweep: a board at which it does not is the diagnosis' business.
        let Some(Best { setting, margin_ps }) = sweep(trace).best() else {
            none += 1;
            continue;
        };
        let errors = errors_in_ten_minutes(trace, setting);
        assert!(errors < 1e-3, "{trace:?}: {setting:?}, {margin_ps} ps: {errors}");
        // tACLK, an edge and the controller's set-up beside what the copper takes.
        let answer_ps = 6000 + 700 + 2500 + 2 * trace.flight().0 + trace.settle().0;
        chosen.push((answer_ps, setting.clock_hz / MHZ));
    }
    let at_least = |mhz| chosen.iter().filter(|(_, clock)| *clock >= mhz).count();
    println!(
        "of {boards} boards {none} without a setting; 84 MHz or more: {}, 70: {}, 60: {}, 50: {}",
        at_least(84),
        at_least(70),
        at_least(60),
        at_least(50)
    );
    // A period of 84 MHz is 11.9 ns, and the next sample point before it that is measured lies a nanosecond earlier.
    for (answer_ps, mhz) in &chosen {
        assert!(*answer_ps > 10_500 || *mhz >= 84, "{answer_ps} ps: {mhz} MHz");
        assert!(*answer_ps < 11_500 || *mhz < 84, "{answer_ps} ps: {mhz} MHz");
    }
    assert!(
        none == 0 && chosen.iter().any(|(_, mhz)| *mhz < 70),
        "some boards are that bad"
    );
}

#[test]
fn the_board_files_copper_is_trained_to_84_mhz() {
    let trace = Trace {
        length_mm: 35,
        stub_mm: 40,
        line_ohms: 60,
        stub_ohms: 60,
        reflection_percent: 100,
    };
    let best = sweep(trace).best().expect("a setting");
    assert!(best.setting.clock_hz >= 84 * MHZ && best.setting.late, "{best:?}");
}
