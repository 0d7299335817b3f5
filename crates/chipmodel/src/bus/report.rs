//! What a model has to complain about. The machine adds where the processor was (pc, symbol).

/// The sort of thing that went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An access to a register, an address or a mode that has no model.
    Unmodelled,
    /// A rule of a datasheet or reference manual was broken.
    Rule,
    /// The bus answered with an error.
    BusError,
    /// The processor took a fault.
    Fault,
    /// Against a manual, but harmless: real chips were seen to bear it. It does not end a strict run.
    Warning,
}

/// One complaint: always with the numbers found, allowed, and the source of the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Its sort.
    pub kind: Kind,
    /// Bus address that it concerns, if any.
    pub address: Option<u32>,
    /// One line for a person, e.g. `psram: CE# high for 28.6 ns, at least 50 ns needed (tCPH, ESP-PSRAM64H v1.1)`.
    pub message: String,
}
