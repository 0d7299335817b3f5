//! A denied store that the program may allow and do again: an event only if it does not.

use chipmodel::{Report, Time};

/// What becomes an event then.
#[derive(Clone, Debug)]
pub struct Awaited {
    /// The fault's exception, whose return decides.
    pub exception: u8,
    /// Where the store is.
    pub pc: u32,
    /// The event.
    pub report: Report,
    /// When it is one in any case.
    pub until: Time,
}
