//! A packet on the wire: ten bytes of header, and a payload with its sum. All numbers are little-endian.

use crc::{Algorithm, Crc, Digest, Table};

/// How a packet begins, 0xD5AA.
pub const SYNC: [u8; 2] = [0xAA, 0xD5];
/// Bytes before the payload.
pub const HEADER_BYTES: usize = 10;
/// Bytes behind a payload; a packet without one has none.
pub const SUM_BYTES: usize = 4;
/// The longest payload: a packet has at most 4 KB.
pub const MAX_PAYLOAD: usize = 4096 - HEADER_BYTES - SUM_BYTES;
/// The shortest maximum that a host may ask for: a packet of 64 bytes.
pub const MIN_PAYLOAD: usize = 64 - HEADER_BYTES - SUM_BYTES;

/// Over the header, without its own field.
const HEADER_SUM: Algorithm<u16> = Algorithm {
    width: 16,
    poly: 0xF94F,
    init: 0xFFFF,
    refin: false,
    refout: false,
    xorout: 0,
    check: 0,
    residue: 0,
};

/// Over the payload.
const PAYLOAD_SUM: Algorithm<u32> = Algorithm {
    width: 32,
    poly: 0xFA56_7D89,
    init: 0xFFFF_FFFF,
    refin: false,
    refout: false,
    xorout: 0,
    check: 0,
    residue: 0,
};

static HEADERS: Crc<u16, Table<1>> = Crc::<u16, Table<1>>::new(&HEADER_SUM);
static PAYLOADS: Crc<u32, Table<1>> = Crc::<u32, Table<1>>::new(&PAYLOAD_SUM);

/// The sum of a payload under way.
pub type Sum = Digest<'static, u32, Table<1>>;

/// Of a payload that begins.
pub fn sum() -> Sum {
    PAYLOADS.digest()
}

/// The sum of a whole payload.
pub fn checksum(payload: &[u8]) -> u32 {
    PAYLOADS.checksum(payload)
}

/// Bits of [`Header::flags`].
pub mod flag {
    /// It was received, or done.
    pub const ACK: u8 = 1;
    /// It was not; the payload says why.
    pub const NAK: u8 = 2;
    /// It is sent once more.
    pub const RTX: u8 = 4;
    /// It is to be acknowledged.
    pub const ACK_REQ: u8 = 8;
    /// More of the same answer follows.
    pub const FRAGMENT: u8 = 16;
    /// Nobody has asked for it.
    pub const EVENT: u8 = 32;
}

/// What is asked.
#[allow(missing_docs, reason = "the protocol's own names")]
pub mod opcode {
    pub const SYNC: u8 = 0x00;
    pub const GET_CAPS: u8 = 0x01;
    pub const SET_CAPS: u8 = 0x02;
    pub const STATS: u8 = 0x03;
    pub const VERSION: u8 = 0x04;
    pub const RESET: u8 = 0x10;
    pub const BOOT: u8 = 0x11;
    pub const SYS_INFO: u8 = 0x12;
    pub const SYS_EVENT: u8 = 0x13;
    pub const MEMORY: u8 = 0x14;
    pub const LIST: u8 = 0x20;
    pub const POLL: u8 = 0x21;
    pub const LOCK: u8 = 0x22;
    pub const UNLOCK: u8 = 0x23;
    pub const SHAPE: u8 = 0x24;
    pub const SIZE: u8 = 0x25;
    pub const READ: u8 = 0x26;
    pub const WRITE: u8 = 0x27;
    pub const IOCTL: u8 = 0x28;
    pub const CHANNEL_EVENT: u8 = 0x29;
    /// Up to here channel 0 is meant.
    pub const LAST_OF_SYSTEM: u8 = MEMORY;
}

/// How it went.
#[allow(missing_docs, reason = "the protocol's own names")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum Status {
    Success = 0,
    Failed = 1,
    Invalid = 2,
    Timeout = 3,
    Busy = 4,
    Checksum = 5,
    Sequence = 6,
    Overflow = 7,
}

/// What a packet says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// How many packets the device has sent before it, modulo 256; the host counts them, too.
    pub sequence: u8,
    /// Whom it concerns.
    pub channel: u8,
    /// See [`flag`].
    pub flags: u8,
    /// See [`opcode`].
    pub opcode: u8,
    /// Bytes of the payload.
    pub length: u16,
}

impl Header {
    /// On the wire, with its sum if sums are used.
    pub fn to_bytes(self, summed: bool) -> [u8; HEADER_BYTES] {
        let [low, high] = self.length.to_le_bytes();
        let mut bytes = [0; HEADER_BYTES];
        bytes[..2].copy_from_slice(&SYNC);
        bytes[2..8].copy_from_slice(&[self.sequence, self.channel, self.flags, self.opcode, low, high]);
        if summed {
            let sum = HEADERS.checksum(&bytes[..8]);
            bytes[8..].copy_from_slice(&sum.to_le_bytes());
        }
        bytes
    }

    /// From the wire. `None`: it is none, or its sum is wrong and counts.
    pub fn from_bytes(bytes: &[u8], summed: bool) -> Option<Header> {
        let &[s0, s1, sequence, channel, flags, opcode, low, high, ref sum @ ..] =
            bytes.get(..HEADER_BYTES)?
        else {
            return None;
        };
        let is_right = !summed || HEADERS.checksum(&bytes[..8]).to_le_bytes() == *sum;
        ([s0, s1] == SYNC && is_right).then_some(Header {
            sequence,
            channel,
            flags,
            opcode,
            length: u16::from_le_bytes([low, high]),
        })
    }

    /// Bytes of the whole packet.
    pub fn packet_bytes(self) -> usize {
        let length = usize::from(self.length);
        HEADER_BYTES + length + if length > 0 { SUM_BYTES } else { 0 }
    }

    /// Whether it asks for a new beginning.
    pub fn is_sync(self) -> bool {
        (self.opcode, self.channel, self.length) == (opcode::SYNC, 0, 0) && !self.is_answer()
    }

    /// Whether it acknowledges something, or refuses to.
    pub fn is_answer(self) -> bool {
        self.flags & (flag::ACK | flag::NAK) != 0
    }
}
