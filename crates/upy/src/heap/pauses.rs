//! How long Python stood still for collections, and why: what `spiram.heap()` tells.

use super::door::{Shared, with};
use crate::sys;
use core::cell::UnsafeCell;
use tierheap::Totals;

/// Why there was a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// `gc.collect()`.
    Asked,
    /// `gc.threshold()` was reached.
    Threshold,
    /// The fast tier was full, and emptying it was cheaper than going on in the slow one.
    Speed,
    /// There was no room.
    Room,
    /// The used part of the slow tier would have grown far beyond what is alive.
    Compact,
}

/// Buckets of the histogram: enough for eight seconds.
pub const BUCKETS: usize = 24;

/// Sums since the heap was made.
#[derive(Clone, Copy, Debug)]
pub struct Pauses {
    /// Collections by [`Reason`], in its order.
    pub reasons: [u32; 5],
    /// Bucket `n` counts pauses of less than 2^n us, and no less than half of that.
    pub histogram: [u32; BUCKETS],
    /// The longest one.
    pub longest_us: u32,
    /// All together.
    pub total_us: u64,
}

struct State {
    pauses: Pauses,
    /// Why the next collection is, or the running one.
    reason: Reason,
    began_us: u32,
    /// Collections for speed, and for compactness, that the heap has asked for, as far as is known here.
    for_speed: u32,
    for_compactness: u32,
}

const NOTHING: State = State {
    pauses: Pauses {
        reasons: [0; 5],
        histogram: [0; BUCKETS],
        longest_us: 0,
        total_us: 0,
    },
    reason: Reason::Asked,
    began_us: 0,
    for_speed: 0,
    for_compactness: 0,
};

static STATE: Shared<State> = Shared(UnsafeCell::new(NOTHING));

fn state<T>(action: impl FnOnce(&mut State) -> T) -> T {
    // SAFETY: one thread, and the actions below do not come back here.
    action(unsafe { &mut *STATE.0.get() })
}

/// What was counted so far. Plain.
pub fn pauses() -> Pauses {
    state(|state| state.pauses)
}

/// For a new heap.
pub(super) fn forget() {
    state(|state| *state = NOTHING);
}

/// The next collection is because the threshold is reached.
pub(super) fn because_of_threshold() {
    state(|state| state.reason = Reason::Threshold);
}

/// The next collection is because the heap asked for it.
pub(super) fn because_of_heap() {
    let Totals {
        for_speed,
        for_compactness,
        ..
    } = with(|heap| heap.totals());
    state(|state| {
        state.reason = if for_speed != state.for_speed {
            Reason::Speed
        } else if for_compactness != state.for_compactness {
            Reason::Compact
        } else {
            Reason::Room
        };
        (state.for_speed, state.for_compactness) = (for_speed, for_compactness);
    });
}

/// A collection begins.
pub(super) fn begin() {
    let now_us = ticks_us();
    state(|state| state.began_us = now_us);
}

/// It has ended, finalisers included.
pub(super) fn end() {
    note_pause();
    state(|state| {
        state.pauses.reasons[state.reason as usize] += 1;
        state.reason = Reason::Asked;
    });
}

/// A slice of one has ended: a pause, but no collection with a reason of its own.
#[cfg(feature = "heap-sliced")]
pub(super) fn end_slice() {
    note_pause();
}

fn note_pause() {
    let now_us = ticks_us();
    state(|state| {
        let pause_us = now_us.wrapping_sub(state.began_us);
        let pauses = &mut state.pauses;
        pauses.histogram[bucket(pause_us)] += 1;
        pauses.longest_us = pauses.longest_us.max(pause_us);
        pauses.total_us += u64::from(pause_us);
    });
}

fn bucket(us: u32) -> usize {
    ((u32::BITS - us.leading_zeros()) as usize).min(BUCKETS - 1)
}

pub(super) fn ticks_us() -> u32 {
    // SAFETY: reads a clock. RAISES: no.
    unsafe { sys::mp_hal_ticks_us() }
}
