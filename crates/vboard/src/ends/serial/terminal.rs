//! The user's own terminal, in raw mode, as the board's console. Ctrl-C goes to Python.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::stdio::stdin;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

use super::Guest;
use super::live::{Ended, Input, Pace, Port, live};

/// The key that leaves the terminal, as people write it.
pub const LEAVE_KEY: &str = "Ctrl-]";
const LEAVE: u8 = 0x1D;

/// Talk to the board until the user leaves or `stop` is set, by a signal for instance. Standard input must be a
/// terminal; it gets its settings back.
pub fn terminal(guest: &mut impl Guest, stop: &AtomicBool) -> io::Result<Ended> {
    let _raw = RawMode::enter()?;
    live(guest, &mut Screen { stop }, Pace::Free)
}

/// Raw mode for as long as this value lives.
struct RawMode {
    before: Termios,
}

impl RawMode {
    fn enter() -> io::Result<Self> {
        if !io::stdin().is_terminal() {
            return Err(io::Error::other("standard input is not a terminal"));
        }
        let before = tcgetattr(stdin())?;
        let mut raw = before.clone();
        raw.make_raw();
        tcsetattr(stdin(), OptionalActions::Now, &raw)?;
        Ok(RawMode { before })
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        // Nothing sensible can be done if the terminal is gone.
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
    }
}

struct Screen<'a> {
    stop: &'a AtomicBool,
}

impl Port for Screen<'_> {
    fn wait(&mut self, most: Option<Duration>) -> io::Result<Input> {
        let mut fds = [PollFd::from_borrowed_fd(stdin(), PollFlags::IN)];
        let count = ready(&mut fds, most)?;
        if self.stop.load(Ordering::Relaxed) {
            return Ok(Input::Over(Ended::Stopped));
        }
        if count == 0 {
            return Ok(Input::Nothing);
        }
        let mut typed = [0; 256];
        let count = match rustix::io::read(stdin(), &mut typed) {
            Ok(count) => count,
            Err(rustix::io::Errno::INTR) => return Ok(Input::Nothing),
            Err(error) => return Err(error.into()),
        };
        let typed = &typed[..count];
        Ok(match typed {
            [] => Input::Over(Ended::InputClosed),
            _ if typed.contains(&LEAVE) => Input::Leave,
            _ => Input::Bytes(typed.to_vec()),
        })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }
}

/// `poll` with a span of time; an interrupted one counts as nothing ready.
pub fn ready(fds: &mut [PollFd], most: Option<Duration>) -> io::Result<usize> {
    let most = match most.map(Timespec::try_from) {
        Some(Ok(span)) => Some(span),
        // Longer than the clock can say is for ever.
        Some(Err(_)) | None => None,
    };
    match poll(fds, most.as_ref()) {
        Ok(count) => Ok(count),
        Err(rustix::io::Errno::INTR) => Ok(0),
        Err(error) => Err(error.into()),
    }
}
