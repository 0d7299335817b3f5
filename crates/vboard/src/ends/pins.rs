//! What is plugged onto a pin header: sees levels, drives contacts.

use boardfile::Pin;
use chipmodel::Time;
use chipmodel::bus::pad::Drive;

/// What hangs on a header.
pub trait Pins {
    /// When the end next does something by itself.
    fn next_event(&self) -> Option<Time>;

    /// Do what is due at `now`. `level` tells what is on a contact. Returns what the end drives from now on, on the contacts
    /// where that changes; `None` lets go.
    fn act(&mut self, now: Time, level: &dyn Fn(Pin) -> bool) -> Vec<(Pin, Option<Drive>)>;

    /// The same end once more, for a snapshot.
    fn boxed(&self) -> Box<dyn Pins>;
}

/// A list of what is to be driven when, in virtual time.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    /// The latest first.
    steps: Vec<(Time, Pin, Option<Drive>)>,
}

impl Schedule {
    /// These steps, in any order.
    pub fn new(mut steps: Vec<(Time, Pin, Option<Drive>)>) -> Self {
        steps.reverse();
        // Stable: of two steps at one time the first of the list comes first.
        steps.sort_by_key(|(time, ..)| core::cmp::Reverse(*time));
        Schedule { steps }
    }
}

impl Pins for Schedule {
    fn next_event(&self) -> Option<Time> {
        self.steps.last().map(|(time, ..)| *time)
    }

    fn act(&mut self, now: Time, _level: &dyn Fn(Pin) -> bool) -> Vec<(Pin, Option<Drive>)> {
        let mut done = Vec::new();
        while self.next_event().is_some_and(|time| time <= now) {
            done.extend(self.steps.pop().map(|(_, pin, drive)| (pin, drive)));
        }
        done
    }

    fn boxed(&self) -> Box<dyn Pins> {
        Box::new(self.clone())
    }
}
