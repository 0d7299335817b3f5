//! Collecting in slices: a little with each allocation, so that Python never stands still for long.
//!
//! ```text
//!  allocation ──► credit used up? ──► Idle:  is a collection due?  then the roots, and the barrier goes on
//!                                     Mark:  a slice of marking; when only cards are left, an attempt to end
//!                                     Sweep: a slice of sweeping
//! ```
//! The barrier does not see all stores (upy-sys/build/barrier.rs says which), and this is what makes up for it:
//! - **The stack is scanned again** before marking ends, with nothing of Python running in between.
//! - **New objects are dirty**, and so is, after each slice, every small object that the stack points to, and every
//!   frame: what the interpreter or a constructor stores there before the next slice, will be looked at then.
//! - **Native code switches slices off** until the next soft reset. Its stores are reported by nobody.
//!
//! An attempt to end that takes too long is put off, but not for ever. Explicit `gc.collect()` and an allocation for
//! which there is no room collect at once, as without slices.
//!
//! With the feature `heap-checked` slices are as small and as many as can be, and each begins with
//! `Heap::check_marking`, which finds a store that was not reported.

use super::{
    barrier,
    core_roots::core_roots,
    door::{TwoTiers, with},
    finalise, pauses,
};
use crate::lock::{COLLECTING, lock_depth, set_lock_depth};
use crate::{gc::with_registers_on_stack, sys};
use core::{
    slice,
    sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering::Relaxed},
};
use tierheap::{BLOCK_BYTES, Phase, Progress, Refusal, WORD_BYTES};

const CHECK: bool = cfg!(feature = "heap-checked");

/// How long a slice marks, and how long after its begin an attempt to end may still mark. What comes on top is the stack, twice,
/// and a step.
const SLICE_US: u32 = 800;
const END_US: u32 = 1400;
/// How long a slice sweeps.
const SWEEP_US: u32 = 500;
/// Words marked, and words of the tables swept, between two looks at the clock. At 140 cycles a word, the dearest that was seen
/// on the virtual board, the marking is 32 us.
const STEP_WORDS: u32 = 64;
/// Words for which the program pays at once.
const SLICE_WORDS: u32 = if CHECK { 100 } else { 1000 };
/// Words marked for each block on top of the policy's, which knows nothing of objects dirtied again and again.
const EXTRA_WORDS: u32 = 4;
/// Blocks allocated between two slices of the sweep, and between two questions whether a collection is due.
const QUIET_BLOCKS: i32 = if CHECK { 8 } else { 64 };
/// An attempt that finds fewer objects and is not done was in vain: the program dirties cards as fast.
const FEW_OBJECTS: u32 = 100;
/// After so many the next one goes on to the end.
const VAIN: u32 = 200;
/// Larger objects that the stack points to are dirtied only if they are frames: nothing else as large is filled with
/// allocations in between.
const SMALL_BYTES: u32 = 256;

/// Blocks that may be allocated before the collector has its share.
static CREDIT: AtomicI32 = AtomicI32::new(0);
/// Words to mark for a block, in this collection.
static WORDS_PER_BLOCK: AtomicU32 = AtomicU32::new(1);
/// Words that the last slice marked, if time was up; else what it was to mark.
static MARKED_WORDS: AtomicU32 = AtomicU32::new(SLICE_WORDS);
/// Attempts in vain, in this collection.
static ATTEMPTS: AtomicU32 = AtomicU32::new(0);
/// Native code is about.
static OFF: AtomicBool = AtomicBool::new(false);

/// A new heap, without native code.
pub(super) fn begin() {
    OFF.store(false, Relaxed);
    abandon();
}

/// From now on there is native code, until the next soft reset. What was begun is dropped by the next collection.
pub(crate) fn switch_off() {
    OFF.store(true, Relaxed);
}

/// There is no native code any more.
pub(crate) fn switch_on() {
    OFF.store(false, Relaxed);
}

/// A whole collection begins: the marks of the slices are worth nothing.
pub(super) fn abandon() {
    barrier::switch(false);
}

/// Whether a block may be made without asking [`alloc`].
#[inline(always)]
pub(super) fn affords(bytes: u32) -> bool {
    let credit = CREDIT
        .load(Relaxed)
        .wrapping_sub((bytes / BLOCK_BYTES + 1) as i32);
    CREDIT.store(credit, Relaxed);
    credit >= 0
}

/// Room for `bytes`, in an object that `attempt` makes or resizes, after the collector had its share. A refusal means that
/// a whole collection has to come first, or that there is no room.
pub(super) fn pay(bytes: u32, attempt: impl Fn() -> Result<u32, Refusal>) -> Result<u32, Refusal> {
    if OFF.load(Relaxed) && threshold_is_reached() {
        // Nothing but a whole collection can do it.
        return Err(Refusal::CollectFirst);
    }
    if !affords(bytes) {
        CREDIT.store(share(), Relaxed);
    }
    let address = attempt()?;
    if barrier::is_on() {
        with(|heap| heap.dirty_object(address));
    }
    Ok(address)
}

fn threshold_is_reached() -> bool {
    // SAFETY: a plain word of the core. All ones says that there is no threshold.
    let threshold = unsafe { (&raw const sys::mp_state_ctx.mem.gc_alloc_threshold).read() };
    threshold != usize::MAX && with(|heap| heap.allocated_blocks()) as usize >= threshold
}

