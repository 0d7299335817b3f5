//! A line a second on the console, for the user who waits for something long.

use core::fmt::{self, Write};

use h7a3::{console, time};

const REPORT_US: u64 = 1_000_000;

/// When the next line is due.
pub struct Progress {
    next_us: u64,
}

impl Progress {
    /// The first line comes after a second: what is done sooner needs none.
    pub fn new() -> Self {
        Progress {
            next_us: time::ticks_us() + REPORT_US,
        }
    }

    /// For loops that sleep in between.
    pub fn next_us(&self) -> u64 {
        self.next_us
    }

    /// A line that begins with `spiram`, if one is due.
    pub fn say(&mut self, words: impl FnOnce(&mut console::Writer) -> fmt::Result) {
        let now_us = time::ticks_us();
        if now_us < self.next_us {
            return;
        }
        self.next_us = now_us + REPORT_US;
        let mut out = console::Writer;
        // The console's writer has no way to fail.
        let _ = write!(out, "spiram ");
        let _ = words(&mut out);
        let _ = write!(out, "\r\n");
    }
}
