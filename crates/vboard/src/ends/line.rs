//! The far end of a serial line.

use chipmodel::Time;
use sha2::{Digest, Sha256};

/// What hangs on a serial port.
pub trait Serial {
    /// The board has sent these bytes; the last one's stop bit ended at `now` at the latest.
    fn receive(&mut self, bytes: &[u8], now: Time);

    /// What the end sends now: asked after each [`Serial::receive`]. The line takes as long for it as its speed says.
    fn send(&mut self) -> Vec<u8>;

    /// The same end once more, for a snapshot.
    fn boxed(&self) -> Box<dyn Serial>;
}

/// A plug that joins output and input: what is sent comes back.
#[derive(Clone, Debug, Default)]
pub struct Loopback {
    heard: Vec<u8>,
}

impl Serial for Loopback {
    fn receive(&mut self, bytes: &[u8], _now: Time) {
        self.heard.extend_from_slice(bytes);
    }

    fn send(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.heard)
    }

    fn boxed(&self) -> Box<dyn Serial> {
        Box::new(self.clone())
    }
}

/// The console's end on the host's side: keeps what the board has sent until it is taken, and a hash of all of it.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    waiting: Vec<u8>,
    hash: Sha256,
}

impl Tape {
    /// The board has sent these bytes.
    pub fn record(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.waiting.extend_from_slice(bytes);
    }

    /// Is there anything to take?
    pub fn has_some(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// What was sent since the last call.
    pub fn take(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.waiting)
    }

    /// SHA-256 of everything that was ever sent, in hex.
    pub fn sha256(&self) -> String {
        let digest = self.hash.clone().finalize();
        digest.iter().map(|b| format!("{b:02x}")).collect()
    }
}
