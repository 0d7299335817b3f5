//! The program on the chip: from reset to Python, one step after the other.
//!
//! What a step does is in the module that it names; here is the order, and why it is this one.
#![no_std]
#![no_main]
#![deny(unsafe_code)]

mod board;
mod diagnosis;
mod interpreter;
mod lab;
mod last_words;
mod loader;
mod memory;
mod memtest;
mod output;
mod panic;
mod port;
mod progress;
mod protocol;
mod python;
mod ram;
mod wires;

use h7a3::{caches, clocks, fault, mpu, reset, time};

#[cortex_m_rt::entry]
fn main() -> ! {
    // The PSRAM's window is closed before anything can look into it, on purpose or on speculation (DDI0489F 5.2); the
    // stack gets its guard.
    mpu::start();
    // Faults say what they are, instead of all being HardFault.
    fault::enable();
    fault::print_reports();
    // HSE, PLL1 to 280 MHz at VOS0, PLL2 for OCTOSPI as the memory chip allows; pins, timer and interrupts work from here on.
    let chip = clocks::start(ram::kernel());
    // After the MPU, whose attributes they obey. Read-allocate mode goes off first (DDI0489F 5.9.1).
    caches::enable();
    time::start_cycles();
    // From here on the board can speak; a fault before this line resets it silently.
    let bus = board::wire(chip, loader::enter);
    if !clocks::has_crystal() {
        ram::say(format_args!(
            "no crystal: PH0, PH1 do not swing; clocks are the chip's own, 1 % off"
        ));
    }
    // What a fault left before the reset; faults from here on leave theirs.
    last_words::start();
    // Read once: the flags are cleared, so that the next start tells its own reason.
    reset::cause();
    for led in board::LEDS {
        led.init();
        led.light(true);
    }
    // The longest step, most of it the memory test, half a second. Without a usable chip the board goes on.
    let chip_memory = ram::start(bus);
    for led in board::LEDS {
        led.light(false);
    }
    let (memory, code) = (memory::heap(chip_memory, ram::state().line_ns), memory::code());
    interpreter::run(memory, code)
}
