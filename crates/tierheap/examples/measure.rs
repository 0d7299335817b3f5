//! What collections cost: exact counters, host time, and the cycles that the policy's own formula makes of the
//! counters. None of it is a measurement on a chip.
//!
//! `cargo run --release -p tierheap --example measure`

use std::time::Instant;
use tierheap::{Heap, Memory, Params, Refusal, Request, Span, Work, table_words};

const SPANS: [Span; 2] = [
    Span {
        base: 0x2400_0000,
        bytes: 827_392,
    },
    Span {
        base: 0x9000_0000,
        bytes: 8 * 1024 * 1024,
    },
];
const PARAMS: Params = Params::QUAD_PSRAM;
const CPU_HZ: f64 = 280e6;

struct Plain([Vec<u32>; 2]);

impl Plain {
    #[inline(always)]
    fn at(address: u32) -> (usize, usize) {
        let tier = usize::from(address >= SPANS[1].base);
        (tier, ((address - SPANS[tier].base) / 4) as usize)
    }
}

impl Memory for Plain {
    #[inline(always)]
    fn read(&self, address: u32) -> u32 {
        let (tier, word) = Plain::at(address);
        self.0[tier][word]
    }

    fn write(&mut self, address: u32, value: u32) {
        let (tier, word) = Plain::at(address);
        self.0[tier][word] = value;
    }

    fn zero(&mut self, address: u32, bytes: u32) {
        let (tier, word) = Plain::at(address);
        self.0[tier][word..word + bytes as usize / 4].fill(0);
    }

    fn copy(&mut self, from: u32, to: u32, bytes: u32) {
        (0..bytes)
            .step_by(4)
            .for_each(|at| self.write(to + at, self.read(from + at)));
    }
}

/// A program: roots, and stores by way of a leak in the abstraction, since the heap owns the memory.
struct Program {
    heap: Heap<'static, Shared, 2>,
    memory: Shared,
    roots: Vec<u32>,
    collecting_ns: u128,
}

#[derive(Clone)]
struct Shared(std::rc::Rc<std::cell::UnsafeCell<Plain>>);

impl Memory for Shared {
    #[inline(always)]
    fn read(&self, address: u32) -> u32 {
        // SAFETY: one thread, and no reference outlives the call that made it.
        unsafe { &*self.0.get() }.read(address)
    }

    fn write(&mut self, address: u32, value: u32) {
        // SAFETY: see `read`.
        unsafe { &mut *self.0.get() }.write(address, value);
    }

    fn zero(&mut self, address: u32, bytes: u32) {
        // SAFETY: see `read`.
        unsafe { &mut *self.0.get() }.zero(address, bytes);
    }

    fn copy(&mut self, from: u32, to: u32, bytes: u32) {
        // SAFETY: see `read`.
        unsafe { &mut *self.0.get() }.copy(from, to, bytes);
    }
}

impl Program {
    fn new() -> Self {
        let plain = Plain(SPANS.map(|span| vec![0; span.bytes as usize / 4]));
        let memory = Shared(std::rc::Rc::new(std::cell::UnsafeCell::new(plain)));
        let tables = vec![0; table_words(&SPANS)].leak();
        let stack = vec![0; 1024].leak();
        let heap = Heap::new(memory.clone(), SPANS, tables, stack, PARAMS).expect("regions are fine");
        Program {
            heap,
            memory,
            roots: Vec::new(),
            collecting_ns: 0,
        }
    }

    fn collect(&mut self) {
        let begin = Instant::now();
        self.heap.start();
        self.heap.roots(self.roots.iter().copied());
        self.heap.end(|_, _| ());
        self.collecting_ns += begin.elapsed().as_nanos();
    }

    fn alloc(&mut self, request: Request) -> u32 {
        match self.heap.alloc(request, true) {
            Err(Refusal::CollectFirst) => {
                self.collect();
                self.heap.alloc(request, false).expect("room")
            }
            answer => answer.expect("room"),
        }
    }

    fn store(&mut self, object: u32, field: u32, pointer: u32) {
        self.memory.write(object + 4 * field, pointer);
    }

    fn list(&mut self, items: u32) -> u32 {
        let head = self.alloc(Request::bytes(16));
        self.roots.push(head);
        let body = self.alloc(Request::bytes(4 * items));
        self.store(head, 3, body);
        body
    }

    fn list_of(&mut self, items: u32, make: impl Fn(&mut Program) -> u32) {
        let body = self.list(items);
        for i in 0..items {
            let item = make(self);
            self.store(body, i, item);
        }
    }
}

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

fn cycles(work: &Work) -> f64 {
    f64::from(work.objects - work.leaves) * f64::from(PARAMS.object_cycles)
        + f64::from(work.leaves) * f64::from(PARAMS.leaf_cycles)
        + f64::from(work.slow_lines) * f64::from(PARAMS.line_cycles)
        + f64::from(work.table_words) * f64::from(PARAMS.table_word_cycles)
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
