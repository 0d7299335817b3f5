//! The protocol's state: what was agreed, what was asked, what is on its way out.

use crate::device::Device;
use crate::event;
use crate::events::{Event, Events};
use crate::packet::{Header, Status, flag, opcode};
use crate::receive::{CHUNK_BYTES, Found, Inbox, Rule};
use crate::send::{Body, Sending};
use crate::settings::Settings;
use crate::stats::Stats;
use crate::wire::Writer;

/// What is copied out of a channel at a time; the longest answer that is no channel's, the list of 32, has as much.
pub(crate) const PIECE_BYTES: usize = 512;

/// What a device has been asked that it will answer later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// See [`opcode`].
    pub opcode: u8,
    /// Whom it concerns.
    pub channel: u8,
    /// Where reading or writing begins; what an ioctl asks.
    pub offset: u32,
    /// How many bytes are to be read at most.
    pub length: usize,
}

/// The answer to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply<'a> {
    /// Done, or why not.
    Status(Status),
    /// What was asked for: bytes that were read, or numbers.
    Bytes(&'a [u8]),
}

/// What is left of an answer.
#[derive(Clone, Copy)]
pub(crate) struct Rest {
    pub(crate) channel: u8,
    pub(crate) offset: u32,
    pub(crate) left: u32,
    pub(crate) steady: bool,
}

/// Somebody is to acknowledge.
#[derive(Clone, Copy)]
struct Wait {
    until_ms: u64,
    timeout_ms: u32,
    retries: u8,
}

/// The device's end of a link.
pub struct Engine {
    pub(crate) agreed: Settings,
    at_first: Settings,
    /// Packets that were sent, modulo 256; both ends count.
    sequence: u8,
    pub(crate) inbox: Inbox,
    pub(crate) here: [u8; PIECE_BYTES],
    sending: Option<Sending>,
    wait: Option<Wait>,
    pub(crate) rest: Option<Rest>,
    pub(crate) agreed_next: Option<Settings>,
    pub(crate) later: Option<Request>,
    events: Events,
    event: Option<Sending>,
    event_bytes: [u8; 2],
    event_was_taken: bool,
    pub(crate) locked_ms: Option<u64>,
    pub(crate) stats: Stats,
}

impl Default for Engine {
    fn default() -> Self {
        Engine::new()
    }
}

impl Engine {
    /// One that has spoken to nobody.
    pub const fn new() -> Self {
        Engine {
            agreed: Settings::DEFAULT,
            at_first: Settings::DEFAULT,
            sequence: 0,
            inbox: Inbox::new(),
            here: [0; PIECE_BYTES],
            sending: None,
            wait: None,
            rest: None,
            agreed_next: None,
            later: None,
            events: Events::new(),
            event: None,
            event_bytes: [0; 2],
            event_was_taken: false,
            locked_ms: None,
            stats: Stats {
                sent: 0,
                received: 0,
                checksum: 0,
                sequence: 0,
                retransmitted: 0,
                lost: 0,
                events: 0,
                most_waiting: 0,
            },
        }
    }

    /// A link is opened: everything begins anew.
    pub fn open(&mut self, device: &mut impl Device) {
        self.inbox.clear();
        self.events.clear();
        self.stats = Stats::default();
        self.begin(device);
    }

    /// From now on a link begins with these settings, and so does this one. False: they are not possible.
    pub fn set_up(&mut self, settings: Settings) -> bool {
        if settings.are_possible() {
            (self.at_first, self.agreed) = (settings, settings);
        }
        settings.are_possible()
    }

    /// Counts since the link was opened.
    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// Whether the host has been told everything that it asked for.
    pub fn is_quiet(&self) -> bool {
        self.sending.is_none() && self.event.is_none() && self.events.len() == 0
    }

    /// As after [`opcode::SYNC`].
    fn begin(&mut self, device: &mut impl Device) {
        self.agreed = self.at_first;
        self.sequence = 0;
        (self.sending, self.wait, self.rest) = (None, None, None);
        (self.agreed_next, self.later, self.event, self.locked_ms) = (None, None, None, None);
        self.inbox.release();
        device.release();
    }

    /// Bytes have come from the host.
    pub fn receive(&mut self, bytes: &[u8], now_ms: u64, device: &mut impl Device) {
        for chunk in bytes.chunks(CHUNK_BYTES) {
            self.inbox.add(chunk);
            while let Some(found) = self.inbox.next(self.rule()) {
                match found {
                    Found::Packet(header, _) if header.is_answer() => {
                        self.acknowledge(header, now_ms, device)
                    }
                    Found::Packet(header, _) if header.is_sync() => {
                        self.stats.received += 1;
                        self.begin(device);
                        self.status(header, Status::Success);
                    }
                    Found::Packet(header, payload) if self.is_free(header, device) => {
                        self.stats.received += 1;
                        self.command(header, payload, now_ms, device);
                    }
                    // The host has not waited: it will ask again.
                    Found::Packet(..) => {}
                    Found::Damaged(header) => {
                        self.stats.checksum += 1;
                        self.refuse(header, Status::Checksum);
                    }
                    Found::OutOfSequence(header) => {
                        self.stats.sequence += 1;
                        self.refuse(header, Status::Sequence);
                    }
                    Found::TooLong(header) => self.refuse(header, Status::Overflow),
                }
            }
        }
    }

