//! Faults, or open questions, that silicon may decide another way than the models do by default.

use super::Chip;
use chipmodel::onchip::octospi::{Quirks, Unstrobed};

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Erratum {
    /// ACTLR.DISRAMODE has no effect.
    DisramodeIneffective,
    /// Bytes of a 64-bit beat without a strobe keep what the chip holds, as if there were a mask pin.
    LanesKeep,
    /// They get what was in the controller before. By default: zeros.
    LanesStale,
    /// Exception entry leaves in the store buffer what is there; only DSB, maintenance and a full buffer drain it.
    EntryKeeps,
    /// On the way from a DMA to the controller narrow beats of a burst become 64-bit beats.
    DmaJoined,
    /// The controller's time-out does not end a write: chip select stays low after it.
    WritesStayOpen,
}

impl Chip {
    /// From now on the chip has this fault, also after a reset. Those of the core are the core's matter.
    pub fn apply_erratum(&mut self, erratum: Erratum) {
        let lanes = |unstrobed| Quirks {
            unstrobed,
            ..Quirks::default()
        };
        match erratum {
            Erratum::DisramodeIneffective | Erratum::EntryKeeps => {}
            Erratum::LanesKeep => self.devices.octospi1.set_quirks(lanes(Unstrobed::Keep)),
            Erratum::LanesStale => self.devices.octospi1.set_quirks(lanes(Unstrobed::Stale)),
            Erratum::WritesStayOpen => self.devices.octospi1.set_quirks(Quirks {
                writes_stay_open: true,
                ..Quirks::default()
            }),
            Erratum::DmaJoined => self.joins_dma = true,
        }
    }
}
