//! The console: what is written goes to the UART and to the USB, what is typed comes from either.
//!
//! The USB is a hundred times as fast as the UART. So the program waits for the UART's wire only until somebody types over USB:
//! from then on the UART gets what it can carry, until somebody types there or the port at the USB is closed; so it is while
//! another program than the console has that port. The USB is
//! waited for only while a program has the port open there and reads; see [`crate::usb`].
#![allow(unsafe_code)]

mod uart;

pub use uart::{Polled, flush, open, open_polled};

use core::cell::Cell;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

use cortex_m::peripheral::SCB;
use cortex_m::peripheral::scb::VectActive;
use cortex_m::register::primask;
use critical_section::Mutex;

use crate::usb;

static HOOK: Mutex<Cell<Option<Hook>>> = Mutex::new(Cell::new(None));

/// The last character came over USB.
static TYPED_OVER_USB: AtomicBool = AtomicBool::new(false);

/// Looks at a received character, in the interrupt. `true` swallows it.
pub type Hook = fn(u8) -> bool;

/// Sets who looks at received characters first.
pub fn set_hook(hook: Option<Hook>) {
    critical_section::with(|cs| HOOK.borrow(cs).set(hook));
}

/// Shows a received character to the hook. True: it is not for anybody else.
pub(crate) fn is_swallowed(byte: u8, over_usb: bool) -> bool {
    TYPED_OVER_USB.store(over_usb, Ordering::Relaxed);
    interrupts(byte)
}

/// Shows the hook a character that came over another port.
pub(crate) fn interrupts(byte: u8) -> bool {
    let hook = critical_section::with(|cs| HOOK.borrow(cs).get());
    hook.is_some_and(|hook| hook(byte))
}

/// The next received character, if there is one.
pub fn try_read() -> Option<u8> {
    uart::try_read().or_else(usb::try_read)
}

/// Whether a character waits.
pub fn readable() -> bool {
    uart::readable() || usb::readable()
}

/// The next character; sleeps until there is one.
pub fn read() -> u8 {
    loop {
        if let Some(byte) = try_read() {
            return byte;
        }
        sleep_unless(readable);
    }
}

/// Sleeps until any interrupt, unless `ready` holds already.
///
/// WFI stands inside the critical section: an interrupt that arrives between the question and the sleep stays pending,
/// and a pending interrupt ends WFI even while masked (Armv7-M B1.5.19). It is served on the way out.
pub fn sleep_unless(ready: impl FnOnce() -> bool) {
    critical_section::with(|_| {
        if !ready() {
            cortex_m::asm::wfi();
        }
    });
}

/// Sends `bytes` to both.
pub fn write(bytes: &[u8]) {
    usb::write(bytes);
    let is_at_usb = TYPED_OVER_USB.load(Ordering::Relaxed) || usb::is_taken();
    if is_at_usb && usb::is_open() {
        uart::offer(bytes);
    } else {
        uart::write(bytes);
    }
}

/// Whether an interrupt would be served now: in a handler, or with interrupts masked, none is.
pub(crate) fn interrupts_reach_here() -> bool {
    primask::read().is_active() && SCB::vect_active() == VectActive::ThreadMode
}

/// For `write!`, to both.
pub struct Writer;

impl fmt::Write for Writer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        write(text.as_bytes());
        Ok(())
    }
}
