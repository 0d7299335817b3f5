//! What driver and control pipe both know: which endpoints there are.

use embassy_stm32::{peripherals, usb};
use embassy_usb::driver::EndpointAddress;

/// embassy's driver.
pub type Inner = usb::Driver<'static, peripherals::USB_OTG_HS>;

/// Packets of a full-speed device have at most 64 bytes.
pub const PACKET_BYTES: u16 = 64;

/// Which there are, by number: those to the host, those from it.
#[derive(Clone, Copy, Default)]
pub struct Endpoints([u16; 2]);

impl Endpoints {
    /// One more.
    pub fn add(&mut self, address: EndpointAddress) {
        self.0[usize::from(address.is_in())] |= 1 << address.index();
    }

    /// By its address in a request; endpoint 0 is always there.
    pub fn has(self, address: u8) -> bool {
        let number = address & 0xF;
        number == 0 || self.0[usize::from(address >> 7)] >> number & 1 != 0
    }
}
