//! The product's own ELF on the virtual board: what it says at boot for every chip that may sit in the footprint, what
//! Python then has.
//!
//! Python's own tests are elsewhere.

use crate::session::{SECOND, Session};
use chipmodel::parts::fitted::Fitted;
use chipmodel::parts::psram::{Psram, part::ESP_PSRAM64H};
use vboard::board::Board;
use vboard::{Erratum, Stop, Time, Until};

/// The clock of the ESP-PSRAM64H that both boards name, in the timing that the firmware was built for: tCHD of 20 ns means
/// 50 MHz (data sheet v1.1, table 10-5).
pub fn clock_mhz() -> u32 {
    match std::env::var("SPIRAM_TIMING").as_deref() {
        Err(_) | Ok("datasheet") => 50,
        Ok("field") => 70,
        Ok("safe") => 40,
        Ok(other) => panic!("no timing is called {other}"),
    }
}

#[test]
fn both_boards_reach_the_prompt_without_an_event() {
    for (board, banner) in [
        ("devebox", "; DEVEBOX STM32H7XX with STM32H7A3\r\n"),
        ("weact", "; WeAct MiniSTM32H7xx with STM32H7A3\r\n"),
    ] {
        let (session, said) = Session::boot(board, "esp-psram64h");
        let mut lines = said.lines();
        let eid = format!(
            "spiram eid: 0d 5d 52 a2 64 31 91 31  ESP-PSRAM64H 8 MB, QPI {} MHz, memory-mapped, write-back",
            clock_mhz()
        );
        assert_eq!(lines.next(), Some(&*eid), "{said}");
        assert_eq!(lines.next(), Some("spiram memtest pass"), "{said}");
        assert_eq!(
            lines.next(),
            Some("spiram: the flash was blank, and is the empty volume /flash now"),
            "{said}"
        );
        assert!(
            lines
                .next()
                .is_some_and(|line| line.starts_with("MicroPython v1.25.0 on ")),
            "{said}"
        );
        assert!(said.contains(banner), "{said}");
        assert!(
            session.machine.events().is_empty(),
            "{:?}",
            session.machine.events()
        );
        assert_eq!(session.machine.stats().bus.partial_beats, 0);
    }
}

/// tCHD is what `field` gives up, and nothing else.
#[test]
fn the_timing_of_the_datasheet_keeps_the_hold_time_of_ce_too() {
    let chip = Psram::new(&ESP_PSRAM64H, 1, Time(0)).strict_hold(true);
    let mut session = Session::lenient("devebox", Fitted::Psram(Box::new(chip)));
    session.until_prompt();
    let events = session.machine.events();
    let broken: Vec<&str> = events.iter().map(|event| &*event.message).collect();
    let is_field = std::env::var("SPIRAM_TIMING").as_deref() == Ok("field");
    assert_eq!(broken.is_empty(), !is_field, "{broken:?}");
    assert!(
        broken.iter().all(|message| message.contains("tCHD")),
        "{broken:?}"
    );
}

/// One write and one read of every line, each by a command of its own, are 0.577 s at 70 MHz.
#[test]
fn the_test_at_start_takes_less_than_one_pass_of_single_lines() {
    let (mut session, _) = Session::boot("devebox", "esp-psram64h");
    let took_us = session.number("import spiram; spiram.info()['memtest_us']");
    assert!(took_us * clock_mhz() < 577_000 * 70, "{took_us} us");
}

#[test]
fn every_known_part_gives_python_8_mb_in_one_piece() {
    for chip in [
        "esp-psram64h",
        "ly68l6400",
        "aps6404l-3sqr",
        "aps6404l-3sqn",
        "ips6404l-sq",
    ] {
        let (mut session, said) = Session::boot("devebox", chip);
        assert!(
            said.contains(&format!("8 MB, QPI {} MHz", clock_mhz())) && said.contains("spiram memtest pass"),
            "{chip}: {said}"
        );
        session.ask("import gc; gc.collect()");
        let free = session.number("gc.mem_free()");
        assert!(free >= 9_100_000, "{chip}: {free} bytes free");
        assert_eq!(session.ask("a = bytearray(8_000_000)"), "", "{chip}");
        session.ask("a[0], a[7_999_999] = 17, 255");
        assert_eq!(
            session.ask("a[0], a[4_000_000], a[7_999_999]"),
            "(17, 0, 255)",
            "{chip}"
        );
        assert!(
            session.machine.events().is_empty(),
            "{chip}: {:?}",
            session.machine.events()
        );
    }
}