    fn rule(&self) -> Rule {
        // A host that goes on has seen the last packet of an answer, even if its acknowledgement was lost.
        let is_last_out = self.wait.is_some() && self.rest.is_none();
        Rule {
            summed: self.agreed.crc,
            sequence: self
                .agreed
                .seq
                .then_some(self.sequence.wrapping_add(is_last_out.into())),
            max_payload: self.agreed.max_payload,
        }
    }

    /// Whether a command can be answered now.
    fn is_free(&mut self, header: Header, device: &mut impl Device) -> bool {
        if self.wait.is_some() && self.rest.is_none() && header.flags & flag::RTX == 0 {
            self.was_sent(device);
        }
        self.sending.is_none() && self.later.is_none()
    }

    fn refuse(&mut self, header: Header, status: Status) {
        if self.sending.is_none() && self.later.is_none() {
            self.status(header, status);
        }
    }

    /// The host acknowledges a packet, or wants it once more.
    fn acknowledge(&mut self, header: Header, now_ms: u64, device: &mut impl Device) {
        let is_of = |sent: &Sending| {
            let sent = sent.header();
            (sent.opcode, sent.channel) == (header.opcode, header.channel)
        };
        let is_event = matches!(header.opcode, opcode::SYS_EVENT | opcode::CHANNEL_EVENT);
        if is_event {
            self.event_was_taken |= header.flags & flag::ACK != 0;
        } else if self.wait.is_some()
            && header.sequence == self.sequence
            && self.sending.as_ref().is_some_and(is_of)
        {
            if header.flags & flag::ACK != 0 {
                self.was_sent(device);
            } else {
                self.send_again(now_ms, device);
            }
        }
    }

    /// A packet is out, and acknowledged if it has to be: what comes next.
    fn was_sent(&mut self, device: &mut impl Device) {
        let Some(sent) = self.sending.take() else { return };
        self.wait = None;
        self.stats.sent = self.stats.sent.wrapping_add(1);
        let is_beginning = sent.header().opcode == opcode::SYNC;
        self.sequence = if is_beginning {
            0
        } else {
            self.sequence.wrapping_add(1)
        };
        if let Some(next) = self.agreed_next.take() {
            self.agreed = next;
        }
        if self.rest.is_some() {
            self.next_piece(device);
        }
    }

    fn send_again(&mut self, now_ms: u64, device: &mut impl Device) {
        let (Some(wait), Some(sending)) = (&mut self.wait, &mut self.sending) else {
            return;
        };
        if wait.retries == 0 {
            self.stats.lost = self.stats.lost.wrapping_add(1);
            return self.begin(device);
        }
        wait.retries -= 1;
        wait.timeout_ms = wait.timeout_ms.saturating_mul(2);
        wait.until_ms = now_ms + u64::from(wait.timeout_ms);
        self.stats.retransmitted = self.stats.retransmitted.wrapping_add(1);
        sending.again();
    }

    /// The next bytes for the host; says how many. None: there is nothing to say before [`wakes_ms`](Self::wakes_ms).
    pub fn transmit(&mut self, out: &mut [u8], now_ms: u64, device: &mut impl Device) -> usize {
        if self.wakes_ms().is_some_and(|wakes_ms| now_ms >= wakes_ms) {
            self.send_again(now_ms, device);
        }
        let mut count = 0;
        while count < out.len() {
            let rest = &mut out[count..];
            // A packet that has begun is ended first.
            let is_under_way = self.sending.as_ref().is_some_and(Sending::is_under_way);
            if !is_under_way && self.event.is_none() {
                self.event = self.events.pop().and_then(|event| self.packed(event));
            }
            match (&mut self.event, &mut self.sending) {
                (Some(event), _) if !is_under_way => {
                    count += event.fill(rest, &self.event_bytes, device);
                    if event.is_done() {
                        self.event = None;
                        self.stats.events = self.stats.events.wrapping_add(1);
                    }
                }
                (_, Some(sending)) if !sending.is_done() => {
                    count += sending.fill(rest, &self.here, device);
                    if sending.is_done() {
                        self.is_out(now_ms, device);
                    }
                }
                _ => break,
            }
        }
        count
    }

