//! `spiram.alloc()` and `spiram.heap()` in a build whose heap is MicroPython's gc.c, which has no tiers.

use upy::{Arguments, Error, Obj, Result};

/// Refuses.
pub fn alloc(_: Arguments) -> Result<Obj> {
    refuse()
}

/// Refuses.
pub fn heap(_: Arguments) -> Result<Obj> {
    refuse()
}

/// Refuses.
pub fn fail_alloc(_: Obj) -> Result<Obj> {
    refuse()
}

fn refuse() -> Result<Obj> {
    Err(Error::Runtime(
        c"this build has no tiers: its heap is MicroPython's gc.c (--heap stock)",
    ))
}
