//! What a host does with a device that it has just reset: an address, descriptors, texts. In the order in which Linux does it.

use super::descriptor::{self, Endpoint};
use super::transfer::{Outcome, Request};

/// The address that the only device on the bus gets.
pub const ADDRESS: u8 = 1;

/// A device as it has described itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// The device descriptor.
    pub descriptor: Vec<u8>,
    /// The first configuration's descriptor with all that follows it.
    pub configuration: Vec<u8>,
    /// Manufacturer, product, serial number; `None` if the device has no such text.
    pub texts: [Option<String>; 3],
}

impl Device {
    /// Vendor and product number.
    pub fn id(&self) -> (u16, u16) {
        let half = |at: usize| match self.descriptor.get(at..at + 2) {
            Some(&[low, high]) => u16::from_le_bytes([low, high]),
            _ => 0,
        };
        (half(8), half(10))
    }

    /// Its endpoints but endpoint 0.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        descriptor::endpoints(&self.configuration)
    }
}

/// The next question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// The first eight bytes, for the size of endpoint 0's packets.
    Size,
    Address,
    Device,
    ConfigurationHead,
    Configuration,
    /// Manufacturer, product, serial number.
    Text(usize),
    Done,
}

/// The state of it.
#[derive(Clone, Debug)]
pub struct Enumeration {
    step: Step,
    found: Device,
}

/// What follows from an answer.
pub enum Next {
    /// The next question.
    Ask(Request),
    /// Endpoint 0 has packets of so many bytes; then the next question.
    Sized(u8, Request),
    /// It has its address now; then the next question.
    Addressed(Request),
    /// All is known.
    Known(Device),
    /// The device did not answer as it must.
    Failed(String),
}

const GET_DESCRIPTOR: u8 = 6;
const SET_ADDRESS: u8 = 5;

impl Enumeration {
    /// The first question.
    pub fn start() -> (Self, Request) {
        let start = Enumeration {
            step: Step::Size,
            found: Device::default(),
        };
        (start, get(1, 0, 0, 8))
    }

    /// The answer to the last question has come.
    pub fn take(&mut self, outcome: Outcome) -> Next {
        let received = match outcome {
            Outcome::Done { received, .. } => received,
            // A text that is announced and missing harms nobody.
            Outcome::Stall if matches!(self.step, Step::Text(_)) => Vec::new(),
            other => return Next::Failed(format!("{:?}: {other:?}", self.step)),
        };
        match self.step {
            Step::Size => {
                self.step = Step::Address;
                let setup = [0, SET_ADDRESS, ADDRESS, 0, 0, 0, 0, 0];
                let data = Vec::new();
                return match received.get(7) {
                    Some(&bytes @ (8 | 16 | 32 | 64)) => Next::Sized(bytes, Request::Control { setup, data }),
                    other => Next::Failed(format!("packets of {other:?} bytes on endpoint 0")),
                };
            }
            Step::Address => {
                self.step = Step::Device;
                return Next::Addressed(get(1, 0, 0, 18));
            }
            Step::Device => {
                self.found.descriptor = received;
                self.step = Step::ConfigurationHead;
                return Next::Ask(get(2, 0, 0, 9));
            }
            Step::ConfigurationHead => {
                let &[_, _, low, high, ..] = &received[..] else {
                    return Next::Failed(format!("a configuration of {} bytes", received.len()));
                };
                self.step = Step::Configuration;
                return Next::Ask(get(2, 0, 0, u16::from_le_bytes([low, high])));
            }
            Step::Configuration => self.found.configuration = received,
            Step::Text(n) => self.found.texts[n] = text(&received),
            Step::Done => {}
        }
        self.ask_text()
    }

    /// The next text that the device descriptor names.
    fn ask_text(&mut self) -> Next {
        let first = match self.step {
            Step::Text(n) => n + 1,
            _ => 0,
        };
        for n in first..3 {
            let index = self.found.descriptor.get(14 + n).copied().unwrap_or(0);
            if index != 0 {
                self.step = Step::Text(n);
                return Next::Ask(get(3, index, 0x0409, 255));
            }
        }
        self.step = Step::Done;
        Next::Known(self.found.clone())
    }
}

fn get(kind: u8, index: u8, language: u16, bytes: u16) -> Request {
    let ([low, high], [few, many]) = (language.to_le_bytes(), bytes.to_le_bytes());
    Request::Control {
        setup: [0x80, GET_DESCRIPTOR, index, kind, low, high, few, many],
        data: Vec::new(),
    }
}

fn text(descriptor: &[u8]) -> Option<String> {
    let letters = descriptor.get(2..)?.chunks_exact(2);
    let letters: Vec<u16> = letters
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16(&letters).ok()
}
