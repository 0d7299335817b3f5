//! A make-believe board: boots, prompts, and knows enough of the raw REPL to test the host ends.

use std::collections::VecDeque;

use super::{Guest, milliseconds};
use crate::{Stop, Until};
use chipmodel::{Picos, Time};

#[derive(Clone, Copy, PartialEq)]
enum State {
    Deaf,
    Friendly,
    Raw,
    Paste,
}

pub struct Fake {
    now: Time,
    state: State,
    input: VecDeque<u8>,
    output: Vec<u8>,
    source: Vec<u8>,
    line: Vec<u8>,
    next_stop: Option<Stop>,
    free: usize,
    sleep: Picos,
    never_sleeps: bool,
    pub window: usize,
    pub most_unread: usize,
}

impl Fake {
    /// Prints these words and nothing else.
    pub fn saying(words: &str) -> Self {
        Fake {
            now: Time(0),
            state: State::Deaf,
            input: VecDeque::new(),
            output: words.as_bytes().to_vec(),
            source: Vec::new(),
            line: Vec::new(),
            next_stop: None,
            free: 0,
            sleep: Picos(0),
            never_sleeps: false,
            window: 32,
            most_unread: 0,
        }
    }

    /// Works for ever, without a word and without a nap.
    pub fn busy() -> Self {
        Fake {
            never_sleeps: true,
            ..Fake::saying("")
        }
    }

    /// Understands `echo TEXT`, `raise NAME`, `reset`, `event` and `sleep MILLISECONDS`.
    pub fn python() -> Self {
        Fake {
            state: State::Friendly,
            ..Fake::saying("boot\r\n>>> ")
        }
    }

    fn print(&mut self, text: &str) {
        self.output.extend(text.as_bytes());
    }

    fn execute(&mut self, source: &str) -> Option<String> {
        let (verb, rest) = source.split_once(' ').unwrap_or((source, ""));
        match verb {
            "echo" => self.print(rest),
            "raise" => return Some(format!("Traceback: {rest}\r\n")),
            "reset" => self.next_stop = Some(Stop::Reset),
            "event" => self.next_stop = Some(Stop::Events),
            "sleep" => self.sleep = milliseconds(rest.trim().parse().unwrap()),
            _ => {}
        }
        None
    }

    fn consume(&mut self, byte: u8) {
        match (self.state, byte) {
            (State::Deaf, _) => {}
            (State::Friendly, 0x01) => {
                self.state = State::Raw;
                self.print("raw REPL; CTRL-B to exit\r\n>");
            }
            (State::Friendly, b'\r') => {
                let line = String::from_utf8(std::mem::take(&mut self.line)).unwrap();
                self.print("\r\n");
                if let Some(traceback) = self.execute(&line) {
                    self.print(&traceback);
                }
                self.print(">>> ");
            }
            (State::Friendly, 0x03) => self.print("\r\n>>> "),
            (State::Friendly, byte) => {
                self.line.push(byte);
                self.output.push(byte);
            }
            (State::Raw, 0x01) if self.source.ends_with(b"\x05A") => {
                self.source.clear();
                self.state = State::Paste;
                self.free = self.window;
                self.output.extend([b'R', 1, self.window as u8, 0]);
            }
            (State::Raw, byte) => self.source.push(byte),
            (State::Paste, 0x04) => {
                let source = String::from_utf8(std::mem::take(&mut self.source)).unwrap();
                self.output.push(4);
                let traceback = self.execute(&source);
                if self.next_stop.is_none() {
                    self.output.push(4);
                    self.print(&traceback.unwrap_or_default());
                    self.output.push(4);
                    self.output.push(b'>');
                }
                self.state = State::Raw;
            }
            (State::Paste, byte) => {
                self.source.push(byte);
                self.free -= 1;
                if self.free == 0 {
                    self.free = self.window;
                    self.output.push(1);
                }
            }
        }
    }
}

impl Guest for Fake {
    fn run(&mut self, until: Until) -> Stop {
        while let Some(byte) = self.input.pop_front() {
            self.consume(byte);
        }
        if let Some(stop) = self.next_stop.take() {
            return stop;
        }
        if until.output && !self.output.is_empty() {
            return Stop::Output;
        }
        if until.idle && !self.never_sleeps {
            let wake = (self.sleep.0 > 0).then_some(self.now + self.sleep);
            self.sleep = Picos(0);
            return Stop::Idle { until: wake };
        }
        self.now = until.time;
        Stop::Limit
    }

    fn now(&self) -> Time {
        self.now
    }

    fn serial_in(&mut self, bytes: &[u8]) {
        self.input.extend(bytes);
        if self.state == State::Paste {
            self.most_unread = self
                .most_unread
                .max(self.input.iter().filter(|&&b| b != 4).count());
        }
    }

    fn serial_out(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output)
    }

    fn wire_is_busy(&mut self) -> bool {
        !self.input.is_empty()
    }
}
