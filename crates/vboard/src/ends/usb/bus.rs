//! The bus: attach and reset, frames, and the packets of transfers, as a full-speed root port carries them.
//!
//! A token that would get NAK is not sent again and again but when the device can answer it, unless the program on the chip
//! counts such tokens; the bus is empty otherwise, so that this changes no time.

use std::collections::VecDeque;

use super::enumerate::{ADDRESS, Device, Enumeration, Next};
use super::serial::Serial;
use super::transfer::{Outcome, Request, Token, Transfer};
use chipmodel::bus::usb::{Answer, FRAME, Handshake, UsbDevice};
use chipmodel::{Effects, Picos, Time};

/// The line is steady for so long before it is believed (USB 2.0 7.1.7.3).
const DEBOUNCE: Picos = Picos(100_000_000_000);
/// A reset by a root port, and the rest behind it (TDRSTR, TRSTRCY).
const RESET: Picos = Picos(50_000_000_000);
const RECOVERY: Picos = Picos(10_000_000_000);
/// After its address is set a device has so long to take it (TDSETADDR).
const ADDRESS_SETTLES: Picos = Picos(2_000_000_000);
/// A suspended bus wakes by so long a signal (TDRSMDN), and then rests (TRSMRCY).
const RESUME: Picos = Picos(30_000_000_000);
/// Token, packet and answer with their gaps, without the data (USB 2.0 table 5-9: 13 bytes), at 12 Mbit/s.
const OVERHEAD_BYTES: u64 = 13;
/// Token and NAK.
const NAK_BYTES: u64 = 8;
/// At the end of a frame nothing begins.
const GUARD_BYTES: u64 = 13 + 64 + 4;
const TRIES: u8 = 3;

/// What is at the port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Port {
    /// The cable is not in, or nothing pulls D+ up.
    Empty,
    /// Something does since a moment ago.
    Debounce(Time),
    Reset(Time),
    Recovery(Time),
    /// The device may be talked to.
    Enabled,
    Suspended,
    Resuming(Time),
}

/// A host with one device at its root port.
#[derive(Clone, Debug)]
pub struct Host {
    port: Port,
    plugged: bool,
    address: u8,
    transfers: Vec<Transfer>,
    finished: VecDeque<(u64, Outcome)>,
    /// The next packet of endpoints that receive and that send: true is DATA1.
    toggles: [[bool; 16]; 2],
    packet_bytes: [[u16; 16]; 2],
    next_id: u64,
    /// The bus is free from here on.
    free_at: Time,
    /// When the next packet goes, if one can.
    due: Option<Time>,
    frames_since: Time,
    /// The frame whose start the device was told last.
    last_frame: u64,
    /// Something was asked of it.
    changed: bool,
    /// Which lane was served last, so that each gets its turn.
    turn: usize,
    enumeration: Option<(u64, Enumeration)>,
    device: Option<Device>,
    /// Why the last device could not be used.
    failure: Option<String>,
    serial: Option<Serial>,
    wants_serial: bool,
    inbox: Vec<u8>,
    outbox: VecDeque<u8>,
    /// Packets that went over the bus, by what the device said.
    pub counts: Counts,
}

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

impl Host {
    /// A host whose cable is in. With `serial` it opens the serial port that it finds, as a terminal does; without, a program
    /// does with the device what it likes.
    pub fn new(serial: bool) -> Self {
        Host {
            port: Port::Empty,
            plugged: true,
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
            changed: true,
            turn: 0,
            enumeration: None,
            device: None,
            failure: None,
            serial: None,
            wants_serial: serial,
            inbox: Vec::new(),
            outbox: VecDeque::new(),
            counts: Counts::default(),
        }
    }

    /// Pull the cable, or plug it in.
    pub fn plug(&mut self, plugged: bool) {
        (self.plugged, self.changed) = (plugged, true);
    }

    /// Let the bus sleep, as a host does that suspends a port.
    pub fn suspend(&mut self, device: &mut dyn UsbDevice, fx: &mut Effects) {
        if self.port == Port::Enabled {
            self.port = Port::Suspended;
            device.run_frames(None, fx);
            device.suspend();
        }
    }

