//! The wiring of the board, generated from `board/<name>.toml`, and what the chip's pins can do, from its metadata.
#![allow(dead_code, reason = "a board file says more than any one program asks")]

use h7a3::gpio::{Key, Led, PinId, Pull, pin};

/// Opens the console, hands noise source and DMA channel to their drivers, and returns the way to the memory chip. `on_touch` is
/// what a host asks for by 1200 baud.
///
/// Pins are embassy's types here: a pin that cannot serve the peripheral beside it does not compile.
macro_rules! wires {
    (
        console: $uart:ident, rx $rx:ident, tx $tx:ident, baud $baud:literal;
        usb: dp $dp:ident, dm $dm:ident;
        memory: clk $clk:ident, ncs $ncs:ident, io $io0:ident $io1:ident $io2:ident $io3:ident;
    ) => {
        h7a3::bind_interrupts!(struct Irqs {
            FLASH => h7a3::flash::Interrupt;
            OTG_HS => h7a3::usb::Watcher, h7a3::usb::Interrupt;
            CEC => h7a3::usb::Tasks;
            SPI1 => h7a3::screen::Served<h7a3::SPI1>;
            SPI2 => h7a3::screen::Served<h7a3::SPI2>;
            SPI3 => h7a3::screen::Served<h7a3::SPI3>;
            SPI4 => h7a3::screen::Served<h7a3::SPI4>;
            DCMI_PSSI => h7a3::camera::Pictures;
            DMA2_STREAM7 => h7a3::camera::Bands;
        });

        /// The serial port that is the console.
        pub fn console_port() -> h7a3::serial::Unit {
            h7a3::serial::Unit::$uart
        }

        pub fn wire(chip: h7a3::Peripherals, on_touch: fn() -> !) -> h7a3::octospi::Octospi {
            h7a3::console::open(console_port(), chip.$uart, chip.$rx, chip.$tx, $baud);
            let identity = h7a3::usb::Identity { id: USB_ID, product: NAME, on_touch };
            h7a3::usb::open(chip.USB_OTG_HS, chip.$dp, chip.$dm, Irqs, identity);
            h7a3::flash::sleep_while_busy(Irqs);
            h7a3::rng::provide(chip.RNG);
            h7a3::mdma::provide(chip.MDMA_CH0);
            h7a3::octospi::Octospi::new(
                chip.OCTOSPI1, chip.$clk, chip.$ncs, chip.$io0, chip.$io1, chip.$io2, chip.$io3,
            )
        }
    };
}

/// Vendor and product number: pid.codes' first test number, which is for private use (docs/usb.md).
pub const USB_ID: (u16, u16) = (0x1209, 0x0001);

/// One thing that a pin can do for a peripheral.
pub struct Function {
    pub pin: PinId,
    /// As the reference manual names it.
    pub peripheral: &'static str,
    pub signal: &'static str,
    /// The alternate function; `None` is analogue, or needs no number.
    pub number: Option<u8>,
}

/// A pin that a program cannot have.
pub struct Reserved {
    pub pin: PinId,
    /// Which wire it is.
    pub wire: &'static str,
    /// Whose.
    pub owner: &'static str,
}

/// A pin with the number of the function that leads the signal to it. A board file that asks for what the chip does not have does
/// not compile.
const fn function(peripheral: &str, signal: &str, pin: PinId) -> (PinId, u8) {
    let mut n = 0;
    while n < FUNCTIONS.len() {
        let found = &FUNCTIONS[n];
        if found.pin.index() == pin.index()
            && equal(found.peripheral, peripheral)
            && equal(found.signal, signal)
        {
            if let Some(number) = found.number {
                return (pin, number);
            }
        }
        n += 1;
    }
    panic!("the chip does not lead this signal to this pin")
}

const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut n = 0;
    while n < a.len() && n < b.len() && a[n] == b[n] {
        n += 1;
    }
    n == a.len() && n == b.len()
}

include!(concat!(env!("OUT_DIR"), "/board.rs"));
include!(concat!(env!("OUT_DIR"), "/functions.rs"));

const _: () = assert!(
    HSE_HZ == h7a3::clocks::HSE_HZ,
    "h7a3::clocks has dividers for another crystal than this board's"
);
