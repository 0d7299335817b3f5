//! The boot loader (`boot/`) that lies before the program, what it looks for, and the way back into it.
#![allow(unsafe_code)]

use crate::{board, memory};
use h7a3::layout::{self, HEADER_BYTES};
use h7a3::rewrite::{self, Part};
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

/// Writes another program, in this order, and resets. The addresses are sectors of the program's, the bytes whole words of the flash at
/// a multiple of four; parts without bytes come last.
pub fn install(parts: &[(u32, &[u8]); 3]) -> ! {
    let count = parts.iter().take_while(|(_, bytes)| !bytes.is_empty()).count();
    let parts = parts.map(|(address, bytes)| Part {
        address,
        from: bytes.as_ptr(),
        bytes: bytes.len(),
    });
    // SAFETY: Python never runs again, so its machine code is nobody's; its memory begins at a multiple of 4 KB. The parts are as was
    // promised, and borrowed for ever.
    unsafe { rewrite::run(&parts[..count], memory::code().cast()) }
}
