//! A program, its naive idea of what is alive, and the heap, run side by side.
//!
//! The model knows objects by number and follows references by brute force. After every operation it verifies the heap
//! ([`Heap::check`] and friends) and compares: live objects are where they were, with what was stored in them.
#![allow(dead_code)] // Each test program uses its part.

pub mod board;
pub mod memory;
pub mod ops;

use memory::Fake;
use std::collections::{BTreeMap, BTreeSet};
use tierheap::{BLOCK_BYTES, Heap, Params, Phase, Progress, Refusal, Request, Span, table_words};

/// Fast and slow memory, small enough to be exhausted often.
pub const SMALL: [Span; 2] = [
    Span {
        base: 0x2400_0000,
        bytes: 4 * 1024 + 100,
    },
    Span {
        base: 0x9000_0000,
        bytes: 16 * 1024,
    },
];

/// Limits to match.
pub const SMALL_PARAMS: Params = Params {
    small_bytes: 256,
    medium_bytes: 512,
    leaf_bytes: 128,
    ..Params::QUAD_PSRAM
};

/// A heap over fake memory; its tables live as long as the test program.
pub fn heap<const R: usize>(
    spans: [Span; R],
    entries: usize,
    params: Params,
) -> (Heap<'static, Fake, R>, Fake) {
    let memory = Fake::new(&spans);
    let tables = vec![0; table_words(&spans)].leak();
    let stack = vec![0; 2 * entries].leak();
    (
        Heap::new(memory.clone(), spans, tables, stack, params).expect("regions are fine"),
        memory,
    )
}

/// What `used_bytes()` says of an empty heap: the first block of each tier.
pub fn held_back<const R: usize>(heap: &Heap<'_, Fake, R>) -> u32 {
    (0..R).filter(|&tier| heap.tier_info(tier).total > 0).count() as u32 * BLOCK_BYTES
}

/// An object's number.
pub type Id = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    Data(u32),
    Pointer(Id),
}

#[derive(Clone, Debug)]
struct Thing {
    address: u32,
    leaf: bool,
    finaliser: bool,
    words: Vec<Word>,
}

/// The program, the model and the heap.
pub struct Machine<const R: usize> {
    pub heap: Heap<'static, Fake, R>,
    pub memory: Fake,
    things: BTreeMap<Id, Thing>,
    roots: [Option<Id>; 8],
    next_id: Id,
    /// Objects that were dead when the running collection began.
    dead_at_start: BTreeSet<Id>,
    guards: bool,
}

impl<const R: usize> Machine<R> {
    pub fn new(spans: [Span; R], entries: usize, guards: bool) -> Self {
        let (heap, memory) = heap(spans, entries, SMALL_PARAMS);
        let heap = if guards { heap.with_guards() } else { heap };
        Machine {
            heap,
            memory,
            things: BTreeMap::new(),
            roots: [None; 8],
            next_id: 0,
            dead_at_start: BTreeSet::new(),
            guards,
        }
    }

    fn reachable(&self) -> BTreeSet<Id> {
        let mut found = BTreeSet::new();
        let mut todo: Vec<Id> = self.roots.iter().flatten().copied().collect();
        while let Some(id) = todo.pop() {
            if found.insert(id) && !self.things[&id].leaf {
                let pointers = self.things[&id].words.iter().filter_map(|word| match word {
                    Word::Pointer(to) => Some(*to),
                    Word::Data(_) => None,
                });
                todo.extend(pointers);
            }
        }
        found
    }

    fn expected(&self, word: Word) -> u32 {
        match word {
            Word::Data(value) => value,
            Word::Pointer(id) => self.things[&id].address,
        }
    }

    /// Everything that must hold between two operations.
    pub fn check(&self) {
        let verified = self
            .heap
            .check()
            .and(self.heap.check_marking())
            .and(self.heap.check_guards());
        verified.unwrap_or_else(|violation| panic!("{violation}"));
        let pieces = self.pieces();
        for id in self.reachable() {
            let thing = &self.things[&id];
            let (blocks, leaf, finaliser) = *pieces.get(&thing.address).expect("a live object was freed");
            assert_eq!(
                (leaf, finaliser),
                (thing.leaf, thing.finaliser),
                "flags at {:#x}",
                thing.address
            );
            assert!(
                blocks * BLOCK_BYTES >= thing.words.len() as u32 * 4,
                "a live object was cut short"
            );
            for (i, &word) in thing.words.iter().enumerate() {
                let at = thing.address + 4 * i as u32;
                assert_eq!(
                    self.memory.peek(at),
                    self.expected(word),
                    "the content at {at:#x} changed"
                );
            }
        }
        assert_eq!(
            self.heap.used_bytes() + self.heap.free_bytes(),
            self.heap.total_bytes()
        );
    }

