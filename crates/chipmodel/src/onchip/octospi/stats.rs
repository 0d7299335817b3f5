//! What passed over the wires.

use crate::Picos;

/// Traffic of one instruction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// The instruction byte.
    pub opcode: u8,
    /// Frames that began with it.
    pub frames: u64,
    /// Data bytes from the chip, those included that were fetched ahead and never used.
    pub bytes_in: u64,
    /// Data bytes to the chip.
    pub bytes_out: u64,
}

/// Shortest and longest of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Both, once there was one.
    pub min_max: Option<(Picos, Picos)>,
}

impl Extent {
    /// Take one more into account.
    pub fn add(&mut self, span: Picos) {
        let (min, max) = self.min_max.unwrap_or((span, span));
        self.min_max = Some((min.min(span), max.max(span)));
    }
}

/// Everything that is counted at the wires and at the AXI side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WireStats {
    /// By instruction, in order of first use.
    pub traffic: Vec<Traffic>,
    /// Time that NCS was low.
    pub ncs_low: Extent,
    /// Time that NCS was high between two frames.
    pub ncs_high: Extent,
    /// Frames in which data came in.
    pub read_frames: u64,
    /// Frames in which data went out.
    pub write_frames: u64,
    /// Mapped beats of 64 bits that came without all strobes: bytes that nobody wrote went out for the rest.
    pub partial_beats: u64,
    /// Mapped beats taken, reads and writes.
    pub read_beats: u64,
    /// Mapped beats taken for writing.
    pub write_beats: u64,
    /// Mapped reads and writes that went on with an open burst.
    pub continued: u64,
}

impl WireStats {
    /// Data bytes in, over all instructions.
    pub fn bytes_in(&self) -> u64 {
        self.traffic.iter().map(|row| row.bytes_in).sum()
    }

    /// Data bytes out, over all instructions.
    pub fn bytes_out(&self) -> u64 {
        self.traffic.iter().map(|row| row.bytes_out).sum()
    }

    pub(super) fn row(&mut self, opcode: u8) -> usize {
        match self.traffic.iter().position(|row| row.opcode == opcode) {
            Some(index) => index,
            None => {
                self.traffic.push(Traffic {
                    opcode,
                    ..Traffic::default()
                });
                self.traffic.len() - 1
            }
        }
    }
}
