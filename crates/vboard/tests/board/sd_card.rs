//! SD cards that do what cards should not: leave in the middle, stay busy, answer late, refuse, or sit in a bad socket.

use crate::session::Session;
use vboard::board::fault::Fault;
use vboard::{Picos, SdCard, Time, Until};

const MS: u64 = 1_000_000_000;

fn blank() -> SdCard {
    SdCard::new(vec![0; 4 << 20], true).unwrap()
}

/// A board at its prompt, with this card, and `c` for it.
fn board(card: SdCard) -> Session {
    let mut session = Session::new("devebox", "none");
    session.until_prompt();
    session.machine.insert_card(Some(card));
    session.ask("import machine, os, time, vfs; c = machine.SDCard(); b = bytearray(512)");
    // Says an errno, or that there is none, and how long that took, in milliseconds.
    session.ask("exec('def t(f, *a):\\n t0 = time.ticks_ms()\\n try: f(*a); e = 0\\n except OSError as x: e = x.errno\\n return e, time.ticks_diff(time.ticks_ms(), t0)')");
    session
}

/// What `t` said.
fn outcome(said: &str) -> (u32, u32) {
    let numbers = said.trim_matches(['(', ')']).split_once(", ");
    let (errno, ms) = numbers.unwrap_or_else(|| panic!("{said}"));
    (errno.parse().unwrap(), ms.parse().unwrap())
}

fn run_for(session: &mut Session, ms: u64) {
    let end = session.machine.now() + Picos(ms * MS);
    while session.machine.now() < end {
        session.machine.run(Until::time(end));
    }
}

#[test]
fn a_card_that_leaves_in_the_middle_is_an_error_until_it_is_mounted_again() {
    let mut session = board(blank());
    session.ask("vfs.VfsFat.mkfs(c); vfs.mount(vfs.VfsFat(c), '/sd'); f = open('/sd/kept', 'w'); f.write('kept'); f.close()");
    let line = "t(lambda: [c.writeblocks(2000, bytearray(64 * 512)) for _ in range(99)])";
    session.machine.serial_in(format!("{line}\r").as_bytes());
    run_for(&mut session, 60);
    let card = session.machine.card().cloned();
    session.machine.insert_card(None);
    let said = session.until_prompt();
    let (errno, ms) = outcome(said.lines().nth(1).unwrap());
    assert_eq!(errno, 19, "{said}");
    assert!(ms < 1100, "{said}");
    assert_eq!(outcome(&session.ask("t(lambda: open('/sd/kept').read())")).0, 19);
    session.machine.insert_card(card);
    assert_eq!(
        outcome(&session.ask("t(os.remove, '/sd/kept')")).0,
        19,
        "not by itself"
    );
    session.ask("vfs.umount('/sd'); vfs.mount(vfs.VfsFat(c), '/sd')");
    assert_eq!(session.ask("open('/sd/kept').read()"), "'kept'");
    assert_eq!(outcome(&session.ask("t(os.remove, '/sd/kept')")).0, 0);
    assert_eq!(session.ask("os.listdir('/sd')"), "[]");
    assert!(session.machine.is_clean(), "{:?}", session.machine.events());
}

#[test]
fn a_card_that_is_busy_for_ever_is_given_up_in_time_and_ctrl_c_ends_it_sooner() {
    let mut session = board(blank().sticking());
    let (errno, ms) = outcome(&session.ask("t(c.writeblocks, 5, b)"));
    assert_eq!(errno, 116, "ETIMEDOUT");
    assert!((500..1100).contains(&ms), "{ms}");
    let mut session = board(blank().sticking());
    session.machine.serial_in(b"c.writeblocks(5, b)\r");
    run_for(&mut session, 100);
    let asked = session.machine.now();
    session.machine.serial_in(b"\x03");
    let said = session.until_prompt();
    assert!(said.contains("KeyboardInterrupt"), "{said}");
    assert!(session.machine.now() - asked < Picos(100 * MS));
}

#[test]
fn a_card_may_take_a_second_to_answer() {
    for ms in [250, 500, 980] {
        let mut session = board(blank());
        let late = Time(session.machine.now().0 + ms * MS);
        session.machine.insert_card(Some(blank().silent_until(late)));
        assert_eq!(outcome(&session.ask("t(c.readblocks, 0, b)")).0, 0, "{ms} ms");
    }
}

#[test]
fn a_protected_card_is_read_and_not_written() {
    let mut session = board(blank().protected());
    assert_eq!(outcome(&session.ask("t(c.readblocks, 5, b)")).0, 0);
    assert_eq!(outcome(&session.ask("t(c.writeblocks, 5, b)")).0, 30, "EROFS");
    assert_eq!(
        outcome(&session.ask("t(c.writeblocks, 5, bytearray(2048))")).0,
        30
    );
    assert_eq!(outcome(&session.ask("t(c.readblocks, 5, b)")).0, 0);
    assert!(!session.machine.card().unwrap().is_changed());
}

#[test]
fn a_bad_contact_of_the_socket_is_an_error_and_never_wrong_data() {
    for (pin, errno) in [("CMD", 19), ("CLK", 19), ("DAT0", 5), ("DAT2", 5)] {
        let mut session = board(blank());
        session.machine.break_joint("sd", pin, Some(Fault::Open));
        for call in [
            "t(machine.SDCard().readblocks, 5, b)",
            "t(machine.SDCard().writeblocks, 5, b)",
        ] {
            assert_eq!(outcome(&session.ask(call)).0, errno, "{pin}: {call}");
        }
    }
}
