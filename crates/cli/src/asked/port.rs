//! A serial port with MicroPython at its other end, spoken to by its raw REPL.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::termios::{self, ControlModes, OptionalActions, Termios, speed};

use crate::failure::Failure;

const READY: &[u8] = b"raw REPL; CTRL-B to exit\r\n>";
/// A program that runs is interrupted, and answers within this.
const PATIENCE: Duration = Duration::from_secs(5);
/// The first time it is asked.
const FIRST_PATIENCE: Duration = Duration::from_secs(2);
/// Whatever never stops talking is not at a prompt by then; a board that boots is.
const ENTER_LIMIT: Duration = Duration::from_secs(15);

/// A port that is ours alone.
pub struct Port {
    file: File,
    path: PathBuf,
    before: Option<Termios>,
}

/// What the board said to one question.
pub struct Said {
    pub out: String,
    pub error: String,
}

impl Port {
    pub fn open(path: &Path) -> Result<Port, Failure> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags((OFlags::NOCTTY | OFlags::NONBLOCK).bits() as i32)
            .open(path)
            .map_err(|error| cannot_open(path, &error))?;
        let before = termios::tcgetattr(&file).map_err(|_| {
            Failure::new(format!("{} is no serial port", path.display()))
                .hint("a port is called /dev/ttyACM0 or /dev/ttyUSB0, or is a pty")
        })?;
        // Before anything is set: another program's port stays as it is.
        rustix::fs::flock(&file, rustix::fs::FlockOperation::NonBlockingLockExclusive).map_err(|_| {
            Failure::new(format!("{} is in use by another program", path.display()))
                .hint("close the terminal, mpremote or Thonny that has it open")
        })?;
        let mut raw = before.clone();
        raw.make_raw();
        // An adapter on three wires has neither carrier nor handshake.
        raw.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
        raw.control_modes -= ControlModes::CRTSCTS;
        // 115200 baud is what the firmware's console has; a USB port and a pty have none.
        let _ = raw.set_speed(speed::B115200);
        termios::tcsetattr(&file, OptionalActions::Now, &raw)
            .map_err(|error| Failure::new(format!("{} cannot be set up: {error}", path.display())))?;
        Ok(Port {
            file,
            path: path.to_owned(),
            before: Some(before),
        })
    }

    /// Interrupts what runs, and asks for the raw REPL.
    pub fn enter(&mut self) -> Result<(), Failure> {
        let mut said = Vec::new();
        // A board that has just been switched on does not listen until its boot loader is done, and what it says then is no answer.
        for patience in [FIRST_PATIENCE, PATIENCE] {
            self.send(b"\r\x03\x03\x02\r\x01")?;
            said.extend(self.until(READY, patience, Some(ENTER_LIMIT))?);
            if said.ends_with(READY) {
                return Ok(());
            }
        }
        let name = self.path.display();
        if said.is_empty() {
            return Err(Failure::new(format!("{name}: silence; no byte came in {} s", PATIENCE.as_secs())).hint(
                "is the board powered, TX at RX and RX at TX, 115200 baud? Is its firmware flashed (`spiram first-power-up`)?",
            ));
        }
        let odd = said.iter().filter(|byte| !is_text(**byte)).count();
        if odd * 4 > said.len() {
            let heard = said[..said.len().min(20)].escape_ascii();
            return Err(Failure::new(format!("{name}: what comes is no text: {heard}"))
                .hint("another baud rate than 115200, or no ground between adapter and board"));
        }
        let heard: String = String::from_utf8_lossy(&said).chars().take(60).collect();
        Err(Failure::new(format!(
            "{name}: something answers that is not MicroPython: {heard:?}"
        ))
        .hint("another firmware, another port, or a program that keeps Ctrl-C to itself: press reset and try again"))
    }

    /// Runs a few lines of Python.
    pub fn ask(&mut self, source: &str, limit_s: u64) -> Result<Said, Failure> {
        self.send(source.as_bytes())?;
        self.send(b"\x04")?;
        let limit = Duration::from_secs(limit_s);
        self.expect(b"OK", PATIENCE)?;
        let out = self.expect(b"\x04", limit)?;
        let error = self.expect(b"\x04>", PATIENCE)?;
        Ok(Said { out, error })
    }

    /// Back to the prompt.
    pub fn leave(&mut self) {
        // The report is made; a port that is gone by now does not matter.
        let _ = self.send(b"\x02");
    }

    /// What comes before `end`.
    fn expect(&mut self, end: &[u8], limit: Duration) -> Result<String, Failure> {
        let said = self.until(end, limit, None)?;
        match said.strip_suffix(end) {
            Some(text) => Ok(String::from_utf8_lossy(text).into_owned()),
            None => Err(Failure::new(format!(
                "{}: the board stopped in the middle of an answer, after {:?}",
                self.path.display(),
                String::from_utf8_lossy(&said)
                    .chars()
                    .rev()
                    .take(60)
                    .collect::<Vec<_>>()
                    .into_iter()
                    .rev()
                    .collect::<String>()
            ))
            .hint("press its reset button and try again; if it happens again, report it with this line")),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut rest = bytes;
        let end = Instant::now() + PATIENCE;
        while !rest.is_empty() {
            match self.file.write(rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) if error.kind() == ErrorKind::WouldBlock && Instant::now() < end => {
                    sleep(Duration::from_millis(2));
                }
                Err(error) => return Err(self.gone(&error)),
            }
        }
        Ok(())
    }

    /// Reads until `end`, or until nothing came for so long, and in all no longer than `in_all`.
    fn until(&mut self, end: &[u8], limit: Duration, in_all: Option<Duration>) -> Result<Vec<u8>, Failure> {
        let start = Instant::now();
        let is_over = || in_all.is_some_and(|in_all| start.elapsed() > in_all);
        let (mut said, mut byte) = (Vec::new(), [0]);
        let mut deadline = Instant::now() + limit;
        while !said.ends_with(end) && Instant::now() < deadline && !is_over() {
            match self.file.read(&mut byte) {
                Ok(1) => {
                    said.push(byte[0]);
                    deadline = Instant::now() + limit;
                }
                Ok(_) => sleep(Duration::from_millis(2)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => sleep(Duration::from_millis(2)),
                Err(error) => return Err(self.gone(&error)),
            }
        }
        Ok(said)
    }

    fn gone(&self, error: &std::io::Error) -> Failure {
        Failure::new(format!("{}: the port is gone: {error}", self.path.display()))
            .hint("was the board unplugged?")
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            // Nothing can be done about a port that is gone.
            let _ = termios::tcsetattr(&self.file, OptionalActions::Now, &before);
        }
    }
}

fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t')
}

fn cannot_open(path: &Path, error: &std::io::Error) -> Failure {
    let failure = Failure::new(format!("{} cannot be opened: {error}", path.display()));
    match error.kind() {
        ErrorKind::NotFound => {
            failure.hint("no such port; plug the board in, then look at /dev/ttyACM* and /dev/ttyUSB*")
        }
        ErrorKind::PermissionDenied => {
            failure.hint("you may not open it: `sudo usermod -aG dialout $USER`, then log in again")
        }
        ErrorKind::ResourceBusy => {
            failure.hint("another program has it: close the terminal, mpremote or Thonny")
        }
        _ => failure.hint("is this the board's port?"),
    }
}
