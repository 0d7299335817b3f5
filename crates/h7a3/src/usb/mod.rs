//! The console over USB: a serial port (CDC-ACM) on the chip's full-speed transceiver.
//!
//! embassy-usb speaks the protocol, in an executor that runs in an interrupt which no peripheral of ours uses; the program
//! knows two rings (`pipe`). What the host sends is taken as long as there is room, and refused (NAK) until then: nothing is
//! lost. What the program prints waits for the host only while a program there has the port open and reads; else the newest is
//! kept for the next one that opens it.
#![allow(unsafe_code)]

mod control;
mod driver;
mod endpoints;
mod pipe;
mod tasks;

pub use control::Watcher;
pub use pipe::{is_open, readable, try_read, write};
pub use tasks::Identity;

use embassy_executor::InterruptExecutor;
use embassy_stm32::interrupt::typelevel::{self, Binding, Handler};
use embassy_stm32::pac::USB_OTG_HS;
use embassy_stm32::usb::{self, DmPin, DpPin};
use embassy_stm32::{Peri, interrupt, peripherals};
use static_cell::{ConstStaticCell, StaticCell};

use driver::Driver;
use endpoints::{Inner, PACKET_BYTES};

/// Of the core; the board binds it to its vector.
pub type Interrupt = usb::InterruptHandler<peripherals::USB_OTG_HS>;

static EXECUTOR: InterruptExecutor = InterruptExecutor::new();

/// Runs the protocol, in the interrupt of a peripheral (HDMI-CEC) that is never switched on.
pub struct Tasks;

impl Handler<typelevel::CEC> for Tasks {
    unsafe fn on_interrupt() {
        // SAFETY: this is the interrupt's handler, and `open` starts the executor before it lets the interrupt through.
        unsafe { EXECUTOR.on_interrupt() };
    }
}

/// A serial port has OUT endpoints for control and data.
const OUT_BYTES: usize = 2 * PACKET_BYTES as usize;

/// Shows the board to a host, if one is there or as soon as one comes.
pub fn open(
    core: Peri<'static, peripherals::USB_OTG_HS>,
    dp: Peri<'static, impl DpPin<peripherals::USB_OTG_HS>>,
    dm: Peri<'static, impl DmPin<peripherals::USB_OTG_HS>>,
    irqs: impl Binding<typelevel::OTG_HS, Interrupt> + Binding<typelevel::CEC, Tasks> + 'static,
    identity: Identity,
) {
    static OUT: ConstStaticCell<[u8; OUT_BYTES]> = ConstStaticCell::new([0; OUT_BYTES]);
    static SERIAL: StaticCell<[u8; 24]> = StaticCell::new();
    // Neither board leads VBUS to the chip in a way that could be relied on; a device without it is always ready.
    let mut config = usb::Config::default();
    config.vbus_detection = false;
    let inner = Inner::new_fs(core, irqs, dp, dm, OUT.take(), config);
    let serial = SERIAL.init(hex(crate::identity::unique_id()));
    let serial = core::str::from_utf8(serial).unwrap_or_default();
    let spawner = EXECUTOR.start(interrupt::CEC);
    // It has one place, and is started once.
    let _ = tasks::start(Driver::new(inner), identity, serial).map(|task| spawner.spawn(task));
}

/// Leaves the bus, as if the cable were pulled: before clocks stop, so that the host does not wait for a device that is silent.
pub(crate) fn leave() {
    connect(false);
}

/// Comes back; the host enumerates the board anew.
pub(crate) fn come_back() {
    connect(true);
}

fn connect(connected: bool) {
    critical_section::with(|_| USB_OTG_HS.dctl().modify(|w| w.set_sdis(!connected)));
}

/// The chip's number as text, which tells two boards on one host apart.
fn hex(id: [u8; 12]) -> [u8; 24] {
    let mut text = [0; 24];
    for (pair, byte) in text.chunks_exact_mut(2).zip(id) {
        for (digit, shift) in pair.iter_mut().zip([4, 0]) {
            *digit = b"0123456789ABCDEF"[usize::from(byte >> shift & 15)];
        }
    }
    text
}
