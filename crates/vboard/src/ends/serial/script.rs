//! Run one script: the client of MicroPython's raw REPL, with raw paste for flow control.
//!
//! The script's output goes to `stdout` as it comes, to `stderr` a traceback, and before it the boot line of a board without a
//! usable memory chip. Python's `\r\n` become `\n`.
//! Does NOT feed the host's input to the script, and cannot see the value given to `sys.exit`.

use std::io::{self, Write};

use super::prompt::{BOOT_LIMIT, Reader, Silence};
use super::{Guest, seconds};
use chipmodel::Picos;

const INTERRUPT: &[u8] = b"\r\x03";
const ENTER_RAW: &[u8] = b"\r\x01";
const RAW_PROMPT: &[u8] = b"raw REPL; CTRL-B to exit\r\n>";
const ENTER_PASTE: &[u8] = b"\x05A\x01";
const END: u8 = 0x04;
const MORE: u8 = 0x01;
/// The interpreter answers at once; this is for a board that hangs.
const ANSWER_LIMIT: Picos = seconds(10);

/// How a script ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It came to its end.
    Done,
    /// It raised; the traceback was printed.
    Raised,
    /// It reset the board.
    Reset,
}

/// Why a script did not come to an end of its own.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// No prompt.
    #[error("no Python prompt after {} s of virtual time; the console said:\n{console}", BOOT_LIMIT.0 / 1_000_000_000_000)]
    NoPrompt {
        /// All that the board printed.
        console: String,
    },
    /// The prompt is there, but the protocol is not.
    #[error("the board's Python does not answer as a raw REPL does: {what}; the console said:\n{console}")]
    Protocol {
        /// What was waited for.
        what: &'static str,
        /// What came instead.
        console: String,
    },
    /// Events ended the run, or the processor locked up. The machine knows more.
    #[error("the board stopped before the script ended")]
    Stopped {
        /// What it printed and nobody has seen yet.
        console: String,
    },
    /// The user stopped it.
    #[error("the script was stopped")]
    Interrupted,
    /// The host's own end broke.
    #[error("cannot write the script's output: {0}")]
    Output(#[from] io::Error),
}

/// Boot, run `source`, and stop.
pub fn script(
    guest: &mut impl Guest,
    source: &[u8],
    stdout: &mut impl Write,
    stderr: &mut impl Write,
) -> Result<Verdict, ScriptError> {
    let mut reader = Reader::new(guest);
    let boot = reader.read_until(b">>> ", Some(BOOT_LIMIT)).map_err(|silence| {
        let console = text(&reader.take_pending());
        match silence {
            Silence::Timeout | Silence::Reset => ScriptError::NoPrompt { console },
            Silence::Events | Silence::Lockup => ScriptError::Stopped { console },
            Silence::Stopped => ScriptError::Interrupted,
        }
    });
    // The script runs, but not where its author thinks; stdout is the script's own.
    if let Some(line) = without_psram(&text(&boot?)) {
        writeln!(stderr, "{line}")?;
    }
    let mut client = Client { reader };
    client.enter()?;
    client.paste(source)?;
    client.stream(stdout, stderr)
}

/// The boot line of a board without a usable memory chip.
fn without_psram(boot: &str) -> Option<&str> {
    boot.lines()
        .find(|line| line.starts_with("spiram ") && line.ends_with("; heap is internal SRAM only"))
}

struct Client<'a, G> {
    reader: Reader<'a, G>,
}

