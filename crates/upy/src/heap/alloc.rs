//! `gc_alloc`, `gc_realloc`, `gc_free` and the lock, with py/gc.c's rules about when they do nothing.

use super::{
    door::{TwoTiers, with},
    failing::fails,
    pauses,
    tier::Tier,
};
use crate::lock::{COLLECTING, LOCK, lock_depth, set_lock_depth};
use crate::sys;
use core::{
    ffi::{c_uint, c_void},
    ptr, slice,
};
use tierheap::{NotABlock, Refusal, Request};

/// py/gc.h GC_ALLOC_FLAG_HAS_FINALISER.
const HAS_FINALISER: c_uint = 1;

#[unsafe(no_mangle)]
extern "C" fn gc_lock() {
    set_lock_depth(lock_depth().wrapping_add(LOCK));
}

#[unsafe(no_mangle)]
extern "C" fn gc_unlock() {
    set_lock_depth(lock_depth().wrapping_sub(LOCK));
}

#[unsafe(no_mangle)]
extern "C" fn gc_is_locked() -> bool {
    lock_depth() != 0
}

/// Asks `attempt` whether there is room for `bytes`, and after one collection once more, if collecting is allowed.
pub(super) fn allocate(bytes: usize, attempt: impl Fn(bool) -> Result<u32, Refusal>) -> Result<u32, Refusal> {
    #[cfg(feature = "heap-sliced")]
    if let Ok(address) = super::slices::pay(bytes as u32, || attempt(false)) {
        return Ok(address);
    }
    #[cfg(not(feature = "heap-sliced"))]
    let _ = bytes;
    // SAFETY: plain words of the core.
    let (mut may_collect, threshold) = unsafe {
        let mem = &raw const sys::mp_state_ctx.mem;
        ((*mem).gc_auto_collect_enabled != 0, (*mem).gc_alloc_threshold)
    };
    // Without a threshold it is all ones, which no count reaches.
    if threshold != usize::MAX && may_collect && with(|heap| heap.allocated_blocks()) as usize >= threshold {
        pauses::because_of_threshold();
        collect();
        may_collect = false;
    }
    match attempt(may_collect) {
        Err(Refusal::CollectFirst) => {
            pauses::because_of_heap();
            collect();
            attempt(false)
        }
        answer => answer,
    }
}

fn collect() {
    // SAFETY: the heap is not locked (the callers looked), and the door is closed. RAISES: no.
    unsafe { sys::gc_collect() }
}

/// Room for `bytes`, zeroed; NULL if there is none, or if the heap is locked.
#[unsafe(no_mangle)]
extern "C" fn gc_alloc(bytes: usize, flags: c_uint) -> *mut c_void {
    if flags & HAS_FINALISER == 0
        && let Some(block) = quickly(bytes, false)
    {
        return block;
    }
    let mut request = Request::bytes(bytes as u32);
    request.finaliser = flags & HAS_FINALISER != 0;
    make(request)
}

/// `m_malloc_maybe` of py/malloc.c for what holds no pointers (upy-sys/port/py/misc.h), counted like that.
#[unsafe(no_mangle)]
extern "C" fn upy_malloc_leaf(bytes: usize) -> *mut c_void {
    let block = quickly(bytes, true).unwrap_or_else(|| make(Request::bytes(bytes as u32).leaf()));
    if !block.is_null() {
        note_bytes(bytes);
    }
    block
}

/// Room in the fast tier for `bytes` that hold no pointers, if it has that without a collection; else NULL.
pub(crate) fn fast_leaf(bytes: usize) -> *mut c_void {
    if bytes == 0 || lock_depth() > 0 || fails() {
        return ptr::null_mut();
    }
    let request = Request::bytes(bytes as u32).leaf().only(Tier::Fast as usize);
    let attempt = || with(|heap| heap.alloc(request, false));
    #[cfg(feature = "heap-sliced")]
    let answer = super::slices::pay(bytes as u32, attempt);
    #[cfg(not(feature = "heap-sliced"))]
    let answer = attempt();
    let block = pointer(answer);
    if !block.is_null() {
        note_bytes(bytes);
    }
    block
}

/// Counts as py/malloc.c does.
#[inline(always)]
fn note_bytes(bytes: usize) {
    // SAFETY: plain words of the core, of the one thread.
    unsafe {
        let mem = &raw mut sys::mp_state_ctx.mem;
        (*mem).total_bytes_allocated = (*mem).total_bytes_allocated.wrapping_add(bytes);
        (*mem).current_bytes_allocated = (*mem).current_bytes_allocated.wrapping_add(bytes);
        (*mem).peak_bytes_allocated = (*mem).peak_bytes_allocated.max((*mem).current_bytes_allocated);
    }
}