    fn pieces(&self) -> BTreeMap<u32, (u32, bool, bool)> {
        let pieces = (0..R).flat_map(|tier| self.heap.pieces(tier));
        let objects = pieces.filter_map(|piece| piece.object.map(|object| (piece, object)));
        objects
            .map(|(piece, object)| (piece.address, (piece.blocks, object.leaf, object.finaliser)))
            .collect()
    }

    fn hand_over_roots(&mut self, which: core::ops::Range<usize>, eager: bool) {
        let addresses: Vec<u32> = self.roots[which]
            .iter()
            .flatten()
            .map(|id| self.things[id].address)
            .collect();
        for address in addresses {
            // Around the true roots stand words that mean nothing.
            let words = [
                1,
                address + 4,
                address | 1,
                address,
                0,
                u32::MAX,
                address & 0xffff,
            ];
            if eager {
                self.heap.mark_from(words)
            } else {
                self.heap.roots(words)
            }
        }
    }

    /// Begins a collection; what was marked by one that had begun is forgotten.
    pub fn start(&mut self) {
        while self.heap.phase() == Phase::Sweep {
            self.sweep_step(7);
        }
        let reachable = self.reachable();
        self.dead_at_start = self
            .things
            .keys()
            .copied()
            .filter(|id| !reachable.contains(id))
            .collect();
        assert!(self.heap.start());
        // Some roots now; all of them count at the end only.
        self.hand_over_roots(0..4, false);
    }

    /// Ends the marking: what is not found dead by now lives on. Finalisers free what they find, as files do.
    pub fn finish_marking(&mut self) {
        if self.heap.phase() != Phase::Mark {
            return;
        }
        self.hand_over_roots(0..8, self.next_id.is_multiple_of(2));
        self.heap.finish_marking();
        assert_eq!(self.heap.alloc(Request::bytes(16), true), Err(Refusal::Busy));
        let mut doomed = Vec::new();
        while let Some(address) = self.heap.next_finaliser() {
            let (&id, thing) = self
                .things
                .iter()
                .find(|(_, t)| t.address == address)
                .expect("finaliser of nothing");
            assert!(thing.finaliser, "a finaliser ran twice, or was never asked for");
            doomed.push((self.heap.tier_of(address), address, id));
            self.heap.check().unwrap();
            self.things.get_mut(&id).unwrap().finaliser = false;
        }
        assert!(doomed.is_sorted(), "finalisers out of order");
        let reachable = self.reachable();
        assert!(
            doomed.iter().all(|(_, _, id)| !reachable.contains(id)),
            "the finaliser of a live object ran"
        );
        assert_eq!(self.heap.phase(), Phase::Sweep);
    }

    pub fn mark_step(&mut self, words: u32) -> Progress {
        self.heap.mark_step(words)
    }

    pub fn sweep_step(&mut self, words: u32) {
        if self.heap.phase() == Phase::Sweep && self.heap.sweep_step(words) == Progress::Done {
            self.swept();
        }
    }

    /// After a sweep: what was dead when the marking began is gone, and nothing that is alive.
    fn swept(&mut self) {
        let pieces = self.pieces();
        let gone = |thing: &Thing| !pieces.contains_key(&thing.address);
        for id in &self.dead_at_start {
            if let Some(thing) = self.things.get(id) {
                assert!(gone(thing), "dead object {id} at {:#x} survived", thing.address);
                assert!(
                    !thing.finaliser,
                    "object {id} was freed and its finaliser did not run"
                );
            }
        }
        let reachable = self.reachable();
        self.things
            .retain(|id, thing| reachable.contains(id) || !gone(thing));
        self.dead_at_start.clear();
        assert_eq!(
            pieces.len(),
            self.things.len(),
            "the heap holds objects that nobody asked for"
        );
    }

