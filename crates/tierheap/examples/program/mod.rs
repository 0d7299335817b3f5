//! A program on a heap of the board's size, in plain memory.
#![allow(dead_code)] // Each example uses its part.

use std::time::Instant;
use tierheap::{Heap, Memory, Params, Refusal, Request, Span, Work, table_words};

pub const SPANS: [Span; 2] = [
    Span {
        base: 0x2400_0000,
        bytes: 827_392,
    },
    Span {
        base: 0x9000_0000,
        bytes: 8 * 1024 * 1024,
    },
];
pub const PARAMS: Params = Params::QUAD_PSRAM;
pub struct Plain([Vec<u32>; 2]);

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

/// The heap, its memory, and its roots.
pub struct Program {
    pub heap: Heap<'static, Shared, 2>,
    pub memory: Shared,
    pub roots: Vec<u32>,
    /// Host time spent in collections.
    pub collecting_ns: u128,
    /// What the policy's formula makes of them.
    pub collecting_cycles: f64,
}

/// The program stores into the heap's memory behind its back, as programs do.
#[derive(Clone)]
pub struct Shared(std::rc::Rc<std::cell::UnsafeCell<Plain>>);

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

/// What a collection costs by the policy's own formula.
pub fn cycles(work: &Work) -> f64 {
    let cpu = f64::from(work.objects - work.leaves) * f64::from(PARAMS.object_cycles)
        + f64::from(work.leaves) * f64::from(PARAMS.leaf_cycles)
        + f64::from(work.table_words) * f64::from(PARAMS.table_word_cycles);
    cpu.max(f64::from(work.slow_lines) * f64::from(PARAMS.line_cycles))
}

impl Program {
    pub fn new() -> Self {
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
            collecting_cycles: 0.0,
        }
    }

    pub fn collect(&mut self) {
        let begin = Instant::now();
        self.heap.start();
        self.heap.mark_from(self.roots.iter().copied());
        self.heap.end(|_, _| ());
        self.collecting_ns += begin.elapsed().as_nanos();
        self.collecting_cycles += cycles(&self.heap.work());
    }

    pub fn alloc(&mut self, request: Request) -> u32 {
        self.try_alloc(request).expect("room")
    }

    /// The same, where memory may be used up.
    pub fn try_alloc(&mut self, request: Request) -> Result<u32, Refusal> {
        match self.heap.alloc(request, true) {
            Err(Refusal::CollectFirst) => {
                self.collect();
                self.heap.alloc(request, false)
            }
            answer => answer,
        }
    }

    /// Grows or shrinks; what pointed to the old place has to be told.
    pub fn realloc(&mut self, address: u32, bytes: u32) -> u32 {
        self.try_realloc(address, bytes).expect("room")
    }

    /// The same, where memory may be used up.
    pub fn try_realloc(&mut self, address: u32, bytes: u32) -> Result<u32, Refusal> {
        match self.heap.realloc(address, bytes, true, true) {
            Err(Refusal::CollectFirst) => {
                self.collect();
                self.heap.realloc(address, bytes, true, false)
            }
            answer => answer,
        }
    }

    /// As the items of an array grow, into which there may be views.
    pub fn try_realloc_leaving(&mut self, address: u32, bytes: u32) -> Result<u32, Refusal> {
        match self.heap.realloc_leaving(address, bytes, true) {
            Err(Refusal::CollectFirst) => {
                self.collect();
                self.heap.realloc_leaving(address, bytes, false)
            }
            answer => answer,
        }
    }

    pub fn store(&mut self, object: u32, field: u32, pointer: u32) {
        self.memory.write(object + 4 * field, pointer);
    }

    pub fn list(&mut self, items: u32) -> u32 {
        let head = self.alloc(Request::bytes(16));
        self.roots.push(head);
        let body = self.alloc(Request::bytes(4 * items));
        self.store(head, 3, body);
        body
    }

    pub fn list_of(&mut self, items: u32, make: impl Fn(&mut Program) -> u32) {
        let body = self.list(items);
        for i in 0..items {
            let item = make(self);
            self.store(body, i, item);
        }
    }
}
