//! The terminal beside a debugger: what the board prints, what is typed line by line, and the debugger's own port.

use crate::ends::serial::Ended;
use crate::ends::serial::live::{Input, Port};
use crate::ends::serial::terminal::ready;
use rustix::event::{PollFd, PollFlags};
use rustix::stdio::stdin;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often it is asked whether to stop.
const GLANCE: Duration = Duration::from_millis(200);

/// The terminal, and where a debugger calls: its connection, or the port before there is one.
pub struct Desk<'a, F> {
    caller: &'a F,
    stop: &'a AtomicBool,
    has_input: bool,
}

impl<'a, F: AsFd> Desk<'a, F> {
    pub fn new(caller: &'a F, stop: &'a AtomicBool) -> Self {
        Desk {
            caller,
            stop,
            has_input: true,
        }
    }

    /// Nothing runs until the debugger calls.
    pub fn wait_for_call(&mut self) -> io::Result<Ended> {
        while !self.stop.load(Ordering::Relaxed) {
            let mut fds = [PollFd::new(self.caller, PollFlags::IN)];
            if ready(&mut fds, Some(GLANCE))? > 0 {
                return Ok(Ended::Called);
            }
        }
        Ok(Ended::Stopped)
    }
}

impl<F: AsFd> Port for Desk<'_, F> {
    fn wait(&mut self, most: Option<Duration>) -> io::Result<Input> {
        let most = most.map_or(GLANCE, |most| most.min(GLANCE));
        let mut fds = vec![PollFd::new(self.caller, PollFlags::IN)];
        if self.has_input {
            fds.push(PollFd::from_borrowed_fd(stdin(), PollFlags::IN));
        }
        ready(&mut fds, Some(most))?;
        let [called, typed] = [0, 1].map(|n| fds.get(n).is_some_and(|fd| !fd.revents().is_empty()));
        if self.stop.load(Ordering::Relaxed) {
            return Ok(Input::Over(Ended::Stopped));
        }
        if called {
            return Ok(Input::Over(Ended::Called));
        }
        if !typed {
            return Ok(Input::Nothing);
        }
        let mut bytes = [0; 256];
        let count = rustix::io::read(stdin(), &mut bytes)?;
        self.has_input = count > 0;
        // A line of a terminal that is not raw; the board expects the key Enter.
        let keys = bytes[..count]
            .iter()
            .map(|byte| if *byte == b'\n' { b'\r' } else { *byte });
        Ok(if count > 0 {
            Input::Bytes(keys.collect())
        } else {
            Input::Nothing
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }
}
