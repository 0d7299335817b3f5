//! Packets out of a stream of bytes that may be torn, doubled or nonsense.

use core::ops::Range;

use crate::packet::{self, HEADER_BYTES, Header, MAX_PAYLOAD, SUM_BYTES, SYNC, Sum};

/// What comes in at a time, at most.
pub const CHUNK_BYTES: usize = 64;
/// One packet, and what may come behind it.
const ROOM: usize = HEADER_BYTES + MAX_PAYLOAD + SUM_BYTES + CHUNK_BYTES;

/// What a packet has to be.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Sums count.
    pub summed: bool,
    /// The number that a command must have, if numbers count.
    pub sequence: Option<u8>,
    /// The longest payload.
    pub max_payload: usize,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A packet, and where its payload lies.
    Packet(Header, Range<usize>),
    /// One that is refused: its payload is longer than it may be.
    TooLong(Header),
    /// Its number is not the next.
    OutOfSequence(Header),
    /// The sum of its payload is wrong.
    Damaged(Header),
}

/// A packet of which not all has come.
struct Partial {
    sum: Sum,
    /// Bytes of it that were looked at: for the sum, and for a new beginning in their middle.
    seen: usize,
}

/// Bytes that have come.
pub struct Inbox {
    bytes: [u8; ROOM],
    /// In front is a payload that is still needed.
    held: usize,
    /// From here on nothing was taken.
    start: usize,
    end: usize,
    partial: Option<Partial>,
}

impl Inbox {
    pub const fn new() -> Self {
        Inbox {
            bytes: [0; ROOM],
            held: 0,
            start: 0,
            end: 0,
            partial: None,
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        (self.held, self.start, self.end, self.partial) = (0, 0, 0, None);
    }

    /// Takes at most [`CHUNK_BYTES`]. If there is no room, what has come before is nonsense, or a host that does not wait for its
    /// answer: it goes.
    pub fn add(&mut self, chunk: &[u8]) {
        if self.end + chunk.len() > ROOM {
            self.bytes.copy_within(self.start..self.end, self.held);
            (self.start, self.end) = (self.held, self.held + self.end - self.start);
        }
        if self.end + chunk.len() > ROOM {
            (self.start, self.end, self.partial) = (self.held, self.held, None);
        }
        self.bytes[self.end..self.end + chunk.len()].copy_from_slice(chunk);
        self.end += chunk.len();
    }

    /// The payload of a packet.
    pub fn payload(&self, range: Range<usize>) -> &[u8] {
        &self.bytes[range]
    }

    /// Keeps a payload, the only one, for later.
    pub fn hold(&mut self, range: Range<usize>) {
        self.held = range.len();
        self.bytes.copy_within(range, 0);
    }

    /// What is kept.
    pub fn held(&self) -> &[u8] {
        &self.bytes[..self.held]
    }

    /// It is not needed any more.
    pub fn release(&mut self) {
        self.held = 0;
    }

    fn skip(&mut self, bytes: usize) {
        self.start += bytes;
        self.partial = None;
    }

    /// Goes to the next place where a packet may begin.
    fn seek(&mut self) -> bool {
        let rest = &self.bytes[self.start..self.end];
        match rest.windows(2).position(|two| two == SYNC) {
            Some(0) => true,
            Some(at) => {
                self.skip(at);
                true
            }
            None => {
                // The last byte may be half of one.
                let kept = usize::from(rest.last() == Some(&SYNC[0]));
                let skipped = rest.len() - kept;
                if skipped > 0 {
                    self.skip(skipped);
                }
                false
            }
        }
    }

    /// The next packet, or what is wrong with it. `None`: more bytes are needed.
    pub fn next(&mut self, rule: Rule) -> Option<Found> {
        while self.seek() {
            let rest = &self.bytes[self.start..self.end];
            if rest.len() < HEADER_BYTES {
                return None;
            }
            let Some(header) = Header::from_bytes(rest, rule.summed) else {
                self.skip(1);
                continue;
            };
            if usize::from(header.length) > rule.max_payload {
                self.skip(1);
                return Some(Found::TooLong(header));
            }
            let counts = !header.is_answer() && !header.is_sync();
            if counts && self.partial.is_none() && rule.sequence.is_some_and(|next| next != header.sequence) {
                self.skip(1);
                return Some(Found::OutOfSequence(header));
            }
            if rest.len() < header.packet_bytes() {
                if self.look_at_part(header) {
                    continue;
                }
                return None;
            }
            return Some(self.whole(header, rule.summed));
        }
        None
    }

    /// All bytes of a packet are there.
    fn whole(&mut self, header: Header, summed: bool) -> Found {
        let at = self.start;
        let payload = at + HEADER_BYTES..at + HEADER_BYTES + usize::from(header.length);
        let partial = self.partial.take();
        if header.length > 0 && summed {
            let (mut sum, seen) = partial.map_or((packet::sum(), HEADER_BYTES), |partial| {
                (partial.sum, partial.seen)
            });
            let stated = &self.bytes[payload.end..payload.end + SUM_BYTES];
            sum.update(&self.bytes[(at + seen).min(payload.end)..payload.end]);
            if sum.finalize().to_le_bytes() != *stated {
                self.skip(1);
                return Found::Damaged(header);
            }
        }
        self.start += header.packet_bytes();
        Found::Packet(header, payload)
    }

    /// Adds what has come of a packet to its sum. True: the host has begun anew in the middle of it, and the packet goes.
    fn look_at_part(&mut self, header: Header) -> bool {
        let partial = self.partial.get_or_insert_with(|| Partial {
            sum: packet::sum(),
            seen: HEADER_BYTES,
        });
        let rest = &self.bytes[self.start..self.end];
        let payload_end = HEADER_BYTES + usize::from(header.length);
        partial
            .sum
            .update(&rest[partial.seen.min(payload_end)..rest.len().min(payload_end)]);
        // A header that was torn before ended here.
        let from = partial.seen.saturating_sub(HEADER_BYTES - 1).max(HEADER_BYTES);
        partial.seen = rest.len();
        let places = rest[from.min(rest.len())..].windows(HEADER_BYTES);
        // The host begins with sums, whatever was agreed.
        let anew = places.into_iter().position(|place| {
            place[..2] == SYNC && Header::from_bytes(place, true).is_some_and(Header::is_sync)
        });
        if let Some(at) = anew {
            self.skip(from + at);
        }
        anew.is_some()
    }
}
