//! Letters beyond ASCII, typed and edited at the prompt.

use crate::session::{PROMPT, Session};
use vboard::{Picos, Until};

const SECOND: Picos = Picos(1_000_000_000_000);
const LEFT: &str = "\x1b[D";
const RIGHT: &str = "\x1b[C";
const UP: &str = "\x1b[A";
const END: &str = "\x05";
const HOME: &str = "\x01";
const DELETE: &str = "\x1b[3~";
const BACKSPACE: &str = "\x7f";

fn boot() -> Session {
    let mut session = Session::new("devebox", "none");
    session.until_prompt();
    session
}

/// Types this; what the expression printed: the last line.
fn printed(session: &mut Session, keys: &str) -> String {
    session.machine.serial_in(format!("{keys}\r").as_bytes());
    let said = session.until_prompt();
    let said = said.strip_suffix(PROMPT).expect("a prompt");
    said.lines().last().unwrap_or_default().to_owned()
}

#[test]
fn letters_of_two_to_four_bytes_arrive_whole_and_are_echoed() {
    let mut session = boot();
    session.machine.serial_in("print('äß€😀')\r".as_bytes());
    assert_eq!(session.until_prompt(), format!("print('äß€😀')\r\näß€😀{PROMPT}"));
    assert_eq!(session.ask("len('äß€😀'), len('äß€😀'.encode())"), "(4, 11)");
    assert_eq!(session.ask("größe = 7; größe + 1"), "8");
}

#[test]
fn keys_move_over_letters_and_take_them_away_whole() {
    let mut session = boot();
    let typed = format!("print('aß€{BACKSPACE}')");
    assert_eq!(printed(&mut session, &typed), "aß");
    let typed = format!("print('äb'{LEFT}{LEFT}{LEFT}{DELETE}😀{END})");
    assert_eq!(printed(&mut session, &typed), "😀b");
    let typed = format!("äprint('b'){HOME}{DELETE}{RIGHT}");
    assert_eq!(printed(&mut session, &typed), "b");
    let typed = format!("print('äb'){LEFT}{LEFT}{LEFT}€");
    assert_eq!(printed(&mut session, &typed), "ä€b");
    let typed = format!("{UP}{LEFT}{LEFT}{LEFT}{BACKSPACE}");
    assert_eq!(printed(&mut session, &typed), "äb");
}

#[test]
fn the_cursor_goes_back_by_columns_and_a_letter_is_drawn_in_one_piece() {
    let mut session = boot();
    session.machine.serial_in(format!("'äöü'{HOME}").as_bytes());
    session.for_a_while();
    session.machine.serial_in("ß".as_bytes());
    let (mut said, end) = (Vec::new(), session.machine.now() + SECOND);
    while session.machine.now() < end {
        session.machine.run(Until::time(end));
        said.extend(session.machine.serial_out());
    }
    assert_eq!(String::from_utf8(said).unwrap(), "ß'äöü'\x1b[5D");
}

#[test]
fn half_a_letter_is_dropped() {
    let mut session = boot();
    session.machine.serial_in(b"'a\xE2\x82b\x80\xFF\xC3'\r");
    let said = session.until_prompt();
    assert!(said.contains("\r\n'ab'\r\n"), "{said:?}");
}
