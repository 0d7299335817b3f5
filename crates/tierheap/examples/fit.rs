//! How much of the memory can be used, and what stays whole: programs that fill a heap of the board's size until it
//! refuses, and then let go of everything. A quick look at what `cargo xtask bench fit` measures with Python itself.
//!
//! `cargo run --release -p tierheap --example fit [KIND]`

mod program;

use program::Program;
use tierheap::{BLOCK_BYTES, Refusal, Request};

const CPU_HZ: f64 = 280e6;

/// Memory is used up.
struct Full;

impl From<Refusal> for Full {
    fn from(_: Refusal) -> Full {
        Full
    }
}

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

/// A Python program in rough outline: what is in hand are roots, and so is a list that keeps the rest.
struct Script {
    program: Program,
    random: Random,
    kept: u32,
    len: u32,
    room: u32,
}

const HEAD: Request = Request::bytes(16);

impl Script {
    fn new() -> Self {
        let mut program = Program::new();
        // What the interpreter keeps at the prompt.
        program.list_of(200, |p| p.alloc(Request::bytes(48)));
        let kept = program.alloc(Request::bytes(16));
        program.roots.push(kept);
        Script {
            program,
            random: Random(0x1234_5678_9abc_def1),
            kept,
            len: 0,
            room: 4,
        }
    }

    fn alloc(&mut self, request: Request) -> Result<u32, Full> {
        let block = self.program.try_alloc(request)?;
        // In hand until the step is over.
        self.program.roots.push(block);
        Ok(block)
    }

    fn leaf(&mut self, bytes: u32) -> Result<u32, Full> {
        self.alloc(Request::bytes(bytes).leaf())
    }

    fn garbage(&mut self, bytes: u32) -> Result<(), Full> {
        self.alloc(Request::bytes(bytes))?;
        self.program.roots.pop();
        Ok(())
    }

    fn text(&mut self, bytes: u32) -> Result<u32, Full> {
        let body = self.leaf(bytes)?;
        let head = self.alloc(HEAD)?;
        self.program.store(head, 3, body);
        Ok(head)
    }

    /// `kept.append(object)`
    fn keep(&mut self, object: u32) -> Result<(), Full> {
        if self.len == self.room {
            let now = self.program.try_realloc(self.kept, 8 * self.room)?;
            let old = std::mem::replace(&mut self.kept, now);
            self.program
                .roots
                .iter_mut()
                .filter(|r| **r == old)
                .for_each(|r| *r = now);
            self.room *= 2;
        }
        self.program.store(self.kept, self.len, object);
        self.len += 1;
        Ok(())
    }

    /// A list that was grown by appending.
    fn grown(&mut self, items: u32) -> Result<u32, Full> {
        let head = self.alloc(HEAD)?;
        let mut room = 4;
        let mut body = self.alloc(Request::bytes(16))?;
        self.program.store(head, 3, body);
        while room < items {
            room *= 2;
            body = self.program.try_realloc(body, 4 * room)?;
            self.program.store(head, 3, body);
        }
        Ok(head)
    }

