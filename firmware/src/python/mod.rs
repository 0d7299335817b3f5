//! The MicroPython port: what the C core needs from this chip, and the modules that it adds.
//!
//! One file a topic: [`console`] and [`clock`] are the hardware layer, [`random`] the entropy, [`help`] a text;
//! [`machine`], [`pin`] and [`ram`] are Python modules. This file is the interpreter's life from heap to soft reset.
#![allow(unsafe_code)]

mod clock;
mod console;
mod help;
mod machine;
mod pin;
mod ram;
mod random;

use core::mem::MaybeUninit;
use upy::{
    Stack,
    interpreter::{self, Ended},
};

/// The memory that Python gets, for ever.
pub struct Heap {
    /// Searched first: the SPI RAM if there is one, else the internal RAM.
    pub first: &'static mut [MaybeUninit<u8>],
    /// The internal RAM, if it is not the first.
    pub second: Option<&'static mut [MaybeUninit<u8>]>,
}

/// Kept back from the internal RAM for native, viper and assembler functions, since the SPI RAM cannot be executed.
const CODE_BYTES: usize = 48 * 1024;

unsafe extern "C" {
    /// Both from memory.x: the first address above the stack, and the lowest that it may use.
    static _stack_start: u8;
    static _stack_end: u8;
}

/// Runs Python until the power goes.
pub fn run(heap: Heap) -> ! {
    let (top, end) = (&raw const _stack_start, &raw const _stack_end);
    let stack = Stack {
        top: top.cast_mut(),
        bytes: top as usize - end as usize,
    };
    // SAFETY: this is the main stack, nothing else runs on it, and this function never returns.
    unsafe { interpreter::use_stack(stack) };

    // The internal RAM is the last area; its end is for code.
    let mut areas: heapless::Vec<*mut [MaybeUninit<u8>], 2> = heapless::Vec::new();
    let (external, internal) = match heap.second {
        Some(second) => (Some(heap.first), second),
        None => (None, heap.first),
    };
    let (internal, code) = internal.split_at_mut(internal.len().saturating_sub(CODE_BYTES));
    // Two pushes into room for two.
    let _ = external.map(|area| areas.push(area));
    let _ = areas.push(internal);
    let code: *mut [MaybeUninit<u8>] = code;

    console::start();
    loop {
        interpreter::use_heap(&areas);
        interpreter::use_code_memory(code);
        if let Err(error) = interpreter::start() {
            panic!("Python does not start: {error:?}");
        }
        // The prompt reports errors by itself; one that comes out of it is the end of this run.
        while let Ok(Ended::Switched) = interpreter::prompt() {}
        h7a3::console::write(b"MPY: soft reboot\r\n");
        if let Err(error) = interpreter::stop() {
            panic!("Python does not stop: {error:?}");
        }
    }
}

/// The core jumps with nobody to catch: a defect of this port, never of a Python program.
#[unsafe(no_mangle)]
extern "C" fn nlr_jump_fail(exception: *mut core::ffi::c_void) -> ! {
    panic!("uncaught Python exception at {exception:p}");
}
