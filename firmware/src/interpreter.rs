//! The interpreter's life: from heap to soft reset, again and again.
#![allow(unsafe_code)]

use core::fmt::Write;
use core::mem::MaybeUninit;

use crate::{board, port, protocol, python};
use h7a3::{gpio::Key, reset};
use upy::{
    HeapMemory, Stack,
    interpreter::{self, Ended},
};

unsafe extern "C" {
    /// Both from memory.x: the first address above the stack, and the lowest that it may use.
    static _stack_start: u8;
    static _stack_end: u8;
}

/// Runs Python until the power goes, on a heap of this memory; `code` is executable.
pub fn run(heap: HeapMemory, code: *mut [MaybeUninit<u8>]) -> ! {
    let (top, end) = (&raw const _stack_start, &raw const _stack_end);
    let stack = Stack {
        top: top.cast_mut(),
        bytes: top as usize - end as usize,
    };
    // SAFETY: this is the main stack, nothing else runs on it, and this function never returns.
    unsafe { interpreter::use_stack(stack) };

    port::start();
    if let Some(words) = crate::last_words::of_last_run() {
        // The console's writer has no way to fail.
        let _ = write!(
            h7a3::console::Writer,
            "spiram: the last run ended in a {words}\r\n"
        );
    }
    if reset::cause() == reset::Cause::LowPower {
        h7a3::console::write(b"spiram: woken from deep sleep; what was in the memory chip is gone\r\n");
    }
    let mut safe_mode = board::KEYS.first().is_some_and(Key::is_held);
    loop {
        // A program may have left them held back.
        h7a3::interrupts::enable();
        // SAFETY: the memory is Python's alone, and after a soft reset no object is left.
        unsafe { interpreter::use_heap(&heap) };
        interpreter::use_code_memory(code);
        if let Err(error) = interpreter::start() {
            panic!("Python does not start: {error:?}");
        }
        python::start();
        // The prompt reports errors by itself; one that comes out of it is the end of this run.
        if !start_up(safe_mode) {
            while goes_on() {}
        }
        safe_mode = false;
        if !protocol::is_active() {
            h7a3::console::write(b"MPY: soft reboot\r\n");
        }
        python::eye::stop();
        python::machine::stop();
        protocol::session::stop();
        if let Err(error) = interpreter::stop() {
            panic!("Python does not stop: {error:?}");
        }
    }
}

/// Scripts of a host, or lines at the prompt. False: Python is to start anew.
fn goes_on() -> bool {
    if protocol::is_active() {
        return !protocol::session::run();
    }
    matches!(protocol::session::prompt(), Ok(Ended::Switched))
}

/// Mounts the volumes and runs the files that a user has put there. True: one of them wants a reset.
fn start_up(safe_mode: bool) -> bool {
    // What it cannot do it says on the console.
    let _ = interpreter::run_frozen(c"_boot.py");
    if safe_mode {
        let key = board::KEYS.first().map_or("", |key| key.name);
        // The console's writer has no way to fail.
        let _ = write!(
            h7a3::console::Writer,
            "spiram: safe mode, because {key} was held at the reset: boot.py and main.py are skipped\r\n"
        );
        return false;
    }
    let wants_reset = |file| matches!(interpreter::run_file(file), Ok(true));
    // With a tool at the other end, main.py would keep it waiting.
    let has_tool = || interpreter::is_raw() || protocol::is_active();
    wants_reset(c"boot.py") || !has_tool() && wants_reset(c"main.py")
}
