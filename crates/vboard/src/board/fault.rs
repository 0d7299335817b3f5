//! What may be wrong with a joint between a part's pin and its net.

use chipmodel::Picos;
use chipmodel::bus::pad::Drive;
use chipmodel::onchip::octospi::Loose;

/// A fault of a joint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No contact.
    Open,
    /// A bad contact.
    Resistance {
        /// Beyond some, the edges of a serial port do not get through: see [`Fault::conducts`]; how late they are on faster
        /// lines is [`Fault::delay`].
        ohms: u32,
    },
    /// A contact that is there but for moments: single clocks of the memory's lines are lost. What is slower does not notice.
    Loose(Loose),
    /// The pin is shorted to a rail.
    Short {
        /// The rail: 0 or 3300.
        millivolts: u32,
    },
}

/// Above this an edge is too slow for a serial port: with 20 pF it takes 2 us.
const DIGITAL_LIMIT_OHMS: u32 = 100_000;
/// What hangs behind a bad contact: a pad of the memory and its lead.
const LOAD_PF: u64 = 8;

impl Fault {
    /// Do edges still get through?
    pub fn conducts(self) -> bool {
        match self {
            Fault::Open | Fault::Short { .. } => false,
            Fault::Resistance { ohms } => ohms <= DIGITAL_LIMIT_OHMS,
            Fault::Loose(_) => true,
        }
    }

    /// How long an edge takes to get through: 0.7 RC to half of the supply.
    pub fn delay(self) -> Picos {
        match self {
            Fault::Resistance { ohms } => Picos(u64::from(ohms) * LOAD_PF * 7 / 10),
            Fault::Open | Fault::Short { .. } | Fault::Loose(_) => Picos(0),
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
            Some(Fault::Short { .. } | Fault::Loose(_)) | None => Some(drive),
        }
    }

    /// What the fault itself puts on the net.
    pub fn rail(self) -> Option<Drive> {
        match self {
            Fault::Short { millivolts } => Some(Drive::source(millivolts)),
            Fault::Open | Fault::Resistance { .. } | Fault::Loose(_) => None,
        }
    }
}
