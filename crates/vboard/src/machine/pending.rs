//! What the run loop has to do before the core goes on.

/// One flag a reason; each makes the core stop before its next block.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pending {
    /// SYSRESETREQ was written.
    pub reset: bool,
    /// The core remembers rights that no longer hold.
    pub rights: bool,
    /// The instruction cache was invalidated: the core may have code that is no longer in memory.
    pub code: bool,
    /// An imprecise BusFault.
    pub imprecise_fault: bool,
}

impl Pending {
    /// Is there anything to do?
    pub fn any(self) -> bool {
        self.reset || self.rights || self.code || self.imprecise_fault
    }
}