    fn step(&mut self, kind: &str) -> Result<(), Full> {
        match kind {
            "records" => {
                let table = self.alloc(Request::bytes(48))?;
                let record = self.alloc(HEAD)?;
                self.program.store(record, 3, table);
                let name = self.text(10)?;
                self.program.store(table, 1, name);
                let tag = self.text(3)?;
                let tags = self.grown(2)?;
                self.program.store(tags, 2, tag);
                self.program.store(table, 3, tags);
                let number = self.leaf(16)?;
                self.program.store(table, 5, number);
                self.keep(record)
            }
            "words" => {
                for _ in 0..7 {
                    self.garbage(32)?;
                }
                self.garbage(64)?;
                let word = self.text(7)?;
                self.keep(word)
            }
            "json" => {
                let mut buffer = self.leaf(32)?;
                let bytes = 500 + self.random.below(6000);
                let mut room = 32;
                while room < bytes {
                    room = room * 3 / 2 + 32;
                    buffer = self.program.try_realloc(buffer, room)?;
                    *self.program.roots.last_mut().unwrap() = buffer;
                }
                let text = self.text(bytes)?;
                self.keep(text)?;
                for _ in 0..bytes / 60 {
                    let table = self.alloc(Request::bytes(32))?;
                    let dict = self.alloc(HEAD)?;
                    self.program.store(dict, 3, table);
                    let value = self.text(12)?;
                    self.program.store(table, 1, value);
                    self.garbage(32)?;
                    self.keep(dict)?;
                }
                Ok(())
            }
            "matrices" => {
                let rows = self.grown(12)?;
                for _ in 0..12 {
                    let row = self.grown(12)?;
                    let body = self.program_field(row);
                    for column in 0..12 {
                        self.leaf(16)?;
                        let number = self.leaf(16)?;
                        self.program.store(body, column, number);
                    }
                    let rows_body = self.program_field(rows);
                    self.program.store(rows_body, 0, row);
                    self.keep(row)?;
                }
                self.keep(rows)
            }
            "bytearrays" => {
                // Each piece is an object of its own, and the array grows by just as much.
                let goal = 500 + self.random.below(32_768);
                let array = self.alloc(HEAD)?;
                let mut buffer = self.leaf(16)?;
                self.program.store(array, 3, buffer);
                let mut bytes = 0;
                while bytes < goal {
                    let piece = 1 + self.random.below(1024);
                    let text = self.text(piece)?;
                    bytes += piece;
                    buffer = self.program.try_realloc_leaving(buffer, bytes)?;
                    self.program.store(array, 3, buffer);
                    self.program.roots.retain(|&root| root != text);
                    self.program.roots.truncate(3);
                }
                self.keep(array)
            }
            "doubling" => {
                let items = 1 << (2 + self.random.below(12));
                let list = self.grown(items)?;
                self.keep(list)
            }
            "frames" => {
                let frame = self.leaf(153_600)?;
                self.leaf(76_800)?;
                for _ in 0..50 {
                    self.garbage(32)?;
                }
                for _ in 0..20 {
                    let small = self.text(20)?;
                    self.keep(small)?;
                }
                self.keep(frame)
            }
            "ring" => {
                let frame = self.leaf(153_600)?;
                let place = self.random.below(8);
                if self.len < 8 {
                    for _ in 0..8 {
                        self.keep(frame)?;
                    }
                }
                self.program.store(self.kept, place, frame);
                for _ in 0..200 {
                    self.garbage(48)?;
                    let small = self.text(20)?;
                    self.keep(small)?;
                }
                Ok(())
            }
            "pipeline" => {
                for bytes in [153_600, 76_800, 76_800] {
                    let array = self.alloc(HEAD)?;
                    let items = self.leaf(bytes)?;
                    self.program.store(array, 3, items);
                }
                let blobs = self.grown(20)?;
                let body = self.program_field(blobs);
                for i in 0..20 {
                    let blob = self.alloc(Request::bytes(20))?;
                    let pair = self.alloc(HEAD)?;
                    let items = self.alloc(Request::bytes(16))?;
                    self.program.store(pair, 3, items);
                    self.program.store(blob, 4, pair);
                    self.program.store(body, i, blob);
                }
                let small = self.text(19_200)?;
                let both = self.alloc(HEAD)?;
                self.program.store(both, 2, small);
                self.program.store(both, 3, blobs);
                self.keep(both)
            }
            "cache" => {
                for _ in 0..3 {
                    let bytes = 100 + self.random.below(20_000);
                    let value = self.text(bytes)?;
                    self.keep(value)?;
                }
                if self.len > 200 {
                    for _ in 0..2 {
                        let place = self.random.below(self.len);
                        self.program.store(self.kept, place, 0);
                    }
                }
                Ok(())
            }
            "strings" => {
                let goal = 20 + self.random.below(1500);
                let mut bytes = 0;
                let mut last = 0;
                while bytes < goal {
                    bytes += 1 + self.random.below(40);
                    last = self.text(bytes)?;
                    let count = self.program.roots.len();
                    // The one before is dead.
                    if count > 8 {
                        self.program.roots.drain(count - 4..count - 2);
                    }
                }
                self.keep(last)
            }
            "classes" => {
                let instance = self.alloc(HEAD)?;
                let members = self.alloc(Request::bytes(32))?;
                self.program.store(instance, 3, members);
                let members = self.program.try_realloc(members, 64)?;
                self.program.store(instance, 3, members);
                let number = self.leaf(16)?;
                self.program.store(members, 1, number);
                let name = self.text(12)?;
                self.program.store(members, 3, name);
                self.garbage(48)?;
                self.keep(instance)
            }
            _ => panic!("no such kind: {kind}"),
        }
    }

