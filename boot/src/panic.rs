//! A panic resets the chip. It says nothing: the words would take more of the flash than they are worth.

use core::panic::PanicInfo;

#[panic_handler]
fn panic(_info: &PanicInfo) -> ! {
    h7a3::reset::now()
}
