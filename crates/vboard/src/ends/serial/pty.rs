//! A pseudo-terminal as the board's serial port, for mpremote, Thonny, MicroPython's test runner, or a terminal program.
//!
//! The port outlives its clients: it keeps its own hold on the far end, so one may close it and another open it.
//! The speed that a client sets is told to a board whose console is over USB, before what the client sends next. When nobody reads, what the board prints is lost after a while, as it
//! would be on a wire. The program that started it may end: what ends the board is a signal, a time that was given, or that
//! the reader of its output is gone.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::stdio::stdout;
use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use super::Guest;
use super::live::{Ended, Input, Pace, Port, live};
use super::terminal::ready;

/// How long a client may leave its side full before bytes are dropped.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often it is asked whether to stop.
const GLANCE: Duration = Duration::from_secs(1);

/// How a pseudo-terminal is served.
#[derive(Clone, Copy, Debug, Default)]
pub struct Service {
    /// How fast bytes come.
    pub pace: Pace,
    /// For so long, on the wall clock.
    pub time: Option<Duration>,
}

/// Why there is no pty.
#[derive(Debug, thiserror::Error)]
#[error("cannot open a pseudo-terminal: {step} failed: {cause}")]
pub struct PtyError {
    step: &'static str,
    cause: io::Error,
}

/// A pseudo-terminal.
#[derive(Debug)]
pub struct Pty {
    board_side: OwnedFd,
    /// Held so that a client may close its own.
    _client_side: OwnedFd,
    path: String,
}

impl Pty {
    /// A new one, in raw mode.
    pub fn open() -> Result<Pty, PtyError> {
        let at = |step| {
            move |errno: rustix::io::Errno| PtyError {
                step,
                cause: errno.into(),
            }
        };
        let board_side = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC)
            .map_err(at("/dev/ptmx"))?;
        grantpt(&board_side).map_err(at("grantpt"))?;
        unlockpt(&board_side).map_err(at("unlockpt"))?;
        let path = ptsname(&board_side, Vec::new()).map_err(at("ptsname"))?;
        let path = path.to_string_lossy().into_owned();
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let client_side = open(path.as_str(), flags, Mode::empty()).map_err(at("opening the far end"))?;
        let mut settings = tcgetattr(&client_side).map_err(at("tcgetattr"))?;
        settings.make_raw();
        tcsetattr(&client_side, OptionalActions::Now, &settings).map_err(at("tcsetattr"))?;
        rustix::io::ioctl_fionbio(&board_side, true).map_err(at("non-blocking mode"))?;
        Ok(Pty {
            board_side,
            _client_side: client_side,
            path,
        })
    }

    /// What a client opens, `/dev/pts/7`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The speed that a client has set last.
    fn line_rate(&self) -> io::Result<u32> {
        Ok(tcgetattr(&self.board_side)?.output_speed())
    }

    /// Serve clients until `stop` is set (by a signal for instance), until the time is over, or until the reader of the
    /// program's output is gone.
    pub fn serve(
        &mut self,
        guest: &mut impl Guest,
        stop: &AtomicBool,
        service: Service,
    ) -> io::Result<Ended> {
        let end = service.time.and_then(|time| Instant::now().checked_add(time));
        let baud = self.line_rate()?;
        let mut served = Served {
            pty: self,
            stop,
            end,
            baud,
        };
        live(guest, &mut served, service.pace)
    }
}

struct Served<'a> {
    pty: &'a Pty,
    stop: &'a AtomicBool,
    end: Option<Instant>,
    baud: u32,
}

