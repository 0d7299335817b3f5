//! The host's driver of a serial port (CDC 1.2, ACM): it opens the port, and moves bytes both ways.

use std::collections::VecDeque;

use super::descriptor::Endpoint;
use super::transfer::{Outcome, Request};

/// Bytes of a read: as Linux' cdc_acm asks, two packets. It ends with a short packet, or when it is full.
const READ_PACKETS: usize = 2;
/// Bytes of a write: as that driver sends, twenty packets.
const WRITE_PACKETS: usize = 20;

const CLASS_DATA: u8 = 10;
const CLASS_COMMUNICATION: u8 = 2;
const SET_LINE_CODING: u8 = 0x20;
const SET_CONTROL_LINE_STATE: u8 = 0x22;

/// The port of a device.
#[derive(Clone, Debug)]
pub struct Serial {
    control_interface: u8,
    input: Endpoint,
    output: Endpoint,
    /// Requests that prepare the port, the next one last.
    requests: Vec<Request>,
    /// Under way: a request, a read, a write.
    asked: Option<u64>,
    reading: Option<u64>,
    writing: Option<u64>,
    /// The program at the other end reads.
    pub reads: bool,
    ready: bool,
}

impl Serial {
    /// The port among these endpoints, if there is one; it is opened at this speed.
    pub fn find(endpoints: &[Endpoint], baud: u32) -> Option<Self> {
        let data = |sends: bool| {
            let mut of_data = endpoints
                .iter()
                .filter(|endpoint| endpoint.interface.1 == CLASS_DATA);
            of_data.find(|endpoint| (endpoint.address & 0x80 != 0) == sends)
        };
        let mut control = endpoints
            .iter()
            .filter(|endpoint| endpoint.interface.1 == CLASS_COMMUNICATION);
        let mut serial = Serial {
            control_interface: control.next()?.interface.0,
            input: *data(true)?,
            output: *data(false)?,
            requests: Vec::new(),
            asked: None,
            reading: None,
            writing: None,
            reads: true,
            ready: false,
        };
        serial.open(baud);
        serial.requests.push(Request::Control {
            setup: [0, 9, 1, 0, 0, 0, 0, 0],
            data: Vec::new(),
        });
        Some(serial)
    }

    /// A program opens the port: its speed, then DTR and RTS.
    pub fn open(&mut self, baud: u32) {
        let [a, b, c, d] = baud.to_le_bytes();
        self.requests
            .insert(0, self.request(SET_LINE_CODING, 0, vec![a, b, c, d, 0, 0, 8]));
        self.requests
            .insert(0, self.request(SET_CONTROL_LINE_STATE, 3, Vec::new()));
    }

    /// It closes it: DTR and RTS fall, and nobody reads.
    pub fn close(&mut self) {
        self.requests
            .insert(0, self.request(SET_CONTROL_LINE_STATE, 0, Vec::new()));
        self.ready = false;
    }

    fn request(&self, request: u8, value: u8, data: Vec<u8>) -> Request {
        Request::Control {
            setup: [
                0x21,
                request,
                value,
                0,
                self.control_interface,
                0,
                data.len() as u8,
                0,
            ],
            data,
        }
    }

    /// Whether it has told the device that it is open, and that is not to end.
    pub fn is_ready(&self) -> bool {
        self.ready && self.requests.is_empty() && self.asked.is_none()
    }

    /// A transfer has ended: true if it was this driver's. What it brought goes to `inbox`.
    pub fn take(&mut self, id: u64, outcome: &Outcome, inbox: &mut Vec<u8>) -> bool {
        if self.asked == Some(id) {
            self.asked = None;
            self.ready = self.requests.is_empty();
        } else if self.reading == Some(id) {
            self.reading = None;
            if let Outcome::Done { received, .. } = outcome {
                inbox.extend_from_slice(received);
            }
        } else if self.writing == Some(id) {
            self.writing = None;
        } else {
            return false;
        }
        true
    }

    /// What it asks for now; `submit` gives the transfer's number.
    pub fn ask(&mut self, outbox: &mut VecDeque<u8>, mut submit: impl FnMut(Request) -> u64) {
        if self.asked.is_none()
            && let Some(request) = self.requests.pop()
        {
            self.asked = Some(submit(request));
        }
        if !self.is_ready() {
            return;
        }
        if self.reading.is_none() && self.reads {
            self.reading = Some(submit(Request::In {
                endpoint: self.input.address & 0xF,
                bytes: READ_PACKETS * usize::from(self.input.packet_bytes),
            }));
        }
        if self.writing.is_none() && !outbox.is_empty() {
            let most = WRITE_PACKETS * usize::from(self.output.packet_bytes);
            let data = outbox.drain(..outbox.len().min(most)).collect();
            self.writing = Some(submit(Request::Out {
                endpoint: self.output.address,
                data,
                ends_short: false,
            }));
        }
    }
}
