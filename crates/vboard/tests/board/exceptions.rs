//! Exceptions, priorities, sleep and faults, each by a small program (Armv7-M B1.5).

use crate::common::{OUT, finished, machine, results, word};
use vboard::{Stop, Strictness, Time, Until};

const STRICT: Strictness = Strictness::Strict;
const LENIENT: Strictness = Strictness::Lenient;

#[test]
fn an_exception_frame_with_floating_point_goes_out_and_comes_back() {
    let machine = finished(include!("../programs/fp_frame.rs"), STRICT);
    let [sp, lr, frame, eq, r0, r3, r12, s0, s15, s16, fpscr, sp_after, svc] = results(&machine);
    assert_eq!(
        sp, 0x2000_1004,
        "the program starts with a stack that is not a multiple of 8"
    );
    assert_eq!(lr, 0xFFFF_FFE9, "EXC_RETURN: thread, main stack, extended frame");
    assert_eq!(frame, (sp - 0x68) & !7);
    assert_eq!((eq, r0, r3, r12), (1, 10, 13, 14), "flags and registers are back");
    assert_eq!([s0, s15, s16].map(f32::from_bits), [1.5, -2.0, 3.0]);
    assert_eq!(fpscr, 0x0040_0000);
    assert_eq!(sp_after, sp);
    assert_eq!(svc, 7, "the number of the SVC before the return address");
}

#[test]
fn priorities_decide_who_interrupts_whom() {
    let machine = finished(include!("../programs/priorities.rs"), STRICT);
    let mut order = [0; 13];
    assert!(machine.read_memory(OUT, &mut order));
    // 1 (0x80) is interrupted by 2 (0x40) and not by 3 (0x80), which follows; then BASEPRI, then PRIMASK and WFI.
    assert_eq!(order, [1, 2, 4, 3, 9, 2, 10, 3, 11, 12, 2, 13, order[12]]);
}

#[test]
fn pendsv_switches_tasks_on_process_stacks_with_floating_point() {
    let machine = finished(include!("../programs/tasks.rs"), STRICT);
    let [a0, a16, b0, b16, control] = results(&machine);
    assert_eq!(
        [a0, a16].map(f32::from_bits),
        [16.0, 32.0],
        "task a doubled 1 and 2 four times"
    );
    assert_eq!(
        [b0, b16].map(f32::from_bits),
        [48.0, 80.0],
        "task b doubled 3 and 5 four times"
    );
    assert_eq!(control, 0b110, "process stack, floating point in use");
}

#[test]
fn wfe_takes_the_event_register_and_wakes_after_a_handler() {
    let mut machine = machine(include!("../programs/sleep.rs"), STRICT);
    assert_eq!(
        machine.run(Until::time(Time(1_000_000_000_000))),
        Stop::Idle { until: None }
    );
    let [after_sev, first, second] = results(&machine);
    assert_eq!(after_sev, 1, "SEV, WFE does not sleep");
    assert_eq!(first, 1, "the first tick woke it");
    assert_eq!(second, 1, "entry and return leave the event register set");
    // Ten ticks of 1000 cycles, a few instructions before and after.
    let cycles = machine.stats().virtual_cycles;
    assert!((10_000..10_100).contains(&cycles), "{cycles} cycles");
}

#[test]
fn faults_are_precise_in_place_and_address() {
    let machine = finished(include!("../programs/faults.rs"), LENIENT);
    let flash = 0x0800_0000;
    let same = u32::MAX;
    // What: exception, PC, CFSR, MMFAR, BFAR, HFSR; MMFAR and BFAR only where CFSR says that they are valid.
    let expected = [
        ("load from a hole", 5, flash + 0x40, 0x8200, same, 0x6000_0004, 0),
        ("store to a hole", 5, flash + 0x42, 0x8200, same, 0x6000_0008, 0),
        (
            "load in an IT block",
            5,
            flash + 0x4A,
            0x8200,
            same,
            0x6000_000C,
            0,
        ),
        (
            "second word of LDM",
            5,
            flash + 0x4E,
            0x8200,
            same,
            0x2002_0000,
            0,
        ),
        ("undefined", 6, flash + 0x52, 0x0001_0000, same, same, 0),
        ("store to flash", 5, flash + 0x58, 0x8200, same, 0x0800_0010, 0),
        ("coprocessor", 6, flash + 0x5A, 0x0008_0000, same, same, 0),
        (
            "MPU, store to a read-only page",
            4,
            flash + 0x80,
            0x82,
            0x2400_1024,
            same,
            0,
        ),
        (
            "MPU, store to 32 bytes in a page",
            4,
            flash + 0x8A,
            0x82,
            0x2400_2020,
            same,
            0,
        ),
        (
            "MPU, load of their last byte",
            4,
            flash + 0x8C,
            0x82,
            0x2400_203F,
            same,
            0,
        ),
        ("jump to a peripheral", 4, 0x4000_0000, 0x01, same, same, 0),
        (
            "BusFault switched off",
            3,
            flash + 0x9E,
            0x8200,
            same,
            0x6000_0004,
            0x4000_0000,
        ),
        ("SVC with PRIMASK", 3, flash + 0xA4, 0, same, same, 0x4000_0000),
    ];
    for (n, (what, exception, pc, cfsr, mmfar, bfar, hfsr)) in expected.into_iter().enumerate() {
        let at = |field: u32| word(&machine, OUT + 24 * n as u32 + 4 * field);
        assert_eq!(
            (at(0), at(1), at(2), at(5)),
            (exception, pc, cfsr, hfsr),
            "{what}: exception, PC, CFSR, HFSR"
        );
        assert!(mmfar == same || at(3) == mmfar, "{what}: MMFAR 0x{:08x}", at(3));
        assert!(bfar == same || at(4) == bfar, "{what}: BFAR 0x{:08x}", at(4));
    }
    // Around the 32 bytes that no one may touch, the page works.
    assert_eq!(
        (word(&machine, 0x2400_201C), word(&machine, 0x2400_2040)),
        (0x2400_2000, 0x2400_2000)
    );
}

