//! What has passed since the link was opened.

use crate::wire::Writer;

/// Counts, as the host may ask for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Packets that answered, each once.
    pub sent: u32,
    /// Commands.
    pub received: u32,
    /// Payloads with a wrong sum.
    pub checksum: u32,
    /// Commands with another number than the next.
    pub sequence: u32,
    /// Packets that were sent again.
    pub retransmitted: u32,
    /// Answers that nobody acknowledged.
    pub lost: u32,
    /// Events.
    pub events: u32,
    /// The most events that have waited at a time.
    pub most_waiting: u32,
}

impl Stats {
    pub(crate) fn write(&self, into: &mut Writer) {
        into.u32s(&[
            self.sent,
            self.received,
            self.checksum,
            self.sequence,
            self.retransmitted,
            self.lost,
            self.events,
            self.most_waiting,
        ]);
    }
}
