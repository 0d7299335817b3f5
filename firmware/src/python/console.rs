//! Standard input and output over the console UART, and Ctrl-C.
//!
//! The loop that waits for a character is in upy-sys/port/nlr.c, because it may raise KeyboardInterrupt.

use core::{ffi::c_char, slice};
use h7a3::{console, time};
use upy::{interpreter, sys};

/// How much of a text is written between two looks for Ctrl-C: 3 ms on the wire.
const PIECE_BYTES: usize = 32;

/// Lets Ctrl-C through to Python while it runs, whatever it does.
pub fn start() {
    console::set_hook(Some(interrupt_character));
}

/// In the receive interrupt: swallows the character that interrupts a program.
fn interrupt_character(byte: u8) -> bool {
    let wanted = interpreter::interrupt_character() == Some(byte);
    if wanted {
        interpreter::interrupt();
    }
    wanted
}

#[unsafe(no_mangle)]
extern "C" fn upy_stdin_take() -> i32 {
    console::try_read().map_or(-1, i32::from)
}

/// Which of the asked-for events hold now.
#[unsafe(no_mangle)]
extern "C" fn mp_hal_stdio_poll(asked: usize) -> usize {
    let mut now = sys::MP_STREAM_POLL_WR as usize;
    if console::readable() {
        now |= sys::MP_STREAM_POLL_RD as usize;
    }
    now & asked
}

#[unsafe(no_mangle)]
unsafe extern "C" fn mp_hal_stdout_tx_strn(text: *const c_char, len: usize) -> usize {
    // SAFETY: the core's own text, alive during the call.
    let text: &[u8] = unsafe { slice::from_raw_parts(text.cast(), len) };
    // After Ctrl-C nobody wants the rest of a long text. The prompt's own words come when the exception was raised.
    for piece in text.chunks(PIECE_BYTES) {
        if interpreter::interrupted() {
            break;
        }
        console::write(piece);
    }
    len
}

/// Sleeps until something happens, at most so long.
#[unsafe(no_mangle)]
extern "C" fn upy_wait_for_event(timeout_ms: u32) {
    let something = || console::readable() || interpreter::pending();
    if timeout_ms == u32::MAX {
        console::sleep_unless(something);
    } else {
        time::sleep(time::ticks_us() + u64::from(timeout_ms) * 1_000, something);
    }
}

/// Sleeps until then, or until an interrupt has work for Python.
#[unsafe(no_mangle)]
extern "C" fn upy_sleep_until(time_us: u64) {
    time::sleep(time_us, interpreter::pending);
}

#[unsafe(no_mangle)]
extern "C" fn upy_atomic_begin() -> u32 {
    let before = cortex_m::register::primask::read();
    cortex_m::interrupt::disable();
    u32::from(before.is_active())
}

#[unsafe(no_mangle)]
extern "C" fn upy_atomic_end(before: u32) {
    if before != 0 {
        // SAFETY: interrupts were on at the matching begin.
        unsafe { cortex_m::interrupt::enable() };
    }
}

#[unsafe(no_mangle)]
fn upy_publish_code(address: usize, bytes: usize) {
    h7a3::caches::publish_code(address, bytes);
}
