//! Faults of a real-sized chip, one at a time, and which march of the memory test finds each: what docs/memory-test.md
//! promises.

use chipmodel::parts::fitted::Fitted;
use chipmodel::parts::psram::cells::{Bit, Defect, Effect};
use chipmodel::parts::psram::wires::{WireFault, Wired};
use psram::memtest::{self, BOTH, Element, MARCH_C, Polarity, QUICK};
use psram::part::ESP_PSRAM64H;
use psram::{Hold, Line, Memory, Psram};
use wires::{FIELD, Window, Wires, plan, window};

mod wires;

const BOTH_POLARITIES: [Polarity; 2] = [Polarity::Plain, Polarity::Inverted];

fn with(defect: Defect) -> Window {
    let mut window = window(Fitted::parse("esp-psram64h", 3).unwrap());
    window.0.chip.psram_mut().unwrap().inject(defect);
    window
}

/// The lower megabyte, which is enough for a fault that lies in it, and quicker.
struct Lower(Window);

impl Memory for Lower {
    fn size_bytes(&self) -> u32 {
        1 << 20
    }
    fn write_line(&mut self, offset: u32, line: &Line) {
        self.0.write_line(offset, line);
    }
    fn read_line(&mut self, offset: u32) -> Line {
        self.0.read_line(offset)
    }
    fn sync(&mut self) {}
}

/// In how many of the two polarities the march finds the fault, which lies in the lower megabyte.
fn found_by(march: &[Element], defect: Defect) -> usize {
    let finds = |polarity: &Polarity| {
        let report = memtest::run(&mut Lower(with(defect)), march, *polarity);
        assert!(report.complete);
        report.faults > 0
    };
    BOTH_POLARITIES.iter().filter(|polarity| finds(polarity)).count()
}

#[test]
fn address_lines_that_are_stuck_or_shorted_are_found_by_the_quick_march_in_either_polarity() {
    let stuck = |line, value| Defect::AddressLine { line, value };
    let tied = |a, b| Defect::TiedAddressLines { a, b };
    for defect in [
        stuck(0, true),
        stuck(1, false),
        stuck(5, true),
        stuck(9, false),
        stuck(10, false),
        stuck(19, true),
        tied(0, 1),
        tied(2, 3),
        tied(4, 5),
        tied(9, 10),
        tied(1, 19),
    ] {
        assert_eq!(found_by(QUICK, defect), 2, "{defect:?}");
    }
    for defect in [stuck(22, false), tied(21, 22)] {
        let report = memtest::run(&mut with(defect), QUICK, Polarity::Plain);
        assert!(!report.passed(), "{defect:?}");
    }
}

/// Each cell has one address, only another one: nothing that is written and read can tell, and nothing suffers.
#[test]
fn exchanged_address_lines_make_no_difference() {
    for (a, b) in [(0, 1), (4, 19)] {
        assert_eq!(
            found_by(QUICK, Defect::SwappedAddressLines { a, b }),
            0,
            "{a} and {b}"
        );
    }
}

#[test]
fn a_stuck_cell_is_found_by_one_polarity_of_the_quick_march_and_by_both_of_the_others() {
    for (address, bit) in [(0xE_2071, 7), (0, 0), (0xF_FFFF, 3)] {
        for value in [false, true] {
            let defect = Defect::StuckBit { address, bit, value };
            assert_eq!(found_by(QUICK, defect), 1, "{defect:?}");
            assert_eq!(found_by(BOTH, defect), 2, "{defect:?}");
            assert_eq!(found_by(MARCH_C, defect), 2, "{defect:?}");
            let first = memtest::run(&mut Lower(with(defect)), BOTH, Polarity::Plain)
                .first
                .unwrap();
            assert_eq!(first.offset, address & !3);
            assert_eq!(
                first.expected ^ first.found,
                1 << (address % 4 * 8 + u32::from(bit))
            );
            assert_eq!(first.again, first.found);
        }
    }
}

/// Neighbours in a row of the chip, in the next row, and far away, on either side.
#[test]
fn march_c_finds_every_coupling_between_lines() {
    const VICTIM: u32 = 0xC_0400;
    for aggressor in [VICTIM - 32, VICTIM + 32, VICTIM - 1024, VICTIM + 1024, 0x7] {
        for rising in [false, true] {
            for effect in [Effect::Set, Effect::Clear, Effect::Invert] {
                let defect = Defect::Coupling {
                    aggressor: Bit {
                        address: aggressor,
                        bit: 3,
                    },
                    rising,
                    victim: Bit {
                        address: VICTIM,
                        bit: 6,
                    },
                    effect,
                };
                let report = memtest::run(&mut Lower(with(defect)), MARCH_C, Polarity::Plain);
                let first = report.first.unwrap_or_else(|| panic!("{defect:?}: {report}"));
                assert_eq!(first.offset, VICTIM, "{defect:?}");
            }
        }
    }
}

/// The quick march leaves 0.3 s between the writing and the reading of a line; a row that holds longer takes a pause.
#[test]
fn a_row_that_forgets_sooner_than_a_pass_lasts_is_found_by_the_quick_march() {
    let weak = |holds_ms| Defect::WeakRow { row: 6000, holds_ms };
    for polarity in BOTH_POLARITIES {
        let report = memtest::run(&mut with(weak(200)), QUICK, polarity);
        assert_eq!(report.first.map(|fault| fault.offset / 1024), Some(6000));
    }
    let mut window = with(weak(5_000));
    let before = memtest::run(&mut window, QUICK, Polarity::Plain);
    assert!(before.passed(), "{before}");
    window.0.prober.now = window.0.prober.now + chipmodel::Picos::from_ns(10_000_000_000);
    let after_a_pause = memtest::run(&mut window, &QUICK[1..], Polarity::Plain);
    let first = after_a_pause.first.expect("a fault");
    assert_eq!(first.offset / 1024, 6000);
}

#[test]
fn every_fault_of_the_data_wires_is_found_before_the_memory_test() {
    let line_faults = (0..4).flat_map(|line| {
        [
            WireFault::Stuck { line, high: false },
            WireFault::Stuck { line, high: true },
            WireFault::Open { line },
        ]
    });
    let pairs = || (0..4).flat_map(|a| (a + 1..4).map(move |b| (a, b)));
    let faults = line_faults
        .chain(pairs().map(|(a, b)| WireFault::Tied { a, b }))
        .chain(pairs().map(|(a, b)| WireFault::Swapped { a, b }));
    for fault in faults {
        let chip = chipmodel::parts::psram::Psram::new(
            &chipmodel::parts::psram::part::ESP_PSRAM64H,
            3,
            chipmodel::Time(0),
        );
        let mut wires = Wires::with_part("esp-psram64h", 70_000_000, Hold::Field);
        wires.chip = Fitted::Wired(Box::new(Wired { chip, fault }));
        let opened = Psram::open(wires, plan(&ESP_PSRAM64H, 70_000_000, FIELD));
        assert!(opened.is_err(), "{fault:?}");
    }
}
