//! The FIFOs: one for all that comes in, one for each endpoint of what goes out, in one memory of 4 KB.

use std::collections::VecDeque;

/// Of the whole memory (RM0455 57.4: 4 KB).
pub const MEMORY_WORDS: u32 = 1024;

/// What the receive FIFO holds: a status, and the words that belong to it.
#[derive(Clone, Debug)]
pub struct Entry {
    /// As GRXSTSP shows it.
    pub status: u32,
    pub words: VecDeque<u32>,
}

impl Entry {
    pub fn new(status: u32, bytes: &[u8]) -> Self {
        Entry {
            status,
            words: words(bytes).collect(),
        }
    }

    fn len_words(&self) -> u32 {
        1 + self.words.len() as u32
    }
}

/// Bytes as the words of a FIFO, the last one padded.
fn words(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks(4).map(|chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        u32::from_le_bytes(word)
    })
}

/// The receive FIFO.
#[derive(Clone, Debug, Default)]
pub struct Receive {
    waiting: VecDeque<Entry>,
    /// Of the entry that was taken last, what was not read yet.
    taken: VecDeque<u32>,
}

impl Receive {
    /// Words in use.
    pub fn used_words(&self) -> u32 {
        self.taken.len() as u32 + self.waiting.iter().map(Entry::len_words).sum::<u32>()
    }

    pub fn push(&mut self, entry: Entry) {
        self.waiting.push_back(entry);
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub fn first(&self) -> Option<u32> {
        self.waiting.front().map(|entry| entry.status)
    }

    /// Take the next entry's status; its words can be read now. Also how many words of the one before were never read.
    pub fn take(&mut self) -> Option<(u32, usize)> {
        let entry = self.waiting.pop_front()?;
        let left = std::mem::replace(&mut self.taken, entry.words).len();
        Some((entry.status, left))
    }

    pub fn read(&mut self) -> Option<u32> {
        self.taken.pop_front()
    }
}

/// The transmit FIFO of an endpoint.
#[derive(Clone, Debug, Default)]
pub struct Transmit {
    words: VecDeque<u32>,
}

impl Transmit {
    pub fn used_words(&self) -> u32 {
        self.words.len() as u32
    }

    pub fn push(&mut self, word: u32) {
        self.words.push_back(word);
    }

    pub fn flush(&mut self) {
        self.words.clear();
    }

    /// Whether a packet of this length stands in it.
    pub fn holds(&self, bytes: u32) -> bool {
        self.used_words() >= bytes.div_ceil(4)
    }

    /// The packet of this length at its head; it stays until it is dropped.
    pub fn packet(&self, bytes: u32) -> Vec<u8> {
        let whole = self.words.iter().flat_map(|word| word.to_le_bytes());
        whole.take(bytes as usize).collect()
    }

    pub fn drop_packet(&mut self, bytes: u32) {
        self.words.drain(..bytes.div_ceil(4) as usize);
    }
}

/// A part of the memory: first word and length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub start: u32,
    pub words: u32,
}

impl Part {
    /// As DIEPTXFx has it: the length above, the start below.
    pub fn of(register: u32) -> Self {
        Part {
            start: register & 0xFFFF,
            words: register >> 16,
        }
    }

    fn end(self) -> u32 {
        self.start + self.words
    }

    fn overlaps(self, other: Part) -> bool {
        self.start < other.end() && other.start < self.end()
    }
}

/// What is wrong with a memory that is divided like this; names go with the parts.
pub fn complaints(parts: &[(String, Part)]) -> Vec<String> {
    let mut found = Vec::new();
    for (n, (name, part)) in parts.iter().enumerate() {
        if part.end() > MEMORY_WORDS {
            found.push(format!(
                "{name} ends at word {}, the memory at {MEMORY_WORDS}",
                part.end()
            ));
        }
        for (other, before) in &parts[..n] {
            if part.overlaps(*before) {
                found.push(format!(
                    "{name} (words {} to {}) overlaps {other} (words {} to {})",
                    part.start,
                    part.end() - 1,
                    before.start,
                    before.end() - 1
                ));
            }
        }
    }
    found
}
