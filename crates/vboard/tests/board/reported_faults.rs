//! What a fault prints, and what the next start says of it.

use crate::session::Session;

#[test]
fn a_fault_says_cause_and_address_and_the_board_starts_again() {
    let table = [
        (
            "machine.mem32[0]",
            "access to memory that the MPU denies [DACCVIOL] at 0x00000000 (a null pointer)",
        ),
        (
            "machine.mem32[0xC0000000]",
            "bus error on a data access [PRECISERR] at 0xc0000000\r\n",
        ),
        // Windows without a memory are closed.
        ("machine.mem32[0x60000000]", "[DACCVIOL] at 0x60000000"),
        ("machine.mem32[0x8ffffffc]", "[DACCVIOL] at 0x8ffffffc"),
        (
            "machine.mem32[0x90000000]",
            "[DACCVIOL] at 0x90000000 (the PSRAM's window)",
        ),
    ];
    for (line, cause) in table {
        let mut session = Session::surviving();
        session.ask("import machine");
        let said = session.until_reset(line);
        assert!(
            said.contains("spiram fault: ") && said.contains(cause),
            "{line}: {said}"
        );
        assert!(
            said.contains("\r\n  pc  0x08") && said.ends_with("spiram resets"),
            "{line}: {said}"
        );
        assert!(session.until_prompt().contains("MicroPython v1.25.0"), "{line}");
    }
}

#[test]
fn after_a_fault_the_prompt_says_what_it_was_and_where() {
    let mut session = Session::surviving();
    session.ask("import machine, spiram");
    assert_eq!(session.ask("spiram.last_fault()"), "");
    session.ask("exec(compile('def f(x):\\n x += 0\\n machine.mem32[x]\\n', 'main.py', 'exec'))");
    session.until_reset("f(0)");
    let boot = session.until_prompt();
    let words =
        "fault: access to memory that the MPU denies [DACCVIOL] at 0x00000000 (a null pointer), pc 0x08";
    let line = boot
        .lines()
        .find(|line| line.starts_with("spiram: the last run ended in a "));
    let line = line.unwrap_or_else(|| panic!("{boot}"));
    assert!(
        line.contains(words) && line.ends_with(", Python: main.py line 3 in f"),
        "{line}"
    );
    assert!(boot.find(line) < boot.find("MicroPython v1.25.0"), "{boot}");
    session.ask("import machine, spiram");
    assert!(session.ask("spiram.last_fault()").contains(words));
    assert_eq!(
        session.ask("machine.reset_cause() == machine.FAULT_RESET"),
        "True"
    );

    // A reset that was asked for is one again, and the words are gone.
    session.until_reset("machine.reset()");
    let boot = session.until_prompt();
    assert!(!boot.contains("the last run"), "{boot}");
    session.ask("import machine, spiram");
    assert_eq!(session.ask("spiram.last_fault()"), "");
    assert_eq!(session.ask("machine.reset_cause() == machine.SOFT_RESET"), "True");
}

#[test]
fn a_stack_overflow_is_reported_although_no_register_could_be_saved() {
    let mut session = Session::surviving();
    for line in [
        "@micropython.asm_thumb",
        "def f():",
        "label(again)",
        "push({r0, r1, r2, r3})",
        "b(again)",
    ] {
        session.machine.serial_in(format!("{line}\r").as_bytes());
    }
    session.machine.serial_in(b"\r\r\r");
    session.until_prompt();
    session.ask("");
    let said = session.until_reset("f()");
    assert!(
        said.contains("[MSTKERR]") && said.contains("(the guard under the stack: an overflow)"),
        "{said}"
    );
    assert!(
        said.contains("the stack was not there to save the registers"),
        "{said}"
    );
    assert!(session.until_prompt().contains("MicroPython v1.25.0"));
}