    /// Wake it.
    pub fn resume(&mut self, now: Time) {
        if self.port == Port::Suspended {
            self.port = Port::Resuming(now + RESUME);
        }
    }

    /// Reset the port; the device is enumerated anew.
    pub fn reset(&mut self, now: Time) {
        if !matches!(self.port, Port::Empty | Port::Debounce(_)) {
            self.drop_all(Outcome::Gone);
            self.port = Port::Reset(now + RESET);
        }
    }

    /// The device, once it has said what it is.
    pub fn device(&self) -> Option<&Device> {
        self.device.as_ref()
    }

    /// Why the device that is there cannot be used.
    pub fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Whether the serial port is open at both ends.
    pub fn is_open(&self) -> bool {
        self.serial.as_ref().is_some_and(Serial::is_ready)
    }

    /// The driver of the serial port.
    pub(super) fn serial_mut(&mut self) -> Option<&mut Serial> {
        self.serial.as_mut()
    }

    /// Open the port once more, at this speed.
    pub fn open(&mut self, baud: u32) {
        if let Some(serial) = self.serial_mut() {
            serial.open(baud);
        }
        self.serve();
    }

    /// Close the port.
    pub fn close(&mut self) {
        if let Some(serial) = self.serial_mut() {
            serial.close();
        }
        self.serve();
    }

    /// Whether the program at the port reads.
    pub fn set_reads(&mut self, reads: bool) {
        if let Some(serial) = self.serial_mut() {
            serial.reads = reads;
        }
        self.serve();
    }

    /// Type on the serial port.
    pub fn write(&mut self, bytes: &[u8]) {
        self.outbox.extend(bytes);
        self.serve();
    }

    /// Bytes that the device has not taken yet.
    pub fn unsent(&self) -> usize {
        let mut under_way = 0;
        for transfer in &self.transfers {
            if let Request::Out { data, .. } = &transfer.request {
                under_way += data.len() - transfer.sent;
            }
        }
        self.outbox.len() + under_way
    }

