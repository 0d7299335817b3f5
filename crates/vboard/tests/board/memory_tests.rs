//! `spiram.memtest()` and what it finds, on parts that are sound and on parts that are not.

use crate::firmware::clock_mhz;
use crate::session::{SECOND, Session};
use vboard::{Picos, Stop, Until};

#[test]
fn the_memory_test_of_a_living_heap_passes_and_changes_nothing() {
    let (mut session, _) = Session::boot("devebox", "esp-psram64h");
    session.ask("import spiram; a = bytes(range(256)) * 8000");
    session.ask("spiram.memtest()");
    assert_eq!(session.ask("a == bytes(range(256)) * 8000"), "True");
    assert!(
        session.machine.events().is_empty(),
        "{:?}",
        session.machine.events()
    );
}

/// A start tests each cell in one polarity, so that a cell which is stuck at what it should hold is not seen, once.
#[test]
fn a_stuck_cell_that_one_start_cannot_see_is_found_by_every_later_test_and_by_the_next_start() {
    let (mut session, said) = Session::boot("devebox", "stuck-cell@0x400001.1");
    assert!(said.contains("spiram memtest pass"), "{said}");
    session.ask("import spiram, machine");
    for call in ["'boot'", "'full'", "'soak', rounds=1"] {
        let said = session.ask(&format!("spiram.memtest({call})"));
        assert!(
            said.contains("RuntimeError: ('memory test failed at address, expected, found', 2420113408, "),
            "{call}: {said}"
        );
    }
    session.until_reset("machine.reset()");
    let said = session.until_prompt();
    assert!(
        said.contains("memtest fail, address 0x90400000 expected "),
        "{said}"
    );
    assert_eq!(session.ask("import spiram; spiram.info()['size']"), "0");
}

/// A coupling wants both edges in both orders, and a row that forgets slowly a pause that is longer.
#[test]
#[ignore = "long"]
fn each_longer_test_finds_what_the_shorter_ones_cannot() {
    let table = [
        (
            "coupled-invert@0x500000.3.0x500400.6",
            "'full'",
            "('memory test failed at address, expected, found', 2421163008, ",
        ),
        (
            "weak-row@6000.1000",
            "'full'",
            "('memory changed while nobody wrote to it; address, bytes', 2422013952, 65536)",
        ),
        (
            "weak-row@6000.5000",
            "'soak', rounds=1",
            "('memory changed while nobody wrote to it; address, bytes', 2422013952, 65536)",
        ),
    ];
    for (chip, level, words) in table {
        let (mut session, said) = Session::boot("devebox", chip);
        assert!(said.contains("spiram memtest pass"), "{chip}: {said}");
        session.ask("import spiram");
        for shorter in ["'boot'", "'full'"]
            .into_iter()
            .take_while(|shorter| *shorter != level)
        {
            let said = session.ask(&format!("spiram.memtest({shorter})"));
            assert!(said.ends_with("8388608"), "{chip}, {shorter}: {said}");
        }
        let said = session.ask(&format!("spiram.memtest({level})"));
        assert!(said.contains(words), "{chip}: {said}");
        assert!(
            session.machine.events().is_empty(),
            "{chip}: {:?}",
            session.machine.events()
        );
    }
}

#[test]
#[ignore = "long"]
fn the_longer_tests_tell_how_far_they_are_and_change_nothing() {
    let (mut session, _) = Session::boot("devebox", "esp-psram64h");
    session.ask("import spiram; a = bytes(range(256)) * 8000");
    let start = session.machine.now();
    let said = session.ask("spiram.memtest('full')");
    assert!(
        said.starts_with("spiram memtest full: ") && said.ends_with("8388608"),
        "{said}"
    );
    // March C- by single lines: five of 78 and five of 72 clocks a line, each with one before and three of CE# high; then two
    // seconds of rest between two readings of all, which are at least in part in a row.
    let march = 5.0 * 262_144.0 * (78.0 + 72.0 + 2.0 * 4.0) / f64::from(clock_mhz()) / 1e6;
    let took = (session.machine.now() - start).0 as f64 / 1e12;
    assert!(
        took < 1.3 * march + 2.0 + 2.0 * march / 10.0,
        "{took} s, of which the march may take 1.3 times {march} s"
    );
    let said = session.ask("spiram.memtest('soak', rounds=2)");
    assert!(
        said.contains("spiram memtest soak: round 2, ") && said.ends_with("16777216"),
        "{said}"
    );
    assert_eq!(session.ask("a == bytes(range(256)) * 8000"), "True");
    assert!(
        session.machine.events().is_empty(),
        "{:?}",
        session.machine.events()
    );
}

#[test]
fn ctrl_c_ends_a_soak_in_its_march_and_in_its_pause_and_the_heap_is_whole() {
    let (mut session, _) = Session::boot("devebox", "esp-psram64h");
    session.ask("import spiram; a = bytes(range(256)) * 8000");
    // The first round marches for less than four seconds, and then rests for ten.
    for seconds in [2, 8] {
        session.machine.serial_in(b"spiram.memtest('soak')\r");
        let soon = session.machine.now() + Picos(seconds * SECOND.0);
        assert_eq!(session.machine.run(Until::time(soon)), Stop::Limit);
        session.machine.serial_out();
        session.machine.serial_in(b"\x03");
        let said = session.until_prompt();
        assert!(said.contains("KeyboardInterrupt"), "{said}");
        assert!(session.machine.now() < soon + SECOND, "it went on after Ctrl-C");
        assert_eq!(session.ask("a == bytes(range(256)) * 8000"), "True");
    }
}