/// Does what is due; how many blocks until the next time.
#[cold]
#[inline(never)]
fn share() -> i32 {
    // SAFETY: a plain word of the core.
    let enabled = unsafe { (&raw const sys::mp_state_ctx.mem.gc_auto_collect_enabled).read() } != 0;
    let phase = with(|heap| heap.phase());
    if phase != Phase::Sweep && (!enabled || OFF.load(Relaxed)) {
        return QUIET_BLOCKS;
    }
    let due = || CHECK || with(|heap| heap.slices_due()) || threshold_is_reached();
    if phase == Phase::Sweep {
        upy_gc_sweep_slice();
    } else if phase == Phase::Mark || due() {
        // SAFETY: the heap is not locked (the caller looked), and the door is closed. RAISES: no.
        unsafe { upy_gc_slice() }
    }
    match with(|heap| heap.phase()) {
        // Ever fewer between attempts: meanwhile the program makes cards dirty.
        Phase::Mark => {
            (MARKED_WORDS.load(Relaxed) / WORDS_PER_BLOCK.load(Relaxed)) as i32
                >> ATTEMPTS.load(Relaxed).min(8)
        }
        _ => QUIET_BLOCKS,
    }
}

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn upy_gc_sweep_slice() {
    let began_us = pauses::ticks_us();
    while with(|heap| heap.sweep_step(STEP_WORDS)) == Progress::More && since(began_us) < SWEEP_US {}
}

fn since(began_us: u32) -> u32 {
    pauses::ticks_us().wrapping_sub(began_us)
}

/// Marks until it is done, or so long after `began_us`, or has done its share.
fn mark(heap: &mut TwoTiers, began_us: u32, until_us: u32, words: u32) -> Progress {
    let mut left = words;
    loop {
        let step = STEP_WORDS.min(left);
        if heap.mark_step(step) == Progress::Done {
            return Progress::Done;
        }
        left -= step;
        if left == 0 || since(began_us) >= until_us {
            return Progress::More;
        }
    }
}

unsafe extern "C" {
    /// Saves the registers on the stack, as `gc_collect` does ([`crate::gc`]), and does a slice of marking.
    fn upy_gc_slice();
}

with_registers_on_stack!("upy_gc_slice", "upy_gc_slice_from", after: [],);

/// A slice, with the stack from `lowest` up as roots.
#[unsafe(no_mangle)]
extern "C" fn upy_gc_slice_from(lowest: *const u32) {
    let (first, count) = core_roots();
    // SAFETY: as in `crate::gc` and in `gc_collect_root`: readable words, which nobody changes during a slice.
    let (core, stack) = unsafe {
        let top = sys::mp_state_ctx.thread.stack_top;
        let words = (top as usize - lowest as usize) / WORD_BYTES as usize;
        (
            slice::from_raw_parts(first.cast::<u32>(), count),
            slice::from_raw_parts(lowest, words),
        )
    };
    pauses::begin();
    set_lock_depth(lock_depth() | COLLECTING);
    if with(|heap| marking_is_done(heap, core, stack)) {
        barrier::switch(false);
        finalise::finalise_all();
    }
    set_lock_depth(lock_depth() & !COLLECTING);
    pauses::end_slice();
}

/// Begins to mark, or marks on.
fn marking_is_done(heap: &mut TwoTiers, core: &[u32], stack: &[u32]) -> bool {
    if heap.phase() != Phase::Mark {
        heap.start();
        hand_over(heap, core, stack);
        let words = heap.slice_words_per_block().saturating_add(EXTRA_WORDS);
        WORDS_PER_BLOCK.store(words, Relaxed);
        ATTEMPTS.store(0, Relaxed);
        barrier::switch(true);
        return false;
    }
    if CHECK {
        dirty_what_is_in_hand(heap, stack);
        if let Err(error) = heap.check_marking() {
            panic!("a store was not reported: {error}");
        }
    }
    let began_us = pauses::ticks_us();
    let before_words = words(heap);
    let only_cards = mark(heap, began_us, SLICE_US, SLICE_WORDS) == Progress::Done || heap.only_cards_wait();
    MARKED_WORDS.store(
        if only_cards {
            SLICE_WORDS
        } else {
            words(heap) - before_words
        },
        Relaxed,
    );
    if only_cards {
        hand_over(heap, core, stack);
        let vain = ATTEMPTS.load(Relaxed);
        let until_us = if vain < VAIN { END_US } else { u32::MAX };
        let before = heap.work().objects;
        if mark(heap, began_us, until_us, u32::MAX) == Progress::Done {
            heap.finish_marking();
            return true;
        }
        if heap.work().objects - before < FEW_OBJECTS {
            ATTEMPTS.store(vain + 1, Relaxed);
        }
    }
    dirty_what_is_in_hand(heap, stack);
    false
}

fn words(heap: &TwoTiers) -> u32 {
    let work = heap.work();
    work.fast_words + work.slow_words
}

/// The roots, and what may have been filled since the last slice.
fn hand_over(heap: &mut TwoTiers, core: &[u32], stack: &[u32]) {
    heap.roots(core.iter().copied());
    heap.roots(stack.iter().copied());
    dirty_what_is_in_hand(heap, stack);
}

/// What the stack points to may be an object that is being filled, or a frame.
fn dirty_what_is_in_hand(heap: &mut TwoTiers, stack: &[u32]) {
    for &word in stack {
        let bytes = heap.nbytes(word);
        if bytes > 0 && (bytes <= SMALL_BYTES || is_frame(heap, word)) {
            heap.dirty_object(word);
        }
    }
}

/// Whether a block is a generator, or an `mp_code_state_t`, which begins with its function (py/bc.h).
fn is_frame(heap: &TwoTiers, block: u32) -> bool {
    // SAFETY: the first word of a block of the heap, both times.
    let first = |address: u32| unsafe { (address as *const u32).read() };
    let kind = first(block);
    kind == &raw const sys::mp_type_gen_instance as u32
        || heap.nbytes(kind) > 0 && first(kind) == &raw const sys::mp_type_fun_bc as u32
}
