//! The boot loader (`boot/`) that lies before the program, what it looks for, and the way back into it.
#![allow(unsafe_code)]

use crate::board;
use h7a3::layout::{self, HEADER_BYTES};
use h7a3::{mail, reset};

/// A thing that has a section of its own. One of them is the loader itself: one ELF has both.
macro_rules! in_flash {
    ($section:literal, static $name:ident: $kind:ty = $value:expr;) => {
        // SAFETY: memory.x has a place for this section, and nobody reads it by this name.
        #[used]
        #[unsafe(link_section = $section)]
        static $name: $kind = $value;
    };
}

in_flash!(
    ".header",
    static HEADER: [u8; HEADER_BYTES] = layout::unfilled(board::FILE);
);

include!(concat!(env!("OUT_DIR"), "/boot.rs"));

/// Resets the chip into our loader.
pub fn enter() -> ! {
    mail::leave(mail::TO_LOADER);
    reset::now()
}

/// Resets the chip into the one that ST has put into its ROM. Ours reads this request, too, before anything is set up: that is the
/// state in which ST's expects the chip.
pub fn enter_rom() -> ! {
    mail::leave(mail::TO_ROM);
    reset::now()
}
