//! What is on the pins of a serial port, bit by bit.

use super::frame::{Reading, Sending};
use crate::Time;

/// What is on the pins.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    pub sending: Option<Sending>,
    pub reading: Option<Reading>,
    /// What is on RX, as the receiver sees it; `None`: no pin is RX.
    pub rx: Option<bool>,
    /// What is on CTS; `None`: no pin is.
    pub cts: Option<bool>,
    /// What is driven may have changed.
    pub moved: bool,
}

impl Line {
    pub fn next_event(&self) -> Option<Time> {
        let sending = self.sending.as_ref().map(Sending::next);
        let reading = self.reading.as_ref().map(Reading::end);
        [sending, reading].into_iter().flatten().min()
    }

    pub fn is_breaking(&self) -> bool {
        self.sending.is_some_and(|sending| sending.data.is_none())
    }
}
