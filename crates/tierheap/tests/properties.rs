//! Random programs against the naive model, on all kinds of heaps.

mod common;

use common::ops::Op;
use common::{Machine, SMALL};
use proptest::prelude::*;
use tierheap::Span;

fn run<const R: usize>(spans: [Span; R], entries: usize, guards: bool, program: &[Op]) {
    let mut machine = Machine::new(spans, entries, guards);
    for op in program {
        machine.run(*op);
    }
    machine.collect();
    machine.check();
    machine.sweep_all();
    machine.check();
}

fn programs() -> impl Strategy<Value = Vec<Op>> {
    prop::collection::vec(any::<[u8; 6]>().prop_map(|bytes| Op::decode(&bytes)), 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_tiers_agree_with_the_model(program in programs(), entries in 0usize..12, guards: bool) {
        run(SMALL, entries, guards, &program);
    }

    #[test]
    fn fast_memory_alone_agrees_with_the_model(program in programs(), entries in 0usize..12) {
        run([SMALL[0]], entries, false, &program);
    }

    #[test]
    fn a_missing_slow_tier_agrees_with_the_model(program in programs(), entries in 0usize..12) {
        run([SMALL[0], Span { bytes: 0, ..SMALL[1] }], entries, false, &program);
    }

    #[test]
    fn three_tiers_in_any_order_of_addresses_agree_with_the_model(program in programs(), entries in 0usize..12) {
        let third = Span { base: 0x2000_0000, bytes: 2048 };
        run([SMALL[1], SMALL[0], third], entries, false, &program);
    }
}