    /// A whole collection at once, after which exactly the reachable objects exist.
    pub fn collect(&mut self) {
        if self.heap.phase() == Phase::Mark {
            self.heap.start();
        }
        self.start();
        self.finish_marking();
        while self.heap.phase() == Phase::Sweep {
            self.sweep_step(u32::MAX);
        }
        assert_eq!(
            self.things.keys().copied().collect::<BTreeSet<_>>(),
            self.reachable()
        );
    }

    /// Everything is dead, as at a soft reset.
    pub fn sweep_all(&mut self) {
        self.roots = [None; 8];
        self.collect();
        assert_eq!(self.heap.used_bytes(), held_back(&self.heap));
    }

    /// Whether an object that was refused fits the reserve, which the refusal has opened.
    fn reserve_helps(&self, blocks: u32) -> bool {
        let fast_blocks = self.heap.tier_info(0).total / BLOCK_BYTES;
        self.heap.info().max_free >= blocks && blocks <= fast_blocks / 128
    }

    pub fn alloc(&mut self, root: usize, request: Request) {
        let answer = match self.heap.alloc(request, true) {
            Err(Refusal::CollectFirst) => {
                self.collect();
                self.heap.alloc(request, false)
            }
            answer => answer,
        };
        let blocks = self.blocks(request.bytes, request.finaliser);
        let answer = match answer {
            Err(Refusal::NoRoom { tier: None }) if self.reserve_helps(blocks) => {
                self.heap.alloc(request, false)
            }
            answer => answer,
        };
        match answer {
            Ok(address) => {
                let bytes = self.heap.nbytes(address);
                assert!(bytes >= request.bytes && address % BLOCK_BYTES == 0);
                self.forget_what_was_at(address);
                let (leaf, finaliser) = (request.leaf, request.finaliser);
                let words = self.fresh(leaf, address, 0, bytes as usize / 4);
                self.things.insert(
                    self.next_id,
                    Thing {
                        address,
                        leaf,
                        finaliser,
                        words,
                    },
                );
                self.roots[root] = Some(self.next_id);
                self.next_id += 1;
            }
            Err(Refusal::NoRoom { tier }) => {
                let max_free = tier
                    .map_or(self.heap.info(), |tier| self.heap.tier_info(tier))
                    .max_free;
                assert!(
                    max_free < blocks,
                    "{max_free} blocks are free in a row, {blocks} were refused"
                );
            }
            Err(Refusal::Zero) => assert_eq!(request.bytes, 0),
            Err(other) => panic!("{other:?} for {request:?}"),
        }
    }

    /// What the words from `first` on hold of which nothing was written yet: zeros, but a leaf's are as they were.
    fn fresh(&self, leaf: bool, address: u32, first: usize, end: usize) -> Vec<Word> {
        let word = |n| {
            if leaf {
                self.memory.peek(address + 4 * n as u32)
            } else {
                0
            }
        };
        (first..end).map(|n| Word::Data(word(n))).collect()
    }

    /// While a sweep is under way, the place of a dead object may be given to a new one.
    fn forget_what_was_at(&mut self, address: u32) {
        if let Some(id) = self
            .things
            .iter()
            .find(|(_, thing)| thing.address == address)
            .map(|(&id, _)| id)
        {
            assert!(
                !self.reachable().contains(&id),
                "the place of a live object was given away"
            );
            assert!(
                !self.things[&id].finaliser,
                "object {id} was freed and its finaliser did not run"
            );
            self.things.remove(&id);
            self.dead_at_start.remove(&id);
        }
    }

    fn blocks(&self, bytes: u32, finaliser: bool) -> u32 {
        let guard_bytes = if self.guards { 4 } else { 0 };
        (bytes + guard_bytes)
            .div_ceil(BLOCK_BYTES)
            .max(1 + u32::from(finaliser))
    }

    fn store(&mut self, id: Id, field: usize, word: Word) {
        let value = self.expected(word);
        let thing = self.things.get_mut(&id).unwrap();
        let field = field % thing.words.len();
        // What looks like a pointer in a leaf is just a number.
        thing.words[field] = if thing.leaf { Word::Data(value) } else { word };
        let at = thing.address + 4 * field as u32;
        // The barrier may come before the store or after it.
        if id.is_multiple_of(2) {
            self.heap.dirty(at);
            self.memory.poke(at, value);
        } else {
            self.memory.poke(at, value);
            self.heap.dirty(at);
        }
    }