/// Whether one of `words` may be the address of a block (upy-sys/port/py/objtuple.h).
///
/// # Safety
/// They are readable.
#[unsafe(no_mangle)]
unsafe extern "C" fn upy_may_point_into_heap(words: *const u32, count: usize) -> bool {
    // SAFETY: the caller's promise.
    let words = unsafe { slice::from_raw_parts(words, count) };
    with(|heap| words.iter().any(|&word| heap.may_point_inside(word)))
}

/// The short way for most blocks, where nothing has to be decided.
#[inline(always)]
fn quickly(bytes: usize, leaf: bool) -> Option<*mut c_void> {
    // SAFETY: a plain word of the core. All ones says that there is no threshold (modgc.c).
    let threshold = unsafe { (&raw const sys::mp_state_ctx.mem.gc_alloc_threshold).read() };
    if lock_depth() != 0 || threshold != usize::MAX {
        return None;
    }
    #[cfg(feature = "heap-sliced")]
    if !super::slices::affords(bytes as u32) {
        return None;
    }
    with(|heap| heap.alloc_quickly(bytes as u32, leaf)).map(|address| address as *mut c_void)
}

#[inline(never)]
fn make(request: Request) -> *mut c_void {
    if request.bytes == 0 || lock_depth() > 0 || fails() {
        return ptr::null_mut();
    }
    pointer(allocate(request.bytes as usize, |may_collect| {
        with(|heap| heap.alloc(request, may_collect))
    }))
}

/// NULL instead of a refusal: the core makes a MemoryError of that.
fn pointer(answer: Result<u32, Refusal>) -> *mut c_void {
    answer.map_or(ptr::null_mut(), |address| address as *mut c_void)
}

/// Frees a block at once, also while finalisers run.
#[unsafe(no_mangle)]
extern "C" fn gc_free(block: *mut c_void) {
    if lock_depth() & !COLLECTING != 0 {
        return;
    }
    if let Err(error) = with(|heap| heap.free(block as u32)) {
        foreign(error);
    }
}

/// The core hands over an address that is no block: its mistake, or memory was overwritten. py/gc.c does not look; here the
/// checked build stops.
fn foreign(error: NotABlock) {
    if cfg!(feature = "heap-checked") {
        panic!("freed or grown by the C core: {error}");
    }
}

/// The size of a block, 0 if it is none.
#[unsafe(no_mangle)]
extern "C" fn gc_nbytes(block: *const c_void) -> usize {
    with(|heap| heap.nbytes(block as u32)) as usize
}

/// Changes the size of a block. NULL: no room, and the block is as it was; or it was freed, because `bytes` is 0.
#[unsafe(no_mangle)]
extern "C" fn gc_realloc(block: *mut c_void, bytes: usize, allow_move: bool) -> *mut c_void {
    if block.is_null() {
        return gc_alloc(bytes, 0);
    }
    if bytes == 0 {
        gc_free(block);
        return ptr::null_mut();
    }
    resize(block, bytes, |heap, may_collect| {
        heap.realloc(block as u32, bytes as u32, allow_move, may_collect)
    })
}

/// As `m_realloc` of py/malloc.c, but what is left behind is given to no one while something points to it
/// (upy-sys/port/py/misc.h). `bytes` is not 0.
#[unsafe(no_mangle)]
extern "C" fn upy_realloc_leaving(block: *mut c_void, old_bytes: usize, bytes: usize) -> *mut c_void {
    let moved = resize(block, bytes, |heap, may_collect| {
        heap.realloc_leaving(block as u32, bytes as u32, may_collect)
    });
    if !moved.is_null() {
        note_bytes(bytes.wrapping_sub(old_bytes));
    }
    moved
}

#[inline(always)]
fn resize(
    block: *mut c_void,
    bytes: usize,
    attempt: impl Fn(&mut TwoTiers, bool) -> Result<u32, Refusal>,
) -> *mut c_void {
    if lock_depth() > 0 || bytes > gc_nbytes(block) && fails() {
        return ptr::null_mut();
    }
    let answer = allocate(bytes, |may_collect| with(|heap| attempt(heap, may_collect)));
    if let Err(Refusal::NotABlock(error)) = answer {
        foreign(error);
    }
    pointer(answer)
}