impl Port for Served<'_> {
    fn wait(&mut self, most: Option<Duration>) -> io::Result<Input> {
        let mut fds = [
            PollFd::new(&self.pty.board_side, PollFlags::IN),
            // No flags: tells only that the reader of our output is gone.
            PollFd::from_borrowed_fd(stdout(), PollFlags::empty()),
        ];
        let left = self.end.map(|end| end.saturating_duration_since(Instant::now()));
        let most = [most, left].into_iter().flatten().fold(GLANCE, Duration::min);
        let count = ready(&mut fds, Some(most))?;
        if self.stop.load(Ordering::Relaxed) {
            return Ok(Input::Over(Ended::Stopped));
        }
        if self.end.is_some_and(|end| Instant::now() >= end) {
            return Ok(Input::Over(Ended::TimeIsOver));
        }
        let baud = self.pty.line_rate()?;
        if baud != self.baud {
            self.baud = baud;
            return Ok(Input::LineRate(baud));
        }
        if count == 0 {
            return Ok(Input::Nothing);
        }
        if fds[1].revents().intersects(PollFlags::ERR | PollFlags::HUP) {
            return Ok(Input::Over(Ended::ReaderGone));
        }
        let mut typed = [0; 4096];
        match rustix::io::read(&self.pty.board_side, &mut typed) {
            Ok(count) => Ok(Input::Bytes(typed[..count].to_vec())),
            Err(rustix::io::Errno::AGAIN | rustix::io::Errno::INTR) => Ok(Input::Nothing),
            Err(error) => Err(error.into()),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while !rest.is_empty() {
            match rustix::io::write(self.pty.board_side.as_fd(), rest) {
                Ok(count) => rest = &rest[count..],
                Err(rustix::io::Errno::INTR) => {}
                Err(rustix::io::Errno::AGAIN) => {
                    let mut fds = [PollFd::new(&self.pty.board_side, PollFlags::OUT)];
                    if ready(&mut fds, Some(PATIENCE))? == 0 {
                        return Ok(());
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::Fake;
    use super::*;
    use std::fs::OpenOptions;
    use std::io::{Read, Write};
    use std::thread;

    fn read_until(client: &mut impl Read, words: &str) -> String {
        let mut seen = String::new();
        let mut byte = [0];
        while !seen.ends_with(words) {
            assert_eq!(client.read(&mut byte).unwrap(), 1);
            seen.push(char::from(byte[0]));
        }
        seen
    }

    #[test]
    fn a_client_may_close_and_another_may_come() {
        let mut pty = Pty::open().unwrap();
        let path = pty.path().to_owned();
        assert!(path.starts_with("/dev/pts/"), "{path}");
        let clients = thread::spawn(move || {
            let open = || OpenOptions::new().read(true).write(true).open(&path).unwrap();
            let mut first = open();
            first.write_all(b"echo one\r").unwrap();
            read_until(&mut first, "one>>> ");
            drop(first);
            let mut second = open();
            second.write_all(b"echo two\r").unwrap();
            assert_eq!(read_until(&mut second, "two>>> "), "echo two\r\ntwo>>> ");
            second.write_all(b"event\r").unwrap();
        });
        let ended = pty
            .serve(&mut Fake::python(), &AtomicBool::new(false), Service::default())
            .unwrap();
        clients.join().unwrap();
        assert_eq!(ended, Ended::Events);
    }

    #[test]
    fn a_busy_board_does_not_keep_it_from_stopping() {
        let mut pty = Pty::open().unwrap();
        let stop = AtomicBool::new(false);
        let ended = thread::scope(|scope| {
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(50));
                stop.store(true, Ordering::Relaxed);
            });
            pty.serve(&mut Fake::busy(), &stop, Service::default()).unwrap()
        });
        assert_eq!(ended, Ended::Stopped);
    }

    #[test]
    fn the_time_that_was_given_ends_it_busy_or_idle() {
        for mut guest in [Fake::busy(), Fake::python()] {
            let service = Service {
                time: Some(Duration::from_millis(50)),
                ..Service::default()
            };
            let ended = Pty::open()
                .unwrap()
                .serve(&mut guest, &AtomicBool::new(false), service);
            assert_eq!(ended.unwrap(), Ended::TimeIsOver);
        }
    }

    #[test]
    fn a_paced_board_is_never_ahead_of_the_wall_clock() {
        let mut guest = Fake::busy();
        let service = Service {
            pace: Pace::Wire,
            time: Some(Duration::from_millis(300)),
        };
        let start = Instant::now();
        Pty::open()
            .unwrap()
            .serve(&mut guest, &AtomicBool::new(false), service)
            .unwrap();
        // One slice is run before the time is asked for.
        let board = Duration::from_nanos(guest.now().0 / 1000);
        assert!(
            board <= start.elapsed() + Duration::from_millis(5),
            "{board:?} of the board in {:?}",
            start.elapsed()
        );
        assert!(board > Duration::ZERO);
    }
}
