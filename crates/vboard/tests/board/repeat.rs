//! The same run twice, and a run that was interrupted by snapshots, must not differ in a single instruction.

use crate::common::{machine, results};
use vboard::{Machine, Stop, Strictness, Time, Until};

const WORK: &[u16] = include!("../programs/work.rs");
const MS: u64 = 1_000_000_000;

fn run_to(machine: &mut Machine, ms: u64) -> (u64, u64, [u32; 3]) {
    assert_eq!(machine.run(Until::time(Time(ms * MS))), Stop::Limit);
    let stats = machine.stats();
    (stats.instructions, stats.virtual_cycles, results(machine))
}

#[test]
fn two_runs_are_equal() {
    let run = || run_to(&mut machine(WORK, Strictness::Strict), 50);
    let first = run();
    assert!(first.2[0] > 1000, "{} ticks", first.2[0]);
    assert_eq!(first, run());
}

#[test]
fn a_restored_run_ends_like_an_uninterrupted_one() {
    let mut through = machine(WORK, Strictness::Strict);
    let middle = run_to(&mut through, 20);
    let snapshot = through.snapshot();
    let end = run_to(&mut through, 40);

    through.restore(&snapshot);
    assert_eq!(run_to(&mut through, 20), middle);
    assert_eq!(run_to(&mut through, 40), end);

    let mut other = machine(WORK, Strictness::Strict);
    run_to(&mut other, 3);
    other.restore(&snapshot);
    assert_eq!(run_to(&mut other, 40), end);
}

#[test]
fn stopping_often_changes_nothing() {
    let end = run_to(&mut machine(WORK, Strictness::Strict), 10);
    let mut often = machine(WORK, Strictness::Strict);
    for step in 1..1000 {
        often.run(Until::time(Time(step * MS / 100)));
    }
    assert_eq!(run_to(&mut often, 10), end);
}
