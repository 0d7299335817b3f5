//! The boot loader: looks at what is in the flash, and starts it; or stays, and lets itself be told over USB what to write.
//!
//! What it does before it starts a program leaves no trace: what was switched on is off again, and clocks are those of the reset.
#![no_std]
#![no_main]
#![deny(unsafe_code)]

mod board;
mod panic;
mod program;
mod stay;

use h7a3::{fault, gpio, mail, mpu, reset};
use stay::Reason;

#[cortex_m_rt::entry]
fn main() -> ! {
    // ST's loader wants a chip that is as after a reset.
    if mail::take_if(mail::TO_ROM) {
        reset::to_rom();
    }
    // A word of the flash that a failing power has left is found out by its fault. The guards are those of the program.
    fault::enable();
    mpu::start();
    let reason = if mail::take_if(mail::TO_LOADER) {
        Reason::Asked
    } else if key_is_held() {
        Reason::Key
    } else {
        match program::check() {
            Ok(vectors) => program::start(vectors),
            Err(fault) => Reason::Fault(fault),
        }
    };
    stay::run(reason)
}

/// What a pin's resistor and capacitance take, some microseconds, in cycles of the clock after a reset.
const SETTLE_CYCLES: u32 = 64 * 20;

fn key_is_held() -> bool {
    let Some(key) = board::KEY else { return false };
    gpio::with_ports(|| {
        key.pin.input(key.pull);
        cortex_m::asm::delay(SETTLE_CYCLES);
        let is_held = key.pin.is_high() == key.active_high;
        key.pin.analog();
        is_held
    })
}
