//! What collections cost: exact counters, host time, and the cycles that the policy's own formula makes of the
//! counters. None of it is a measurement on a chip.
//!
//! `cargo run --release -p tierheap --example measure`

mod program;

use program::{PARAMS, Program, cycles};
use std::time::Instant;
use tierheap::Request;

const CPU_HZ: f64 = 280e6;

const TUPLE: Request = Request::bytes(16);
const FLOAT: Request = Request::bytes(16).leaf();

fn text(program: &mut Program) -> u32 {
    let head = program.alloc(Request::bytes(16));
    let body = program.alloc(Request::bytes(14).leaf());
    program.store(head, 3, body);
    head
}

fn instance(program: &mut Program) -> u32 {
    let head = program.alloc(Request::bytes(24));
    let members = program.alloc(Request::bytes(32));
    program.store(head, 3, members);
    head
}

fn case(name: &str, build: impl Fn(&mut Program)) {
    let mut program = Program::new();
    build(&mut program);
    let collections = program.heap.totals().collections;
    program.collecting_ns = 0;
    program.collect();
    let w = program.heap.work();
    println!(
        "| {name} | {} | {} | {} | {} | {} | {} | {:.2} | {:.0} | {collections} |",
        w.objects,
        w.leaves,
        w.fast_words,
        w.slow_words,
        w.slow_lines,
        w.table_words,
        cycles(&w) / CPU_HZ * 1e3,
        program.collecting_ns as f64 / 1e3,
    );
}

fn churn(live: u32, lists: u32) {
    let mut program = Program::new();
    program.list_of(live, |p| p.alloc(TUPLE));
    program.collecting_ns = 0;
    let before = program.heap.totals();
    let mut estimate = 0.0;
    let begin = Instant::now();
    for _ in 0..lists {
        let collections = program.heap.totals().collections;
        let head = program.alloc(Request::bytes(16));
        program.roots.push(head);
        let body = program.alloc(Request::bytes(16));
        program.store(head, 3, body);
        program.roots.pop();
        if program.heap.totals().collections != collections {
            estimate += cycles(&program.heap.work()) / CPU_HZ * 1e3;
        }
    }
    let ns = begin.elapsed().as_nanos() - program.collecting_ns;
    let after = program.heap.totals();
    println!(
        "| {live} | {lists} | {} | {:.1} | {:.1} | {:.1} | {} | {} |",
        after.collections - before.collections,
        estimate,
        program.collecting_ns as f64 / 1e6,
        ns as f64 / f64::from(2 * lists),
        after.fast_blocks - before.fast_blocks,
        after.slow_blocks - before.slow_blocks,
    );
}

fn main() {
    println!(
        "One collection. Estimate: {} cycles an object, {} a leaf, {} a slow line, {} a table word, {} MHz.\n",
        PARAMS.object_cycles,
        PARAMS.leaf_cycles,
        PARAMS.line_cycles,
        PARAMS.table_word_cycles,
        CPU_HZ / 1e6
    );
    println!(
        "| case | objects | leaves | fast words | slow words | slow lines | table words | estimate ms | host us | before |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    case("nothing", |_| ());
    case("one dead 4 MB buffer", |p| {
        p.alloc(Request::bytes(4 << 20).leaf());
    });
    case("6 MB of live bytearrays", |p| {
        p.list_of(1500, |p| p.alloc(Request::bytes(4000).leaf()))
    });
    case("170 KB live tuples", |p| p.list_of(9_000, |p| p.alloc(TUPLE)));
    case("100k tuples, flat", |p| p.list_of(100_000, |p| p.alloc(TUPLE)));
    case("100k tuples, 1000 lists of 100", |p| {
        p.list_of(1000, |p| {
            let body = p.alloc(Request::bytes(400));
            p.roots.push(body);
            for i in 0..100 {
                let item = p.alloc(TUPLE);
                p.store(body, i, item);
            }
            p.roots.pop();
            body
        })
    });
    case("200k floats", |p| p.list_of(200_000, |p| p.alloc(FLOAT)));
    case("50k strings", |p| p.list_of(50_000, text));
    case("20k instances", |p| p.list_of(20_000, instance));
    println!("\nChurn of two-element lists while tuples live.\n");
    println!(
        "| live | lists | collections | collecting, estimate ms | host ms | host ns an allocation | fast blocks | slow blocks |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for live in [1_000, 10_000, 30_000, 60_000, 100_000] {
        churn(live, 500_000);
    }
}
