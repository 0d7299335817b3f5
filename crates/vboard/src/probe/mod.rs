//! A debug probe on the chip's SWD pins: breakpoints in the code end a run, semihosting and SEGGER's RTT reach the host.
//!
//! What a program says to the probe goes to the console's tape, with what it says on its serial port; what is typed goes to
//! the probe as soon as the program listens there. Halting costs no virtual time, where a real probe takes milliseconds.

mod rtt;
mod semihosting;
mod target;

pub use rtt::Block;
pub use semihosting::Answer;
pub use target::Target;

use chipmodel::Time;
use rtt::Rtt;
use semihosting::Semihosting;
use std::collections::VecDeque;

/// The probe, and what it has found out of the program.
#[derive(Clone, Debug)]
pub struct Probe {
    rtt: Rtt,
    semihosting: Semihosting,
    typed: VecDeque<u8>,
    due: Option<Time>,
}

impl Probe {
    /// A probe that looks for the program's RTT at this place.
    pub fn new(block: Block) -> Self {
        let rtt = Rtt::new(block);
        Probe {
            due: rtt.period().map(|_| Time(0)),
            rtt,
            semihosting: Semihosting::default(),
            typed: VecDeque::new(),
        }
    }

    /// When it next looks into the chip's memory.
    pub fn due(&self) -> Option<Time> {
        self.due
    }

    /// Does the program read what is typed by way of the probe?
    pub fn is_listened_to(&self) -> bool {
        self.rtt.has_down() || self.semihosting.has_read()
    }

    /// Something was typed. The key Enter ends a line, as in a file of the host.
    pub fn type_in(&mut self, bytes: &[u8]) {
        let lines = bytes
            .iter()
            .map(|byte| if *byte == b'\r' { b'\n' } else { *byte });
        self.typed.extend(lines);
    }

    /// Is there something that the program has not read?
    pub fn has_input(&self) -> bool {
        !self.typed.is_empty()
    }

    /// Move what is in the buffers of RTT.
    pub fn poll(&mut self, core: &mut impl Target) {
        let said = self.rtt.poll(core, &mut self.typed);
        core.say(&said);
        self.due = self.rtt.period().map(|period| core.now() + period);
    }

    /// The program stands at `BKPT #0xAB`.
    pub fn serve(&mut self, core: &mut impl Target) -> Answer {
        self.semihosting.call(core, &mut self.typed)
    }
}
