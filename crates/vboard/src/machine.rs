//! The machine as the host sees it: load an ELF, let it run, talk to its console, look at what it did.

use crate::board::{Board, BoardError};
use crate::{Event, ImageError, Stats};
use chipmodel::Time;

/// What to build the machine from.
#[derive(Clone, Debug)]
pub struct Config {
    /// The board's wiring.
    pub board: Board,
    /// What is soldered where the memory chip goes.
    pub memory_chip: chipmodel::psram::Fitted,
    /// End a run at the first event, or only collect them.
    pub strictness: Strictness,
    /// Chooses the content of RAM at power-up, which is never zero on silicon.
    pub seed: u64,
}

/// What an event does to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strictness {
    /// It ends the run with [`Stop::Events`].
    Strict,
    /// It is collected, and the firmware meets what silicon would do.
    Lenient,
}

/// Why a machine could not be built.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The ELF is not for this chip, or damaged.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// The board's description makes no sense.
    #[error(transparent)]
    Board(#[from] BoardError),
    /// The processor model did not start.
    #[error("processor model: {0}")]
    Processor(String),
}

/// How far to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Until {
    /// Stop when virtual time has come here.
    pub time: Time,
    /// Stop as soon as the console has sent something.
    pub output: bool,
    /// Stop when the processor goes to sleep, instead of letting time jump to its next wake-up.
    pub idle: bool,
}

impl Until {
    /// Until a time, jumping over sleep.
    pub fn time(time: Time) -> Self {
        Until { time, output: false, idle: false }
    }
}

/// Why a run ended. All but [`Stop::Events`] and [`Stop::Lockup`] can be continued with another `run`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// The time that was asked for has come.
    Limit,
    /// The console has sent something.
    Output,
    /// The processor sleeps, and `until` is when a device next does something; never, if `None`.
    Idle {
        /// The next moment at which a device changes by itself.
        until: Option<Time>,
    },
    /// The firmware asked for a reset, and the machine has been reset.
    Reset,
    /// Strict, and there is at least one event.
    Events,
    /// A fault inside the HardFault or NMI handler: the processor is stuck, as it would be on silicon.
    Lockup,
}
