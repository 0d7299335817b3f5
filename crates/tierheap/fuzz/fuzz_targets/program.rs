//! Random programs against the naive model of the property tests: `cargo +nightly fuzz run program`.
//!
//! The first byte chooses the heap, the rest is the program.
#![no_main]

#[path = "../../tests/common/mod.rs"]
mod common;

use common::{Machine, SMALL, ops};
use libfuzzer_sys::fuzz_target;
use tierheap::Span;

fn run<const R: usize>(spans: [Span; R], choice: u8, program: &[u8]) {
    let mut machine = Machine::new(spans, usize::from(choice / 4 % 8), choice >= 128);
    for op in ops::decode(program) {
        machine.run(op);
    }
    machine.sweep_all();
    machine.check();
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, program)) = bytes.split_first() else { return };
    match choice % 4 {
        0 => run([SMALL[0]], choice, program),
        1 => run([SMALL[0], Span { bytes: 0, ..SMALL[1] }], choice, program),
        _ => run(SMALL, choice, program),
    }
});
