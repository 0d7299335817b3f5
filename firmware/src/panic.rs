//! The last words of a program that cannot go on: message and place, by polling, then a reset.

use core::fmt::Write;
use core::panic::PanicInfo;
use core::sync::atomic::{AtomicBool, Ordering};

use h7a3::console::Polled;

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    static PANICKING: AtomicBool = AtomicBool::new(false);
    // A panic while saying so: the message itself is at fault. Say nothing more.
    if !PANICKING.swap(true, Ordering::Relaxed) {
        // Polled output has no way to fail.
        let _ = write!(Polled::take(), "\r\nspiram panic: {info}\r\nspiram resets\r\n");
        crate::last_words::panic(info);
    }
    h7a3::reset::now()
}