#[test]
fn a_chip_of_another_size_is_used_at_its_own() {
    for (chip, megabytes) in [("16mbit", 2), ("esp-psram32h", 4), ("128mbit", 16)] {
        let (mut session, said) = Session::boot("devebox", chip);
        let words = format!("of another size, {megabytes} MB, QPI");
        assert!(said.contains(&words), "{chip}: {said}");
        assert_eq!(
            session.ask("spiram.info()['size']"),
            (megabytes << 20).to_string(),
            "{chip}"
        );
        session.ask("import gc; gc.collect()");
        let free = session.number("gc.mem_free()");
        // The tables of the heap take a fortieth of what it manages.
        let bytes = megabytes << 20;
        let expected = bytes + 950_000 - bytes / 40..bytes + 1_048_576;
        assert!(expected.contains(&(free as usize)), "{chip}: {free} bytes free");
        session.ask(&format!("b = bytearray({})", (megabytes << 20) - 200_000));
        session.ask("b[-1] = 77; b[0] = 78");
        assert_eq!(session.ask("b[-1] + b[0]"), "155", "{chip}");
        assert!(
            session.machine.events().is_empty(),
            "{chip}: {:?}",
            session.machine.events()
        );
    }
}

#[test]
fn without_a_usable_chip_there_is_a_line_that_says_why_and_a_prompt() {
    let table = [
        ("none", "all bits read 1"),
        ("stuck-low", "all bits read 0"),
        ("w25q64", "W25Q64 flash (JEDEC id ef 40 17, 8 MB)"),
        ("kgd-fail", "expected KGD 0x5d, found 0x55"),
        ("lying-32mbit", "; addresses begin anew after 4 MB"),
        (
            "stuck-cell@0x400001",
            "memtest fail, address 0x90400000 expected ",
        ),
        (
            "stuck-cell@0x7fffff.7",
            "memtest fail, address 0x907ffffc expected ",
        ),
        ("stuck-address@22", "memtest fail, address 0x90000000 expected "),
        ("tied-address@10.11", "store test fail, address 0x90000000 "),
        // 6000 pages of 1 KB.
        ("weak-row@6000.100", "memtest fail, address 0x905dc000 expected "),
        ("stuck-line@1.0", "all bits read 0"),
        ("swapped-lines@0.1", "all bits read 1"),
    ];
    for (chip, why) in table {
        let (mut session, said) = Session::boot("devebox", chip);
        let first = said.lines().next().unwrap_or_default();
        assert!(
            first.starts_with("spiram ") && first.contains(why),
            "{chip}: {said}"
        );
        assert!(!said.contains("memtest pass"), "{chip}: {said}");
        session.ask("import gc, spiram; gc.collect()");
        let free = session.number("gc.mem_free()");
        assert!((950_000..1_048_576).contains(&free), "{chip}: {free} bytes free");
        assert_eq!(session.ask("spiram.info()['size']"), "0", "{chip}");
        assert!(session.ask("print(spiram.info()['why'])").contains(why), "{chip}");
        assert!(
            session.machine.events().is_empty(),
            "{chip}: {:?}",
            session.machine.events()
        );
    }
}

#[test]
fn lines_that_are_bad_inside_the_package_leave_one_line_to_use() {
    for chip in ["stuck-line@2.0", "open-line@3", "tied-lines@2.3"] {
        let (mut session, said) = Session::boot("devebox", chip);
        assert!(
            said.starts_with("spiram not usable: quad transfers fail") && said.contains("SPI 50 MHz"),
            "{chip}: {said}"
        );
        assert_eq!(
            session.ask("import spiram; spiram.info()['mode']"),
            "'SPI'",
            "{chip}"
        );
    }
}

