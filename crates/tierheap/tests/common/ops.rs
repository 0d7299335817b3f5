//! Operations, and how bytes become operations: the same for the property tests and for the fuzzer.

use super::Machine;
use tierheap::{Phase, Progress, Request};

/// One step of a program.
#[derive(Clone, Copy, Debug)]
pub enum Op {
    Alloc {
        root: usize,
        bytes: u32,
        leaf: bool,
        finaliser: bool,
        only: Option<usize>,
    },
    Link {
        from: usize,
        field: usize,
        to: usize,
    },
    Follow {
        from: usize,
        field: usize,
        root: usize,
    },
    Noise {
        root: usize,
        field: usize,
        value: u32,
    },
    Drop {
        root: usize,
    },
    Free {
        root: usize,
    },
    Realloc {
        root: usize,
        bytes: u32,
        allow_move: bool,
    },
    Collect,
    Start,
    Mark {
        words: u32,
    },
    FinishMarking,
    Sweep {
        words: u32,
    },
    SweepAll,
}

/// Bytes of one operation.
pub const OP_BYTES: usize = 6;

impl Op {
    /// Every string of bytes is a valid program.
    pub fn decode(bytes: &[u8; OP_BYTES]) -> Op {
        let [kind, a, b, c, d, e] = *bytes;
        let (root, other) = (usize::from(a % 8), usize::from(b % 8));
        let field = usize::from(u16::from_le_bytes([c, d]));
        // Mostly small, sometimes large, sometimes more than there is.
        let size = match e % 16 {
            0 => u32::from(c) * 97,
            1..=3 => u32::from(c) * 5,
            _ => u32::from(c % 80),
        };
        match kind % 64 {
            0..=23 => Op::Alloc {
                root,
                bytes: size,
                leaf: b % 4 == 0,
                finaliser: b % 16 >= 13,
                only: (d % 16 == 0).then_some(usize::from(d / 16 % 4)),
            },
            24..=37 => Op::Link {
                from: root,
                field,
                to: other,
            },
            38..=41 => Op::Follow {
                from: root,
                field,
                root: other,
            },
            42..=44 => Op::Noise {
                root,
                field,
                value: u32::from_le_bytes([b, c, d, e]),
            },
            45..=47 => Op::Drop { root },
            48..=49 => Op::Free { root },
            50..=53 => Op::Realloc {
                root,
                bytes: size,
                allow_move: d % 4 != 0,
            },
            54 => Op::Collect,
            55..=56 => Op::Start,
            57..=59 => Op::Mark {
                words: u32::from(c % 32),
            },
            60 => Op::FinishMarking,
            61..=62 => Op::Sweep {
                words: u32::from(c % 8) + 1,
            },
            _ if e % 8 == 0 => Op::SweepAll,
            _ => Op::Collect,
        }
    }
}

/// A program out of bytes; what is left over at the end is ignored.
pub fn decode(bytes: &[u8]) -> Vec<Op> {
    bytes.as_chunks().0.iter().map(Op::decode).collect()
}

impl<const R: usize> Machine<R> {
    /// Does one operation and verifies everything.
    pub fn run(&mut self, op: Op) {
        match op {
            Op::Alloc {
                root,
                bytes,
                leaf,
                finaliser,
                only,
            } => {
                let request = Request {
                    leaf,
                    finaliser,
                    ..Request::bytes(bytes)
                };
                let tier_exists = only.filter(|&tier| tier < R);
                self.alloc(root, tier_exists.map_or(request, |tier| request.only(tier)));
            }
            Op::Link { from, field, to } => self.link(from, field, to),
            Op::Follow { from, field, root } => self.follow(from, field, root),
            Op::Noise { root, field, value } => self.noise(root, field, value),
            Op::Drop { root } => self.drop_root(root),
            Op::Free { root } => self.free(root),
            Op::Realloc {
                root,
                bytes,
                allow_move,
            } => self.realloc(root, bytes, allow_move),
            Op::Collect => self.collect(),
            Op::Start => self.start(),
            Op::Mark { words } => {
                if self.mark_step(words) == Progress::Done && words % 2 == 0 {
                    self.finish_marking();
                }
            }
            Op::FinishMarking => self.finish_marking(),
            Op::Sweep { words } => self.sweep_step(words),
            Op::SweepAll => self.sweep_all(),
        }
        assert_ne!(self.heap.phase(), Phase::Finalise);
        self.check();
    }
}
