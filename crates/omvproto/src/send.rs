//! A packet that goes out, a few bytes at a time, and perhaps more than once.

use crate::device::Device;
use crate::packet::{self, HEADER_BYTES, Header, SUM_BYTES, Sum, flag};

/// Where its payload is.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// In the engine.
    Here,
    /// In a channel of the device.
    Steady {
        /// From there on.
        offset: u32,
    },
}

/// The packet.
pub struct Sending {
    header: Header,
    bytes: [u8; HEADER_BYTES],
    summed: bool,
    body: Body,
    at: usize,
    sum: Sum,
}

impl Sending {
    pub fn new(header: Header, summed: bool, body: Body) -> Self {
        Sending {
            header,
            bytes: header.to_bytes(summed),
            summed,
            body,
            at: 0,
            sum: packet::sum(),
        }
    }

    pub fn header(&self) -> Header {
        self.header
    }

    /// All of it is out.
    pub fn is_done(&self) -> bool {
        self.at == self.header.packet_bytes()
    }

    /// Some of it is out, and not all.
    pub fn is_under_way(&self) -> bool {
        self.at > 0 && !self.is_done()
    }

    /// From the start, marked as sent before.
    pub fn again(&mut self) {
        let mut header = self.header;
        header.flags |= flag::RTX;
        *self = Sending::new(header, self.summed, self.body);
    }

    /// The next bytes, as many as there is room for; says how many.
    pub fn fill(&mut self, out: &mut [u8], here: &[u8], device: &impl Device) -> usize {
        let payload_end = HEADER_BYTES + usize::from(self.header.length);
        let mut count = 0;
        while count < out.len() && !self.is_done() {
            let out = &mut out[count..];
            let moved = if self.at < HEADER_BYTES {
                copy(&self.bytes[self.at..], out)
            } else if self.at < payload_end {
                let room = out.len().min(payload_end - self.at);
                self.payload(&mut out[..room], here, device);
                self.sum.update(&out[..room]);
                room
            } else {
                let sum = if self.summed {
                    self.sum.clone().finalize()
                } else {
                    0
                };
                copy(&sum.to_le_bytes()[self.at - payload_end..SUM_BYTES], out)
            };
            self.at += moved;
            count += moved;
        }
        count
    }

    fn payload(&self, out: &mut [u8], here: &[u8], device: &impl Device) {
        let at = self.at - HEADER_BYTES;
        match self.body {
            Body::Here => out.copy_from_slice(&here[at..at + out.len()]),
            Body::Steady { offset } => device.piece(self.header.channel, offset + at as u32, out),
        }
    }
}

fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let count = from.len().min(to.len());
    to[..count].copy_from_slice(&from[..count]);
    count
}
