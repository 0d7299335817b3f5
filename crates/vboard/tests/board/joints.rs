//! Each joint of the memory chip, bad in each way: the board comes to its prompt, and says which pin it is.

#[path = "../../../../tests/joints/faults.rs"]
mod faults;

use crate::session::Session;
use faults::names;
use std::collections::BTreeMap;
use std::sync::Mutex;
use vboard::board::{Board, breakage};
use vboard::{Kind, Picos};

/// With a prompt after so long.
const LIMIT: Picos = Picos(2_000_000_000_000);

/// What the board says of itself with this fault.
fn verdict(fault: &str) -> String {
    let mut session = Session::with_warnings("devebox", "esp-psram64h");
    let board = Board::named("devebox").expect("a known board");
    let breakage = breakage::parse(fault, &board).unwrap_or_else(|error| panic!("{error}"));
    session.machine.break_board(&breakage);
    let (said, _) = session.run();
    assert!(
        session.machine.now().0 < LIMIT.0,
        "{fault}: a prompt after {:?}",
        session.machine.now()
    );
    // Commands that a bad joint garbles may break rules, and are warnings.
    let mut events = session.machine.events().into_iter();
    assert!(
        events.all(|event| event.kind == Kind::Warning),
        "{fault}: {:?}",
        session.machine.events()
    );
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("spiram diagnosis: "));
    line.unwrap_or_else(|| panic!("{fault}: no diagnosis in {said}"))
        .to_owned()
}

/// All of these faults, on both cores.
fn verdicts(faults: Vec<String>) -> BTreeMap<String, String> {
    let (todo, done) = (Mutex::new(faults), Mutex::new(BTreeMap::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(fault) = todo.lock().unwrap().pop() else {
                        return;
                    };
                    let said = verdict(&fault);
                    done.lock().unwrap().insert(fault, said);
                }
            });
        }
    });
    done.into_inner().unwrap()
}

#[test]
fn every_bad_joint_is_found_and_nearly_all_are_named() {
    let mut faults = faults::all();
    if std::env::var_os("SPIRAM_JOINTS").is_none() {
        // The processor's end of a wire is tried by `cargo xtask bench diagnose`.
        faults.retain(|fault| !fault.name.starts_with('P') || fault.name.contains(":P"));
    }
    let all = faults.len();
    let said = verdicts(faults.iter().map(|fault| fault.name.clone()).collect());
    let mut exact = 0;
    let mut inexact = Vec::new();
    for fault in &faults {
        let (name, said) = (&fault.name, &said[&fault.name]);
        assert!(fault.is_in(said), "{name}: {said}");
        if fault.is_named_by(said) {
            exact += 1;
        } else {
            inexact.push(format!("{name}: {said}"));
        }
    }
    println!(
        "{exact} of {all} named exactly; the others are in a set:\n{}",
        inexact.join("\n")
    );
    assert!(exact * 100 >= all * 95, "{exact} of {all}: {inexact:#?}");
}

#[test]
fn two_bad_joints_are_found() {
    for (faults, pads) in [
        (["SIO2:open", "SIO3:open"], [3, 7]),
        (["SIO2:gnd", "SIO3:gnd"], [3, 7]),
    ] {
        let mut session = Session::with_warnings("devebox", "esp-psram64h");
        let board = Board::named("devebox").expect("a known board");
        for fault in faults {
            session
                .machine
                .break_board(&breakage::parse(fault, &board).expect("a fault"));
        }
        let (said, _) = session.run();
        let line = said
            .lines()
            .find(|line| line.starts_with("spiram diagnosis: "))
            .expect("a verdict");
        assert!(pads.iter().all(|pad| names(line, *pad)), "{faults:?}: {line}");
    }
}

#[test]
fn a_healthy_board_has_no_verdict_and_a_stray_bridge_to_an_idle_pin_does_no_harm() {
    for fault in [
        None,
        Some("PB6:PB7"),
        Some("PE2:PE3"),
        Some("SIO3:1k"),
        Some("CE#:2k"),
    ] {
        let mut session = Session::new("devebox", "esp-psram64h");
        let board = Board::named("devebox").expect("a known board");
        if let Some(fault) = fault {
            session
                .machine
                .break_board(&breakage::parse(fault, &board).expect("a fault"));
        }
        let (said, _) = session.run();
        assert!(
            said.contains("memtest pass") && !said.contains("diagnosis"),
            "{fault:?}: {said}"
        );
    }
}

#[test]
fn what_is_left_of_a_bad_link_is_used_with_room_to_spare() {
    for (fault, words) in [
        ("SIO2:open", "SPI 50 MHz"),
        ("SIO3:gnd", "SPI 50 MHz"),
        // Passes at 30 MHz, so 25 has room.
        ("SIO2:2k", "QPI 25 MHz"),
        ("CE#:5k", "QPI 25 MHz"),
        // Passes at 12.5 MHz only, and one line without SIO2 is better.
        ("SIO2:5k", "SPI 50 MHz"),
        ("SIO0:5k", "QPI 12 MHz"),
    ] {
        let mut session = Session::new("devebox", "esp-psram64h");
        let board = Board::named("devebox").expect("a known board");
        let breakage = breakage::parse(fault, &board).expect("a fault");
        session.machine.break_board(&breakage);
        let (said, _) = session.run();
        assert!(
            said.contains("goes on with what is left")
                && said.contains(words)
                && said.contains("memtest pass"),
            "{fault}: {said}"
        );
        // A heap in the chip that loses nothing.
        let script = "b = bytes(range(256)) * 1200; print(sum(b) == 1200 * 32640, spiram.info()['size'])";
        let answer = session.ask(&format!("import spiram; {script}"));
        assert_eq!(answer, "True 8388608", "{fault}");
    }
}

#[test]
fn a_turned_chip_and_a_loose_joint_are_told() {
    for (fault, words) in [
        ("memory:turned", "the chip is turned by 180 degrees"),
        ("SIO2:loose=1000", "pin 3 (SIO2, to PE2): a loose contact"),
    ] {
        let said = verdict(fault);
        assert!(said.contains(words), "{fault}: {said}");
    }
}
