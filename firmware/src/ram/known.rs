//! What is known about the PSRAM, for Python and the help.

use crate::board;
use once_cell::sync::OnceCell;

/// What is known about the PSRAM.
pub struct State {
    /// Name of the part, as the board file says.
    pub part: &'static str,
    /// What READ ID gave; zeros if nothing fitting answered.
    pub id: [u8; 8],
    /// Bytes that a program may use; zero if there is no usable chip.
    pub size_bytes: u32,
    /// How the chip is spoken to.
    pub mode: &'static str,
    /// Clock on the wire.
    pub clock_hz: u32,
    /// How long a line of the cache takes on the wire.
    pub line_ns: u32,
    /// By which policy the clock was chosen: `[memory] timing` in the board file.
    pub timing: &'static str,
    /// How the core reaches it.
    pub configuration: &'static str,
    /// How long the memory test took.
    pub memtest_us: u32,
    /// Why it is so: what was tested, or what went wrong.
    pub why: heapless::String<160>,
}

static STATE: OnceCell<State> = OnceCell::new();
pub(super) static NOT_STARTED: State = State {
    part: "none",
    id: [0; 8],
    size_bytes: 0,
    mode: "none",
    clock_hz: 0,
    line_ns: 0,
    timing: board::TIMING.key(),
    configuration: "none",
    memtest_us: 0,
    why: heapless::String::new(),
};

/// What is known about the PSRAM.
pub fn state() -> &'static State {
    STATE.get().unwrap_or(&NOT_STARTED)
}

/// Keeps it. Only the first call can, and there is only one.
pub(super) fn keep(state: State) {
    let _ = STATE.set(state);
}
