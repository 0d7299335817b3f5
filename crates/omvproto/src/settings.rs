//! What the two ends of a link agree on.

use crate::packet::{MAX_PAYLOAD, MIN_PAYLOAD};

/// What both ends agree on. The host chooses; a new beginning brings back what [`Engine::set_up`](crate::Engine::set_up) was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Sums are made, and looked at.
    pub crc: bool,
    /// Commands are numbered.
    pub seq: bool,
    /// The host acknowledges data.
    pub ack: bool,
    /// Events are sent.
    pub events: bool,
    /// Bytes.
    pub max_payload: usize,
    /// How often something is sent again.
    pub retries: u8,
    /// After so long without an acknowledgement; twice as long each time.
    pub timeout_ms: u32,
    /// Locks come no faster.
    pub lock_interval_ms: u32,
}

impl Settings {
    /// What hosts expect.
    pub const DEFAULT: Settings = Settings {
        crc: true,
        seq: true,
        ack: true,
        events: true,
        max_payload: MAX_PAYLOAD,
        retries: 3,
        timeout_ms: 500,
        lock_interval_ms: 10,
    };

    /// Whether they can be.
    pub fn are_possible(&self) -> bool {
        (MIN_PAYLOAD..=MAX_PAYLOAD).contains(&self.max_payload) && self.timeout_ms > 0
    }

    pub(crate) fn flags(&self) -> u32 {
        [self.crc, self.seq, self.ack, self.events]
            .into_iter()
            .rev()
            .fold(0, |flags, on| flags << 1 | u32::from(on))
    }

    pub(crate) fn with(self, flags: u32, max_payload: usize) -> Settings {
        let has = |bit: u32| flags >> bit & 1 != 0;
        let (crc, seq, ack, events) = (has(0), has(1), has(2), has(3));
        Settings {
            crc,
            seq,
            ack,
            events,
            max_payload,
            ..self
        }
    }
}
