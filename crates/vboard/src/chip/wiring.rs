//! Which joints of the board need which alternate function of the chip's pin.

use super::devices::SERIAL;
use crate::board::{Board, Pin, mux, netlist};
use chipmodel::bus::pad::Mode;
use chipmodel::onchip::gpio::Gpio;

/// The peripherals that a board's joints lead to.
#[derive(Clone, Debug)]
pub struct Wiring {
    /// The console's port, as an index of [`SERIAL`].
    pub console: usize,
    /// The memory's chip select.
    pub select: Pin,
    joints: Vec<Lead>,
    /// D- and D+, if the board has a connector.
    usb: Option<[Pin; 2]>,
}

/// A joint that needs an alternate function of the chip's pin.
#[derive(Clone, Debug)]
struct Lead {
    part: String,
    part_pin: &'static str,
    pin: Pin,
    number: u8,
}

impl Wiring {
    /// Every joint with the alternate function that it needs. Joints whose signal the table of `board::mux` lacks (debug
    /// pins, USB) are left out: nothing here asks for them.
    pub fn new(board: &Board) -> Result<Self, String> {
        let console = check_console(board)?;
        let mut joints = Vec::new();
        for net in netlist(board) {
            for joint in net.joints {
                let Some((peripheral, signal)) = &joint.function else {
                    continue;
                };
                if let Some(number) = mux::function(net.pin, peripheral, signal) {
                    joints.push(Lead {
                        part: joint.part,
                        part_pin: joint.pin,
                        pin: net.pin,
                        number,
                    });
                }
            }
        }
        let usb = board.usb.as_ref().map(|usb| [usb.dm, usb.dp]);
        Ok(Wiring {
            console,
            select: board.memory.ncs,
            joints,
            usb,
        })
    }

    /// Have both lines of the USB been left to its transceiver? They are additional functions, which want the analogue mode
    /// (DS13195, pins PA11 and PA12).
    pub fn leads_to_usb(&self, gpio: &[Gpio]) -> bool {
        self.usb.is_some_and(|lines| {
            let mut modes = lines
                .iter()
                .map(|pin| gpio[usize::from(pin.port)].mode(pin.number));
            modes.all(|mode| mode == Mode::Analog)
        })
    }

    /// Is the chip's pin behind this joint set to the function that the joint needs?
    pub fn selects(&self, part: &str, part_pin: &str, gpio: &[Gpio]) -> bool {
        let mut found = self.joints.iter();
        let lead = found.find(|lead| lead.part == part && lead.part_pin == part_pin);
        lead.is_some_and(|lead| {
            gpio[usize::from(lead.pin.port)].mode(lead.pin.number) == Mode::Alternate(lead.number)
        })
    }
}

/// The console's port, if the board has it where a model is, on pins that lead there.
fn check_console(board: &Board) -> Result<usize, String> {
    let console = &board.console;
    let name = &*console.peripheral;
    let Some(index) = SERIAL.iter().position(|known| *known == name) else {
        return Err(format!(
            "console.peripheral is `{name}`; the virtual board has: {}",
            SERIAL.join(", ")
        ));
    };
    for (what, signal, pin) in [("tx", "TX", console.tx), ("rx", "RX", console.rx)] {
        if mux::function(pin, name, signal).is_none() {
            let pins: Vec<String> = mux::pins(name, signal).iter().map(Pin::to_string).collect();
            return Err(format!(
                "console.{what} is {pin}, which {name} does not reach; it reaches {}",
                pins.join(", ")
            ));
        }
    }
    Ok(index)
}
