//! Transfers as a driver asks for them, and how they end.

/// What is asked of the device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// On endpoint 0: eight bytes of set-up, then data to the device, or as many back as the set-up says.
    Control {
        /// bmRequestType, bRequest, wValue, wIndex, wLength.
        setup: [u8; 8],
        /// For the device.
        data: Vec<u8>,
    },
    /// To a bulk or interrupt endpoint.
    Out {
        /// Its number.
        endpoint: u8,
        /// In packets of the endpoint's size.
        data: Vec<u8>,
        /// An empty packet follows if the last one is full.
        ends_short: bool,
    },
    /// From a bulk or interrupt endpoint, until so many bytes have come or a short packet.
    In {
        /// Its number.
        endpoint: u8,
        /// At most.
        bytes: usize,
    },
}

/// How a transfer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// In full, or with a short packet: what came, or how much went.
    Done {
        /// From the device.
        received: Vec<u8>,
        /// To the device, in bytes.
        sent: usize,
    },
    /// The endpoint stalled.
    Stall,
    /// Three times no answer.
    Silence,
    /// The device sent more than was asked for.
    Babble,
    /// It went while the transfer was under way.
    Gone,
    /// Taken back.
    Cancelled,
}

/// Where a control transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Setup,
    Data,
    Status,
}

/// A transfer under way.
#[derive(Clone, Debug)]
pub(super) struct Transfer {
    pub id: u64,
    /// Of the device that it is for.
    pub address: u8,
    pub request: Request,
    pub stage: Stage,
    pub received: Vec<u8>,
    pub sent: usize,
    /// The toggle of a control transfer's next packet; true is DATA1.
    pub data1: bool,
    /// Tokens in a row that got no answer.
    pub silences: u8,
}

/// What goes over the bus next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Setup([u8; 8]),
    Out { endpoint: u8, bytes: Vec<u8> },
    In { endpoint: u8 },
}

impl Transfer {
    pub fn new(id: u64, address: u8, request: Request) -> Self {
        Transfer {
            id,
            address,
            stage: match request {
                Request::Control { .. } => Stage::Setup,
                _ => Stage::Data,
            },
            request,
            received: Vec::new(),
            sent: 0,
            data1: false,
            silences: 0,
        }
    }

    /// The endpoint and direction that it occupies: others wait for it. True: to the host.
    pub fn lane(&self) -> (u8, bool) {
        match &self.request {
            Request::Control { .. } => (0, false),
            Request::Out { endpoint, .. } => (*endpoint, false),
            Request::In { endpoint, .. } => (*endpoint, true),
        }
    }

    /// How many bytes the data stage has at most.
    fn wanted(&self) -> usize {
        match &self.request {
            Request::Control { setup, .. } => usize::from(u16::from_le_bytes([setup[6], setup[7]])),
            Request::Out { data, .. } => data.len(),
            Request::In { bytes, .. } => *bytes,
        }
    }

    fn reads(&self) -> bool {
        match &self.request {
            Request::Control { setup, .. } => setup[0] & 0x80 != 0,
            Request::Out { .. } => false,
            Request::In { .. } => true,
        }
    }

    /// The next token, with packets of `most` bytes.
    pub fn token(&self, most: usize) -> Token {
        let endpoint = self.lane().0;
        match (&self.request, self.stage) {
            (Request::Control { setup, .. }, Stage::Setup) => Token::Setup(*setup),
            (Request::Control { .. }, Stage::Status) if self.reads() && self.wanted() > 0 => Token::Out {
                endpoint,
                bytes: Vec::new(),
            },
            (Request::Control { .. }, Stage::Status) | (Request::In { .. }, _) => Token::In { endpoint },
            (Request::Control { .. }, _) if self.reads() => Token::In { endpoint },
            (Request::Control { data, .. } | Request::Out { data, .. }, _) => {
                let end = data.len().min(self.sent + most);
                Token::Out {
                    endpoint,
                    bytes: data[self.sent..end].to_vec(),
                }
            }
        }
    }

    /// A SETUP or OUT packet of so many bytes, of `most`, was taken. Returns the outcome if that was the end.
    pub fn taken(&mut self, bytes: usize, most: usize) -> Option<Outcome> {
        self.silences = 0;
        let is_control = matches!(self.request, Request::Control { .. });
        match self.stage {
            Stage::Setup => {
                self.stage = if self.wanted() == 0 {
                    Stage::Status
                } else {
                    Stage::Data
                };
                self.data1 = true;
                None
            }
            Stage::Status => self.finish(),
            Stage::Data => {
                self.sent += bytes;
                self.data1 = !self.data1;
                let ends_short = matches!(self.request, Request::Out { ends_short: true, .. });
                if self.sent < self.wanted() || ends_short && bytes == most {
                    return None;
                }
                if !is_control {
                    return self.finish();
                }
                (self.stage, self.data1) = (Stage::Status, true);
                None
            }
        }
    }

    /// An IN packet has come; `most` is the endpoint's size. Returns the outcome if that was the end.
    pub fn came(&mut self, bytes: &[u8], most: usize) -> Option<Outcome> {
        self.silences = 0;
        if self.stage == Stage::Status {
            return self.finish();
        }
        self.received.extend_from_slice(bytes);
        self.data1 = !self.data1;
        if self.received.len() > self.wanted() {
            return Some(Outcome::Babble);
        }
        if self.received.len() < self.wanted() && bytes.len() == most {
            return None;
        }
        if !matches!(self.request, Request::Control { .. }) {
            return self.finish();
        }
        (self.stage, self.data1) = (Stage::Status, true);
        None
    }

    fn finish(&mut self) -> Option<Outcome> {
        Some(Outcome::Done {
            received: std::mem::take(&mut self.received),
            sent: self.sent,
        })
    }
}
