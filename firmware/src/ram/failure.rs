//! Why there is no PSRAM, or a slower one, in words.

use core::fmt;

use h7a3::octospi;
use psram::PlanError;
use psram::driver::{BusError, OpenError};
use psram::id::{Id, Unfit};
use psram::memtest::Fault;

use crate::board;
use crate::lab::Wrong;

pub const NO_ID: Id = Id([0; 8]);

/// Why there is no PSRAM.
pub enum Failure {
    Plan(PlanError),
    Open(OpenError<octospi::Error>),
    Map(BusError<octospi::Error>),
    Unmap(octospi::Error),
    /// The MPU has no region of the part's size.
    Region,
    /// Stores were lost in every configuration.
    Torn(Id, Torn),
    /// A word is not what it should be.
    Cells {
        id: Id,
        fault: Fault,
        /// Where addresses begin anew, if that is before the chip's end.
        repeats_after_bytes: Option<u32>,
    },
}

/// How stores were lost.
pub enum Torn {
    /// A single one changed its neighbours.
    Lanes(Fault),
    /// One of many in a row, with interrupts between them.
    Stream(Wrong),
}

/// A word that did not hold what it should.
pub struct TestFailure {
    /// Where, as the core sees it.
    pub address: u32,
    /// What was written.
    pub expected: u32,
    /// What was read.
    pub found: u32,
}

impl Failure {
    /// A chip that says what it is, and is not what was ordered, has good joints.
    pub fn may_be_a_joint(&self) -> bool {
        match self {
            Failure::Open(OpenError::Unfit(unfit)) => {
                !matches!(unfit, Unfit::Flash { .. } | Unfit::BadDie { .. })
            }
            Failure::Open(_) | Failure::Torn(..) | Failure::Cells { .. } => true,
            Failure::Plan(_) | Failure::Map(_) | Failure::Unmap(_) | Failure::Region => false,
        }
    }

    /// What a test expected and found.
    pub fn word(&self) -> Option<[u32; 2]> {
        match self {
            Failure::Cells { fault, .. } | Failure::Torn(_, Torn::Lanes(fault)) => {
                Some([fault.expected, fault.found])
            }
            _ => None,
        }
    }

    /// The ID of a chip that answered and failed later.
    pub fn id(&self) -> Id {
        match self {
            Failure::Torn(id, _) | Failure::Cells { id, .. } => *id,
            Failure::Plan(_) | Failure::Open(_) | Failure::Map(_) | Failure::Unmap(_) | Failure::Region => {
                NO_ID
            }
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Plan(error) => error.fmt(f),
            Failure::Open(error @ OpenError::Unfit(unfit)) => {
                write!(f, "not found: {error}; {}", unfit.hint())
            }
            Failure::Open(error) => write!(f, "not usable: {error}"),
            Failure::Map(error) => write!(f, "not usable: {error}"),
            Failure::Region => write!(
                f,
                "not usable: no MPU region has the size of {}",
                board::PART.name
            ),
            Failure::Unmap(error) => write!(f, "not usable: leaving mapped mode failed: {error:?}"),
            Failure::Torn(_, torn) => write!(f, "store test fail, {torn}"),
            Failure::Cells {
                fault,
                repeats_after_bytes,
                ..
            } => {
                write!(f, "memtest fail, {}", TestFailure::from(*fault))?;
                match repeats_after_bytes {
                    Some(bytes) => write!(f, "; addresses begin anew after {} MB", bytes >> 20),
                    None => Ok(()),
                }
            }
        }
    }
}

impl fmt::Display for Torn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Torn::Lanes(fault) => TestFailure::from(*fault).fmt(f),
            Torn::Stream(Wrong {
                address,
                expected,
                found,
                ..
            }) => write!(
                f,
                "address {address:#010x} expected {expected:#x} found {found:#x}"
            ),
        }
    }
}

impl From<Fault> for TestFailure {
    fn from(fault: Fault) -> Self {
        let Fault {
            offset,
            expected,
            found,
            ..
        } = fault;
        TestFailure {
            address: h7a3::mpu::WINDOW_BASE + offset,
            expected,
            found,
        }
    }
}

impl fmt::Display for TestFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TestFailure {
            address,
            expected,
            found,
        } = self;
        write!(
            f,
            "address {address:#010x} expected {expected:#010x} found {found:#010x}"
        )
    }
}