#[test]
fn a_strict_run_ends_at_the_first_fault_and_says_where() {
    let mut machine = machine(include!("../programs/faults.rs"), STRICT);
    assert_eq!(machine.run(Until::time(Time(1_000_000_000_000))), Stop::Events);
    let events = machine.events();
    assert_eq!(
        (events.len(), events[0].pc, events[0].address),
        (1, 0x0800_0040, Some(0x6000_0004))
    );
}

#[test]
fn a_fault_in_the_hardfault_handler_is_a_lockup() {
    let mut machine = machine(include!("../programs/lockup.rs"), LENIENT);
    assert_eq!(machine.run(Until::time(Time(1_000_000_000_000))), Stop::Lockup);
    assert!(
        machine
            .events()
            .last()
            .is_some_and(|e| e.message.contains("lockup"))
    );
}

#[test]
fn a_stack_that_is_full_still_leads_into_the_hardfault_handler() {
    let machine = finished(include!("../programs/overflow.rs"), LENIENT);
    let [handler, sp, cfsr, hfsr, mmfar, lr] = results(&machine);
    assert_eq!(
        handler, 3,
        "MemManage has no frame, and its fault not a higher priority: HardFault"
    );
    assert_eq!(sp, 0x2000_0400 - 0x20, "lowered by a frame that was not written");
    assert_eq!(
        (cfsr, hfsr),
        (0x92, 0x4000_0000),
        "DACCVIOL, MSTKERR, MMARVALID; FORCED"
    );
    assert_eq!(mmfar, 0x2000_03E0);
    assert_eq!(lr, 0xFFFF_FFF9);
}

#[test]
fn unaligned_access_to_strongly_ordered_memory_faults_before_the_bus_sees_it() {
    let machine = finished(include!("../programs/unaligned.rs"), LENIENT);
    let [a, b, c, _, status, _, value] = results(&machine);
    assert_eq!([a, b, c], [0x0800_0048, 0x0800_004C, 0x0800_0050]);
    assert_eq!(
        (status, value),
        (1, 77),
        "UFSR.UNALIGNED; the register is as it was"
    );
    let only_faults = machine
        .events()
        .iter()
        .all(|event| event.message.contains("unaligned"));
    assert!(only_faults, "{:?}", machine.events());
}

#[test]
fn user_code_has_no_way_to_the_system_registers() {
    let machine = finished(include!("../programs/unprivileged.rs"), LENIENT);
    let [pc, primask, control, primask_after] = results(&machine);
    assert_eq!(pc, 0x0800_0052, "the load from VTOR faults");
    assert_eq!((primask, primask_after), (0, 0), "CPSID does nothing");
    assert_eq!(control, 2, "privileged again, still on the process stack");
}

#[test]
fn what_is_masked_stays_masked_while_user_code_runs() {
    let mut machine = machine(include!("../programs/masked_user.rs"), STRICT);
    assert_eq!(machine.run(Until::time(Time(1_000_000_000))), Stop::Limit);
    let [turns, pendsv] = results(&machine);
    assert!(turns > 10_000, "{turns} turns in a millisecond at 64 MHz");
    assert_eq!(pendsv, 0);
}

#[test]
fn an_it_block_that_meets_a_new_page_leaves_no_state_behind() {
    let machine = finished(include!("../programs/it_state.rs"), STRICT);
    let [pages] = results(&machine);
    assert_eq!(pages, 64);
}

#[test]
fn code_in_ram_can_be_rewritten_and_run_after_the_instruction_cache_was_told() {
    let machine = finished(include!("../programs/ram_code.rs"), STRICT);
    let [sum] = results(&machine);
    assert_eq!(sum, (0..100).map(|n| n + n + 1).sum::<u32>());
}
