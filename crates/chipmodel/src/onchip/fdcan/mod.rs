//! FDCAN1 and FDCAN2 with their message RAM (RM0455 "Controller area network with flexible data rate"): frames that a
//! controller sends to itself.
//!
//! From memory of RM0433's chapter, which has the same core (M_CAN); RM0455's own could not be read. Modelled: buffers, FIFO
//! and queue of what is sent, cancelling, filters, both receive FIFOs, time on the wire at both rates (without stuff bits),
//! timestamps, both interrupt lines; loopback within the chip and with the pin. Does NOT model: a bus with others on it, which is
//! an event; receive buffers, priorities, events of what was sent, errors, the time-triggered part, the calibration of clocks.

mod controller;
mod frame;
mod ram;

use crate::bus::bank::{lane, merged};
use crate::{Clocks, Device, Effects, Refused, Time, Width};
use controller::Controller;
use ram::Ram;

const CONTROLLER_BYTES: u32 = 0x400;
/// The calibration unit lies between the controllers and the message RAM.
const RAM: u32 = 0xC00;

/// Both controllers, and the memory.
#[derive(Clone, Debug)]
pub struct Fdcan {
    controllers: [Controller; 2],
    ram: Ram,
}

impl Default for Fdcan {
    fn default() -> Self {
        Fdcan {
            controllers: [Controller::new("FDCAN1"), Controller::new("FDCAN2")],
            ram: Ram::default(),
        }
    }
}

/// Controller and register of an offset.
fn place(offset: u32) -> Option<(usize, u32)> {
    (offset < 2 * CONTROLLER_BYTES).then_some((
        (offset / CONTROLLER_BYTES) as usize,
        (offset % CONTROLLER_BYTES) & !3,
    ))
}

impl Device for Fdcan {
    fn read(&mut self, offset: u32, width: Width, fx: &mut Effects) -> Result<u32, Refused> {
        self.advance(fx);
        let word = match place(offset) {
            Some((n, register)) => self.controllers[n].read(register, fx.now, &fx.clocks)?,
            None if offset >= RAM => self.ram.word((offset - RAM) & !3),
            None => return Err(Refused::Unmodelled("FDCAN_CCU (calibration of clocks)")),
        };
        Ok(lane(word, offset, width))
    }

    fn write(&mut self, offset: u32, width: Width, value: u32, fx: &mut Effects) -> Result<(), Refused> {
        self.advance(fx);
        match place(offset) {
            Some((n, register)) => {
                let controller = &mut self.controllers[n];
                let before = if width == Width::Word {
                    0
                } else {
                    controller.read(register, fx.now, &fx.clocks)?
                };
                controller.write(register, merged(before, offset, width, value), &self.ram, fx)
            }
            None if offset >= RAM => {
                let at = (offset - RAM) & !3;
                let word = merged(self.ram.word(at), offset, width, value);
                self.ram.set_word(at, word);
                Ok(())
            }
            None => Err(Refused::Unmodelled("FDCAN_CCU (calibration of clocks)")),
        }
    }

    /// The memory keeps what it holds.
    fn reset(&mut self) {
        self.controllers = Fdcan::default().controllers;
    }

    /// Lines 0 and 1 of FDCAN1, then those of FDCAN2.
    fn lines(&self) -> u32 {
        self.controllers[0].lines() | self.controllers[1].lines() << 2
    }

    fn next_event(&self, _clocks: &Clocks) -> Option<Time> {
        self.controllers.iter().filter_map(Controller::next_event).min()
    }

    fn advance(&mut self, fx: &mut Effects) {
        for controller in &mut self.controllers {
            controller.advance(&mut self.ram, fx);
        }
    }
}

#[cfg(test)]
mod tests;
