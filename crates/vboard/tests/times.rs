//! What of `machine` concerns time, from Python to the copper and over resets.

mod session;

use session::Session;
use vboard::board::Board;

fn boot() -> Session {
    let mut session = Session::new("devebox", "none");
    session.until_prompt();
    session
}

#[test]
fn the_calendar_goes_on_over_resets_and_begins_anew_with_the_power() {
    let mut session = boot();
    session.ask("import machine, time; rtc = machine.RTC()");
    session.ask("rtc.memory(b'kept'); rtc.calibration(7); rtc.datetime((2026, 11, 27, 0, 12, 34, 56, 0))");
    session.ask("machine.reset()");
    session.ask("import machine, time; rtc = machine.RTC()");
    assert_eq!(session.ask("rtc.memory(), rtc.calibration()"), "(b'kept', 7)");
    let now = session.ask("rtc.datetime()");
    assert!(now.starts_with("(2026, 11, 27, 5, 12, 34, "), "{now}");
    session.machine.reset();
    session.until_prompt();
    let now = session.ask("import time; time.localtime()");
    assert!(now.starts_with("(2026, 11, 27, 12, 3"), "{now}");
    let now = boot().ask("import time; time.localtime()");
    assert!(now.starts_with("(2000, 1, 1, 0, 0, "), "{now}");
}

#[test]
fn without_the_crystal_the_calendar_runs_on_the_oscillator_of_the_chip() {
    let mut copper = Board::named("devebox").unwrap();
    copper.lse_hz = 0;
    let mut session = Session::on(copper, "devebox", "none");
    session.until_prompt();
    session.ask("import machine, time; rtc = machine.RTC()");
    assert_eq!(session.ask("rtc"), "RTC(0, not running)");
    session.ask("rtc.datetime((2026, 11, 27, 0, 12, 34, 56, 0))");
    assert_eq!(session.ask("rtc"), "RTC(0, internal oscillator)");
    session.ask("a = time.time_ns(); time.sleep(5); b = time.time_ns()");
    assert_eq!(session.ask("abs(b - a - 5_000_000_000) < 2_000_000"), "True");
    session.ask("machine.reset()");
    let now = session.ask("import time; time.localtime()");
    assert!(now.starts_with("(2026, 11, 27, 12, 35, "), "{now}");
}
