//! A machine that a signal can stop, or the end of a span of virtual time: script and pipe let it run for as long as the
//! script takes.

use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags};
use rustix::stdio::stdin;

use super::live::virtual_span;
use super::terminal::ready;
use super::{Guest, milliseconds};
use crate::{Stop, Until};
use chipmodel::{Picos, Time};

/// How often it is asked whether to stop.
const SLICE: Picos = milliseconds(20);

/// The same while input is waited for.
const GLANCE: Duration = Duration::from_millis(200);

/// Standard input, which ends once `stop` is set.
pub struct StoppableInput<'a> {
    /// Set by a signal.
    pub stop: &'a AtomicBool,
}

impl Read for StoppableInput<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while !self.stop.load(Ordering::Relaxed) {
            let mut fds = [PollFd::from_borrowed_fd(stdin(), PollFlags::IN)];
            if ready(&mut fds, Some(GLANCE))? > 0 {
                return Ok(rustix::io::read(stdin(), buffer)?);
            }
        }
        Ok(0)
    }
}

/// The machine, until `stop` is set or its time is over.
pub struct Stoppable<'a, G> {
    guest: &'a mut G,
    stop: &'a AtomicBool,
    end: Option<Time>,
}

impl<'a, G: Guest> Stoppable<'a, G> {
    /// Runs as `guest` does, and says [`Stop::Asked`] once `stop` is set.
    pub fn new(guest: &'a mut G, stop: &'a AtomicBool) -> Self {
        Stoppable {
            guest,
            stop,
            end: None,
        }
    }

    /// And says the same when it has run for so long.
    pub fn for_span(self, span: Option<Duration>) -> Self {
        let end = span.map(|span| self.guest.now() + virtual_span(span));
        Stoppable { end, ..self }
    }
}

impl<G: Guest> Guest for Stoppable<'_, G> {
    fn run(&mut self, until: Until) -> Stop {
        loop {
            let is_over = self.end.is_some_and(|end| self.guest.now() >= end);
            if is_over || self.stop.load(Ordering::Relaxed) {
                return Stop::Asked;
            }
            let time = until.time.min(self.guest.now() + SLICE);
            let time = self.end.map_or(time, |end| time.min(end));
            let stop = self.guest.run(Until { time, ..until });
            if stop != Stop::Limit || self.guest.now() >= until.time {
                return stop;
            }
        }
    }

    fn now(&self) -> Time {
        self.guest.now()
    }

    fn serial_in(&mut self, bytes: &[u8]) {
        self.guest.serial_in(bytes);
    }

    fn serial_out(&mut self) -> Vec<u8> {
        self.guest.serial_out()
    }

    fn wire_is_busy(&mut self) -> bool {
        self.guest.wire_is_busy()
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::Fake;
    use super::super::{ScriptError, script};
    use super::*;

    #[test]
    fn a_script_without_end_can_be_stopped() {
        let stop = AtomicBool::new(false);
        let mut fake = Fake::busy();
        let mut guest = Stoppable::new(&mut fake, &stop);
        let ended = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(50));
                stop.store(true, Ordering::Relaxed);
            });
            // Asked in a row, so that the limit of a boot does not end it.
            loop {
                match script(&mut guest, b"", &mut Vec::new(), &mut Vec::new()) {
                    Err(ScriptError::NoPrompt { .. }) => {}
                    other => return other,
                }
            }
        });
        assert!(matches!(ended, Err(ScriptError::Interrupted)), "{ended:?}");
    }

    #[test]
    fn a_span_of_time_ends_it() {
        let stop = AtomicBool::new(false);
        let mut fake = Fake::busy();
        let span = Duration::from_millis(70);
        let mut guest = Stoppable::new(&mut fake, &stop).for_span(Some(span));
        let begin = guest.now();
        let until = Until {
            time: begin + milliseconds(500),
            output: false,
            idle: true,
        };
        assert_eq!(guest.run(until), Stop::Asked);
        assert_eq!(guest.now(), begin + milliseconds(70));
    }

    #[test]
    fn what_is_not_stopped_runs_as_long_as_it_was_told() {
        let stop = AtomicBool::new(false);
        let mut fake = Fake::busy();
        let mut guest = Stoppable::new(&mut fake, &stop);
        let time = guest.now() + milliseconds(500);
        let until = Until {
            time,
            output: false,
            idle: true,
        };
        assert_eq!((guest.run(until), guest.now()), (Stop::Limit, time));
    }
}