#[test]
fn on_silicon_where_write_back_loses_stores_the_slow_way_is_taken_and_said() {
    let mut session = Session::with_warnings("devebox", "esp-psram64h");
    session.machine.apply_erratum(Erratum::DisramodeIneffective);
    let said = session.until_prompt();
    assert!(
        said.contains("memory-mapped, strongly-ordered\r\nspiram write-back loses stores here"),
        "{said}"
    );
    assert!(said.contains("spiram memtest pass"), "{said}");
    assert_eq!(
        session.ask("a = bytearray(8_000_000); a[7_999_999] = 3; a[7_999_998], a[7_999_999]"),
        "(0, 3)"
    );
    assert!(
        session.machine.events().is_empty(),
        "{:?}",
        session.machine.events()
    );
}

#[test]
fn lights_and_keys_of_either_board_follow_their_wiring() {
    for name in ["devebox", "weact"] {
        let (mut session, _) = Session::boot(name, "none");
        let board = Board::named(name).expect("a known board");
        session.ask("import machine");
        for led in &board.leds {
            session.ask(&format!(
                "led = machine.Pin({:?}, machine.Pin.OUT, value=1)",
                led.name
            ));
            assert!(session.machine.chip().level(led.pin), "{name} {}", led.name);
            session.ask("led.value(0)");
            assert!(!session.machine.chip().level(led.pin), "{name} {}", led.name);
        }
        for key in &board.keys {
            session.ask(&format!("key = machine.Pin({:?}, machine.Pin.IN)", key.name));
            for level in [false, true] {
                session.machine.drive(key.pin, Some(level));
                assert_eq!(
                    session.number("key.value()"),
                    u32::from(level),
                    "{name} {}",
                    key.name
                );
            }
        }
        assert!(
            session.machine.events().is_empty(),
            "{name}: {:?}",
            session.machine.events()
        );
    }
}

#[test]
fn ctrl_c_ends_a_loop_and_the_board_sleeps_at_the_prompt() {
    let (mut session, _) = Session::boot("devebox", "none");
    session.machine.serial_in(b"while True: pass\r\r");
    let soon = session.machine.now() + SECOND;
    assert_eq!(session.machine.run(Until::time(soon)), Stop::Limit);
    session.machine.serial_out();
    session.machine.serial_in(b"\x03");
    let said = session.until_prompt();
    assert!(said.contains("KeyboardInterrupt"), "{said}");
    let before = session.machine.stats().instructions;
    let later = session.machine.now() + SECOND;
    session.machine.run(Until::time(later));
    let instructions = session.machine.stats().instructions - before;
    assert!(
        instructions < 100_000,
        "{instructions} instructions in a second of doing nothing"
    );
}

/// Voltages at a pin and of the sources inside the chip, from the net to Python.
#[test]
fn python_reads_the_voltage_that_is_on_a_net() {
    use chipmodel::bus::pad::Drive;
    let (mut session, _) = Session::boot("devebox", "none");
    session.ask("from machine import ADC, Pin");
    session.ask("a = ADC('PA5')");
    let pin = "PA5".parse().unwrap();
    for (millivolts, expected) in [(0, 0), (1650, 32768), (3300, 65535)] {
        session.machine.probe(pin, Some(Drive::source(millivolts)));
        assert_eq!(session.number("a.read_u16()"), expected);
        let microvolts = session.number("a.read_uv()");
        assert!(microvolts.abs_diff(1000 * millivolts) <= 26, "{microvolts} uV");
    }
    for (source, millivolts) in [("CORE_VREF", 1216), ("CORE_TEMP", 610), ("CORE_VBAT", 750)] {
        let microvolts = session.number(&format!("ADC(ADC.{source}).read_uv()"));
        assert!(
            microvolts.abs_diff(1000 * millivolts) <= 26,
            "{source}: {microvolts} uV"
        );
    }
    assert_eq!(session.ask("ADC(Pin('PC4'))"), "ADC(channel=4)");
    assert!(
        session
            .ask("ADC('PE3')")
            .contains("ValueError: this pin has no analog input")
    );
    assert!(session.ask("ADC(7)").contains("ValueError: a source is"));
    assert!(
        session.machine.events().is_empty(),
        "{:?}",
        session.machine.events()
    );
}

#[test]
fn a_voltage_that_nothing_makes_is_an_event() {
    let mut session = Session::surviving();
    session.ask("import machine; machine.ADC('PA6').read_u16()");
    let events = session.machine.events();
    assert!(
        events.len() == 1 && events[0].message.contains("ADC1: channel 3 floats"),
        "{events:?}"
    );
}
