//! The other end, as the description has it: for tests that go on for longer than a transcript.

use crate::device::Fake;
use omvproto::{Engine, HEADER_BYTES, Header, checksum, flag, opcode};

pub fn packet(sequence: u8, channel: u8, flags: u8, opcode: u8, payload: &[u8]) -> Vec<u8> {
    let header = Header {
        sequence,
        channel,
        flags,
        opcode,
        length: payload.len() as u16,
    };
    let mut bytes = header.to_bytes(true).to_vec();
    bytes.extend(payload);
    if !payload.is_empty() {
        bytes.extend(checksum(payload).to_le_bytes());
    }
    bytes
}

/// Packets one after the other, without a byte between them, and with right sums.
pub fn packets(mut bytes: &[u8]) -> Vec<(Header, Vec<u8>)> {
    let mut all = Vec::new();
    while !bytes.is_empty() {
        let header = Header::from_bytes(bytes, true).expect("a header");
        let end = HEADER_BYTES + usize::from(header.length);
        let payload = bytes[HEADER_BYTES..end].to_vec();
        if header.length > 0 {
            assert_eq!(checksum(&payload).to_le_bytes(), bytes[end..end + 4]);
        }
        bytes = &bytes[header.packet_bytes()..];
        all.push((header, payload));
    }
    all
}

pub struct Host {
    pub engine: Engine,
    pub device: Fake,
    pub sequence: u8,
    pub now_ms: u64,
    pub events: Vec<(u8, Vec<u8>)>,
}

impl Host {
    pub fn new() -> Self {
        Host {
            engine: Engine::new(),
            device: Fake::default(),
            sequence: 0,
            now_ms: 0,
            events: Vec::new(),
        }
    }

    pub fn send(&mut self, bytes: &[u8]) {
        self.engine.receive(bytes, self.now_ms, &mut self.device);
    }

    pub fn hear(&mut self) -> Vec<(Header, Vec<u8>)> {
        packets(&crate::said(&mut self.engine, &mut self.device, self.now_ms))
    }

    pub fn begin(&mut self) {
        self.send(&packet(0, 0, 0, opcode::SYNC, &[]));
        let answer = self.hear();
        assert_eq!((answer.len(), answer[0].0.flags), (1, flag::ACK), "{answer:?}");
        self.sequence = 0;
    }

    /// Sends a command, and takes and acknowledges what comes: flags of the last packet, and all payloads.
    pub fn ask(&mut self, channel: u8, opcode: u8, payload: &[u8]) -> (u8, Vec<u8>) {
        self.send(&packet(self.sequence, channel, 0, opcode, payload));
        self.take_answer().expect("an answer")
    }

    pub fn take_answer(&mut self) -> Option<(u8, Vec<u8>)> {
        let mut all = Vec::new();
        loop {
            let heard = self.hear();
            if heard.is_empty() {
                return None;
            }
            for (header, payload) in heard {
                if header.flags & flag::EVENT != 0 {
                    self.events.push((header.channel, payload));
                    continue;
                }
                assert_eq!(header.sequence, self.sequence);
                self.sequence = self.sequence.wrapping_add(1);
                if header.flags & flag::ACK_REQ != 0 {
                    self.send(&packet(
                        header.sequence,
                        header.channel,
                        flag::ACK,
                        header.opcode,
                        &[],
                    ));
                }
                all.extend(payload);
                if header.flags & flag::FRAGMENT == 0 {
                    return Some((header.flags, all));
                }
            }
        }
    }
}
