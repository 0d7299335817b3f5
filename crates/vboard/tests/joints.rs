//! Each joint of the memory chip, bad in each way: the board comes to its prompt, and says which pin it is.

#[path = "../../../tests/joints/faults.rs"]
mod faults;
mod session;

use faults::names;
use session::Session;
use std::collections::BTreeMap;
use std::sync::Mutex;
use vboard::Picos;
use vboard::board::{Board, breakage};

/// With a prompt after so long.
const LIMIT: Picos = Picos(2_000_000_000_000);

/// What the board says of itself with this fault.
fn verdict(fault: &str) -> String {
    let mut session = Session::new("devebox", "esp-psram64h");
    let board = Board::named("devebox").expect("a known board");
    let breakage = breakage::parse(fault, &board).unwrap_or_else(|error| panic!("{error}"));
    session.machine.break_board(&breakage);
    let (said, _) = session.run();
    assert!(
        session.machine.now().0 < LIMIT.0,
        "{fault}: a prompt after {:?}",
        session.machine.now()
    );
    assert!(
        session.machine.events().is_empty(),
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
    let faults = faults::all();
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
    assert!(exact * 100 >= all * 75, "{exact} of {all}: {inexact:#?}");
}

#[test]
fn two_bad_joints_are_found() {
    for (faults, pads) in [
        (["SIO2:open", "SIO3:open"], [3, 7]),
        (["SIO2:gnd", "SIO3:gnd"], [3, 7]),
    ] {
        let mut session = Session::new("devebox", "esp-psram64h");
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
    for fault in [None, Some("PB6:PB7"), Some("PE2:PE3"), Some("SIO3:1k")] {
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
