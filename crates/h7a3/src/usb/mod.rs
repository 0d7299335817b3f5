//! The console over USB: a serial port (CDC-ACM) on the chip's full-speed transceiver. For the boot loader the same without a port,
//! with DFU instead ([`open_loader`]).
//!
//! embassy-usb speaks the protocol, in an executor that runs in an interrupt which no peripheral of ours uses; the program
//! knows two rings (`pipe`). What the host sends is taken as long as there is room, and refused (NAK) until then: nothing is
//! lost. What the program prints waits for the host only while a program there has the port open and reads; else the newest is
//! kept for the next one that opens it.
#![allow(unsafe_code)]

mod control;
mod driver;
mod endpoints;
mod listener;
mod loader;
mod pipe;
mod tasks;

pub use control::Watcher;
pub use listener::{Listener, listen};
pub use loader::{Loader, is_writing};
pub use pipe::{
    forget_output, is_open, is_taken, readable, take_output, try_read, waiting_output, wake_listener, write,
};
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

/// Shows the board to a host as a serial port, if one is there or as soon as one comes.
pub fn open(
    core: Peri<'static, peripherals::USB_OTG_HS>,
    dp: Peri<'static, impl DpPin<peripherals::USB_OTG_HS>>,
    dm: Peri<'static, impl DmPin<peripherals::USB_OTG_HS>>,
    irqs: impl Binding<typelevel::OTG_HS, Interrupt> + Binding<typelevel::CEC, Tasks> + 'static,
    identity: Identity,
) {
    let (driver, serial) = (drive(core, dp, dm, irqs), serial());
    // The executor has one place for it, and it is started once.
    let _ = tasks::start(driver, identity, serial).map(|task| EXECUTOR.start(interrupt::CEC).spawn(task));
}

/// The same as a boot loader.
pub fn open_loader(
    core: Peri<'static, peripherals::USB_OTG_HS>,
    dp: Peri<'static, impl DpPin<peripherals::USB_OTG_HS>>,
    dm: Peri<'static, impl DmPin<peripherals::USB_OTG_HS>>,
    irqs: impl Binding<typelevel::OTG_HS, Interrupt> + Binding<typelevel::CEC, Tasks> + 'static,
    loader: Loader,
) {
    let (driver, serial) = (drive(core, dp, dm, irqs), serial());
    // As above.
    let _ = loader::start(driver, loader, serial).map(|task| EXECUTOR.start(interrupt::CEC).spawn(task));
}

fn drive(
    core: Peri<'static, peripherals::USB_OTG_HS>,
    dp: Peri<'static, impl DpPin<peripherals::USB_OTG_HS>>,
    dm: Peri<'static, impl DmPin<peripherals::USB_OTG_HS>>,
    irqs: impl Binding<typelevel::OTG_HS, Interrupt> + 'static,
) -> Driver {
    static OUT: ConstStaticCell<[u8; OUT_BYTES]> = ConstStaticCell::new([0; OUT_BYTES]);
    // Neither board leads VBUS to the chip in a way that could be relied on; a device without it is always ready.
    let mut config = usb::Config::default();
    config.vbus_detection = false;
    Driver::new(Inner::new_fs(core, irqs, dp, dm, OUT.take(), config))
}

/// The chip's number as text, which tells two boards on one host apart.
fn serial() -> &'static str {
    static SERIAL: StaticCell<heapless::String<24>> = StaticCell::new();
    let text = SERIAL.init(heapless::String::new());
    for nibble in crate::identity::unique_id()
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
    {
        // There is room for all.
        let _ = text.push(char::from(b"0123456789ABCDEF"[usize::from(nibble)]));
    }
    text
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
