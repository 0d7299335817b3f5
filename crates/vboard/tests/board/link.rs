//! Training of the link: the clock is chosen by measurement, kept, checked at each start, and dropped when it no longer holds.

use crate::session::Session;
use vboard::board::{Board, breakage, breakage::Breakage};

const CHECK: &str = "import spiram; print(spiram.info()['clock_hz'], spiram.info()['timing'])";

#[test]
fn a_calibrated_clock_is_kept_until_a_stub_that_is_too_long_takes_it_away() {
    let mut session = Session::new("devebox", "esp-psram64h");
    session.until_prompt();
    assert_eq!(session.ask(CHECK), "50000000 datasheet");
    let said = session.ask("spiram.calibrate()");
    assert!(
        said.contains("spiram calibrated: 84 MHz, 1.0 ns to spare") && said.ends_with("84000000"),
        "{said}"
    );
    assert_eq!(session.ask(CHECK), "84000000 calibrated");
    assert_eq!(session.ask("spiram.memtest()").lines().last(), Some("8388608"));

    session.machine.serial_in(b"import machine; machine.reset()\r");
    let said = session.until_prompt();
    assert!(said.contains("spiram: 84 MHz, as calibrated"), "{said}");
    assert_eq!(session.ask(CHECK), "84000000 calibrated");

    session.machine.break_board(&Breakage::Stub { mm: 300 });
    session.machine.serial_in(b"import machine; machine.reset()\r");
    let said = session.until_prompt();
    assert!(
        said.contains("memtest pass") && said.contains("the calibration is dropped: "),
        "{said}"
    );
    assert_eq!(session.ask(CHECK), "50000000 datasheet");
    assert_eq!(
        session.ask("import os; print('spiram.link' in os.listdir('/flash'))"),
        "False"
    );
    let heap = "b = bytes(range(256)) * 1200; print(sum(b) == 1200 * 32640)";
    assert_eq!(session.ask(heap), "True", "nothing reached the heap");
    let said = session.ask("spiram.calibrate()");
    assert!(said.contains("spiram calibrated: 64 MHz"), "{said}");
    assert!(
        session.machine.events().is_empty(),
        "{:?}",
        session.machine.events()
    );
}

#[test]
fn a_joint_that_comes_loose_later_is_found_by_the_soak_test_within_two_seconds() {
    let mut session = Session::new("devebox", "esp-psram64h");
    session.until_prompt();
    let board = Board::named("devebox").expect("a known board");
    for fault in ["SIO2:loose=1000000.2", "SCLK:loose=1000000.6"] {
        session
            .machine
            .break_board(&breakage::parse(fault, &board).expect("a fault"));
        let start = session.machine.now();
        let said = session.ask("import spiram; spiram.memtest('soak', rounds=1)");
        assert!(said.contains("memory test failed"), "{fault}: {said}");
        let taken = session.machine.now() - start;
        assert!(taken.0 < 2_000_000_000_000, "{fault}: {taken:?}");
    }
}