    /// A packet has left.
    fn is_out(&mut self, now_ms: u64, device: &mut impl Device) {
        let wants_answer = |sending: &Sending| sending.header().flags & flag::ACK_REQ != 0;
        if !self.sending.as_ref().is_some_and(wants_answer) {
            self.was_sent(device);
        } else if self.wait.is_none() {
            self.wait = Some(Wait {
                until_ms: now_ms + u64::from(self.agreed.timeout_ms),
                timeout_ms: self.agreed.timeout_ms,
                retries: self.agreed.retries,
            });
        }
    }

    /// Whether there are bytes to send now.
    pub fn has_more(&self) -> bool {
        let is_unsent = |sending: &Sending| !sending.is_done();
        self.sending.as_ref().is_some_and(is_unsent) || self.event.is_some() || self.events.len() > 0
    }

    /// When something has to be sent again.
    pub fn wakes_ms(&self) -> Option<u64> {
        let is_out = self.sending.as_ref().is_some_and(Sending::is_done);
        self.wait.filter(|_| is_out).map(|wait| wait.until_ms)
    }

    /// Tells the host of something. False: it does not want to hear, or has not listened for long.
    pub fn send_event(&mut self, channel: u8, number: u16, acknowledged: bool) -> bool {
        self.event_was_taken = false;
        let event = Event {
            channel,
            number,
            acknowledged,
        };
        let is_sent = self.agreed.events && self.events.push(event);
        self.stats.most_waiting = self.stats.most_waiting.max(self.events.len() as u32);
        is_sent
    }

    /// Whether the host has acknowledged an event since the last one.
    pub fn event_was_taken(&self) -> bool {
        self.event_was_taken
    }

    /// An event as a packet, unless the host has chosen meanwhile not to have any.
    fn packed(&mut self, event: Event) -> Option<Sending> {
        if !self.agreed.events {
            return None;
        }
        self.event_bytes = event.number.to_le_bytes();
        let is_asked = event.acknowledged && self.agreed.ack;
        let header = Header {
            sequence: self.sequence,
            channel: event.channel,
            flags: flag::EVENT | if is_asked { flag::ACK_REQ } else { 0 },
            opcode: if event.channel == 0 {
                opcode::SYS_EVENT
            } else {
                opcode::CHANNEL_EVENT
            },
            length: if event.number == event::NOTIFY { 0 } else { 2 },
        };
        Some(Sending::new(header, self.agreed.crc, Body::Here))
    }

    /// What the device has been asked and has not answered, with what came along.
    pub fn pending(&self) -> Option<(Request, &[u8])> {
        self.later.map(|request| (request, self.inbox.held()))
    }

    /// The device answers. Nothing happens if the host has given up meanwhile.
    pub fn answer(&mut self, reply: Reply) {
        let Some(request) = self.later.take() else { return };
        self.inbox.release();
        match reply {
            Reply::Status(status) => {
                self.rest = None;
                self.conclude(request.opcode, request.channel, status);
            }
            Reply::Bytes(bytes) => {
                let count = bytes.len().min(PIECE_BYTES);
                self.here[..count].copy_from_slice(&bytes[..count]);
                match request.opcode {
                    opcode::READ => self.send_piece(count),
                    _ => self.data(request.opcode, request.channel, count, 0, Body::Here),
                }
            }
        }
    }

    // What is sent.

    pub(crate) fn data(&mut self, opcode: u8, channel: u8, length: usize, flags: u8, body: Body) {
        let asked = if self.agreed.ack { flag::ACK_REQ } else { 0 };
        let header = Header {
            sequence: self.sequence,
            channel,
            flags: flags | asked,
            opcode,
            length: length as u16,
        };
        self.sending = Some(Sending::new(header, self.agreed.crc, body));
    }

    pub(crate) fn status(&mut self, command: Header, status: Status) {
        self.conclude(command.opcode, command.channel, status);
    }

    pub(crate) fn conclude(&mut self, opcode: u8, channel: u8, status: Status) {
        let is_good = status == Status::Success;
        if !is_good {
            self.here[..2].copy_from_slice(&(status as u16).to_le_bytes());
        }
        let header = Header {
            sequence: self.sequence,
            channel,
            flags: if is_good { flag::ACK } else { flag::NAK },
            opcode,
            length: if is_good { 0 } else { 2 },
        };
        self.sending = Some(Sending::new(header, self.agreed.crc, Body::Here));
    }

    /// Sends numbers.
    pub(crate) fn numbers(&mut self, command: Header, write: impl FnOnce(&mut Writer)) {
        let mut writer = Writer::new(&mut self.here);
        write(&mut writer);
        let length = writer.len();
        self.data(command.opcode, command.channel, length, 0, Body::Here);
    }
}
