//! Module `umalloc`: working memory of the image operations, which comes from Python's heap for the time of a call. What is in use
//! between two calls is a leak.

use core::fmt::Write;

use upy::record::{Record, Style};
use upy::{Error, Obj, Printer, Result, forget_peak, interpreter, lent, record};

record! {
    Stats as "statistics of working memory" { length: 7, calls_length: 7, calls_order: &[] }
    used: at(0), free: at(1), persist: at(2), used_B: at(3), free_B: at(4), persist_B: at(5), peak_B: at(6),
}

/// A block of the heap.
const BLOCK_BYTES: usize = 16;

/// Blocks and bytes that are used, free, and kept for good (none: frames are Python's objects), and the most bytes at a time.
fn numbers() -> [usize; 7] {
    let lent = lent();
    let (_, free_bytes) = interpreter::heap_bytes();
    [
        lent.blocks,
        free_bytes / BLOCK_BYTES,
        0,
        lent.bytes,
        free_bytes,
        0,
        lent.peak_bytes,
    ]
}

/// `init()`: the peak begins anew.
pub fn init() -> Result<()> {
    forget_peak();
    Ok(())
}

/// `collect()`: what nothing refers to is free again.
pub fn collect() -> Result<()> {
    interpreter::collect()
}

/// `stats()`: (used, free, persist, used_B, free_B, persist_B, peak_B), with these names.
pub fn stats() -> Result<Obj> {
    let mut items = [Obj::NONE; 7];
    for (item, number) in items.iter_mut().zip(numbers()) {
        *item = Obj::from_i32(number as i32)?;
    }
    Stats::make(Style::Attributes, &items, Obj::NONE)
}

/// `print_stats()`
pub fn print_stats() -> Result<()> {
    let [
        used,
        free,
        persist,
        used_bytes,
        free_bytes,
        persist_bytes,
        peak_bytes,
    ] = numbers();
    let mut out = Printer::console();
    let written = writeln!(
        out,
        "working memory: {used} blocks of {used_bytes} bytes used, {free} of {free_bytes} free, \
         {persist} of {persist_bytes} kept; at most {peak_bytes} bytes at a time"
    );
    written.map_err(|_| Error::Runtime(c"the statistics could not be printed"))
}
