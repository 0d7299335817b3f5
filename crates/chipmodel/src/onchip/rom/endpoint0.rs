//! The control endpoint of a device that answers at once: its stages, in packets of 64 bytes.

use crate::bus::usb::{Answer, Handshake};

const PACKET_BYTES: usize = 64;

/// Where a transfer is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Stage {
    #[default]
    Idle,
    /// Data for the device comes.
    Receiving(Vec<u8>),
    /// All of it is there; the device has not answered yet.
    Complete(Vec<u8>),
    /// Data for the host: what is left, and whether the last packet has to be empty.
    Sending(Vec<u8>, bool),
    /// The host acknowledges by an empty packet.
    StatusOut,
    /// The device does.
    StatusIn,
    Stalled,
}

/// What follows from a SETUP packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The request is whole.
    Complete,
    /// Its data is still to come.
    Data,
}

/// The endpoint.
#[derive(Clone, Debug, Default)]
pub struct Endpoint0 {
    request: [u8; 8],
    stage: Stage,
    data1: bool,
}

impl Endpoint0 {
    fn wanted(&self) -> usize {
        usize::from(u16::from_le_bytes([self.request[6], self.request[7]]))
    }

    /// A SETUP packet ends whatever was under way.
    pub fn setup(&mut self, request: [u8; 8]) -> Step {
        (self.request, self.data1) = (request, true);
        let has_data = request[0] & 0x80 == 0 && self.wanted() > 0;
        self.stage = match has_data {
            true => Stage::Receiving(Vec::new()),
            false => Stage::Complete(Vec::new()),
        };
        if has_data { Step::Data } else { Step::Complete }
    }

    /// What the device says to the request: data for the host, nothing to a request without, or that it cannot.
    pub fn answer(&mut self, answer: Option<Vec<u8>>) {
        let reads = self.request[0] & 0x80 != 0 && self.wanted() > 0;
        self.stage = match answer {
            None => Stage::Stalled,
            Some(mut data) if reads => {
                data.truncate(self.wanted());
                let ends_empty = data.len() < self.wanted() && data.len().is_multiple_of(PACKET_BYTES);
                Stage::Sending(data, ends_empty)
            }
            Some(_) => Stage::StatusIn,
        };
    }

    /// The request whose data is whole.
    pub fn take_complete(&mut self) -> Option<([u8; 8], Vec<u8>)> {
        match &mut self.stage {
            Stage::Complete(data) => Some((self.request, std::mem::take(data))),
            _ => None,
        }
    }

    /// Whether the last transfer has ended.
    pub fn is_idle(&self) -> bool {
        self.stage == Stage::Idle
    }

    pub fn takes(&self) -> bool {
        !matches!(self.stage, Stage::Idle | Stage::StatusIn | Stage::Complete(_))
    }

    pub fn gives(&self) -> bool {
        !matches!(self.stage, Stage::Idle | Stage::Receiving(_) | Stage::Complete(_))
    }

    /// A packet from the host.
    pub fn out(&mut self, bytes: &[u8]) -> Handshake {
        let wanted = self.wanted();
        match &mut self.stage {
            Stage::Receiving(data) => {
                data.extend_from_slice(bytes);
                if data.len() >= wanted || bytes.len() < PACKET_BYTES {
                    self.stage = Stage::Complete(std::mem::take(data));
                }
                Handshake::Ack
            }
            // A host may end before it has all of it.
            Stage::Sending(..) | Stage::StatusOut => {
                self.stage = Stage::Idle;
                Handshake::Ack
            }
            Stage::Stalled => Handshake::Stall,
            Stage::Idle | Stage::StatusIn | Stage::Complete(_) => Handshake::Nak,
        }
    }

    pub fn token_in(&self) -> Answer {
        let packet = |bytes: &[u8]| Answer::Data {
            data1: self.data1,
            bytes: bytes[..bytes.len().min(PACKET_BYTES)].to_vec(),
        };
        match &self.stage {
            Stage::Sending(data, _) => packet(data),
            Stage::StatusIn => packet(&[]),
            Stage::Stalled | Stage::StatusOut => Answer::Stall,
            Stage::Idle | Stage::Receiving(_) | Stage::Complete(_) => Answer::Nak,
        }
    }

    /// The host has the last packet. Returns the request whose status stage that was.
    pub fn acknowledge(&mut self) -> Option<[u8; 8]> {
        self.data1 = !self.data1;
        match &mut self.stage {
            Stage::Sending(data, ends_empty) => {
                let sent = data.len().min(PACKET_BYTES);
                data.drain(..sent);
                if data.is_empty() && !(*ends_empty && sent == PACKET_BYTES) {
                    self.stage = Stage::StatusOut;
                }
                None
            }
            Stage::StatusIn => {
                self.stage = Stage::Idle;
                Some(self.request)
            }
            _ => None,
        }
    }
}
