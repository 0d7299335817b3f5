//! The packets of transfers, one after the other, as a full-speed bus carries them.
//!
//! A token that would get NAK is not sent again and again but when the device can answer it, unless the program on the chip
//! counts such tokens; the bus is empty otherwise, so that this changes no time.

use std::collections::VecDeque;

use super::transfer::{Outcome, Request, Token, Transfer};
use chipmodel::bus::usb::{Answer, FRAME, Handshake, UsbDevice};
use chipmodel::{Effects, Picos, Time};

/// Token, packet and answer with their gaps, without the data (USB 2.0 table 5-9: 13 bytes), at 12 Mbit/s.
const OVERHEAD_BYTES: u64 = 13;
/// Token and NAK.
const NAK_BYTES: u64 = 8;
/// At the end of a frame nothing begins.
const GUARD_BYTES: u64 = 13 + 64 + 4;
const TRIES: u8 = 3;

/// Packets of the bus, for figures and tests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Data packets from the device.
    pub packets_in: u64,
    /// Those of them without data.
    pub empty_in: u64,
    /// Data packets to the device.
    pub packets_out: u64,
    /// Answers of NAK.
    pub naks: u64,
    /// Answers of STALL.
    pub stalls: u64,
}

/// The bus, with one device on it.
#[derive(Clone, Debug)]
pub struct Bus {
    /// Of the device.
    pub address: u8,
    transfers: Vec<Transfer>,
    finished: VecDeque<(u64, Outcome)>,
    /// The next packet of endpoints that receive and that send: true is DATA1.
    toggles: [[bool; 16]; 2],
    packet_bytes: [[u16; 16]; 2],
    next_id: u64,
    /// It is free from here on.
    free_at: Time,
    /// When the next packet goes, if one can.
    due: Option<Time>,
    frames_since: Time,
    /// The frame whose start the device was told last.
    last_frame: u64,
    /// Which transfer was served last, so that each gets its turn.
    turn: usize,
    /// What went over it.
    pub counts: Counts,
}

impl Bus {
    /// An empty one.
    pub fn new() -> Self {
        Bus {
            address: 0,
            transfers: Vec::new(),
            finished: VecDeque::new(),
            toggles: [[false; 16]; 2],
            packet_bytes: [[64; 16]; 2],
            next_id: 1,
            free_at: Time(0),
            due: None,
            frames_since: Time(0),
            last_frame: 0,
            turn: 0,
            counts: Counts::default(),
        }
    }

