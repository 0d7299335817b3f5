//! The whole way at register level: driver, OCTOSPI, chip, and the D-cache in front of the mapped window.
//!
//! Here the plan's numbers become register fields, the models judge them, and the memory test runs as it does on the
//! board: through the cache, to the chip and back. Times are virtual, and those of the wire and the cache only: an
//! instruction costs nothing but one cycle for each load and store.

mod controller;

use chipmodel::core::dcache::{Op, Policy};
use chipmodel::{Picos, Width};
use controller::{Board, WINDOW};
use psram::memtest::{self, BOTH, Element, MARCH_C, Polarity, QUICK};
use psram::part::{ALL, ESP_PSRAM64H, Part};
use psram::{Bus, Controller, Hold, Line, Memory, Plan, Psram, Wish};

/// The first bytes of the mapped window, as the core sees them.
struct Window {
    board: Board,
    size_bytes: u32,
}

impl Memory for Window {
    fn size_bytes(&self) -> u32 {
        self.size_bytes
    }

    fn write_line(&mut self, offset: u32, line: &Line) {
        let policy = self.board.policy;
        for (address, word) in (WINDOW + offset..).step_by(4).zip(*line) {
            self.board
                .at(|octospi, cache, fx| cache.store(address, Width::Word, word, policy, octospi, fx))
                .expect("a store");
        }
    }

    fn read_line(&mut self, offset: u32) -> Line {
        let policy = self.board.policy;
        std::array::from_fn(|i| {
            let address = WINDOW + offset + 4 * i as u32;
            self.board
                .at(|octospi, cache, fx| cache.load(address, Width::Word, policy, octospi, fx))
                .expect("a load")
        })
    }

    fn sync(&mut self) {
        // 4 ways in bits 31:30, 128 sets in bits 11:5.
        for way in 0..4 {
            for set in 0..128 {
                let op = Op::CleanInvalidateBySetWay(way << 30 | set << 5);
                self.board
                    .at(|octospi, cache, fx| cache.maintain(op, octospi, fx))
                    .expect("a clean");
            }
        }
        self.board
            .at(|octospi, cache, fx| cache.drain(octospi, fx))
            .expect("a barrier");
    }
}

fn window(part: &'static Part, kernel_hz: u32, wish: Wish, size_bytes: u32) -> Window {
    let plan = Plan::new(part, &Controller::OCTOSPI, kernel_hz, wish).expect("a plan");
    let chip = Psram::open(Board::new(part.key, kernel_hz), plan).expect("a chip");
    Window {
        board: chip.map().expect("a window").release(),
        size_bytes,
    }
}

const FIELD: Wish = Wish {
    clock_max_hz: u32::MAX,
    hold: Hold::Field,
};

#[test]
fn every_part_serves_the_window_at_every_clock_without_breaking_a_rule() {
    for part in ALL {
        for kernel_hz in [
            12_500_000,
            40_000_000,
            70_000_000,
            84_000_000,
            93_333_333,
            140_000_000,
            280_000_000,
        ] {
            for policy in [Policy::WriteBackAllocate, Policy::StronglyOrdered] {
                let case = format!("{} at {kernel_hz} Hz, {policy:?}", part.name);
                let mut window = window(part, kernel_hz, FIELD, 48 << 10);
                window.board.policy = policy;
                let report = memtest::run(&mut window, BOTH, Polarity::Plain);
                assert!(report.passed(), "{case}: {report}");
                assert_eq!(window.board.messages(), [""; 0], "{case}");
                assert_eq!(window.board.octospi.stats().partial_beats, 0, "{case}");
                let Ok(()) = window.board.leave_mapped();
                assert_eq!(window.board.messages(), [""; 0], "{case}");
            }
        }
    }
}

/// A core that comes back to the window just before the idle time-out, for ever: nobody else would end the burst.
#[test]
fn a_burst_that_is_kept_alive_still_ends_within_tcem() {
    for kernel_hz in [25_000_000, 70_000_000, 84_000_000] {
        let mut window = window(&ESP_PSRAM64H, kernel_hz, FIELD, 64 << 10);
        let clock = Picos::of_cycles(1, kernel_hz);
        for pause_clocks in 0..40 {
            for offset in (0..8192).step_by(32) {
                window.read_line(offset);
                window.board.now = window.board.now + Picos(clock.0 * pause_clocks);
            }
            window.sync();
        }
        assert_eq!(window.board.messages(), [""; 0], "{kernel_hz} Hz");
    }
}

/// Writes past the cache, reads through it.
struct Uncached(Window);

impl Memory for Uncached {
    fn size_bytes(&self) -> u32 {
        self.0.size_bytes()
    }
    fn write_line(&mut self, offset: u32, line: &Line) {
        self.0.board.policy = Policy::StronglyOrdered;
        self.0.write_line(offset, line);
        self.0.board.policy = Policy::WriteBackAllocate;
    }
    fn read_line(&mut self, offset: u32) -> Line {
        self.0.read_line(offset)
    }
    fn sync(&mut self) {
        self.0.sync();
    }
}

#[test]
fn the_memory_test_of_8_mb_takes_the_time_that_its_lines_take() {
    let window = || window(&ESP_PSRAM64H, 70_000_000, FIELD, 8 << 20);
    let seconds = |march: &[Element]| {
        let mut window = window();
        let start = window.board.now;
        let report = memtest::run(&mut window, march, Polarity::Plain);
        assert!(report.passed(), "{report}");
        assert_eq!(window.board.messages(), [""; 0]);
        (window.board.now - start).0 as f64 / 1e12
    };
    // Each line that is written is filled before, because the cache does not know that all of it will be replaced.
    for (name, march, range) in [
        ("quick", QUICK, 0.83..0.86),
        ("both", BOTH, 1.43..1.46),
        ("March C-", MARCH_C, 3.23..3.26),
    ] {
        let found = seconds(march);
        assert!(range.contains(&found), "{name}: {found:.3} s");
    }
    // Stores that go by the cache save that, and lie in a row, so that the burst goes on.
    let mut uncached = Uncached(window());
    let start = uncached.0.board.now;
    assert!(memtest::run(&mut uncached, QUICK, Polarity::Plain).passed());
    let found = (uncached.0.board.now - start).0 as f64 / 1e12;
    assert!(
        (0.4..0.6).contains(&found),
        "quick, written past the cache: {found:.3} s"
    );
    assert_eq!(uncached.0.board.messages(), [""; 0]);
}
