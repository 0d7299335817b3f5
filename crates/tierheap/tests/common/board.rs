//! A heap of the board's size, and small programs on it.

use super::heap;
use super::memory::Fake;
use tierheap::{Heap, Params, Refusal, Request, Span, table_words};

const AXI_SRAM: Span = Span {
    base: 0x2400_0000,
    bytes: 1024 * 1024,
};
const PSRAM: Span = Span {
    base: 0x9000_0000,
    bytes: 8 * 1024 * 1024,
};

/// The fast tier is what the tables leave of 1 MB.
pub const SPANS: [Span; 2] = [
    Span {
        base: AXI_SRAM.base,
        bytes: AXI_SRAM.bytes - TABLE_BYTES,
    },
    PSRAM,
];
const TABLE_BYTES: u32 = (table_words(&[AXI_SRAM, PSRAM]) * 4).next_multiple_of(16) as u32;

/// What the program can see: the heap, its memory, and its roots.
pub struct Board {
    pub heap: Heap<'static, Fake, 2>,
    pub memory: Fake,
    pub roots: Vec<u32>,
}

impl Board {
    pub fn new() -> Self {
        let (heap, memory) = heap(SPANS, 512, Params::QUAD_PSRAM);
        Board {
            heap,
            memory,
            roots: Vec::new(),
        }
    }

    pub fn collect(&mut self) {
        self.heap.start();
        self.heap.mark_from(self.roots.iter().copied());
        self.heap.end(|_, _| ());
    }

    /// Allocates as `gc_alloc` does; the answer of a full heap is 0.
    pub fn try_alloc(&mut self, request: Request) -> u32 {
        match self.heap.alloc(request, true) {
            Err(Refusal::CollectFirst) => {
                self.collect();
                self.heap.alloc(request, false).unwrap_or(0)
            }
            answer => answer.unwrap_or(0),
        }
    }

    pub fn alloc(&mut self, request: Request) -> u32 {
        let address = self.try_alloc(request);
        assert_ne!(address, 0, "no room for {request:?}");
        address
    }

    pub fn realloc(&mut self, address: u32, bytes: u32) -> u32 {
        match self.heap.realloc(address, bytes, true, true) {
            Err(Refusal::CollectFirst) => {
                self.collect();
                self.heap.realloc(address, bytes, true, false).expect("room")
            }
            answer => answer.expect("room"),
        }
    }

    /// As the items of an array grow, into which there may be views; the answer of a full heap is 0.
    pub fn try_realloc_leaving(&mut self, address: u32, bytes: u32) -> u32 {
        match self.heap.realloc_leaving(address, bytes, true) {
            Err(Refusal::CollectFirst) => {
                self.collect();
                self.heap.realloc_leaving(address, bytes, false).unwrap_or(0)
            }
            answer => answer.unwrap_or(0),
        }
    }

    /// Stores a pointer, and says so.
    pub fn store(&mut self, object: u32, field: u32, pointer: u32) {
        self.memory.poke(object + 4 * field, pointer);
        self.heap.dirty(object + 4 * field);
    }

    /// A list as Python has it: a head, and items behind it. The head becomes a root.
    pub fn list(&mut self, items: u32) -> u32 {
        let head = self.alloc(Request::bytes(16));
        self.roots.push(head);
        let body = self.alloc(Request::bytes(4 * items));
        self.store(head, 3, body);
        body
    }

    /// `list(make(i) for i in range(items))`
    pub fn list_of(&mut self, items: u32, make: Request) -> u32 {
        let body = self.list(items);
        for i in 0..items {
            let item = self.alloc(make);
            self.store(body, i, item);
        }
        body
    }
}
