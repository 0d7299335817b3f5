//! Messages of USB/IP, version 1.1.1 (Linux, Documentation/usb/usbip_protocol.rst). All numbers are big-endian.

use super::super::descriptor;
use super::super::enumerate::Device;
use super::super::transfer::{Outcome, Request};

/// How the only device is called.
pub const BUS_ID: &str = "1-1";

const VERSION: u16 = 0x0111;
const OP_REQ_DEVLIST: u16 = 0x8005;
const OP_REQ_IMPORT: u16 = 0x8003;
const OP_REP_DEVLIST: u16 = 0x0005;
const OP_REP_IMPORT: u16 = 0x0003;
const CMD_SUBMIT: u32 = 1;
const CMD_UNLINK: u32 = 2;
const RET_SUBMIT: u32 = 3;
const RET_UNLINK: u32 = 4;

/// Of each message once a device is imported.
const HEADER_BYTES: usize = 48;
const BUS_ID_BYTES: usize = 32;
const PATH_BYTES: usize = 256;
/// More in one transfer no driver asks for; it would only fill memory.
const MOST_BYTES: usize = 1 << 20;
/// USB_SPEED_FULL.
const FULL_SPEED: u32 = 2;
/// Bus 1, device 1; also the number in each message.
const NUMBERS: [u32; 2] = [1, 1];

const URB_SHORT_NOT_OK: u32 = 1;
const URB_ZERO_PACKET: u32 = 1 << 6;

/// Linux' numbers of errors.
const EREMOTEIO: i32 = 121;
const EPIPE: i32 = 32;
const EPROTO: i32 = 71;
const EOVERFLOW: i32 = 75;
const ESHUTDOWN: i32 = 108;
const ECONNRESET: i32 = 104;

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Which devices are there?
    List,
    /// It wants the device of this name.
    Import(String),
    /// A transfer.
    Submit(Submit),
    /// A transfer is to be taken back.
    Unlink { number: u32, of: u32 },
}

/// A transfer that a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submit {
    pub number: u32,
    endpoint: u32,
    reads: bool,
    must_be_full: bool,
    wanted: usize,
    pub request: Request,
}

/// The first message in `bytes` and how long it is; `None` if it is not there to its end.
pub fn read(bytes: &[u8], imported: bool) -> Result<Option<(Message, usize)>, String> {
    if imported {
        read_transfer(bytes)
    } else {
        read_question(bytes)
    }
}

fn read_question(bytes: &[u8]) -> Result<Option<(Message, usize)>, String> {
    let Some(head) = bytes.get(..8) else {
        return Ok(None);
    };
    let version = u16::from_be_bytes([head[0], head[1]]);
    if version != VERSION {
        return Err(format!(
            "a client of version {version:#06x}; this is {VERSION:#06x}"
        ));
    }
    match u16::from_be_bytes([head[2], head[3]]) {
        OP_REQ_DEVLIST => Ok(Some((Message::List, 8))),
        OP_REQ_IMPORT => {
            let whole = 8 + BUS_ID_BYTES;
            let Some(name) = bytes.get(8..whole) else {
                return Ok(None);
            };
            let end = name.iter().position(|&byte| byte == 0).unwrap_or(name.len());
            let name = String::from_utf8_lossy(&name[..end]).into_owned();
            Ok(Some((Message::Import(name), whole)))
        }
        other => Err(format!("request {other:#06x}, which this server does not know")),
    }
}

fn read_transfer(bytes: &[u8]) -> Result<Option<(Message, usize)>, String> {
    let Some(head) = bytes.get(..HEADER_BYTES) else {
        return Ok(None);
    };
    let word = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let number = word(4);
    match word(0) {
        CMD_UNLINK => Ok(Some((Message::Unlink { number, of: word(20) }, HEADER_BYTES))),
        CMD_SUBMIT => {
            let (reads, endpoint, flags) = (word(12) != 0, word(16), word(20));
            let wanted = word(24) as usize;
            if wanted > MOST_BYTES || endpoint > 15 {
                return Err(format!("a transfer of {wanted} bytes on endpoint {endpoint}"));
            }
            let whole = HEADER_BYTES + if reads { 0 } else { wanted };
            let Some(data) = bytes.get(HEADER_BYTES..whole) else {
                return Ok(None);
            };
            let mut setup = [0; 8];
            setup.copy_from_slice(&head[40..48]);
            let request = match (endpoint as u8, reads) {
                (0, _) => Request::Control {
                    setup,
                    data: data.to_vec(),
                },
                (endpoint, true) => Request::In {
                    endpoint,
                    bytes: wanted,
                },
                (endpoint, false) => Request::Out {
                    endpoint,
                    data: data.to_vec(),
                    ends_short: flags & URB_ZERO_PACKET != 0,
                },
            };
            let must_be_full = flags & URB_SHORT_NOT_OK != 0;
            let submit = Submit {
                number,
                endpoint,
                reads,
                must_be_full,
                wanted,
                request,
            };
            Ok(Some((Message::Submit(submit), whole)))
        }
        other => Err(format!("command {other}, which this server does not know")),
    }
}

