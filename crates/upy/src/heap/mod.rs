//! Python's heap: crate `tierheap` in the place of py/gc.c, which is left out of the C core.
//!
//! This file has the heap and the one door to it, [`with`]. Behind the door, one file a topic: [`alloc`] and
//! [`collect`] are what the C core calls, [`dump`] what it prints, [`mod@pauses`] and [`mod@roots`] count, [`room`] tells,
//! [`tiers`] is for Python modules in Rust. Policy and mechanism are `tierheap`'s; nothing here decides where an object goes.
//!
//! **No code of Python or C runs while the door is open.** Finalisers are therefore handed out one by one, and an
//! allocation that needs a collection first is told so and asks again.

mod alloc;
#[cfg(feature = "heap-sliced")]
mod barrier;
mod collect;
mod dump;
mod failing;
mod finalise;
mod live;
mod pauses;
mod room;
mod roots;
#[cfg(feature = "heap-sliced")]
pub(crate) mod slices;
mod tiers;

pub(crate) use alloc::fast_leaf;
#[cfg(feature = "heap-sliced")]
pub(crate) use barrier::written;
pub(crate) use collect::is_marking;
pub use failing::fail_in;
pub(crate) use live::{core_root_words, for_each_word, is_locked};
pub use pauses::{BUCKETS, Pauses, Reason, pauses};
pub use roots::{Kept, Roots, roots};
pub use tiers::{BLOCK_BYTES, Info, Tier, Work, bytearray, check, last_work, tier};

use crate::{handlers, interpreter::HeapMemory, sys};
use core::{
    cell::UnsafeCell,
    ptr, slice,
    sync::atomic::{AtomicBool, Ordering},
};
use tierheap::{Direct, Heap, Origin, Params, Span, table_words};

/// The fast tier and the slow one. Without a memory chip the slow one is empty.
const TIERS: usize = 2;

type TwoTiers = Heap<'static, Direct<Chip>, TIERS>;

/// Addresses are pointers, and Ctrl-C ends the filling of a large block: `m_malloc_fail` raises it (port/doors.c).
#[derive(Clone, Copy)]
struct Chip;

impl Origin for Chip {
    #[inline(always)]
    fn pointer(self, address: u32) -> *mut u8 {
        ptr::with_exposed_provenance_mut(address as usize)
    }

    fn is_interrupted(self) -> bool {
        // SAFETY: a word of the core, which an interrupt writes.
        let pending = unsafe { (&raw const sys::mp_state_ctx.thread.mp_pending_exception).read_volatile() };
        !pending.is_null()
    }
}

struct Shared<T>(UnsafeCell<T>);

// SAFETY: used by the one thread that runs Python, never by interrupts.
unsafe impl<T> Sync for Shared<T> {}

static HEAP: Shared<Option<TwoTiers>> = Shared(UnsafeCell::new(None));

/// Objects found and not scanned yet, two words each. It lies where all static data does, in DTCM.
static MARK_STACK: Shared<[u32; 1024]> = Shared(UnsafeCell::new([0; 1024]));

/// What the tables of the heap are made for: they are a multiple of this.
const GRAIN_BYTES: u32 = 512;

/// The one door to the heap. Neither Python nor C runs in `action`.
#[inline(always)]
fn with<T>(action: impl FnOnce(&mut TwoTiers) -> T) -> T {
    let closed_after = cfg!(feature = "heap-checked").then(Door::open);
    // SAFETY: one thread, and `action` cannot come back here: it calls nothing but the heap.
    let heap = unsafe { &mut *HEAP.0.get() };
    let Some(heap) = heap else {
        panic!("Python's heap is used before it has memory");
    };
    let answer = action(heap);
    drop(closed_after);
    answer
}

/// Watches the rule about the door, in a checked build.
struct Door;

static IS_OPEN: AtomicBool = AtomicBool::new(false);

impl Door {
    fn open() -> Door {
        let was_open = IS_OPEN.swap(true, Ordering::Relaxed);
        // A hard handler may ask how much is free, in the middle of anything.
        assert!(
            !was_open || handlers::is_inside(),
            "Python's heap is entered while it works"
        );
        Door
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        IS_OPEN.store(false, Ordering::Relaxed);
    }
}

/// Makes this memory the heap, empty. Its tables are taken from the end of the fast tier.
///
/// # Safety
/// Nobody else has this memory, for ever, and no object of an earlier heap in it is used any more.
pub(crate) unsafe fn use_memory(memory: &HeapMemory) {
    let slow = memory.slow.map_or(Span { base: 0, bytes: 0 }, |area| {
        span(area.cast::<u8>(), area.len())
    });
    let all = span(memory.fast.cast::<u8>(), memory.fast.len());
    let tiers = |bytes| [Span { bytes, ..all }, slow];
    let fits = |bytes: &u32| *bytes as usize + 4 * table_words(&tiers(*bytes)) <= all.bytes as usize;
    let bytes = (0..=all.bytes / GRAIN_BYTES)
        .rev()
        .map(|grains| grains * GRAIN_BYTES)
        .find(fits)
        .expect("the fast tier is smaller than the tables of the heap");
    let words = table_words(&tiers(bytes));
    // SAFETY: by `fits` the tables lie in the fast tier behind the span that is heap, a multiple of 4 from its start, which
    // is aligned for blocks or refused below; the caller gave this memory away. The heap that had both slices before is
    // overwritten here and not used in between.
    let (tables, stack) = unsafe {
        let tables = memory.fast.cast::<u8>().add(bytes as usize).cast::<u32>();
        tables.write_bytes(0, words);
        let heap = &mut *HEAP.0.get();
        *heap = None;
        (slice::from_raw_parts_mut(tables, words), &mut *MARK_STACK.0.get())
    };
    let params = Params::quad_psram(memory.line_cycles);
    // SAFETY: the spans are the caller's memory, and only C and raw pointers reach into it.
    let direct = unsafe { Direct::new(Chip) };
    let heap = Heap::new(direct, tiers(bytes), tables, stack, params);
    let guarded = |heap: TwoTiers| {
        if cfg!(feature = "heap-checked") {
            heap.with_guards()
        } else {
            heap
        }
    };
    match heap.map(guarded) {
        // SAFETY: one thread; no reference to the heap is alive.
        Ok(heap) => unsafe { *HEAP.0.get() = Some(heap) },
        Err(error) => panic!("no heap for Python: {error}"),
    }
    pauses::forget();
    #[cfg(feature = "heap-sliced")]
    slices::begin();
    // As gc_init of py/gc.c leaves them.
    // SAFETY: plain words of the core, which does not run yet.
    unsafe {
        sys::mp_state_ctx.thread.gc_lock_depth = 0;
        sys::mp_state_ctx.mem.gc_auto_collect_enabled = 1;
        sys::mp_state_ctx.mem.gc_alloc_threshold = usize::MAX;
    }
}

/// The whole groups of 32 blocks in an area.
fn span(start: *mut u8, bytes: usize) -> Span {
    Span {
        base: start as u32,
        bytes: bytes as u32 / GRAIN_BYTES * GRAIN_BYTES,
    }
}

/// How often the heap is locked, in steps of 2; bit 0 says that a collection runs (py/gc.c).
fn lock_depth() -> u16 {
    // SAFETY: a plain word of the core, of the one thread.
    unsafe { sys::mp_state_ctx.thread.gc_lock_depth }
}

fn set_lock_depth(depth: u16) {
    // SAFETY: as in `lock_depth`.
    unsafe { sys::mp_state_ctx.thread.gc_lock_depth = depth }
}
