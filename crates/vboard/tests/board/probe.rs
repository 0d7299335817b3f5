//! What a debug probe does for a program: it starts one that is in RAM, ends its run, and passes on what both sides say.

use crate::common::{elf_at, machine, machine_with, results, word};
use vboard::{Kind, Machine, Stop, Strictness, Time, Until};

const LIMIT: Until = Until {
    time: Time(1_000_000_000_000),
    output: false,
    idle: false,
};

fn said(machine: &mut Machine) -> String {
    String::from_utf8(machine.serial_out()).unwrap()
}

#[test]
fn a_program_that_is_linked_to_ram_runs_from_there() {
    let elf = elf_at(0x2400_0000, include!("../programs/linked_to_ram.rs"));
    let mut machine = machine_with(&elf, Strictness::Strict);
    machine.attach_probe();
    assert_eq!(machine.run(LIMIT), Stop::Exit(42), "{:?}", machine.events());
    let at = |n: u32| word(&machine, 0x2400_0400 + 4 * n);
    assert_eq!((at(0), at(1)), (0x2400_0000, 1), "VTOR, DHCSR.C_DEBUGEN");
    assert_eq!(at(2), 1, "SEV in RAM is seen");
}

#[test]
fn a_breakpoint_without_a_probe_is_a_hardfault() {
    let elf = elf_at(0x2400_0000, include!("../programs/linked_to_ram.rs"));
    let mut machine = machine_with(&elf, Strictness::Strict);
    assert_eq!(machine.run(LIMIT), Stop::Events);
    let event = machine.events().remove(0);
    assert!(event.message.contains("BKPT without a debugger"), "{event}");
    assert_eq!(word(&machine, 0x2400_0404), 0, "DHCSR");
}

#[test]
fn semihosting_writes_reads_tells_the_time_and_exits() {
    let mut machine = machine(include!("../programs/semihosting.rs"), Strictness::Strict);
    machine.attach_probe();
    let until = Until { idle: true, ..LIMIT };
    assert_eq!(machine.run(until), Stop::Idle { until: None }, "it reads");
    assert_eq!(said(&mut machine), "hello !world");
    assert_eq!(machine.run(until), Stop::Idle { until: None }, "still");
    machine.serial_in(b"12345");
    assert_eq!(machine.run(until), Stop::Idle { until: None }, "SYS_READC");
    machine.serial_in(b"xyz");
    assert_eq!(machine.run(until), Stop::Exit(7));
    let [
        _,
        out,
        inp,
        file,
        errno,
        left,
        tty,
        unread,
        byte,
        clock,
        low,
        high,
        hz,
    ] = results(&machine);
    assert_eq!((out, inp), (1, 2), "handles");
    assert_eq!((file, errno), (u32::MAX, 2), "a file of the host: ENOENT");
    assert_eq!((left, tty, unread, byte), (0, 1, 3, u32::from(b'x')));
    let ns = u64::from(high) << 32 | u64::from(low);
    assert!(ns > 0 && ns < 1_000_000 && clock == 0, "{ns} ns, {clock}");
    assert_eq!(hz, 1_000_000_000);
    let mut read = [0; 5];
    machine.read_memory(0x2400_0120, &mut read);
    assert_eq!(&read, b"12345");
    let kinds: Vec<Kind> = machine.events().iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [Kind::Warning], "the file: {:?}", machine.events());
}

#[test]
fn rtt_passes_on_what_both_sides_say_and_a_full_ring_is_emptied_while_the_program_waits() {
    let mut machine = machine(include!("../programs/rtt.rs"), Strictness::Strict);
    machine.attach_probe();
    let until = Until {
        time: Time(50_000_000_000),
        ..LIMIT
    };
    assert_eq!(machine.run(until), Stop::Limit, "{:?}", machine.events());
    assert_eq!(said(&mut machine), "abcdefghijklmnopqrstuvwxyz");
    machine.serial_in(b"HAL");
    assert_eq!(
        machine.run(Until {
            output: true,
            ..LIMIT
        }),
        Stop::Output,
        "{:?}",
        machine.events()
    );
    assert!("IBM".starts_with(&said(&mut machine)));
    machine.serial_in(b"q");
    assert_eq!(machine.run(LIMIT), Stop::Exit(5));
    assert!(said(&mut machine).ends_with('.'));
}

#[test]
fn a_snapshot_holds_what_the_probe_has_heard() {
    let mut machine = machine(include!("../programs/semihosting.rs"), Strictness::Strict);
    machine.attach_probe();
    let until = Until { idle: true, ..LIMIT };
    machine.run(until);
    machine.serial_in(b"12");
    let snapshot = machine.snapshot();
    let end = |machine: &mut Machine| {
        machine.run(until);
        machine.serial_in(b"x");
        (machine.run(until), word(machine, 0x2400_001C))
    };
    assert_eq!(end(&mut machine), (Stop::Exit(7), 6));
    machine.restore(&snapshot);
    assert_eq!(end(&mut machine), (Stop::Exit(7), 6));
}
