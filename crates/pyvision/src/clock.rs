//! `time.clock()`: frames a second.

use core::cell::Cell;

use upy::{Obj, Result, class, fun, new_object, port};

/// What `time.clock()` gives.
pub struct Clock {
    /// Microseconds; the last `tick()`.
    ticked_us: Cell<u64>,
    /// From each `tick()` to the `fps()` or `avg()` after it.
    spent_us: Cell<u64>,
    frames: Cell<u32>,
}

class! {
    Clock as "a clock" {}
    tick: fun!(1, tick),
    fps: fun!(1, fps),
    avg: fun!(1, avg),
    reset: fun!(1, reset),
}

/// `time.clock()`
pub fn new() -> Result<Obj> {
    new_object(Clock {
        ticked_us: Cell::new(port::now_us()),
        spent_us: Cell::new(0),
        frames: Cell::new(0),
    })
}

fn tick(clock: &Clock) -> Result<()> {
    clock.ticked_us.set(port::now_us());
    Ok(())
}

fn reset(clock: &Clock) -> Result<()> {
    clock.spent_us.set(0);
    clock.frames.set(0);
    tick(clock)
}

/// Counts a frame, and says how long one took on the average, in microseconds.
fn counted(clock: &Clock) -> f64 {
    let spent_us = clock.spent_us.get() + port::now_us().saturating_sub(clock.ticked_us.get());
    let frames = clock.frames.get().saturating_add(1);
    clock.spent_us.set(spent_us);
    clock.frames.set(frames);
    spent_us as f64 / f64::from(frames)
}

/// `clock.fps()`: frames a second since the start or `reset()`.
fn fps(clock: &Clock) -> Result<f64> {
    Ok(1e6 / counted(clock).max(1.0))
}

/// `clock.avg()`: milliseconds a frame.
fn avg(clock: &Clock) -> Result<f64> {
    Ok(counted(clock) / 1e3)
}
