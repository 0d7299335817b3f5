//! Waiting for words on the console.

use super::{Guest, seconds};
use crate::{Stop, Until};
use chipmodel::Picos;

/// The most virtual time that a boot may take: a test of 8 MB is a few seconds of it.
pub const BOOT_LIMIT: Picos = seconds(120);

/// Why the words did not come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The run was ended by events.
    Events,
    /// The processor is stuck.
    Lockup,
    /// The board was reset.
    Reset,
    /// The time is over.
    Timeout,
    /// The user stopped it.
    Stopped,
}

/// The console as a stream with look-ahead.
pub struct Reader<'a, G> {
    /// The machine behind it.
    pub guest: &'a mut G,
    pending: Vec<u8>,
    /// Why the machine stopped for good; told once all that it printed before is taken.
    ended: Option<Silence>,
}

impl<'a, G: Guest> Reader<'a, G> {
    pub fn new(guest: &'a mut G) -> Self {
        Reader {
            guest,
            pending: Vec::new(),
            ended: None,
        }
    }

    /// Everything that came and that nobody took yet.
    pub fn take_pending(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.pending)
    }

    /// Let the machine run until it prints something.
    pub fn wait(&mut self, limit: Option<Picos>) -> Result<(), Silence> {
        if let Some(silence) = self.ended {
            return Err(silence);
        }
        let end = limit.map(|limit| self.guest.now() + limit);
        loop {
            let time = end.unwrap_or(self.guest.now() + seconds(1));
            let stop = self.guest.run(Until {
                time,
                output: true,
                idle: false,
            });
            let out = self.guest.serial_out();
            let silent = out.is_empty();
            self.pending.extend(out);
            self.ended = match stop {
                Stop::Events => Some(Silence::Events),
                Stop::Lockup | Stop::PowerFailed | Stop::Exit(_) | Stop::Halted(_) => Some(Silence::Lockup),
                Stop::Reset => Some(Silence::Reset),
                Stop::Asked => Some(Silence::Stopped),
                Stop::Limit | Stop::Output | Stop::Idle { .. } => None,
            };
            match self.ended {
                _ if !silent => return Ok(()),
                Some(silence) => return Err(silence),
                None if stop == Stop::Limit && end.is_some() => return Err(Silence::Timeout),
                None => {}
            }
        }
    }

    /// Read up to and including `words`, and return what came before them.
    pub fn read_until(&mut self, words: &[u8], limit: Option<Picos>) -> Result<Vec<u8>, Silence> {
        let end = limit.map(|limit| self.guest.now() + limit);
        loop {
            if let Some(at) = find(&self.pending, words) {
                let mut before: Vec<u8> = self.pending.drain(..at + words.len()).collect();
                before.truncate(at);
                return Ok(before);
            }
            let left = end.map(|end| end - self.guest.now());
            self.wait(left)?;
        }
    }

    /// Read exactly this many bytes.
    pub fn read_exact(&mut self, count: usize, limit: Picos) -> Result<Vec<u8>, Silence> {
        while self.pending.len() < count {
            self.wait(Some(limit))?;
        }
        Ok(self.pending.drain(..count).collect())
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}
