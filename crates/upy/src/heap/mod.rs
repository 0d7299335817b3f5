//! Python's heap: crate `tierheap` in the place of py/gc.c, which is left out of the C core.
//!
//! [`door`] has the heap and the one way to it, `with`; [`begin`] makes it. Behind the door, one file a topic: [`alloc`] and
//! [`collect`] are what the C core calls, [`dump`] what it prints, [`mod@pauses`] and [`mod@roots`] count, [`room`] tells,
//! [`mod@tier`] and [`tiers`] are for Python modules in Rust. Policy and mechanism are `tierheap`'s; nothing here decides where an object goes.
//!
//! **No code of Python or C runs while the door is open.** Finalisers are therefore handed out one by one, and an
//! allocation that needs a collection first is told so and asks again.

mod alloc;
#[cfg(feature = "heap-sliced")]
mod barrier;
mod begin;
mod collect;
mod core_roots;
mod door;
mod dump;
mod failing;
mod finalise;
mod live;
mod pauses;
mod room;
mod roots;
#[cfg(feature = "heap-sliced")]
pub(crate) mod slices;
mod tier;
mod tiers;

pub(crate) use alloc::fast_leaf;
#[cfg(feature = "heap-sliced")]
pub(crate) use barrier::written;
pub(crate) use begin::use_memory;
pub(crate) use collect::is_marking;
pub(crate) use core_roots::core_root_words;
pub use failing::fail_in;
pub(crate) use live::{for_each_word, is_locked};
pub use pauses::{BUCKETS, Pauses, Reason, pauses};
pub use roots::{Kept, Roots, roots};
pub use tier::{BLOCK_BYTES, Info, Tier, Work, last_work, tier};
pub use tiers::{bytearray, check};
