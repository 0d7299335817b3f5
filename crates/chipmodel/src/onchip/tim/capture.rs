//! Channels as inputs: the count at an edge (RM0455 "Input capture mode"). Without filter and prescaler.

use super::*;

/// CCxS: the channel's own input, or that of the other one of its pair.
const OWN: u32 = 1;
const OTHER: u32 = 2;

/// The flag of a second capture before the first was fetched.
const fn ccof(channel: usize) -> u32 {
    1 << (9 + channel)
}

impl Tim {
    /// Whether an edge to this level counts for an input that is enabled like this.
    pub(super) fn counts(enables: u32, high: bool) -> bool {
        match enables & 0b1010 {
            0b0000 => high,
            0b0010 => !high,
            _ => true,
        }
    }

    /// An edge at TIx: the channels that listen to it keep the count.
    pub(super) fn capture(&mut self, input: usize, high: bool) {
        let count = self.count() as u32;
        for channel in 0..self.kind.channels {
            let from = match self.selection(channel) {
                OWN => channel,
                OTHER => channel ^ 1,
                _ => continue,
            };
            let enables = self.enables(channel);
            if from != input || enables & 1 == 0 || !Self::counts(enables, high) {
                continue;
            }
            self.preload.ccr[channel] = count;
            self.active.ccr[channel] = count;
            if self.sr & ccif(channel) != 0 {
                self.sr |= ccof(channel);
            }
            self.sr |= ccif(channel);
        }
    }
}