    /// Stores a pointer to one root's object into the other's.
    pub fn link(&mut self, from: usize, field: usize, to: usize) {
        if let (Some(from), Some(to)) = (self.roots[from], self.roots[to]) {
            self.store(from, field, Word::Pointer(to));
        }
    }

    /// Stores something that is no pointer to a head.
    pub fn noise(&mut self, root: usize, field: usize, value: u32) {
        let Some(id) = self.roots[root] else { return };
        let inside = self.things[&id].address | 4;
        self.store(
            id,
            field,
            Word::Data(if value.is_multiple_of(3) {
                inside
            } else {
                value | 1
            }),
        );
    }

    /// Loads a pointer into a root.
    pub fn follow(&mut self, from: usize, field: usize, root: usize) {
        let Some(thing) = self.roots[from].map(|id| &self.things[&id]) else {
            return;
        };
        if let (Word::Pointer(id), false) = (thing.words[field % thing.words.len()], thing.leaf) {
            self.roots[root] = Some(id);
        }
    }

    pub fn drop_root(&mut self, root: usize) {
        self.roots[root] = None;
    }

    /// Overwrites every reference to an object, but keeps the root `except`.
    fn forget_references(&mut self, gone: Id, replacement: Option<Id>) {
        let word = replacement.map_or(Word::Data(0), Word::Pointer);
        let places: Vec<(Id, usize)> = (self.things.iter())
            .flat_map(|(&id, thing)| (0..thing.words.len()).map(move |field| (id, field)))
            .filter(|&(id, field)| self.things[&id].words[field] == Word::Pointer(gone))
            .collect();
        places
            .into_iter()
            .for_each(|(id, field)| self.store(id, field, word));
    }

    /// Frees explicitly, as C does with what it knows to be its own.
    pub fn free(&mut self, root: usize) {
        let Some(id) = self.roots[root] else { return };
        self.forget_references(id, None);
        self.roots
            .iter_mut()
            .filter(|r| **r == Some(id))
            .for_each(|r| *r = None);
        let thing = self.things.remove(&id).unwrap();
        self.dead_at_start.remove(&id);
        self.heap.free(thing.address).unwrap();
        assert_eq!(self.heap.nbytes(thing.address), 0);
        assert!(self.heap.free(thing.address).is_err(), "freed twice");
    }

    pub fn realloc(&mut self, root: usize, bytes: u32, allow_move: bool) {
        let Some(id) = self.roots[root] else { return };
        if bytes == 0 {
            return self.free(root);
        }
        let (old, finaliser) = (self.things[&id].address, self.things[&id].finaliser);
        let answer = match self.heap.realloc(old, bytes, allow_move, true) {
            Err(Refusal::CollectFirst) => {
                self.collect();
                self.heap.realloc(old, bytes, allow_move, false)
            }
            answer => answer,
        };
        let blocks = self.blocks(bytes, finaliser);
        let answer = match answer {
            Err(Refusal::NoRoom { .. }) if allow_move && self.reserve_helps(blocks) => {
                self.heap.realloc(old, bytes, allow_move, false)
            }
            answer => answer,
        };
        match answer {
            Ok(address) => {
                assert!(allow_move || address == old, "moved against orders");
                let words = self.heap.nbytes(address) as usize / 4;
                if address != old {
                    self.forget_what_was_at(address);
                }
                let more = self.fresh(
                    self.things[&id].leaf,
                    address,
                    self.things[&id].words.len(),
                    words,
                );
                let thing = self.things.get_mut(&id).unwrap();
                thing.address = address;
                thing.words.truncate(words);
                thing.words.extend(more);
                if address != old {
                    assert_eq!(self.heap.nbytes(old), 0, "the old block is still there");
                    // Everyone who knows the object learns the new address.
                    self.forget_references(id, Some(id));
                }
            }
            Err(Refusal::NoRoom { .. }) => {
                assert!(
                    !allow_move || self.heap.info().max_free < blocks,
                    "refused though there is room"
                );
            }
            Err(other) => panic!("{other:?} for realloc"),
        }
    }
}
