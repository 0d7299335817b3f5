//! What the program says to the debug probe, by semihosting, and how it waits.

use core::fmt::{self, Write};
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};

/// One call; the operation's number and its parameter.
fn call(operation: u32, parameter: u32) {
    // SAFETY: a debug probe takes the breakpoint, reads what the parameter points at, and answers in R0.
    unsafe {
        core::arch::asm!("bkpt 0xAB", inout("r0") operation => _, in("r1") parameter, options(nostack));
    }
}

struct Console;

impl Write for Console {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            call(0x03, (&raw const byte) as u32);
        }
        Ok(())
    }
}

/// A line on the console.
pub fn say(text: fmt::Arguments) {
    // Writing to it does not fail.
    let _ = Console.write_fmt(format_args!("{text}\n"));
}

/// The end of the run.
pub fn exit(code: u32) -> ! {
    let block = [0x2_0026, code];
    call(0x20, (&raw const block) as u32);
    loop {
        cortex_m::asm::wfi();
    }
}

#[panic_handler]
fn panic(info: &core::panic::PanicInfo) -> ! {
    say(format_args!("{info}"));
    exit(101)
}

/// Drives a future; the core sleeps until an interrupt between two looks at it.
pub fn wait_for<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        // An interrupt since then has set the event register, so none is missed.
        cortex_m::asm::wfe();
    }
}
