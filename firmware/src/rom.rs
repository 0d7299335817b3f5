//! The way into the boot loader that ST has put into the chip: USB DFU, which `dfu-util` and `cargo xtask build`'s .dfu are for.
//!
//! It is entered right after a reset, before anything is set up: that is the state in which it expects the chip.

use h7a3::{mail, reset};

/// Resets the chip into the boot loader.
pub fn enter() -> ! {
    mail::leave(mail::TO_ROM);
    reset::now()
}

/// At the start: goes there if the program before has asked for it. A board that is switched off and on starts as ever.
pub fn follow_request() {
    if mail::take_if(mail::TO_ROM) {
        reset::to_rom();
    }
}
