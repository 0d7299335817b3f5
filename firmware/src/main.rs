//! The program on the chip.
#![no_std]
#![no_main]

mod board;

use core::panic::PanicInfo;

use h7a3::{clocks, console, time};

#[cortex_m_rt::entry]
fn main() -> ! {
    let chip = clocks::start();
    let _memory = board::wire(chip);
    console::write(b"spiram hello from ");
    console::write(board::NAME.as_bytes());
    console::write(b"\r\n");
    for led in board::LEDS {
        led.init();
    }
    let mut next_us = 0;
    loop {
        if let Some(byte) = console::try_read() {
            console::write(&[byte]);
        } else if time::ticks_us() >= next_us {
            next_us = time::ticks_us() + 250_000;
            board::LEDS.iter().for_each(|led| led.toggle());
        } else {
            console::sleep_unless(console::readable);
        }
    }
}

#[panic_handler]
fn panic(_: &PanicInfo) -> ! {
    loop {}
}