/// What a client is told.
pub enum Reply<'a> {
    /// The device, if there is one.
    Listed(Option<&'a Device>),
    /// The device that the client has now, or that there is none of that name.
    Imported(Option<&'a Device>),
    /// A transfer has ended.
    Ended {
        submit: &'a Submit,
        outcome: &'a Outcome,
    },
    /// A transfer was taken back, or had ended before.
    Unlinked { number: u32, taken_back: bool },
}

impl Reply<'_> {
    /// Appends it.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Reply::Listed(device) => {
                question_head(out, OP_REP_DEVLIST, true);
                words(out, &[u32::from(device.is_some())]);
                if let Some(device) = device {
                    describe(out, device);
                    for [_, class, subclass, protocol] in descriptor::interfaces(&device.configuration) {
                        out.extend([class, subclass, protocol, 0]);
                    }
                }
            }
            Reply::Imported(device) => {
                question_head(out, OP_REP_IMPORT, device.is_some());
                if let Some(device) = device {
                    describe(out, device);
                }
            }
            Reply::Ended { submit, outcome } => end(out, submit, outcome),
            Reply::Unlinked { number, taken_back } => {
                let status = if *taken_back { -ECONNRESET } else { 0 };
                words(out, &[RET_UNLINK, *number, 0, 0, 0, status as u32]);
                words(out, &[0; 6]);
            }
        }
    }
}

fn words(out: &mut Vec<u8>, words: &[u32]) {
    out.extend(words.iter().flat_map(|word| word.to_be_bytes()));
}

fn question_head(out: &mut Vec<u8>, code: u16, is_well: bool) {
    out.extend(VERSION.to_be_bytes());
    out.extend(code.to_be_bytes());
    words(out, &[u32::from(!is_well)]);
}

fn describe(out: &mut Vec<u8>, device: &Device) {
    let mut text = |text: &str, bytes: usize| {
        let end = out.len() + bytes;
        out.extend(text.as_bytes());
        out.resize(end, 0);
    };
    text("/sys/devices/spiram/usb1/1-1", PATH_BYTES);
    text(BUS_ID, BUS_ID_BYTES);
    words(out, &[NUMBERS[0], NUMBERS[1], FULL_SPEED]);
    let byte = |at: usize| device.descriptor.get(at).copied().unwrap_or(0);
    let (vendor, product) = device.id();
    for half in [vendor, product, u16::from_le_bytes([byte(12), byte(13)])] {
        out.extend(half.to_be_bytes());
    }
    let of_configuration = |at: usize| device.configuration.get(at).copied().unwrap_or(0);
    // Class, subclass, protocol; the configuration in force; configurations and interfaces there are.
    out.extend([
        byte(4),
        byte(5),
        byte(6),
        of_configuration(5),
        byte(17),
        of_configuration(4),
    ]);
}

fn end(out: &mut Vec<u8>, submit: &Submit, outcome: &Outcome) {
    let none: &[u8] = &[];
    let (status, received, actual) = match outcome {
        Outcome::Done { received, sent } => {
            let actual = if submit.reads { received.len() } else { *sent };
            let is_short = submit.reads && submit.must_be_full && actual < submit.wanted;
            (if is_short { -EREMOTEIO } else { 0 }, &received[..], actual)
        }
        Outcome::Stall => (-EPIPE, none, 0),
        Outcome::Silence => (-EPROTO, none, 0),
        Outcome::Babble => (-EOVERFLOW, none, 0),
        Outcome::Gone => (-ESHUTDOWN, none, 0),
        Outcome::Cancelled => (-ECONNRESET, none, 0),
    };
    // The last three of the header are of the client alone.
    words(out, &[RET_SUBMIT, submit.number, 0, 0, 0]);
    words(out, &[status as u32, actual as u32, 0, 0, 0, 0, 0]);
    if submit.reads {
        out.extend(received);
    }
}