impl<G: Guest> Client<'_, G> {
    fn send(&mut self, bytes: &[u8]) {
        self.reader.guest.serial_in(bytes);
    }

    fn failed(&mut self, what: &'static str) -> impl FnOnce(Silence) -> ScriptError + use<G> {
        let console = text(&self.reader.take_pending());
        move |silence| match silence {
            Silence::Events | Silence::Lockup => ScriptError::Stopped { console },
            Silence::Timeout | Silence::Reset => ScriptError::Protocol { what, console },
            Silence::Stopped => ScriptError::Interrupted,
        }
    }

    fn enter(&mut self) -> Result<(), ScriptError> {
        self.send(INTERRUPT);
        self.send(ENTER_RAW);
        let answer = self.reader.read_until(RAW_PROMPT, Some(ANSWER_LIMIT));
        answer
            .map(drop)
            .map_err(|silence| self.failed("raw REPL banner")(silence))
    }

    /// Send the source in the steps that the board asks for.
    fn paste(&mut self, source: &[u8]) -> Result<(), ScriptError> {
        self.send(ENTER_PASTE);
        let answer = self.bytes(4, "raw paste mode")?;
        let &[b'R', 1, low, high] = answer.as_slice() else {
            return Err(ScriptError::Protocol {
                what: "raw paste mode",
                console: text(&answer),
            });
        };
        let step = usize::from(u16::from_le_bytes([low, high]));
        let mut window = step;
        let mut rest = source;
        while !rest.is_empty() {
            if window == 0 {
                match self.bytes(1, "room for more of the script")?[0] {
                    MORE => window += step,
                    // The compiler gave up; its message follows.
                    END => {
                        self.send(&[END]);
                        return Ok(());
                    }
                    other => {
                        return Err(ScriptError::Protocol {
                            what: "room for more of the script",
                            console: text(&[other]),
                        });
                    }
                }
            }
            let (now, later) = rest.split_at(window.min(rest.len()));
            self.send(now);
            window -= now.len();
            rest = later;
        }
        self.send(&[END]);
        let seen = self.reader.read_until(&[END], None);
        seen.map(drop)
            .map_err(|silence| self.failed("end of the script")(silence))
    }

    /// Output up to the first end mark, a traceback up to the second.
    fn stream(mut self, stdout: &mut impl Write, stderr: &mut impl Write) -> Result<Verdict, ScriptError> {
        let mut newlines = Newlines::default();
        let mut traceback = None::<Vec<u8>>;
        loop {
            let bytes = self.reader.take_pending();
            let mut rest = bytes.as_slice();
            if traceback.is_none() {
                let end = rest.iter().position(|&b| b == END);
                newlines.write(&rest[..end.unwrap_or(rest.len())], stdout)?;
                if end.is_some() {
                    newlines.finish(stdout)?;
                }
                stdout.flush()?;
                rest = end.map_or(&[], |end| &rest[end + 1..]);
                traceback = end.map(|_| Vec::new());
            }
            if let Some(message) = &mut traceback {
                let end = rest.iter().position(|&b| b == END);
                message.extend_from_slice(&rest[..end.unwrap_or(rest.len())]);
                if end.is_some() {
                    stderr.write_all(text(message).as_bytes())?;
                    return Ok(if message.is_empty() {
                        Verdict::Done
                    } else {
                        Verdict::Raised
                    });
                }
            }
            match self.reader.wait(None) {
                Ok(()) => {}
                Err(Silence::Reset) => return Ok(Verdict::Reset),
                Err(Silence::Stopped) => return Err(ScriptError::Interrupted),
                Err(Silence::Events | Silence::Lockup | Silence::Timeout) => {
                    let console = text(&self.reader.take_pending());
                    return Err(ScriptError::Stopped { console });
                }
            }
        }
    }

    fn bytes(&mut self, count: usize, what: &'static str) -> Result<Vec<u8>, ScriptError> {
        self.reader
            .read_exact(count, ANSWER_LIMIT)
            .map_err(|silence| self.failed(what)(silence))
    }
}

/// For people, with plain line ends.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).replace("\r\n", "\n")
}

/// Turns `\r\n` into `\n` in a stream that may be cut anywhere.
#[derive(Default)]
struct Newlines {
    held_return: bool,
}

