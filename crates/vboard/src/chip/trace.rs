//! What changes at the nets, in the core and on the memory's wires, noted for who records it.

use crate::board::Pin;
use chipmodel::Time;
use chipmodel::onchip::octospi::Edge;
use std::collections::BTreeMap;

/// One change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The level on a pin's net; `None`: it floats.
    Net(Pin, Option<bool>),
    /// The exception that runs, 0 in thread mode.
    Exception(u8),
    /// Whether the processor sleeps.
    Asleep(bool),
    /// CE# of the memory chip.
    Memory(Edge),
}

/// Changes that nobody has taken yet.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    changes: Vec<(Time, Change)>,
    nets: BTreeMap<Pin, Option<bool>>,
    exception: u8,
    asleep: bool,
}

impl Trace {
    /// A net was looked at.
    pub fn net(&mut self, at: Time, pin: Pin, level: Option<bool>) {
        if self.nets.insert(pin, level) != Some(level) {
            self.changes.push((at, Change::Net(pin, level)));
        }
    }

    /// The core was looked at.
    pub fn core(&mut self, at: Time, exception: u8, asleep: bool) {
        if core::mem::replace(&mut self.exception, exception) != exception {
            self.changes.push((at, Change::Exception(exception)));
        }
        if core::mem::replace(&mut self.asleep, asleep) != asleep {
            self.changes.push((at, Change::Asleep(asleep)));
        }
    }

    /// CE# has moved.
    pub fn memory(&mut self, edges: Vec<Edge>) {
        let changes = edges.into_iter().map(|edge| (edge.at, Change::Memory(edge)));
        self.changes.extend(changes);
    }

    /// What was noted since the last call.
    pub fn take(&mut self) -> Vec<(Time, Change)> {
        core::mem::take(&mut self.changes)
    }
}
