//! A buffer while hardware has it: borrowed, so that the core keeps its hands off, with the cache in order before and
//! after.

use core::ops::Range;

use super::{Master, Parts, Place};

/// The cache that stands between the core and the buffer. The chip's is in `mdma`; tests bring their own.
pub trait Core {
    /// What lies at an address.
    fn place(&self, address: usize) -> Place {
        Place::of(address)
    }

    /// Writes dirty lines of the range to memory.
    fn clean(&mut self, address: usize, bytes: usize);

    /// Writes dirty lines of the range to memory, and forgets them.
    fn clean_invalidate(&mut self, address: usize, bytes: usize);
}

/// A buffer that hardware writes.
///
/// Its end, [`finish`](Receive::finish) or being dropped, is when hardware is done with it. A transfer that still runs
/// then would write memory that belongs to somebody else: stop it first.
#[must_use = "hardware may write the buffer only while this lives"]
pub struct Receive<'a, C: Core> {
    buffer: &'a mut [u8],
    parts: Parts,
    cached: bool,
    core: C,
}

impl<'a, C: Core> Receive<'a, C> {
    /// From here on hardware may write the [direct](Receive::direct) part.
    pub fn new(master: &Master, buffer: &'a mut [u8], core: C) -> Self {
        let (place, address) = locate(buffer, &core);
        let mut lease = Receive {
            parts: master.receive(place, address, buffer.len()),
            cached: place.is_cached(),
            buffer,
            core,
        };
        // What is dirty goes out now, not over what hardware writes.
        lease.settle();
        lease
    }

    /// What hardware may write. Empty if all is bounced.
    pub fn direct(&mut self) -> &mut [u8] {
        let Parts { head, direct, .. } = self.parts;
        &mut self.buffer[head..head + direct]
    }

    /// Which bytes those are, in the buffer.
    pub fn range(&self) -> Range<usize> {
        self.parts.head..self.parts.head + self.parts.direct
    }

    /// Hardware is done: `fill` writes head and tail, by the core.
    pub fn finish(self, fill: impl FnOnce(&mut [u8], &mut [u8])) {
        let Parts { head, direct, .. } = self.parts;
        let (head, rest) = self.buffer.split_at_mut(head);
        fill(head, &mut rest[direct..]);
    }

    fn settle(&mut self) {
        let Parts { head, direct, .. } = self.parts;
        if self.cached && direct > 0 {
            let address = self.buffer.as_ptr() as usize + head;
            self.core.clean_invalidate(address, direct);
        }
    }
}

impl<C: Core> Drop for Receive<'_, C> {
    /// Lines that the core has fetched on speculation meanwhile are old. None is dirty: the buffer was borrowed.
    fn drop(&mut self) {
        self.settle();
    }
}

/// A buffer that hardware reads.
///
/// Its end is when hardware is done with it.
#[must_use = "hardware may read the buffer only while this lives"]
pub struct Transmit<'a> {
    buffer: &'a [u8],
    parts: Parts,
}

impl<'a> Transmit<'a> {
    /// From here on memory holds what the core has written.
    pub fn new(master: &Master, buffer: &'a [u8], mut core: impl Core) -> Self {
        let (place, address) = locate(buffer, &core);
        let parts = master.transmit(place, address, buffer.len());
        // Flash has no dirty lines.
        if place.is_cached() && place != Place::Flash && parts.direct > 0 {
            core.clean(address + parts.head, parts.direct);
        }
        Transmit { buffer, parts }
    }

    /// What hardware may read. Empty if all is bounced.
    pub fn direct(&self) -> &'a [u8] {
        let Parts { head, direct, .. } = self.parts;
        &self.buffer[head..head + direct]
    }

    /// Head and tail, for the core to copy.
    pub fn bounced(&self) -> (&'a [u8], &'a [u8]) {
        let Parts { head, direct, .. } = self.parts;
        (&self.buffer[..head], &self.buffer[head + direct..])
    }
}

/// Where a buffer lies; elsewhere, if not all of it is in one place.
fn locate(buffer: &[u8], core: &impl Core) -> (Place, usize) {
    let address = buffer.as_ptr() as usize;
    let place = core.place(address);
    let last = core.place(address + buffer.len().saturating_sub(1));
    (if place == last { place } else { Place::Elsewhere }, address)
}