    fn program_field(&self, head: u32) -> u32 {
        use tierheap::Memory;
        self.program.memory.read(head + 12)
    }

    fn largest(&self) -> u32 {
        self.program.heap.info().max_free * BLOCK_BYTES
    }
}

const KINDS: [&str; 12] = [
    "records",
    "words",
    "json",
    "matrices",
    "bytearrays",
    "doubling",
    "frames",
    "ring",
    "pipeline",
    "cache",
    "strings",
    "classes",
];

fn fill(kind: &str) {
    let mut script = Script::new();
    let base = script.program.roots.len();
    script.program.collect();
    let (fresh_free, fresh_largest) = (script.program.heap.free_bytes(), script.largest());
    let (mut steps, mut least) = (0, 1.0_f64);
    let mut looked_at = fresh_free;
    while script.step(kind).is_ok() {
        steps += 1;
        script.program.roots.truncate(base);
        let free = script.program.heap.free_bytes();
        if free.abs_diff(looked_at) > 400_000 && free > 1_000_000 {
            looked_at = free;
            least = least.min(f64::from(script.largest()) / f64::from(free));
        }
    }
    let totals = script.program.heap.totals();
    let ms = script.program.collecting_cycles / CPU_HZ * 1e3;
    script.program.roots.truncate(base);
    script.program.collect();
    let (free, largest) = (script.program.heap.free_bytes(), script.largest());
    // The program goes on in the full heap: a table of names grows.
    let late = script.program.try_alloc(Request::bytes(96)).unwrap_or(0);
    script.program.roots.truncate(1);
    script.program.roots.push(late);
    script.program.collect();
    println!(
        "| {kind} | {steps} | {:.1} | {:.0} | {:.0} | {:.2} | {:.2} | {} | {} | {ms:.0} |",
        100.0 * f64::from(free) / f64::from(fresh_free),
        f64::from(largest) / 1e3,
        least * 100.0,
        100.0 * f64::from(script.program.heap.free_bytes()) / f64::from(fresh_free),
        100.0 * f64::from(script.largest()) / f64::from(fresh_largest),
        totals.collections,
        totals.for_compactness,
    );
    script.program.heap.check().expect("whole");
}

/// 1 MB of small objects that live, and one after the other is replaced: can a block of 4 MB be had at any time?
fn churn(live_bytes: u32, whole_bytes: u32) {
    let mut script = Script::new();
    let count = live_bytes / 64;
    script.program.list_of(count, |p| p.alloc(Request::bytes(48)));
    let body = script.program_field(*script.program.roots.last().unwrap());
    let (mut refused, mut smallest) = (0, u32::MAX);
    for i in 0..4_000_000_u32 {
        let Ok(object) = script.program.try_alloc(Request::bytes(48)) else {
            panic!("full")
        };
        if i % 4 == 0 {
            let place = script.random.below(count);
            script.program.store(body, place, object);
        }
        if i % 10_007 == 0 {
            refused += u32::from(
                script
                    .program
                    .try_alloc(Request::bytes(whole_bytes).leaf())
                    .is_err(),
            );
            smallest = smallest.min(script.largest());
        }
    }
    let totals = script.program.heap.totals();
    println!(
        "churn beside {live_bytes}: {refused} of 400 refused, smallest largest {smallest}, {} collections ({} compact), {:.0} ms",
        totals.collections,
        totals.for_compactness,
        script.program.collecting_cycles / CPU_HZ * 1e3
    );
}

fn main() {
    let wanted = std::env::args().nth(1);
    println!(
        "| kind | steps | free at refusal, % | largest, KB | least largest/free on the way, % | free after, % | largest after, % | collections | compact | ms |"
    );
    for kind in KINDS {
        if wanted.as_deref().is_none_or(|wanted| wanted == kind) {
            fill(kind);
        }
    }
    if wanted.is_none() {
        churn(1 << 20, 4 << 20);
        churn(2 << 20, 3 << 20);
    }
}