    /// One more transfer. Returns its number.
    pub fn submit(&mut self, request: Request) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.transfers.push(Transfer::new(id, self.address, request));
        id
    }

    /// Take a transfer back. False: it has ended already.
    pub fn cancel(&mut self, id: u64) -> bool {
        let Some(at) = self.transfers.iter().position(|transfer| transfer.id == id) else {
            return false;
        };
        self.transfers.remove(at);
        self.finished.push_back((id, Outcome::Cancelled));
        true
    }

    /// The device is gone, or was reset: transfers end, and its address, toggles and sizes are forgotten.
    pub fn forget_device(&mut self) {
        for transfer in self.transfers.drain(..) {
            self.finished.push_back((transfer.id, Outcome::Gone));
        }
        (self.address, self.due) = (0, None);
        self.toggles = [[false; 16]; 2];
        self.packet_bytes = [[64; 16]; 2];
    }

    /// The transfers that have ended, to be handed on.
    pub fn finished(&mut self) -> &mut VecDeque<(u64, Outcome)> {
        &mut self.finished
    }

    /// Bytes of writes that the device has not taken yet.
    pub fn unsent(&self) -> usize {
        let unsent = self.transfers.iter().map(|transfer| match &transfer.request {
            Request::Out { data, .. } => data.len() - transfer.sent,
            _ => 0,
        });
        unsent.sum()
    }

    /// Packets of this endpoint have so many bytes; bit 7 of the address is set if it sends to the host.
    pub fn set_packet_bytes(&mut self, address: u8, bytes: u16) {
        self.packet_bytes[usize::from(address >> 7)][usize::from(address & 15)] = bytes;
    }

    /// Frames begin now.
    pub fn start_frames(&mut self, device: &mut dyn UsbDevice, fx: &Effects) {
        self.frames_since = fx.now;
        device.run_frames(Some(0), fx);
    }

    /// Nothing goes for so long from here, or from the end of the packet under way.
    pub fn rest(&mut self, now: Time, span: Picos) {
        self.free_at = self.free_at.max(now) + span;
    }

    /// When the next packet goes, if one can.
    pub fn due(&self) -> Option<Time> {
        self.due
    }

    /// Find out when the next packet can go.
    pub fn plan(&mut self, device: &mut dyn UsbDevice, fx: &Effects) {
        self.due = if self.first_ready(device).is_some() {
            Some(self.slot(fx.now.max(self.free_at)))
        } else if device.wants_frames() || device.wants_naks() && !self.transfers.is_empty() {
            Some(self.frame_start(fx.now) + FRAME)
        } else {
            None
        };
    }

    fn frame_start(&self, now: Time) -> Time {
        let frames = (now - self.frames_since).0 / FRAME.0;
        self.frames_since + Picos(frames * FRAME.0)
    }

    /// The first moment from `from` on at which a packet may begin: not at the end of a frame.
    fn slot(&self, from: Time) -> Time {
        let start = self.frame_start(from);
        let end = start + FRAME;
        if end - from < bus_time(GUARD_BYTES) {
            end
        } else {
            from
        }
    }

    /// The transfer whose turn it is and that the device can go on with.
    fn first_ready(&self, device: &dyn UsbDevice) -> Option<usize> {
        let count = self.transfers.len();
        let order = (0..count).map(|n| (self.turn + n) % count);
        let mut ready = order.filter(|&at| {
            let transfer = &self.transfers[at];
            let first_of_lane = self.transfers[..at]
                .iter()
                .all(|before| before.lane() != transfer.lane());
            first_of_lane && self.can_go_on(transfer, device)
        });
        ready.next()
    }

    fn can_go_on(&self, transfer: &Transfer, device: &dyn UsbDevice) -> bool {
        match transfer.token(self.most(transfer)) {
            Token::Setup(_) => true,
            Token::Out { endpoint, bytes } => device.takes(transfer.address, endpoint, bytes.len()),
            Token::In { endpoint } => device.gives(transfer.address, endpoint),
        }
    }

    fn most(&self, transfer: &Transfer) -> usize {
        let (endpoint, sends) = transfer.lane();
        self.packet_bytes[usize::from(sends)][usize::from(endpoint & 15)].into()
    }

    /// One packet, or one round of those that get NAK.
    pub fn send_packet(&mut self, device: &mut dyn UsbDevice, fx: &mut Effects) {
        let frame = (fx.now - self.frames_since).0 / FRAME.0;
        if std::mem::replace(&mut self.last_frame, frame) != frame && device.wants_frames() {
            device.start_of_frame();
        }
        let Some(at) = self.first_ready(device) else {
            for transfer in 0..self.transfers.len() {
                self.carry(transfer, device, fx);
            }
            return;
        };
        self.turn = at + 1;
        let spent = self.carry(at, device, fx);
        self.free_at = fx.now + bus_time(spent);
    }

    /// The next token of a transfer. Returns what it took on the bus, in bytes.
    fn carry(&mut self, at: usize, device: &mut dyn UsbDevice, fx: &mut Effects) -> u64 {
        let Some(transfer) = self.transfers.get(at) else {
            return 0;
        };
        let (most, address) = (self.most(transfer), transfer.address);
        let is_control = matches!(transfer.request, Request::Control { .. });
        let toggle = |toggles: &[[bool; 16]; 2], sends: bool, endpoint: u8| match is_control {
            true => transfer.data1,
            false => toggles[usize::from(sends)][usize::from(endpoint & 15)],
        };
        match transfer.token(most) {
            Token::Setup(bytes) => {
                let said = device.setup(address, bytes, fx);
                self.note_out(at, 0, 8, said);
                OVERHEAD_BYTES + 8
            }
            Token::Out { endpoint, bytes } => {
                let data1 = toggle(&self.toggles, false, endpoint);
                let said = device.out(address, endpoint, data1, &bytes, fx);
                self.note_out(at, endpoint, bytes.len(), said);
                OVERHEAD_BYTES + bytes.len() as u64
            }
            Token::In { endpoint } => {
                let expected = toggle(&self.toggles, true, endpoint);
                let said = device.token_in(address, endpoint, fx);
                self.note_in(at, endpoint, expected, said, device)
            }
        }
    }

    fn note_out(&mut self, at: usize, endpoint: u8, bytes: usize, said: Handshake) {
        let outcome = match said {
            Handshake::Ack => {
                self.counts.packets_out += 1;
                let flag = &mut self.toggles[0][usize::from(endpoint & 15)];
                *flag = !*flag;
                let most = self.most(&self.transfers[at]);
                self.transfers[at].taken(bytes, most)
            }
            Handshake::Nak => {
                self.counts.naks += 1;
                None
            }
            Handshake::Stall => {
                self.counts.stalls += 1;
                Some(Outcome::Stall)
            }
            Handshake::Silence => self.note_silence(at),
        };
        self.finish(at, outcome);
    }

    fn note_in(
        &mut self,
        at: usize,
        endpoint: u8,
        expected: bool,
        said: Answer,
        device: &mut dyn UsbDevice,
    ) -> u64 {
        let most = self.most(&self.transfers[at]);
        let (outcome, spent) = match said {
            Answer::Data { data1, bytes } => {
                device.acknowledge(endpoint);
                self.counts.packets_in += 1;
                self.counts.empty_in += u64::from(bytes.is_empty());
                let spent = OVERHEAD_BYTES + bytes.len() as u64;
                if data1 != expected {
                    // The device has not seen that the last one was taken: this is the same once more.
                    (None, spent)
                } else {
                    let flag = &mut self.toggles[1][usize::from(endpoint & 15)];
                    *flag = !*flag;
                    (self.transfers[at].came(&bytes, most), spent)
                }
            }
            Answer::Nak => {
                self.counts.naks += 1;
                (None, NAK_BYTES)
            }
            Answer::Stall => {
                self.counts.stalls += 1;
                (Some(Outcome::Stall), NAK_BYTES)
            }
            Answer::Silence => (self.note_silence(at), NAK_BYTES),
        };
        self.finish(at, outcome);
        spent
    }

    fn note_silence(&mut self, at: usize) -> Option<Outcome> {
        let transfer = &mut self.transfers[at];
        transfer.silences += 1;
        (transfer.silences >= TRIES).then_some(Outcome::Silence)
    }

    fn finish(&mut self, at: usize, outcome: Option<Outcome>) {
        if let Some(outcome) = outcome {
            let transfer = self.transfers.remove(at);
            if let Outcome::Done { .. } = outcome {
                self.follow(&transfer.request);
            }
            self.finished.push_back((transfer.id, outcome));
        }
    }

    /// What a request means for the host's own books: toggles begin anew.
    fn follow(&mut self, request: &Request) {
        let Request::Control { setup, .. } = request else {
            return;
        };
        match setup {
            // SET_CONFIGURATION, SET_INTERFACE.
            [0, 9, ..] | [1, 11, ..] => self.toggles = [[false; 16]; 2],
            // CLEAR_FEATURE(ENDPOINT_HALT).
            [2, 1, 0, 0, endpoint, ..] => {
                self.toggles[usize::from(endpoint >> 7)][usize::from(endpoint & 15)] = false;
            }
            _ => {}
        }
    }
}

fn bus_time(bytes: u64) -> Picos {
    Picos::of_cycles(8 * bytes, 12_000_000)
}
