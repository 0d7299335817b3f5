//! Ctrl-C while the library computes: it looks after each row or so whether one waits, and ends with an error.

use upy::{Error, interpreter};
use vision::stop::{Watch, watch};

static WATCH: Watch = Watch(interpreter::interrupted);

/// At the start of each run.
pub fn start() {
    watch(&WATCH);
}

/// What an operation raises that was ended so.
pub fn raised() -> Error {
    match interpreter::serve_pending() {
        Err(error) => error,
        // In a handler, which Ctrl-C does not end: the program behind it gets it.
        Ok(()) => Error::Runtime(c"the operation was interrupted"),
    }
}
