//! The wiring of the board, generated from `board/<name>.toml`.

use h7a3::gpio::{Key, Led, Pull, pin};

/// Opens console and USB. Pins are embassy's types here: one that cannot serve its peripheral does not compile.
macro_rules! wires {
    (
        console: $uart:ident, tx $tx:ident at $pin:expr, baud $baud:literal;
        usb: dp $dp:ident, dm $dm:ident;
    ) => {
        h7a3::bind_interrupts!(struct Irqs {
            OTG_HS => h7a3::usb::Watcher, h7a3::usb::Interrupt;
            CEC => h7a3::usb::Tasks;
        });

        /// Opens both.
        pub fn wire(chip: h7a3::Peripherals, loader: h7a3::usb::Loader) {
            h7a3::console::open_polled(h7a3::serial::Unit::$uart, chip.$uart, chip.$tx, $pin, h7a3::clocks::BUS_HZ, $baud);
            h7a3::usb::open_loader(chip.USB_OTG_HS, chip.$dp, chip.$dm, Irqs, loader);
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/board.rs"));
