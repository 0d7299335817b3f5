//! Where the write barrier arrives: the C core reports each store that may put a pointer into the heap.
//!
//! gcc makes the calls (upy-sys/build/barrier.rs), upy-sys/port/barrier.S decides by [`MARKING`] that nobody listens,
//! which is so nearly always. Interrupts store no pointers into the heap.

use super::door::with;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use tierheap::CARD_BYTES;

/// Not 0 while stores have to be reported.
#[unsafe(export_name = "upy_marking")]
static MARKING: AtomicU32 = AtomicU32::new(0);

#[inline(always)]
pub(super) fn is_on() -> bool {
    MARKING.load(Relaxed) != 0
}

pub(super) fn switch(on: bool) {
    MARKING.store(u32::from(on), Relaxed);
}

/// A word at `address` will be stored.
#[unsafe(no_mangle)]
extern "C" fn upy_barrier_word(address: u32) {
    with(|heap| heap.dirty(address));
}

/// `bytes` from `address` on will be stored, which may be none.
#[unsafe(no_mangle)]
extern "C" fn upy_barrier_range(address: u32, bytes: u32) {
    with(|heap| {
        if bytes > 0 && heap.tier_of(address).is_some() {
            let last = address + (bytes - 1);
            (address..last)
                .step_by(CARD_BYTES as usize)
                .chain([last])
                .for_each(|at| heap.dirty(at));
        }
    });
}

/// Rust or a DMA has written `bytes` from `address` on, whatever they are.
pub(crate) fn written(address: u32, bytes: u32) {
    if is_on() {
        upy_barrier_range(address, bytes);
    }
}

/// The object at `address` will be written, wherever in it.
#[unsafe(no_mangle)]
extern "C" fn upy_barrier_object(address: u32) {
    with(|heap| heap.dirty_object(address));
}

/// Nothing is reported as long as this lives: for C code that runs with the door of the heap open and stores no pointers.
pub(super) struct Silence(u32);

impl Silence {
    pub(super) fn begin() -> Silence {
        Silence(MARKING.swap(0, Relaxed))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        MARKING.store(self.0, Relaxed);
    }
}
