//! What of `machine` concerns time, from Python to the copper and over resets.

use crate::session::Session;
use vboard::board::{Board, Pin};
use vboard::{Picos, Stop, Until};

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

#[test]
fn a_watchdog_that_is_not_fed_resets_the_board_and_is_the_cause() {
    let mut session = boot();
    assert_eq!(
        session.ask("import machine, time; machine.reset_cause() == machine.PWRON_RESET"),
        "True"
    );
    for wrong in ["timeout=0", "timeout=32769", "1"] {
        let said = session.ask(&format!("machine.WDT({wrong})"));
        assert!(said.contains("ValueError"), "{said}");
    }
    session.ask("wdt = machine.WDT(timeout=2000)");
    session.ask("for _ in range(10): wdt.feed(); time.sleep_ms(1900)\r");
    session.ask("wdt = machine.WDT(timeout=500); start = time.ticks_ms()");
    let start = session.machine.now();
    let said = session.ask("while True: pass\r");
    let passed_ms = (session.machine.now() - start).0 / 1_000_000_000;
    assert!(
        said.contains("MicroPython") && (500..1000).contains(&passed_ms),
        "{passed_ms} ms: {said}"
    );
    assert_eq!(
        session.ask("import machine; machine.reset_cause() == machine.WDT_RESET"),
        "True"
    );
    // It does not run on, and each way to start has its cause.
    session.ask("import time; time.sleep(40)");
    session.ask("machine.reset()");
    assert_eq!(
        session.ask("import machine; machine.reset_cause() == machine.SOFT_RESET"),
        "True"
    );
    session.machine.reset();
    session.until_prompt();
    assert_eq!(
        session.ask("import machine; machine.reset_cause() == machine.HARD_RESET"),
        "True"
    );
}

/// Levels of a pin with how long each lasts, in nanoseconds, while the board does something else.
fn wave(session: &mut Session, pin: &str, n: usize) -> Vec<(bool, u64)> {
    let pin: Pin = pin.parse().unwrap();
    let mut seen = Vec::new();
    let mut start = session.machine.now();
    let mut level = session.machine.chip().level(pin);
    let end = start + Picos(1_000_000_000_000);
    while seen.len() < n {
        assert!(session.machine.now() < end, "no wave: {seen:?}");
        let next = session.machine.chip().next_event().expect("a wave");
        session.machine.run(Until::time(next));
        let now = session.machine.chip().level(pin);
        if now != level {
            seen.push((level, (session.machine.now() - start).0 / 1000));
            (level, start) = (now, session.machine.now());
        }
    }
    // The first one was begun before.
    seen.split_off(1)
}

#[test]
fn a_wave_is_on_the_net_of_its_pin_as_it_was_asked_for() {
    let mut session = boot();
    session.ask("from machine import PWM; import time");
    session.ask("a = PWM('PD14', freq=50, duty_ns=1_500_000)");
    // A tick of the prescaler, and a cycle of the processor that the machine stops late.
    let near = |ns: u64, wanted: u64| ns.abs_diff(wanted) <= wanted / 4_000 + 10;
    for (level, ns) in wave(&mut session, "PD14", 6) {
        assert!(
            near(ns, if level { 1_500_000 } else { 18_500_000 }),
            "{level} {ns} ns"
        );
    }
    session.ask("a.deinit(); b = PWM('PE9', freq=100_000, duty_u16=32768); c = PWM('PE8', freq=100_000, duty_u16=32768)");
    for (level, ns) in wave(&mut session, "PE9", 6) {
        assert!(near(ns, 5_000), "{level} {ns} ns");
    }
    let [a, b] = ["PE9", "PE8"].map(|pin| session.machine.chip().level(pin.parse().unwrap()));
    assert_ne!(a, b, "the complement");
    session.ask("b.deinit(); c.deinit()");
    assert_eq!(
        session.machine.chip().millivolts("PE9".parse().unwrap()),
        None,
        "it floats"
    );
}

#[test]
fn after_a_deep_sleep_the_board_starts_anew_and_says_why() {
    let mut session = Session::new("devebox", "esp-psram64h");
    session.until_prompt();
    session.ask("import machine, time; rtc = machine.RTC(); rtc.memory(b'kept'); x = 1");
    session.ask("rtc.datetime((2026, 11, 27, 0, 12, 0, 0, 0))");
    let start = session.machine.now();
    let said = session.ask("machine.deepsleep(30_000)");
    assert!(
        said.contains("woken from deep sleep; what was in the memory chip is gone"),
        "{said}"
    );
    let passed_ms = (session.machine.now() - start).0 / 1_000_000_000;
    assert!((30_000..31_000).contains(&passed_ms), "{passed_ms} ms");
    session.ask("import machine, time; rtc = machine.RTC()");
    assert_eq!(
        session.ask("machine.reset_cause() == machine.DEEPSLEEP_RESET"),
        "True"
    );
    assert_eq!(session.ask("'x' in globals(), rtc.memory()"), "(False, b'kept')");
    let now = session.ask("time.localtime()");
    assert!(now.starts_with("(2026, 11, 27, 12, 0, 3"), "{now}");
    // The alarm ends it, too; and the next reset has its own cause.
    session.ask("rtc.alarm(0, 5000)");
    let said = session.ask("machine.deepsleep()");
    assert!(said.contains("woken from deep sleep"), "{said}");
    session.ask("import machine; machine.reset()");
    assert_eq!(
        session.ask("import machine; machine.reset_cause() == machine.SOFT_RESET"),
        "True"
    );
}

#[test]
fn a_key_ends_a_light_sleep_and_its_handler_runs() {
    let mut session = boot();
    session.ask("import machine; from machine import Pin; seen = []; key = Pin('K1', Pin.IN, Pin.PULL_UP)");
    session.ask("_ = key.irq(lambda p: seen.append(p()), Pin.IRQ_FALLING)");
    session
        .machine
        .serial_in(b"machine.lightsleep(); print('awake')\r");
    let end = session.machine.now() + Picos(2_000_000_000_000);
    while !matches!(session.machine.run(Until::time(end)), Stop::Idle { until: None }) {
        assert!(session.machine.now() < end, "it does not sleep");
    }
    session.machine.pass(end);
    session.machine.drive("PE3".parse().unwrap(), Some(false));
    let said = session.until_prompt();
    assert!(said.contains("awake\r\n"), "{said}");
    session.machine.drive("PE3".parse().unwrap(), None);
    assert_eq!(session.ask("seen"), "[0]");
}