    /// What the serial port has sent since the last call.
    pub fn read(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.inbox)
    }

    /// Is there anything to read?
    pub fn has_some(&self) -> bool {
        !self.inbox.is_empty()
    }

    /// Whether something moves on the bus, or is about to.
    pub fn is_busy(&self) -> bool {
        self.due.is_some() || !matches!(self.port, Port::Empty | Port::Enabled | Port::Suspended)
    }

    /// Ask the device for something. Returns the transfer's number.
    pub fn submit(&mut self, request: Request) -> u64 {
        let id = self.next_id;
        self.next_id += 1;
        self.transfers.push(Transfer::new(id, self.address, request));
        self.changed = true;
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

    /// The next transfer that has ended, but for those of the host itself.
    pub fn take_finished(&mut self) -> Option<(u64, Outcome)> {
        self.finished.pop_front()
    }

    fn drop_all(&mut self, why: Outcome) {
        for transfer in self.transfers.drain(..) {
            self.finished.push_back((transfer.id, why.clone()));
        }
        (self.device, self.serial, self.enumeration, self.due) = (None, None, None, None);
        self.address = 0;
        self.toggles = [[false; 16]; 2];
        self.packet_bytes = [[64; 16]; 2];
    }

    /// When it next does something by itself.
    pub fn next_event(&self) -> Option<Time> {
        match self.port {
            Port::Empty | Port::Suspended => None,
            Port::Debounce(at) | Port::Reset(at) | Port::Recovery(at) | Port::Resuming(at) => Some(at),
            Port::Enabled => self.due,
        }
    }

    /// Look at the device: it may be there or gone, or able to answer what it could not.
    pub fn look(&mut self, device: &mut dyn UsbDevice, fx: &mut Effects) {
        if !device.take_changed() && !std::mem::take(&mut self.changed) {
            return;
        }
        let present = self.plugged && device.pulls_up();
        match (self.port, present) {
            (Port::Empty, true) => self.port = Port::Debounce(fx.now + DEBOUNCE),
            (Port::Empty, false) => {}
            (_, false) => self.lose(device, fx),
            (Port::Suspended, true) if device.signals_wakeup() => self.resume(fx.now),
            (Port::Enabled, true) => self.plan(device, fx),
            _ => {}
        }
    }

    fn lose(&mut self, device: &mut dyn UsbDevice, fx: &mut Effects) {
        self.drop_all(Outcome::Gone);
        self.settle();
        self.port = Port::Empty;
        self.failure = None;
        device.run_frames(None, fx);
        // Without a host the lines are idle, which a device takes for suspend.
        device.suspend();
    }

    /// When the next packet can go.
    fn plan(&mut self, device: &mut dyn UsbDevice, fx: &Effects) {
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

    /// Do what is due.
    pub fn act(&mut self, device: &mut dyn UsbDevice, fx: &mut Effects) {
        match self.port {
            Port::Debounce(_) => {
                self.port = Port::Reset(fx.now + RESET);
            }
            Port::Reset(_) => {
                device.bus_reset(fx);
                self.drop_all(Outcome::Gone);
                self.frames_since = fx.now;
                device.run_frames(Some(0), fx);
                self.port = Port::Recovery(fx.now + RECOVERY);
            }
            Port::Recovery(_) => {
                (self.port, self.free_at) = (Port::Enabled, fx.now);
                let (enumeration, request) = Enumeration::start();
                self.enumeration = Some((self.submit(request), enumeration));
            }
            Port::Resuming(_) => {
                self.port = Port::Enabled;
                self.frames_since = fx.now;
                device.run_frames(Some(0), fx);
                device.resume();
                self.free_at = fx.now + RECOVERY;
            }
            Port::Enabled => self.send_packet(device, fx),
            Port::Empty | Port::Suspended => {}
        }
        self.settle();
        self.changed = true;
        self.look(device, fx);
    }

    /// One packet, or one round of those that get NAK.
    fn send_packet(&mut self, device: &mut dyn UsbDevice, fx: &mut Effects) {
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

    /// Hand ended transfers to whoever asked for them, and ask for more.
    fn settle(&mut self) {
        let mut others = VecDeque::new();
        while let Some((id, outcome)) = self.finished.pop_front() {
            match &mut self.enumeration {
                Some((asked, _)) if *asked == id => self.enumerate(outcome),
                _ => {
                    let serial = self.serial.as_mut();
                    if !serial.is_some_and(|serial| serial.take(id, &outcome, &mut self.inbox)) {
                        others.push_back((id, outcome));
                    }
                }
            }
        }
        self.finished = others;
        self.serve();
    }

    /// Let the driver of the serial port ask for what it needs.
    fn serve(&mut self) {
        let Some(mut serial) = self.serial.take() else {
            return;
        };
        let mut outbox = std::mem::take(&mut self.outbox);
        serial.ask(&mut outbox, |request| self.submit(request));
        (self.serial, self.outbox) = (Some(serial), outbox);
    }

    fn enumerate(&mut self, outcome: Outcome) {
        let Some((_, mut enumeration)) = self.enumeration.take() else {
            return;
        };
        let request = match enumeration.take(outcome) {
            Next::Ask(request) => request,
            Next::Sized(bytes, request) => {
                for of_direction in &mut self.packet_bytes {
                    of_direction[0] = bytes.into();
                }
                request
            }
            Next::Addressed(request) => {
                self.address = ADDRESS;
                self.free_at = self.free_at + ADDRESS_SETTLES;
                request
            }
            Next::Known(device) => {
                self.know(device);
                return;
            }
            Next::Failed(why) => {
                self.failure = Some(why);
                return;
            }
        };
        self.enumeration = Some((self.submit(request), enumeration));
    }

    fn know(&mut self, device: Device) {
        let endpoints = device.endpoints();
        for endpoint in &endpoints {
            let sends = usize::from(endpoint.address >> 7);
            self.packet_bytes[sends][usize::from(endpoint.address & 15)] = endpoint.packet_bytes;
        }
        if self.wants_serial {
            self.serial = Serial::find(&endpoints);
        }
        self.device = Some(device);
    }
}

fn bus_time(bytes: u64) -> Picos {
    Picos::of_cycles(8 * bytes, 12_000_000)
}