impl Newlines {
    fn write(&mut self, bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
        let mut plain = Vec::with_capacity(bytes.len() + 1);
        for &byte in bytes {
            if std::mem::take(&mut self.held_return) && byte != b'\n' {
                plain.push(b'\r');
            }
            match byte {
                b'\r' => self.held_return = true,
                byte => plain.push(byte),
            }
        }
        out.write_all(&plain)
    }

    fn finish(&mut self, out: &mut impl Write) -> io::Result<()> {
        if std::mem::take(&mut self.held_return) {
            out.write_all(b"\r")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::Fake;
    use super::*;

    fn run(guest: &mut Fake, source: &str) -> (Result<Verdict, ScriptError>, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let verdict = script(guest, source.as_bytes(), &mut out, &mut err);
        (
            verdict,
            String::from_utf8(out).unwrap(),
            String::from_utf8(err).unwrap(),
        )
    }

    #[test]
    fn output_comes_with_plain_newlines() {
        let (verdict, out, err) = run(&mut Fake::python(), "echo one\r\ntwo\r\n");
        assert_eq!(
            (verdict.unwrap(), out.as_str(), err.as_str()),
            (Verdict::Done, "one\ntwo\n", "")
        );
    }

    #[test]
    fn only_a_boot_line_that_tells_of_no_memory_chip_is_passed_on() {
        let seen =
            without_psram("spiram not found: all lines high; heap is internal SRAM only\r\nMicroPython\r\n");
        assert_eq!(
            seen,
            Some("spiram not found: all lines high; heap is internal SRAM only")
        );
        assert_eq!(
            without_psram("spiram eid: 0d 5d\r\nspiram memtest pass\r\n"),
            None
        );
    }

    #[test]
    fn a_long_script_is_sent_in_the_windows_that_the_board_gives() {
        let mut guest = Fake::python();
        let source = format!("echo {}", "x".repeat(1000));
        let (verdict, out, _) = run(&mut guest, &source);
        assert_eq!((verdict.unwrap(), out.len()), (Verdict::Done, 1000));
        assert!(
            guest.most_unread <= guest.window,
            "{} bytes at once",
            guest.most_unread
        );
    }

    #[test]
    fn a_traceback_goes_to_stderr_and_counts_as_raised() {
        let (verdict, out, err) = run(&mut Fake::python(), "raise ValueError");
        assert_eq!((verdict.unwrap(), out.as_str()), (Verdict::Raised, ""));
        assert_eq!(err, "Traceback: ValueError\n");
    }

    #[test]
    fn a_board_that_never_prompts_is_an_error_with_its_last_words() {
        let (verdict, _, _) = run(&mut Fake::saying("memory test fai"), "echo x");
        let message = verdict.unwrap_err().to_string();
        assert!(
            message.contains("no Python prompt") && message.contains("memory test fai"),
            "{message}"
        );
    }

    #[test]
    fn a_board_without_raw_repl_is_told_as_such() {
        let (verdict, _, _) = run(&mut Fake::saying(">>> "), "echo x");
        assert!(matches!(
            verdict,
            Err(ScriptError::Protocol {
                what: "raw REPL banner",
                ..
            })
        ));
    }

    #[test]
    fn a_reset_ends_the_script() {
        let (verdict, ..) = run(&mut Fake::python(), "reset");
        assert_eq!(verdict.unwrap(), Verdict::Reset);
    }

    #[test]
    fn events_during_a_script_stop_it() {
        let (verdict, out, _) = run(&mut Fake::python(), "event");
        assert!(matches!(verdict, Err(ScriptError::Stopped { .. })));
        assert_eq!(out, "");
    }

    #[test]
    fn a_lone_carriage_return_survives_a_cut() {
        let mut newlines = Newlines::default();
        let mut out = Vec::new();
        for piece in [b"a\r".as_slice(), b"\nb\r", b"c\r"] {
            newlines.write(piece, &mut out).unwrap();
        }
        newlines.finish(&mut out).unwrap();
        assert_eq!(out, b"a\nb\rc\r");
    }
}
