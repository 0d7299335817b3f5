//! Each joint of the memory chip, bad in each way: the board comes to its prompt, and says which pin it is.

mod session;

use session::Session;
use std::collections::BTreeMap;
use std::sync::Mutex;
use vboard::Picos;
use vboard::board::{Board, breakage};

/// With a prompt after so long.
const LIMIT: Picos = Picos(2_000_000_000_000);

/// Lines: the pad's name, its number, and the processor's pin on the devebox.
const LINES: [(&str, u8, &str); 6] = [
    ("CE#", 1, "PB6"),
    ("SIO1", 2, "PD12"),
    ("SIO2", 3, "PE2"),
    ("SIO0", 5, "PD11"),
    ("SCLK", 6, "PB2"),
    ("SIO3", 7, "PD13"),
];
/// What may be wrong with a joint, and how the verdict calls it.
const KINDS: [(&str, &str); 5] = [
    ("open", "open."),
    ("gnd", "joined to ground"),
    ("vcc", "joined to the supply"),
    ("2.5k", "a bad contact"),
    ("20k", "open."),
];
/// Pins that lie beside each other on one of the packages, by the pads that a bridge joins.
const BRIDGES: [(&str, [u8; 2]); 6] = [
    ("CE#:SIO1", [1, 2]),
    ("SIO1:SIO2", [2, 3]),
    ("SIO0:SCLK", [5, 6]),
    ("SCLK:SIO3", [6, 7]),
    ("PD11:PD12", [5, 2]),
    ("PD12:PD13", [2, 7]),
];

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

fn names(said: &str, pad: u8) -> bool {
    said.contains(&format!("pin {pad} ("))
}

/// How many pads a verdict lists before it says what is wrong.
fn listed(said: &str) -> usize {
    said.split(": ")
        .next()
        .map_or(0, |list| list.matches("pin ").count())
}

#[test]
fn every_bad_joint_is_found_and_nearly_all_are_named() {
    let mut faults = Vec::new();
    for (pad, _, processor) in LINES {
        for (kind, _) in KINDS {
            faults.extend([format!("{pad}:{kind}"), format!("{processor}:{kind}")]);
        }
    }
    faults.extend(["VDD:open", "VSS:open"].map(String::from));
    faults.extend(BRIDGES.map(|(bridge, _)| bridge.to_owned()));
    let all = faults.len();
    let said = verdicts(faults);
    let mut exact = 0;
    let mut inexact = Vec::new();
    for (fault, said) in &said {
        let (place, kind) = fault.split_once(':').unwrap();
        let bridge = BRIDGES.iter().find(|(name, _)| name == fault);
        let words = KINDS
            .iter()
            .find(|(name, _)| *name == kind)
            .map_or("joined", |(_, words)| words);
        let pads = match (bridge, place) {
            (Some((_, pads)), _) => pads.to_vec(),
            (None, "VDD") => vec![8],
            (None, "VSS") => vec![4],
            _ => {
                let line = LINES
                    .iter()
                    .find(|(pad, _, processor)| *pad == place || *processor == place);
                vec![line.unwrap().1]
            }
        };
        assert!(pads.iter().all(|pad| names(said, *pad)), "{fault}: {said}");
        if listed(said) == pads.len() && said.contains(words) {
            exact += 1;
        } else {
            inexact.push(format!("{fault}: {said}"));
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
