//! T7: does the chip keep what it holds while nobody asks for it? It refreshes itself only while CE# is high, and a
//! controller that keeps a burst open keeps CE# low.

use core::fmt::Write;

use h7a3::time;
use upy::interpreter;

use super::access::{Region, Width};
use super::bench::Bench;
use super::outcome::Tally;
use crate::progress::Progress;

const STEP: u64 = 0x9E37_79B1;

/// What the controller sees last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Read,
    Write,
}

/// Half of the time after a read, half after a write.
pub fn run(bench: &mut Bench, region: Region, seconds: u32) -> Tally {
    let mut tally = Tally::default();
    for last in [Last::Read, Last::Write] {
        rest(bench, region, seconds.div_ceil(2), last, &mut tally);
    }
    tally
}

/// Writes the region, leaves a burst open, waits (no longer than until Ctrl-C), looks.
fn rest(bench: &mut Bench, region: Region, seconds: u32, last: Last, tally: &mut Tally) {
    let first = u64::from(region.address(0));
    cortex_m::interrupt::free(|_| region.stream(Width::Word, first, STEP));
    bench.settle();
    // Whether it misses or is written out: nothing follows.
    match last {
        Last::Read => {
            core::hint::black_box(region.load(0, Width::Word));
        }
        Last::Write => {
            region.store(0, Width::Word, Width::Word.cut(first));
            bench.settle();
        }
    }
    let until_us = time::ticks_us() + u64::from(seconds) * 1_000_000;
    let mut progress = Progress::new();
    while time::ticks_us() < until_us && !interpreter::interrupted() {
        time::sleep(until_us.min(progress.next_us()), interpreter::interrupted);
        progress.say(|out| {
            let left_us = until_us.saturating_sub(time::ticks_us());
            write!(
                out,
                "selftest T7-retention: {} s left",
                left_us.div_ceil(1_000_000)
            )
        });
    }
    bench.settle();
    for n in 0..region.bytes() / 4 {
        let expected = Width::Word.cut(first + u64::from(n) * STEP);
        let values = [expected, region.load(4 * n, Width::Word), 0];
        tally.look(region, 4 * n, Width::Word, values);
    }
}
