//! `spiram doctor`: a report of a board that answers, and a message for each port that does not.

use crate::common::{elf, run};
use rustix::fs::{FlockOperation, flock};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::Duration;

#[test]
fn a_board_with_a_bad_joint_gets_a_report_that_names_it() {
    let elf = elf("devebox");
    let seen = run(&[
        "doctor", "--sim", "--json", "--", "--elf", &elf, "--fault", "CE#:open",
    ]);
    assert_eq!(seen.code, Some(1), "{seen:?}");
    let report: serde_json::Value = serde_json::from_str(&seen.out).expect("JSON");
    let step = |name: &str| {
        let steps = report["steps"].as_array().expect("steps");
        let found = steps.iter().find(|step| step["step"] == name);
        found.unwrap_or_else(|| panic!("no {name} in {report}")).clone()
    };
    assert_eq!(step("memory chip")["good"], false);
    let said = step("diagnosis")["said"].to_string();
    assert!(said.contains("pin 1 (CE#, to PB6): open. Reheat pin 1"), "{said}");
    assert!(step("firmware")["said"].to_string().contains("MicroPython"));
    assert!(seen.err.contains("[9/9] heap"), "{}", seen.err);
}

#[test]
fn a_whole_board_is_well_and_its_report_is_kept() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("report.txt");
    let elf = elf("devebox");
    let seen = run(&[
        "doctor",
        "--sim",
        "--report",
        file.to_str().unwrap(),
        "--",
        "--elf",
        &elf,
    ]);
    assert_eq!(seen.code, Some(0), "{seen:?}");
    assert!(
        seen.out.contains("8388608 bytes tested") && !seen.out.contains("LOOK AT THIS"),
        "{}",
        seen.out
    );
    assert_eq!(std::fs::read_to_string(&file).unwrap(), seen.out);
}

/// A port that somebody else's program answers, or nobody.
fn other_end() -> (OwnedFd, String) {
    let board = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pty");
    grantpt(&board).and_then(|()| unlockpt(&board)).expect("a pty");
    let path = ptsname(&board, Vec::new())
        .expect("its name")
        .into_string()
        .expect("text");
    (board, path)
}

#[test]
fn each_port_that_is_no_board_has_its_message() {
    let (silent, path) = other_end();
    let seen = run(&["doctor", &path]);
    assert_eq!(seen.code, Some(3), "{seen:?}");
    assert!(
        seen.err.contains("silence") && seen.err.contains("TX at RX"),
        "{}",
        seen.err
    );
    drop(silent);

    let (babbling, path) = other_end();
    File::from(babbling.try_clone().expect("a second handle"))
        .write_all(b"U-Boot 2024.01\r\n=> ")
        .expect("room for it");
    let seen = run(&["doctor", &path]);
    assert!(
        seen.err.contains("not MicroPython") && seen.err.contains("U-Boot"),
        "{}",
        seen.err
    );

    for (path, words) in [
        ("/dev/null", "no serial port"),
        ("/dev/no-such-port", "cannot be opened"),
    ] {
        let seen = run(&["doctor", path]);
        assert!(seen.code == Some(3) && seen.err.contains(words), "{seen:?}");
    }
}

/// What doctor says of a port at which this is said.
#[track_caller]
fn refused(said: &[u8], words: &[&str]) {
    let (board, path) = other_end();
    // A new pty echoes and changes line ends, which no adapter does.
    let held = File::open(&path).unwrap();
    let mut raw = tcgetattr(&held).unwrap();
    raw.make_raw();
    tcsetattr(&held, OptionalActions::Now, &raw).unwrap();
    File::from(board.try_clone().unwrap()).write_all(said).unwrap();
    let seen = run(&["doctor", &path]);
    assert_eq!(seen.code, Some(3), "{seen:?}");
    for word in words {
        assert!(seen.err.contains(word), "no `{word}` in:\n{}", seen.err);
    }
}

#[test]
fn garbage_is_no_firmware() {
    refused(
        &[0xFE, 0x98, 0x80, 0x81, 0xE6],
        &["no text", "\\xfe\\x98", "115200"],
    );
}

#[test]
fn a_micropython_of_another_board_is_not_examined() {
    refused(
        b"raw REPL; CTRL-B to exit\r\n>OK\x04ImportError: no module named 'spiram'\r\n\x04>",
        &["no module spiram", "docs/owner"],
    );
}

#[test]
fn what_never_stops_talking_does_not_hold_the_tool() {
    let (board, path) = other_end();
    let mut device = File::from(board);
    // It ends with the test's process.
    thread::spawn(move || {
        while device.write_all(b"tick\n").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    let seen = run(&["doctor", &path]);
    assert_eq!(seen.code, Some(3), "{seen:?}");
    assert!(
        seen.err.contains("not MicroPython") && seen.err.contains("tick"),
        "{}",
        seen.err
    );
}

#[test]
fn a_port_of_another_program_is_left_as_it_is() {
    let (_board, path) = other_end();
    let other = File::open(&path).unwrap();
    flock(&other, FlockOperation::LockExclusive).unwrap();
    let seen = run(&["doctor", &path]);
    assert_eq!(seen.code, Some(3), "{seen:?}");
    assert!(seen.err.contains("in use by another program"), "{}", seen.err);
    let modes = tcgetattr(&other).unwrap().local_modes;
    assert!(modes.contains(LocalModes::ECHO | LocalModes::ICANON), "{modes:?}");
}
