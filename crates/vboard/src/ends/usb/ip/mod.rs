//! The board's USB for a real Linux: a server of USB/IP, whose client is the kernel's vhci-hcd.
//!
//! The client's host takes the place of ours once it has imported the device: it asks for what it likes, and each of its
//! requests becomes a transfer on the virtual bus. A read that the device refuses stays open until there is something.

mod message;
mod tcp;

pub use message::BUS_ID;
pub use tcp::{ListenError, Listener};

use std::collections::BTreeMap;

use super::{Device, Host};
use crate::ends::serial::Guest;
use crate::{Machine, Stop, Until};
use chipmodel::Time;
use message::{Message, Reply};

/// The machine as a client of USB/IP sees it: what is typed are the client's messages, what is printed are the answers.
pub struct Server<'a> {
    machine: &'a mut Machine,
    /// Of a message that has not come to its end.
    heard: Vec<u8>,
    to_say: Vec<u8>,
    /// A question for the device's descriptors, which waits until they are known.
    waiting: Option<Message>,
    imported: bool,
    /// Which request of the client a transfer is.
    open: BTreeMap<u64, message::Submit>,
    /// Why the client is no longer listened to.
    failure: Option<String>,
}

impl<'a> Server<'a> {
    /// Of this machine, whose cable must be in.
    pub fn new(machine: &'a mut Machine) -> Self {
        Server {
            machine,
            heard: Vec::new(),
            to_say: Vec::new(),
            waiting: None,
            imported: false,
            open: BTreeMap::new(),
            failure: None,
        }
    }

    fn host<T>(&mut self, action: impl FnOnce(&mut Host) -> T) -> Option<T> {
        self.machine.with_usb(|host, _, _| action(host))
    }

    /// The client is gone: its transfers are taken back, and the device is reset as by an unplugged cable.
    fn forget_client(&mut self) {
        if self.imported {
            let now = self.machine.now();
            self.host(|host| host.reset(now));
        }
        (self.heard, self.waiting, self.imported) = (Vec::new(), None, false);
        (self.open, self.failure) = (BTreeMap::new(), None);
    }

    /// All whole messages that have come.
    fn read_messages(&mut self) {
        while self.waiting.is_none() && self.failure.is_none() {
            match message::read(&self.heard, self.imported) {
                Ok(Some((message, bytes))) => {
                    self.heard.drain(..bytes);
                    self.obey(message);
                }
                Ok(None) => return,
                Err(why) => {
                    eprintln!("spiram: USB/IP: {why}; this client is not listened to any more");
                    self.failure = Some(why);
                }
            }
        }
    }

    fn obey(&mut self, message: Message) {
        match message {
            Message::List | Message::Import(_) => self.answer_question(message),
            Message::Submit(submit) => {
                let request = submit.request.clone();
                if let Some(id) = self.host(|host| host.submit(request)) {
                    self.open.insert(id, submit);
                }
            }
            Message::Unlink { number, of } => self.unlink(number, of),
        }
    }

    fn unlink(&mut self, number: u32, of: u32) {
        let mut open = self.open.iter();
        let found = open.find(|(_, submit)| submit.number == of).map(|(id, _)| *id);
        let taken_back = found.is_some_and(|id| {
            self.open.remove(&id);
            self.host(|host| host.cancel(id)).unwrap_or_default()
        });
        Reply::Unlinked { number, taken_back }.write(&mut self.to_say);
    }

    /// Answers what the device's descriptors are needed for, as soon as they are known.
    fn answer_question(&mut self, question: Message) {
        let known = self.host(|host| host.device().cloned()).flatten();
        let failed = self.host(|host| host.failure().map(str::to_owned)).flatten();
        match (known, failed) {
            (Some(device), _) => self.describe(&question, Some(&device)),
            (None, Some(_)) => self.describe(&question, None),
            (None, None) => self.waiting = Some(question),
        }
    }

    fn describe(&mut self, question: &Message, device: Option<&Device>) {
        match question {
            Message::Import(bus_id) => {
                let device = device.filter(|_| bus_id == BUS_ID);
                self.imported = device.is_some();
                Reply::Imported(device).write(&mut self.to_say);
            }
            _ => Reply::Listed(device).write(&mut self.to_say),
        }
    }

    /// Transfers that have ended become replies.
    fn report(&mut self) {
        if let Some(question) = self.waiting.take() {
            self.answer_question(question);
            self.read_messages();
        }
        while let Some((id, outcome)) = self.host(Host::take_finished).flatten() {
            let Some(submit) = self.open.remove(&id) else {
                continue;
            };
            Reply::Ended {
                submit: &submit,
                outcome: &outcome,
            }
            .write(&mut self.to_say);
        }
    }
}

impl Guest for Server<'_> {
    fn run(&mut self, until: Until) -> Stop {
        Guest::run(self.machine, until)
    }

    fn now(&self) -> Time {
        self.machine.now()
    }

    /// No bytes: the client is gone.
    fn serial_in(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return self.forget_client();
        }
        self.heard.extend_from_slice(bytes);
        self.read_messages();
    }

    fn serial_out(&mut self) -> Vec<u8> {
        self.report();
        std::mem::take(&mut self.to_say)
    }

    fn wire_is_busy(&mut self) -> bool {
        self.waiting.is_some() || self.host(|host| host.is_busy()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
