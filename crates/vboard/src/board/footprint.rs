//! Which pins of the memory footprint are connected to OCTOSPI1 at present: GPIO alternate functions and OCTOSPIM decide.

use crate::board::{Memory, Pin};
use chipmodel::onchip::gpio::{Gpio, Mode};
use chipmodel::onchip::octospi::Pins;
use chipmodel::onchip::octospim::Octospim;

/// Alternate functions of port 1's signals: signal, port, pin, number (STM32H7A3 data sheet, alternate function tables).
const FUNCTIONS: [(Signal, char, u8, u8); 17] = [
    (Signal::Clk, 'A', 3, 3),
    (Signal::Clk, 'B', 2, 9),
    (Signal::Ncs, 'B', 6, 10),
    (Signal::Ncs, 'B', 10, 9),
    (Signal::Ncs, 'C', 11, 9),
    (Signal::Ncs, 'E', 11, 11),
    (Signal::Io(0), 'B', 1, 11),
    (Signal::Io(0), 'C', 9, 9),
    (Signal::Io(0), 'D', 11, 9),
    (Signal::Io(1), 'B', 0, 11),
    (Signal::Io(1), 'C', 10, 9),
    (Signal::Io(1), 'D', 12, 9),
    (Signal::Io(2), 'A', 7, 10),
    (Signal::Io(2), 'C', 2, 9),
    (Signal::Io(2), 'E', 2, 9),
    (Signal::Io(3), 'A', 1, 9),
    (Signal::Io(3), 'D', 13, 9),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    Clk,
    Ncs,
    Io(u8),
}

/// The footprint's pins, with the alternate function that each needs.
#[derive(Clone, Debug)]
pub struct Footprint {
    pins: [(Signal, Pin, Option<u8>); 6],
}

impl Footprint {
    /// From a board file.
    pub fn new(memory: &Memory) -> Self {
        let pins = [
            (Signal::Clk, memory.clk),
            (Signal::Ncs, memory.ncs),
            (Signal::Io(0), memory.io0),
            (Signal::Io(1), memory.io1),
            (Signal::Io(2), memory.io2),
            (Signal::Io(3), memory.io3),
        ];
        Footprint {
            pins: pins.map(|(signal, pin)| (signal, pin, function(signal, pin))),
        }
    }

    /// What is connected, as the ports and the switch stand now.
    pub fn connected(&self, ports: &[Gpio], switch: &Octospim) -> Pins {
        let leads = |wanted: Signal| {
            switch.routes_octospi1()
                && self.pins.iter().any(|&(signal, pin, function)| {
                    let port = ports.get(usize::from(pin.port));
                    let mode = port.map(|port| port.mode(pin.number));
                    signal == wanted && function.is_some() && mode == function.map(Mode::Alternate)
                })
        };
        let io = (0..4)
            .filter(|&n| leads(Signal::Io(n)))
            .fold(0, |io, n| io | 1 << n);
        Pins {
            clk_and_ncs: leads(Signal::Clk) && leads(Signal::Ncs),
            io,
        }
    }
}

fn function(signal: Signal, pin: Pin) -> Option<u8> {
    let here =
        |f: &&(Signal, char, u8, u8)| f.0 == signal && f.1 as u8 - b'A' == pin.port && f.2 == pin.number;
    FUNCTIONS.iter().find(here).map(|f| f.3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Board;
    use chipmodel::{Clocks, Device, Effects, Picos, Time, Width};

    fn select(port: &mut Gpio, pin: u8, function: u32) {
        let mut reports = Vec::new();
        let mut fx = Effects {
            now: Time(0),
            clocks: Clocks::default(),
            reports: &mut reports,
            stall: Picos(0),
        };
        let mode = port.read(0, Width::Word, &mut fx).unwrap() & !(3 << (2 * pin)) | 2 << (2 * pin);
        port.write(0, Width::Word, mode, &mut fx).unwrap();
        let afr = 0x20 + 4 * u32::from(pin / 8);
        let shift = 4 * (pin % 8);
        let value = port.read(afr, Width::Word, &mut fx).unwrap() & !(15 << shift) | function << shift;
        port.write(afr, Width::Word, value, &mut fx).unwrap();
    }

    #[test]
    fn a_pin_leads_to_the_chip_only_with_its_own_alternate_function() {
        for name in ["devebox", "weact"] {
            let board = Board::named(name).unwrap();
            let footprint = Footprint::new(&board.memory);
            let switch = Octospim::new();
            let mut ports: [Gpio; 11] = std::array::from_fn(|n| Gpio::new((b'A' + n as u8) as char));
            assert_eq!(
                footprint.connected(&ports, &switch),
                Pins {
                    clk_and_ncs: false,
                    io: 0
                }
            );
            for (port, pin, function) in [('B', 2, 9), ('B', 6, 10), ('D', 11, 9), ('D', 12, 9), ('E', 2, 9)]
            {
                select(&mut ports[usize::from(port as u8 - b'A')], pin, function);
            }
            select(&mut ports[3], 13, 10);
            assert_eq!(
                footprint.connected(&ports, &switch),
                Pins {
                    clk_and_ncs: true,
                    io: 0b0111
                }
            );
            select(&mut ports[3], 13, 9);
            assert_eq!(footprint.connected(&ports, &switch), Pins::ALL);
        }
    }
}
