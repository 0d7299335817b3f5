//! The way into the boot loader that ST has put into the chip: USB DFU, which `dfu-util` and `cargo xtask build`'s .dfu are for.
//!
//! It is entered right after a reset, before anything is set up: that is the state in which it expects the chip.

use crate::memory;
use h7a3::reset;

/// Left in the mailbox for the program after the reset. No fault says this.
const REQUEST: &str = "to the boot loader in ROM";

/// Resets the chip into the boot loader.
pub fn enter() -> ! {
    memory::leave_message(REQUEST);
    reset::now()
}

/// At the start: goes there if the program before has asked for it. A board that is switched off and on starts as ever.
pub fn follow_request() {
    if memory::take_message_of(REQUEST) {
        reset::to_rom();
    }
}
