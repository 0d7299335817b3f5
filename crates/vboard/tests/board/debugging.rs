//! Breakpoints, watchpoints and single steps: where they stop, and that they cost no virtual time.

use crate::common::{machine, word};
use vboard::core::cpu::{Halt, Reg, Watchpoint};
use vboard::{Machine, Stop, Strictness, Time, Until};

const RESET: u32 = 0x0800_0040;
const LOOP: u32 = 0x0800_0048;
const PENDSV: u32 = 0x0800_0070;
const OUT: u32 = 0x2400_0000;

fn program() -> Machine {
    let mut machine = machine(include!("../programs/debugging.rs"), Strictness::Strict);
    machine.attach_probe();
    machine
}

fn run(machine: &mut Machine) -> Stop {
    machine.run(Until::time(Time(1_000_000_000_000)))
}

fn step(machine: &mut Machine) -> u32 {
    machine.step_next();
    assert_eq!(run(machine), Stop::Halted(Halt::Step), "{:?}", machine.events());
    machine.register(Reg::Pc)
}

/// The end of the program: results, and what it cost.
fn end(machine: &mut Machine) -> [u64; 4] {
    assert_eq!(run(machine), Stop::Exit(0xAA), "{:?}", machine.events());
    let stats = machine.stats();
    assert_eq!(machine.register(Reg::R(5)), 2);
    [
        u64::from(word(machine, OUT + 4)),
        u64::from(word(machine, OUT + 12)),
        stats.virtual_cycles,
        stats.instructions,
    ]
}

#[test]
fn a_breakpoint_stops_before_its_instruction_each_time_and_costs_nothing() {
    let undisturbed = end(&mut program());
    assert_eq!(undisturbed[..2], [14, 77]);
    let mut machine = program();
    assert!(machine.break_at(LOOP, true));
    for round in 0..5 {
        assert_eq!(run(&mut machine), Stop::Halted(Halt::Breakpoint));
        assert_eq!(machine.register(Reg::Pc), LOOP);
        assert_eq!(machine.register(Reg::R(0)), round, "before the instruction");
    }
    assert_eq!(end(&mut machine), undisturbed);
}

#[test]
fn a_breakpoint_that_was_taken_away_stops_nothing() {
    let mut machine = program();
    machine.break_at(LOOP, true);
    assert_eq!(run(&mut machine), Stop::Halted(Halt::Breakpoint));
    machine.break_at(LOOP, false);
    end(&mut machine);
}

#[test]
fn nothing_stops_within_an_it_block_and_it_is_left_as_it_is() {
    let undisturbed = end(&mut program());
    let mut machine = program();
    for at in [LOOP + 6, LOOP + 8, LOOP + 10, LOOP + 12] {
        assert!(machine.break_at(at, true));
    }
    for _ in 0..5 {
        assert_eq!(run(&mut machine), Stop::Halted(Halt::Breakpoint));
        assert_eq!(machine.register(Reg::Pc), LOOP + 12, "behind it");
    }
    assert_eq!(end(&mut machine), undisturbed);
}

#[test]
fn single_steps_go_through_it_blocks_into_handlers_and_out_again() {
    let undisturbed = end(&mut program());
    let mut machine = program();
    let mut seen = Vec::new();
    while seen.last() != Some(&0x0800_006E) {
        seen.push(step(&mut machine));
        assert!(seen.len() < 100, "{seen:x?}");
    }
    assert_eq!(seen[..4], [RESET + 4, RESET + 6, LOOP, LOOP + 2]);
    let rounds = seen.iter().filter(|pc| **pc == LOOP).count();
    assert_eq!(rounds, 5);
    let handler: Vec<u32> = seen.iter().copied().filter(|pc| *pc >= PENDSV).collect();
    assert_eq!(handler, [PENDSV + 2, PENDSV + 4], "behind its first instruction");
    let stepped = end(&mut machine);
    assert_eq!(stepped[..2], undisturbed[..2]);
    // The interrupt comes at its instruction instead of behind its block, whose rest is paid for once more.
    assert_eq!(stepped[2] - undisturbed[2], 1, "{stepped:?}, {undisturbed:?}");
}

#[test]
fn a_watchpoint_stops_behind_the_access_and_nowhere_else() {
    let mut machine = program();
    let watchpoint = Watchpoint {
        first: OUT + 8,
        last: OUT + 11,
        reads: false,
        writes: true,
    };
    assert!(machine.watch_for(watchpoint, true));
    assert_eq!(run(&mut machine), Stop::Halted(Halt::Watch(watchpoint)));
    assert_eq!(word(&machine, OUT + 8), 3, "written");
    assert_eq!(machine.register(Reg::Pc), LOOP + 12, "behind the IT block");
    let undisturbed = end(&mut program());
    assert_eq!(end(&mut machine), undisturbed, "it is written once");
    assert!(machine.watch_for(watchpoint, false));
}

#[test]
fn a_register_of_the_chip_can_be_watched_and_looked_at() {
    let mut machine = program();
    let icsr = 0xE000_ED04;
    let watchpoint = Watchpoint {
        first: icsr,
        last: icsr + 3,
        reads: true,
        writes: true,
    };
    assert!(machine.watch_for(watchpoint, true));
    assert_eq!(run(&mut machine), Stop::Halted(Halt::Watch(watchpoint)));
    let value = machine.look(icsr, 4);
    assert_eq!(value[3] & 0x10, 0x10, "PENDSVSET: {value:x?}");
    assert!(machine.look(0xE000_EF90, 4).is_empty(), "no model");
    assert!(machine.look(0x6000_0000, 4).is_empty(), "nothing there");
    assert!(machine.events().is_empty(), "and no event by looking");
}

#[test]
fn memory_flash_and_registers_can_be_altered() {
    let mut machine = program();
    machine.break_at(LOOP, true);
    run(&mut machine);
    machine.break_at(LOOP, false);
    // `adds r0, #1` becomes `adds r0, #5`: one round.
    assert!(machine.alter(LOOP, &0x3005_u16.to_le_bytes()));
    assert!(machine.alter(OUT + 12, &[1, 2, 3, 4]));
    assert_eq!(word(&machine, OUT + 12), 0x0403_0201);
    machine.set_register(Reg::R(1), 100);
    assert_eq!(run(&mut machine), Stop::Exit(0xAA));
    assert_eq!(word(&machine, OUT + 4), 101);
    machine.set_register(Reg::Pc, RESET);
    assert_eq!(step(&mut machine), RESET + 4);
    assert!(!machine.alter(0x6000_0000, &[0; 4]), "nothing there");
}

#[test]
fn a_run_that_events_have_ended_goes_on_when_they_are_overlooked() {
    let mut machine = machine(include!("../programs/unmodelled.rs"), Strictness::Strict);
    assert_eq!(run(&mut machine), Stop::Events);
    machine.overlook_events();
    assert_eq!(run(&mut machine), Stop::Events, "the same instruction");
    machine.overlook_events();
    machine.set_register(Reg::Pc, machine.register(Reg::Pc) + 2);
    assert_ne!(run(&mut machine), Stop::Events);
    assert!(!machine.is_clean(), "they are events still");
}
