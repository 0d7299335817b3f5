//! A collection, in the steps that the C core knows: start, roots, end. All at once; nothing runs between them but hard handlers
//! of interrupts, which allocate nothing, and whose stores are noted while that matters.
//!
//! `gc_collect` itself, which saves the registers and finds the stack, is in [`crate::gc`], for every heap.

use super::{
    core_roots::core_roots,
    door::{TwoTiers, with},
    finalise::finalise_all,
    pauses, roots, tiers,
};
use crate::lock::{COLLECTING, collects, lock_depth, set_lock_depth};
use crate::{stores, sys};
use core::{
    ffi::c_void,
    slice,
    sync::atomic::{AtomicBool, Ordering::SeqCst},
};
use tierheap::{CARD_BYTES, Progress};

/// Words that may be marked in one go while handlers are held back.
const LAST_WORDS: u32 = 256;
/// So often the last look is put off, because handlers stored too much meanwhile.
const PATIENCE: u32 = 50;

/// What is alive is being looked for.
static MARKING: AtomicBool = AtomicBool::new(false);

/// Whether what is alive is being looked for. What a handler then stores has to be noted: it could move the last reference to an
/// object to where the collector has been already.
pub(crate) fn is_marking() -> bool {
    MARKING.load(SeqCst)
}

/// Locks the heap, and marks what the core's own state reaches.
#[unsafe(no_mangle)]
extern "C" fn gc_collect_start() {
    pauses::begin();
    assert!(begin(), "a collection begins inside another");
    let (first, count) = core_roots();
    // SAFETY: they are readable.
    unsafe { gc_collect_root(first, count) };
}

/// False inside a collection.
fn begin() -> bool {
    #[cfg(feature = "heap-sliced")]
    super::slices::abandon();
    if collects() || !with(|heap| heap.start()) {
        return false;
    }
    set_lock_depth(lock_depth() | COLLECTING);
    MARKING.store(true, SeqCst);
    true
}

/// Marks what these words reach, if they are pointers.
///
/// # Safety
/// They are readable.
#[unsafe(no_mangle)]
unsafe extern "C" fn gc_collect_root(words: *mut *mut c_void, count: usize) {
    // SAFETY: the caller's promise; nothing writes them meanwhile but interrupts, after which the core's state is looked at
    // again, and whose frames are gone when they are over. Frames of C may hold words that were never written: `u32` has no invalid values, and this is a stack.
    let words = unsafe { slice::from_raw_parts(words.cast::<u32>(), count) };
    if !roots::mark_each(words) {
        with(|heap| heap.mark_from(words.iter().copied()));
    }
}

/// Runs the finalisers of what is dead, frees it, and unlocks the heap.
#[unsafe(no_mangle)]
extern "C" fn gc_collect_end() {
    finish_marking();
    end();
    pauses::end();
}

/// Marks to the end. Handlers go on meanwhile, and what they stored is looked at again; the last look is without them.
fn finish_marking() {
    for left in (0..=PATIENCE).rev() {
        with(|heap| {
            look_again(heap);
            while heap.mark_step(u32::MAX) == Progress::More {}
        });
        let done = stores::held(|| {
            with(|heap| {
                look_again(heap);
                let done = left == 0 || heap.mark_step(LAST_WORDS) == Progress::Done;
                if done {
                    heap.finish_marking();
                    MARKING.store(false, SeqCst);
                }
                done
            })
        });
        if done {
            return;
        }
    }
}

/// Hands over what handlers have written: the core's own state, and the heap.
fn look_again(heap: &mut TwoTiers) {
    if !stores::were_watched() {
        return;
    }
    let (first, count) = core_roots();
    // SAFETY: they are readable.
    heap.roots(
        unsafe { slice::from_raw_parts(first.cast::<u32>(), count) }
            .iter()
            .copied(),
    );
    stores::take(|range| {
        range
            .step_by(CARD_BYTES as usize)
            .for_each(|address| heap.dirty(address));
    });
}

fn end() {
    finalise_all();
    let work = with(|heap| {
        while heap.sweep_step(u32::MAX) == Progress::More {}
        heap.work()
    });
    if cfg!(feature = "heap-checked") {
        with(tiers::walk).unwrap_or_else(|damage| panic!("{damage}"));
    }
    // SAFETY: a plain word of the core.
    unsafe { sys::mp_state_ctx.mem.gc_collected = work.freed_objects as usize };
    set_lock_depth(lock_depth() & !COLLECTING);
}

/// Frees everything, as at a soft reset, and runs all finalisers. Inside a collection, where nothing can begin, it does
/// nothing: the heap is made anew after it.
#[unsafe(no_mangle)]
extern "C" fn gc_sweep_all() {
    if begin() {
        with(|heap| heap.finish_marking());
        MARKING.store(false, SeqCst);
        end();
    }
}
