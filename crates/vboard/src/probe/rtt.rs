//! SEGGER's real-time transfer: a control block in RAM, and rings that a probe empties and fills while the program runs.
//!
//! Channel 0 only, in both directions; others stay full, and the program decides what that means. Frames of `defmt` are
//! taken out and not shown. The layout is that of SEGGER's wiki ("RTT", control block) and of the crate rtt-target.

use super::Target;
use chipmodel::{Kind, Picos};
use std::collections::VecDeque;

const ID: &[u8; 16] = b"SEGGER RTT\0\0\0\0\0\0";
/// The block: id, numbers of channels up and down, then their rings.
const RINGS: u32 = 24;
/// A ring: name, buffer, size, write offset, read offset, flags.
const RING_BYTES: u32 = 24;
const WRITE: u32 = 12;
const READ: u32 = 16;
/// More channels than any program has.
const MOST: u32 = 64;

/// A probe asks this often (J-Link's viewer: about once a millisecond).
const PERIOD: Picos = Picos(1_000_000_000);
/// The same while all of RAM is searched.
const SEARCH: Picos = Picos(10_000_000_000);

/// Where the control block is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Block {
    /// The program has none.
    Nowhere,
    /// Here, as soon as the program has written it.
    At(u32),
    /// Somewhere in RAM: the program has no symbols.
    Anywhere,
}

/// What is known of it.
#[derive(Clone, Debug)]
pub struct Rtt {
    block: Block,
    has_down: bool,
    defmt_told: bool,
}

/// A ring as it stands in RAM.
struct Ring {
    at: u32,
    name: u32,
    buffer: u32,
    size: u32,
    write: u32,
    read: u32,
}

impl Rtt {
    pub fn new(block: Block) -> Self {
        Rtt {
            block,
            has_down: false,
            defmt_told: false,
        }
    }

    /// How often it wants to look.
    pub fn period(&self) -> Option<Picos> {
        match self.block {
            Block::Nowhere => None,
            Block::At(_) => Some(PERIOD),
            Block::Anywhere => Some(SEARCH),
        }
    }

    /// Has the program a channel for what is typed?
    pub fn has_down(&self) -> bool {
        self.has_down
    }

    /// Take what the program has said, and give it what was typed as far as there is room.
    pub fn poll(&mut self, core: &mut impl Target, typed: &mut VecDeque<u8>) -> Vec<u8> {
        if self.block == Block::Anywhere
            && let Some(found) = search(core)
        {
            self.block = Block::At(found);
        }
        let Block::At(block) = self.block else {
            return Vec::new();
        };
        let mut id = [0; ID.len()];
        if !core.read(block, &mut id) || id != *ID {
            return Vec::new();
        }
        let Some([up, down]) = core
            .words(block + ID.len() as u32)
            .filter(|n| n.iter().all(|n| *n <= MOST))
        else {
            return Vec::new();
        };
        let input = (down > 0)
            .then(|| ring(core, block + RINGS + RING_BYTES * up))
            .flatten();
        self.has_down = input.is_some();
        if let Some(input) = input {
            give(core, &input, typed);
        }
        let output = (up > 0).then(|| ring(core, block + RINGS)).flatten();
        output.map_or(Vec::new(), |output| self.take(core, &output))
    }

    fn take(&mut self, core: &mut impl Target, ring: &Ring) -> Vec<u8> {
        let first = if ring.write < ring.read {
            ring.size
        } else {
            ring.write
        };
        let mut said = vec![0; (first - ring.read) as usize];
        let mut rest = vec![
            0;
            if ring.write < ring.read {
                ring.write as usize
            } else {
                0
            }
        ];
        if !core.read(ring.buffer + ring.read, &mut said) || !core.read(ring.buffer, &mut rest) {
            return Vec::new();
        }
        said.extend(rest);
        if said.is_empty() || !core.write(ring.at + READ, &ring.write.to_le_bytes()) {
            return Vec::new();
        }
        if core.text(ring.name, 6).as_deref() == Some(b"defmt") {
            if !core::mem::replace(&mut self.defmt_told, true) {
                let message =
                    "RTT channel 0 carries defmt frames, which are not decoded here: they are dropped";
                core.report(Kind::Warning, None, message.into());
            }
            return Vec::new();
        }
        said
    }
}

/// A ring that makes sense.
fn ring(core: &mut impl Target, at: u32) -> Option<Ring> {
    let [name, buffer, size, write, read] = core.words(at)?;
    let sound = write < size && read < size && buffer.checked_add(size).is_some();
    sound.then_some(Ring {
        at,
        name,
        buffer,
        size,
        write,
        read,
    })
}

/// One byte stays free: a full ring would look empty.
fn give(core: &mut impl Target, ring: &Ring, typed: &mut VecDeque<u8>) {
    let mut write = ring.write;
    while let Some(&byte) = typed.front() {
        let next = (write + 1) % ring.size;
        if next == ring.read || !core.write(ring.buffer + write, &[byte]) {
            break;
        }
        typed.pop_front();
        write = next;
    }
    if write != ring.write {
        core.write(ring.at + WRITE, &write.to_le_bytes());
    }
}

/// The block's id, at an address of whole words.
fn search(core: &mut impl Target) -> Option<u32> {
    core.ram().into_iter().find_map(|(base, bytes)| {
        let mut places = bytes.windows(ID.len()).step_by(4);
        let at = places.position(|place| place == ID)?;
        Some(base + 4 * at as u32)
    })
}
