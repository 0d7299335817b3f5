//! What a full-speed device on a USB cable does with what a host sends, whatever it is made of.

use super::device::Effects;
use super::time::Picos;

/// A frame of the full-speed bus.
pub const FRAME: Picos = Picos(1_000_000_000);

/// What a device says to an OUT or SETUP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handshake {
    /// It has the packet.
    Ack,
    /// Not now.
    Nak,
    /// Not at all.
    Stall,
    /// Nothing: it is not meant, or not there.
    Silence,
}

/// What a device says to an IN token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A packet, DATA1 or DATA0. It stays until [`UsbDevice::acknowledge`].
    Data {
        /// Which of the two.
        data1: bool,
        /// What is in it.
        bytes: Vec<u8>,
    },
    /// Not now.
    Nak,
    /// Not at all.
    Stall,
    /// Nothing: it is not meant, or not there.
    Silence,
}

/// A device at the end of a cable.
pub trait UsbDevice {
    /// Whether the device shows itself: D+ is pulled up.
    fn pulls_up(&self) -> bool;

    /// Whether something may answer otherwise than before; asks once.
    fn take_changed(&mut self) -> bool;

    /// The host drives both lines low for more than 2.5 us.
    fn bus_reset(&mut self, fx: &mut Effects);

    /// Frames begin at `fx.now`, with this number, or end.
    fn run_frames(&mut self, _frame: Option<u16>, _fx: &Effects) {}

    /// A frame begins; only needed while [`UsbDevice::wants_frames`].
    fn start_of_frame(&mut self) {}

    /// Whether the program wants to know of each frame.
    fn wants_frames(&self) -> bool {
        false
    }

    /// Whether the program wants to know of tokens that it does not serve.
    fn wants_naks(&self) -> bool {
        false
    }

    /// The bus was idle for 3 ms.
    fn suspend(&mut self) {}

    /// The host wakes the bus.
    fn resume(&mut self) {}

    /// Whether the device wakes the host.
    fn signals_wakeup(&self) -> bool {
        false
    }

    /// Whether an OUT packet of so many bytes would change anything: it would get another answer than NAK.
    fn takes(&self, address: u8, endpoint: u8, bytes: usize) -> bool;

    /// Whether an IN token would change anything: it would get another answer than NAK.
    fn gives(&self, address: u8, endpoint: u8) -> bool;

    /// SETUP of these bytes to endpoint 0.
    fn setup(&mut self, address: u8, bytes: [u8; 8], fx: &mut Effects) -> Handshake;

    /// An OUT packet.
    fn out(&mut self, address: u8, endpoint: u8, data1: bool, bytes: &[u8], fx: &mut Effects) -> Handshake;

    /// An IN token.
    fn token_in(&mut self, address: u8, endpoint: u8, fx: &mut Effects) -> Answer;

    /// The host has the packet that the last IN token got.
    fn acknowledge(&mut self, endpoint: u8);
}
