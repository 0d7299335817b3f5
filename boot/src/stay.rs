//! The loader stays: on the USB, with a word on the console, and a light that shows why.

use h7a3::layout::Fault;
use h7a3::usb::{self, Loader};
use h7a3::{caches, clocks, console, reset, time};

use crate::board;

/// Why no program was started.
pub enum Reason {
    /// The program before has asked for the loader.
    Asked,
    /// The key was held.
    Key,
    /// There is nothing to start.
    Fault(Fault),
}

/// pid.codes' second number for private tests (docs/boot.md).
const USB_ID: (u16, u16) = (0x1209, 0x0002);

/// How long the light is on, and off.
const BLINK_MS: (u64, u64) = (100, 900);
const BLINK_OF_A_FAULT_MS: (u64, u64) = (100, 100);
/// While the flash is written it stays on.
const LOOK_MS: u64 = 10;

impl Reason {
    fn name(&self) -> &'static str {
        match self {
            Reason::Asked => "spiram boot loader: asked for",
            Reason::Key => "spiram boot loader: key held",
            Reason::Fault(Fault::Missing) => "spiram boot loader: no program",
            Reason::Fault(Fault::OtherBoard(_)) => "spiram boot loader: program of another board",
            Reason::Fault(Fault::NoHeader | Fault::Outside(_)) => {
                "spiram boot loader: no program that it knows"
            }
            Reason::Fault(Fault::Torn(_) | Fault::Sum { .. }) => {
                "spiram boot loader: the program is not whole"
            }
        }
    }
}

/// Until the host, or the reset key, ends it.
pub fn run(reason: Reason) -> ! {
    caches::enable_for_instructions();
    let chip = clocks::start(clocks::OCTOSPI_KERNELS[0]);
    time::start_cycles();
    board::wire(
        chip,
        Loader {
            id: USB_ID,
            product: reason.name(),
            on_leave: reset::now,
        },
    );
    tell(&reason, &mut console::Polled::take());
    blink(matches!(reason, Reason::Fault(_)))
}

fn tell(reason: &Reason, console: &mut console::Polled) {
    for words in ["\r\n", reason.name(), " (", board::NAME, ")\r\n"] {
        console.print(words);
    }
    let mut line = |words, value| {
        console.print(words);
        console.print_hex(value);
    };
    if let Reason::Fault(fault) = reason {
        match fault {
            Fault::Torn(at) => line("  the power failed while the word was written at ", *at),
            Fault::Sum { expected, found } => {
                line("  its CRC-32 is ", *found);
                line(", expected ", *expected);
            }
            Fault::Outside(piece) => line("  its header names bytes where no program is, at ", piece.address),
            Fault::Missing | Fault::NoHeader | Fault::OtherBoard(_) => {}
        }
    }
    console.print("\r\n  flash it over USB: dfu-util -a 0 -D spiram-");
    console.print(board::FILE);
    console.print("-update.dfu\r\n");
}

fn blink(is_fault: bool) -> ! {
    let (on_ms, off_ms) = if is_fault { BLINK_OF_A_FAULT_MS } else { BLINK_MS };
    let led = board::LED;
    if let Some(led) = &led {
        led.init();
    }
    loop {
        for (lit, ms) in [(true, on_ms), (false, off_ms)] {
            let end_us = time::ticks_us() + 1000 * ms;
            while time::ticks_us() < end_us {
                if let Some(led) = &led {
                    led.light(lit || usb::is_writing());
                }
                time::sleep(end_us.min(time::ticks_us() + 1000 * LOOK_MS), || false);
            }
        }
    }
}
