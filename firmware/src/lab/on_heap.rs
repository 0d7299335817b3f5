//! The lab on a block of Python's heap, for an owner who asks while a program is loaded.

use super::{Bench, Level, on_link, run, speed};
use core::ops::Range;
use h7a3::{caches, console, interrupts, octospi};
use upy::{Error, Result, Scratch};

/// Runs the tests of a level; true if the configuration in force loses nothing.
pub fn run_on_heap(level: Level) -> Result<core::result::Result<bool, octospi::Error>> {
    // SAFETY: Python stands still until this returns, interrupt handlers live in DTCM, and so does this stack.
    on_block(level.region_bytes(), |block| unsafe { run(level, block) })
}

/// Measures and prints how fast the PSRAM is.
pub fn speed_on_heap() -> Result<()> {
    const BYTES: u32 = 256 << 10;
    // SAFETY: as above.
    on_block(BYTES, |block| unsafe { speed(block) })
}

/// Something with the link to the chip, whatever lives in it. `None`: there is no chip that is spoken to on four lines.
pub fn with_link<T>(action: impl FnOnce(&mut Bench) -> T) -> Option<T> {
    // What is on its way to the console would wait.
    console::flush();
    // SAFETY: as above.
    interrupts::held(|| unsafe { on_link(action) })
}

/// Lends a block of the heap, in whole lines so that none holds anything else of the program, to the lab; which says `None` if
/// the block is not in the PSRAM.
fn on_block<T>(bytes: u32, action: impl FnOnce(Range<u32>) -> Option<T>) -> Result<T> {
    if !super::is_ready() {
        return Err(Error::Runtime(c"no PSRAM to test; see spiram.info()"));
    }
    let block = Scratch::new(bytes as usize, caches::LINE_BYTES)?;
    let first = block.address() as u32;
    // What a program wants called at an interrupt may lie in the chip.
    interrupts::held(|| action(first..first + bytes))
        .ok_or(Error::Memory(c"no free block of that size in the PSRAM"))
}
