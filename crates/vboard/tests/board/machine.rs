//! What the machine as a whole does: reset, unknown registers, bad stacks.

use crate::common::{elf, finished, machine, machine_on, results};
use vboard::board::Board;
use vboard::{Kind, Stop, Strictness, Time, Until};

const SECOND: Time = Time(1_000_000_000_000);

#[test]
fn a_reset_request_starts_the_firmware_anew_and_ram_keeps_its_content() {
    let mut machine = machine(include!("../programs/reset.rs"), Strictness::Strict);
    assert_eq!(machine.run(Until::time(SECOND)), Stop::Reset);
    assert_eq!(machine.run(Until::time(SECOND)), Stop::Idle { until: None });
    let [mark, vtor, sp] = results(&machine);
    assert_eq!((mark, vtor, sp), (0x600D_CAFE, 0x0800_0000, 0x2000_1000));
}

#[test]
fn an_unknown_register_ends_a_strict_run_at_its_instruction() {
    let mut machine = machine(include!("../programs/unmodelled.rs"), Strictness::Strict);
    assert_eq!(machine.run(Until::time(SECOND)), Stop::Events);
    let events = machine.events();
    assert_eq!((events[0].kind, events[0].pc), (Kind::Unmodelled, 0x0800_0010));
    assert_eq!(events[0].address, Some(0xE000_EF90));
    assert!(events[0].message.contains("ITCMCR"), "{}", events[0].message);
}

#[test]
fn an_unknown_register_reads_zero_in_a_lenient_run_and_is_listed() {
    let machine = finished(include!("../programs/unmodelled.rs"), Strictness::Lenient);
    assert_eq!(results(&machine), [0]);
    assert_eq!(machine.events().len(), 1);
}

#[test]
fn a_run_ends_at_its_limit_or_at_the_next_instructions() {
    let mut machine = machine(include!("../programs/work.rs"), Strictness::Strict);
    for us in [1, 10, 12, 1000] {
        let limit = Time(us * 1_000_000);
        assert_eq!(machine.run(Until::time(limit)), Stop::Limit);
        let late = machine.now() - limit;
        assert!(late.0 < 500_000, "{} ps late", late.0);
    }
}

#[test]
fn a_stack_where_nothing_is_leads_into_hardfault() {
    let machine = finished(include!("../programs/bad_stack.rs"), Strictness::Lenient);
    let [handler, cfsr, hfsr] = results(&machine);
    assert_eq!((handler, cfsr, hfsr), (3, 1 << 12, 1 << 30), "STKERR, FORCED");
}

#[test]
fn errors_of_the_memory_window_are_precise_for_loads_and_imprecise_for_stores() {
    let machine = finished(include!("../programs/window.rs"), Strictness::Lenient);
    let [load, address, store, _, _, _, _, _, done] = results(&machine);
    assert_eq!((load, address), (0x8200, 0x9000_0008), "PRECISERR, BFARVALID");
    assert_eq!(store, 0x0400, "IMPRECISERR");
    assert_eq!(done, 0x9000_0000, "and the program went on");
}

#[test]
fn a_part_with_less_flash_says_so_and_has_nothing_behind_it() {
    let board = |mcu: &str| Board {
        mcu: mcu.into(),
        ..Board::named("devebox").unwrap()
    };
    let program = elf(include!("../programs/small_flash.rs"));
    let run = |mcu: &str| {
        let mut machine = machine_on(board(mcu), &program, Strictness::Strict).unwrap();
        (machine.run(Until::time(SECOND)), machine)
    };
    let (stop, machine) = run("STM32H7B0VBT6");
    assert_eq!(stop, Stop::Events);
    let [kb, last] = results(&machine);
    assert_eq!(
        (kb, last),
        (128, u32::MAX),
        "its size, and its last word, which is blank"
    );
    let event = machine.events().remove(0);
    assert!(event.message.contains("reading 0x08020000"), "{event}");
    let (stop, machine) = run("STM32H7A3VGT6");
    assert_eq!(stop, Stop::Idle { until: None });
    assert_eq!(results(&machine), [1024]);
    // A program that is larger than the part.
    let large = crate::common::elf_at(
        0x0800_0000,
        &[include!("../programs/small_flash.rs"), &[0xBF00; 100_000][..]].concat(),
    );
    let error = machine_on(board("STM32H7B0VBT6"), &large, Strictness::Strict)
        .err()
        .unwrap();
    assert!(error.to_string().contains("no flash"), "{error}");
}
