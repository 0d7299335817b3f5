//! The ends of the console that a person or a program holds: a script, a terminal, a pipe, a pty.
//!
//! All of them see the machine through [`Guest`], so that they can be tested against a few lines of make-believe.
//! Script and pipe let virtual time run free; terminal and pty pass idle time at the speed of the wall clock, asleep
//! in `poll`, never spinning.

mod link;
pub(crate) mod live;
mod pipe;
mod prompt;
mod pty;
mod script;
mod stoppable;
pub(crate) mod terminal;

#[cfg(test)]
mod fake;

pub use link::{Link, LinkError};
pub use live::{Ended, Pace};
pub(crate) use live::{Input, Port, live};
pub use pipe::pipe;
pub use pty::{Pty, PtyError, Service};
pub use script::{ScriptError, Verdict, script};
pub use stoppable::{Stoppable, StoppableInput};
pub(crate) use terminal::ready;
pub use terminal::{LEAVE_KEY, terminal};

use crate::{Machine, Stop, Until};
use chipmodel::{Picos, Time};

/// A machine with a console.
pub trait Guest {
    /// Run on.
    fn run(&mut self, until: Until) -> Stop;
    /// The virtual time.
    fn now(&self) -> Time;
    /// Type on the console.
    fn serial_in(&mut self, bytes: &[u8]);
    /// What the console has printed since the last call.
    fn serial_out(&mut self) -> Vec<u8>;
    /// Whether the wire carries bytes in either direction.
    fn wire_is_busy(&mut self) -> bool;
    /// The program at the host sets the port's speed. It means something to a port over USB only.
    fn set_line_rate(&mut self, _baud: u32) {}
}

impl Guest for Machine {
    fn run(&mut self, until: Until) -> Stop {
        Machine::run(self, until)
    }

    fn now(&self) -> Time {
        Machine::now(self)
    }

    fn serial_in(&mut self, bytes: &[u8]) {
        Machine::serial_in(self, bytes);
    }

    fn serial_out(&mut self) -> Vec<u8> {
        Machine::serial_out(self)
    }

    fn wire_is_busy(&mut self) -> bool {
        self.console_is_busy()
    }

    fn set_line_rate(&mut self, baud: u32) {
        Machine::set_line_rate(self, baud);
    }
}

/// A moment just behind `event`: a processor cannot stop between two of its cycles, and the event is to happen.
fn just_after(event: Time) -> Time {
    event + Picos(1_000_000)
}

const fn seconds(n: u64) -> Picos {
    Picos(n * 1_000_000_000_000)
}

const fn milliseconds(n: u64) -> Picos {
    Picos(n * 1_000_000_000)
}
