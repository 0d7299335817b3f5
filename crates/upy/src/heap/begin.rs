//! A new heap, in memory that is given away.

use super::{
    door::{Chip, HEAP, Shared, TwoTiers},
    pauses,
};
use crate::{HeapMemory, sys};
use core::{cell::UnsafeCell, slice};
use tierheap::{Direct, Heap, Params, Span, table_words};

/// Objects found and not scanned yet, two words each. It lies where all static data does, in DTCM.
static MARK_STACK: Shared<[u32; 1024]> = Shared(UnsafeCell::new([0; 1024]));

/// What the tables of the heap are made for: they are a multiple of this.
const GRAIN_BYTES: u32 = 512;

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
    super::slices::begin();
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
