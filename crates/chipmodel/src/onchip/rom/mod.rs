//! ST's boot loader in system memory, seen from outside: what it does on the USB (AN2606, STM32H7A3: DFU; AN3156).
//!
//! Its program is ST's, and is not here; the core rests while it runs. It is entered by the BOOT0 pin, or by a program that jumps to
//! its vector table. Does NOT model: its other ports (UART, I2C, SPI), option bytes and OTP, read protection, how it leaves clocks and
//! pins when it starts a program.

mod descriptors;
mod dfu;
mod endpoint0;

use crate::bus::usb::{Answer, Handshake, UsbDevice};
use crate::onchip::flash::Flash;
use crate::{Clocks, Device, Effects, Refused, Time, Width};
use dfu::Dfu;
use endpoint0::{Endpoint0, Step};

/// Offset of its vector table in system memory, which begins at 0x1FF0_0000.
pub const VECTORS: u32 = 0xA800;
/// Where its first instruction stands, by that table.
pub const ENTRY: u32 = 0x1FF0_A808;
/// The stack that it uses.
const STACK: u32 = 0x2000_3000;

/// The boot loader.
#[derive(Clone, Debug, Default)]
pub struct Rom {
    running: bool,
    address: u8,
    endpoint0: Endpoint0,
    dfu: Dfu,
    alternate: u8,
    configuration: u8,
    changed: bool,
    /// It starts the program whose vector table is there, once the host has its answer.
    leaves: Option<u32>,
}

impl Rom {
    /// It begins to run.
    pub fn start(&mut self) {
        *self = Rom {
            running: true,
            changed: true,
            ..Rom::default()
        };
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.running
    }

    /// The vector table of the program that it starts now; it ends with that.
    pub fn take_leave(&mut self) -> Option<u32> {
        let at = self.leaves.filter(|_| self.endpoint0.is_idle())?;
        self.leaves = None;
        self.stop();
        Some(at)
    }

    fn stop(&mut self) {
        (self.running, self.changed) = (false, true);
    }

    /// Does to the flash what it was asked for.
    pub fn work(&mut self, flash: &mut Flash, now: Time) {
        self.dfu.look(flash.array(), now);
        if self.dfu.has_begun() {
            self.dfu.work(flash.array_mut());
        }
    }

    /// A request, once all its data has come.
    fn serve(&mut self, setup: [u8; 8], data: &[u8], now: Time) -> Option<Vec<u8>> {
        let [kind, request, low, high, index, ..] = setup;
        match (kind, request) {
            (0x80, 6) => descriptors::find(high, low),
            (0x80, 0) | (0x81, 0) => Some(vec![0, 0]),
            (0x80, 8) => Some(vec![self.configuration]),
            (0x81, 10) => Some(vec![self.alternate]),
            (0x00, 5) => Some(Vec::new()),
            (0x00, 9) if low <= 1 => {
                self.configuration = low;
                Some(Vec::new())
            }
            (0x01, 11) if usize::from(low) < descriptors::ALTERNATES && index == 0 => {
                self.alternate = low;
                Some(Vec::new())
            }
            (0x21 | 0xA1, _) if index == 0 => {
                let answer = self.dfu.serve(setup, data, self.alternate, now);
                self.leaves = self.leaves.or(self.dfu.take_leave());
                answer
            }
            _ => None,
        }
    }
}

impl UsbDevice for Rom {
    fn pulls_up(&self) -> bool {
        self.running
    }

    fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }

    fn bus_reset(&mut self, _fx: &mut Effects) {
        (self.address, self.configuration, self.alternate) = (0, 0, 0);
        (self.endpoint0, self.changed) = (Endpoint0::default(), true);
    }

    fn takes(&self, address: u8, endpoint: u8, _bytes: usize) -> bool {
        address != self.address || endpoint != 0 || self.endpoint0.takes()
    }

    fn gives(&self, address: u8, endpoint: u8) -> bool {
        address != self.address || endpoint != 0 || self.endpoint0.gives()
    }

    fn setup(&mut self, address: u8, bytes: [u8; 8], fx: &mut Effects) -> Handshake {
        if address != self.address {
            return Handshake::Silence;
        }
        if self.endpoint0.setup(bytes) == Step::Complete {
            let answer = self.serve(bytes, &[], fx.now);
            self.endpoint0.answer(answer);
        }
        self.changed = true;
        Handshake::Ack
    }

    fn out(&mut self, address: u8, endpoint: u8, _data1: bool, bytes: &[u8], fx: &mut Effects) -> Handshake {
        if address != self.address || endpoint != 0 {
            return Handshake::Silence;
        }
        let handshake = self.endpoint0.out(bytes);
        if let Some((setup, data)) = self.endpoint0.take_complete() {
            let answer = self.serve(setup, &data, fx.now);
            self.endpoint0.answer(answer);
        }
        self.changed = true;
        handshake
    }

    fn token_in(&mut self, address: u8, endpoint: u8, _fx: &mut Effects) -> Answer {
        if address != self.address || endpoint != 0 {
            return Answer::Silence;
        }
        self.endpoint0.token_in()
    }

    fn acknowledge(&mut self, _endpoint: u8) {
        if let Some([0, 5, address, ..]) = self.endpoint0.acknowledge() {
            self.address = address;
        }
        self.changed = true;
    }
}

/// Its vector table is all that can be read.
impl Device for Rom {
    fn read(&mut self, offset: u32, width: Width, _fx: &mut Effects) -> Result<u32, Refused> {
        match (offset, width) {
            (VECTORS, Width::Word) => Ok(STACK),
            (offset, Width::Word) if offset == VECTORS + 4 => Ok(ENTRY | 1),
            _ => Err(Refused::Unmodelled("program of ST's boot loader")),
        }
    }

    fn write(&mut self, _offset: u32, _width: Width, _value: u32, _fx: &mut Effects) -> Result<(), Refused> {
        Err(Refused::BusError("system memory cannot be written".into()))
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        self.dfu.busy_until().filter(|_| self.running)
    }

    fn reset(&mut self) {
        if self.running {
            self.stop();
        }
    }
}

#[cfg(test)]
mod tests;
