//! A mixed application that runs for long: does the heap get worse with age?
//!
//! Strings, growing lists, buffers, linked records, some freed explicitly. At each checkpoint everything but the base
//! data is dropped: the largest free run must be what it was at the first one, or a restart would cure something.
//!
//! `cargo run --release -p tierheap --example soak [ALLOCATIONS]`, 10^8 if not said otherwise.

mod program;

use program::Program;
use tierheap::Request;

const SLOTS: usize = 3000;
const BASE_OBJECTS: u32 = 8000;

struct Random(u64);

impl Random {
    /// A number below `limit` (xorshift64*, Vigna 2016).
    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 32) % u64::from(limit)) as u32
    }
}

/// One thing that the application does; how many allocations it took.
fn step(program: &mut Program, random: &mut Random) -> u32 {
    let slot = program.roots.len() - SLOTS + random.below(SLOTS as u32) as usize;
    match random.below(100) {
        // A string of two parts, and a third that is freed at once.
        0..50 => {
            let length = 4 + random.below(120);
            let scratch = program.alloc(Request::bytes(length).leaf());
            program.roots[slot] = scratch;
            let head = program.alloc(Request::bytes(16));
            program.roots[slot] = head;
            program.heap.free(scratch).expect("it is ours");
            let body = program.alloc(Request::bytes(length).leaf());
            program.store(head, 3, body);
            3
        }
        // A list that grows as lists do.
        50..65 => {
            let head = program.alloc(Request::bytes(16));
            program.roots[slot] = head;
            let mut body = program.alloc(Request::bytes(16));
            program.store(head, 3, body);
            let mut items = 4;
            while random.below(4) != 0 && items < 20_000 {
                items *= 2;
                body = program.realloc(body, 4 * items);
                program.store(head, 3, body);
            }
            2
        }
        // A chain of records.
        65..85 => {
            program.roots[slot] = 0;
            let length = 1 + random.below(30);
            for _ in 0..length {
                let record = program.alloc(Request::bytes(24));
                program.store(record, 1, program.roots[slot]);
                program.roots[slot] = record;
            }
            length
        }
        // A number.
        85..97 => {
            program.roots[slot] = program.alloc(Request::bytes(16).leaf());
            1
        }
        // A buffer; few slots hold them, or they would fill the memory.
        _ => {
            let few = program.roots.len() - 1 - random.below(40) as usize;
            program.roots[few] = 0;
            program.roots[few] = program.alloc(Request::bytes(1000 + random.below(60_000)).leaf());
            1
        }
    }
}

fn main() {
    let allocations: u64 = std::env::args()
        .nth(1)
        .map_or(100_000_000, |n| n.parse().expect("a number"));
    let mut program = Program::new();
    let mut random = Random(0x5EED);
    program.list_of(BASE_OBJECTS, |p| p.alloc(Request::bytes(16)));
    let base_roots = program.roots.len();
    let (mut done, mut worst_us) = (0, 0);
    println!(
        "| allocations | collections | used, all live | largest free | used at rest | largest free at rest | longest collection, host us |"
    );
    println!("|---|---|---|---|---|---|---|");
    for checkpoint in 1..=10 {
        program.roots.resize(base_roots + SLOTS, 0);
        while done < allocations * checkpoint / 10 {
            let before = program.collecting_ns;
            done += u64::from(step(&mut program, &mut random));
            worst_us = worst_us.max((program.collecting_ns - before) / 1000);
        }
        program.heap.check().expect("a sound heap");
        program.collect();
        let busy = program.heap.info();
        program.roots.truncate(base_roots);
        program.collect();
        program.heap.check().expect("a sound heap");
        let rest = program.heap.info();
        println!(
            "| {done} | {} | {} | {} | {} | {} | {worst_us} |",
            program.heap.totals().collections,
            busy.used,
            busy.max_free * 16,
            rest.used,
            rest.max_free * 16,
        );
    }
}
