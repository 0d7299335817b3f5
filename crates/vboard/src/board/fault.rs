//! What may be wrong with a joint between a part's pin and its net.

use chipmodel::bus::pad::Drive;

/// A fault of a joint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No contact.
    Open,
    /// A bad contact.
    Resistance {
        /// Beyond this, digital signals do not get through: see [`Fault::conducts`].
        ohms: u32,
    },
    /// The pin is shorted to a rail.
    Short {
        /// The rail: 0 or 3300.
        millivolts: u32,
    },
}

/// Above this an edge is too slow for the lines of a memory or a serial port: with 20 pF it takes 0.2 us.
const DIGITAL_LIMIT_OHMS: u32 = 10_000;

impl Fault {
    /// Do edges still get through?
    pub fn conducts(self) -> bool {
        match self {
            Fault::Open | Fault::Short { .. } => false,
            Fault::Resistance { ohms } => ohms <= DIGITAL_LIMIT_OHMS,
        }
    }

    /// What the net sees of a party that drives behind a joint with this fault. `here`: the net is looked at from the
    /// party's own side of the joint.
    pub fn seen(fault: Option<Fault>, drive: Drive, here: bool) -> Option<Drive> {
        match fault {
            _ if here => Some(drive),
            Some(Fault::Open) => None,
            Some(Fault::Resistance { ohms }) => Some(Drive {
                ohms: drive.ohms.saturating_add(ohms),
                ..drive
            }),
            Some(Fault::Short { .. }) | None => Some(drive),
        }
    }

    /// What the fault itself puts on the net.
    pub fn rail(self) -> Option<Drive> {
        match self {
            Fault::Short { millivolts } => Some(Drive::source(millivolts)),
            Fault::Open | Fault::Resistance { .. } => None,
        }
    }
}
