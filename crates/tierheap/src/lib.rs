//! A conservative mark-sweep heap over memory tiers of different speed.
//!
//! It was written to stand under MicroPython in the place of `py/gc.c`, on a chip with 1 MB of fast SRAM and 8 MB of
//! slow PSRAM, where a line of slow memory costs as much as a hundred instructions.
//!
//! # Ideas
//! - **The tables are fast.** Everything the collector asks about a block (does an object begin here, was it found, does
//!   it hold pointers, where does it end) is answered by three bits in fast memory. Of slow memory it reads the
//!   contents of live objects that hold pointers, once, and nothing else: see [`Work`].
//! - **Leaves.** The payload of strings, buffers, floats, big integers is never read.
//! - **Tiers.** Small things begin in fast memory, large ones in slow memory: [`policy`].
//! - **Whole words.** The sweep handles 32 blocks at a time, and skips the gap between what was put low and what was
//!   put high.
//! - **Slices.** The collector is a state machine ([`Phase`]); it can stop anywhere, if the program reports its stores
//!   ([`Heap::dirty`]).
//!
//! # Goals
//! Correct first: [`Heap::check`] verifies every invariant, tests run it after each operation and compare the heap with
//! a naive model. One file of unsafe code, which miri runs. No dependencies. The same code on a 64-bit host
//! and on the chip: addresses are `u32`, and memory is a trait.
//!
//! # Anti-goals
//! Moving objects (C holds their addresses). Threads. Pointers into the middle of objects keep nothing alive, as in
//! stock MicroPython. No precise roots, no generations, no floating point, no configuration at compile time.
//! Fragmentation stays; [`policy`] bounds it, by keeping large and small apart and by collecting before they spread.
//!
//! # Memory it needs
//! [`table_words`]: three bits for each block of 16 bytes, one bit for each 512 bytes, two words; 216 KB for 9.2 MB. And
//! a mark stack, 8 bytes an entry. Finalisers and leaves take nothing on top.
//!
//! # The picture
//! ```
//! use tierheap::{Heap, Memory, Params, Refusal, Request, Span, table_words};
//! # struct Sram(Vec<u32>);
//! # impl Memory for Sram {
//! #     fn read(&self, address: u32) -> u32 { self.0[(address as usize - 0x2400_0000) / 4] }
//! #     fn write(&mut self, address: u32, value: u32) { self.0[(address as usize - 0x2400_0000) / 4] = value }
//! #     fn zero(&mut self, address: u32, bytes: u32) { (0..bytes / 4).for_each(|i| self.write(address + 4 * i, 0)) }
//! #     fn copy(&mut self, from: u32, to: u32, bytes: u32) {
//! #         (0..bytes / 4).for_each(|i| self.write(to + 4 * i, self.read(from + 4 * i)))
//! #     }
//! # }
//! # let memory = Sram(vec![0; 1024]);
//! const SPANS: [Span; 1] = [Span { base: 0x2400_0000, bytes: 4096 }];
//! let mut tables = [0; table_words(&SPANS)];
//! let mut stack = [0; 64];
//! let mut heap = Heap::new(memory, SPANS, &mut tables, &mut stack, Params::QUAD_PSRAM).unwrap();
//!
//! let kept = heap.alloc(Request::bytes(40), true).unwrap();
//! let lost = heap.alloc(Request::bytes(3000).leaf(), true).unwrap();
//! assert_eq!(heap.alloc(Request::bytes(2000), true), Err(Refusal::CollectFirst));
//!
//! heap.start();
//! heap.root(kept);
//! heap.end(|_heap, _doomed| unreachable!("nothing here has a finaliser"));
//! assert_eq!((heap.nbytes(kept), heap.nbytes(lost)), (48, 0));
//! assert!(heap.alloc(Request::bytes(2000), false).is_ok());
//! ```
#![cfg_attr(not(test), no_std)]
#![deny(unsafe_code)]

mod cards;
mod check;
mod chunks;
mod collect;
mod frontier;
mod heap;
mod hull;
mod info;
mod leaving;
mod mark;
mod marker;
mod memory;
mod phase;
pub mod policy;
mod queue;
#[allow(unsafe_code)]
mod raw;
mod region;
mod request;
mod stack;
mod stats;
mod sweep;
mod tables;

pub use check::Violation;
pub use heap::{Heap, table_words};
pub use info::{Info, Object, Piece, Pieces};
pub use memory::{BLOCK_BYTES, CARD_BYTES, LINE_BYTES, Memory, WORD_BYTES};
pub use phase::{Phase, Progress};
pub use policy::Params;
pub use raw::{Direct, Origin, Window};
pub use region::Span;
pub use request::{NotABlock, Place, Refusal, Request, SetupError};
pub use stats::{Totals, Work};
