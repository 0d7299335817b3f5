//! Lines from a pipe, typed at the prompt one after the other: `echo 'print(1)' | spiram run`.
//!
//! The next line is typed when the prompt is back, or when the board has slept for a second without a word, because
//! then a program may be waiting for input. Virtual time runs free. Ends when the input has ended and the prompt is back.

use std::io::{self, BufRead, Write};

use super::live::Ended;
use super::prompt::BOOT_LIMIT;
use super::{Guest, just_after, milliseconds, seconds};
use crate::{Stop, Until};
use chipmodel::{Picos, Time};

/// Silence after which a program is taken to be waiting for input.
const PATIENCE: Picos = seconds(1);
/// How often a busy board is listened to.
const SLICE: Picos = milliseconds(10);
/// The same when there is no more input: then it has waited in vain.
const LAST_PATIENCE: Picos = seconds(60);
/// Deletes what the prompt's auto-indent has typed, since the lines bring their own.
const DELETE_LINE: u8 = 0x15;

/// Type the lines of `input`, print what the board says.
pub fn pipe(guest: &mut impl Guest, input: impl BufRead, output: &mut impl Write) -> io::Result<Ended> {
    let mut console = Console {
        guest,
        output,
        tail: Vec::new(),
        plain: Plain::default(),
    };
    if let Some(ended) = console.settle(BOOT_LIMIT)? {
        return Ok(ended);
    }
    for line in input.split(b'\n') {
        let mut line = line?;
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        // The lines bring their own indentation; the prompt has typed its own already.
        let indent = console.continuation().map_or(0, <[u8]>::len);
        if line.len() >= indent && line[..indent].iter().all(|&b| b == b' ') {
            line.drain(..indent);
        } else {
            line.insert(0, DELETE_LINE);
        }
        line.push(b'\r');
        console.tail.clear();
        console.guest.serial_in(&line);
        if let Some(ended) = console.settle(PATIENCE)? {
            return Ok(ended);
        }
    }
    let ended = console.settle(LAST_PATIENCE)?;
    let at_prompt = console.is_at_prompt();
    console.output.write_all(b"\n")?;
    console.output.flush()?;
    Ok(ended.unwrap_or(if at_prompt {
        Ended::InputClosed
    } else {
        Ended::StillWaiting
    }))
}

struct Console<'a, G, W> {
    guest: &'a mut G,
    output: &'a mut W,
    /// The last line that the board printed.
    tail: Vec<u8>,
    plain: Plain,
}

impl<G: Guest, W: Write> Console<'_, G, W> {
    /// Run until the board asks for the next line, or has been silent for `patience`.
    fn settle(&mut self, patience: Picos) -> io::Result<Option<Ended>> {
        let mut heard = self.guest.now();
        let mut until = Until {
            time: heard + SLICE,
            output: false,
            idle: true,
        };
        loop {
            let stop = self.guest.run(until);
            let printed = self.guest.serial_out();
            if !printed.is_empty() {
                heard = self.guest.now();
                self.show(&printed)?;
            }
            match stop {
                Stop::Events => return Ok(Some(Ended::Events)),
                Stop::Exit(code) => return Ok(Some(Ended::Exited(code))),
                Stop::Halted(halt) => return Ok(Some(Ended::Halted(halt))),
                Stop::Lockup | Stop::PowerFailed => return Ok(Some(Ended::Lockup)),
                Stop::Asked => return Ok(Some(Ended::Stopped)),
                Stop::Idle { until: wake } => {
                    let quiet = self.guest.now() - heard;
                    let busy = self.guest.wire_is_busy();
                    // A board that nothing wakes has no more to say.
                    if !busy && (self.is_at_prompt() || quiet >= patience || wake.is_none()) {
                        return Ok(None);
                    }
                    let patient = if busy {
                        self.guest.now() + SLICE
                    } else {
                        heard + patience
                    };
                    until = Until {
                        time: just_after(wake.map_or(patient, |wake: Time| wake.min(patient))),
                        output: false,
                        idle: false,
                    };
                }
                Stop::Limit | Stop::Output | Stop::Reset => {
                    until = Until {
                        time: self.guest.now() + SLICE,
                        output: false,
                        idle: true,
                    };
                }
            }
        }
    }

    fn show(&mut self, printed: &[u8]) -> io::Result<()> {
        let plain = self.plain.feed(printed);
        self.output.write_all(&plain)?;
        self.output.flush()?;
        match plain.iter().rposition(|&b| b == b'\n') {
            Some(end) => self.tail = plain[end + 1..].to_vec(),
            None => self.tail.extend(plain),
        }
        Ok(())
    }

    fn is_at_prompt(&self) -> bool {
        self.tail.ends_with(b">>> ") || self.continuation().is_some()
    }

    fn continuation(&self) -> Option<&[u8]> {
        self.tail
            .strip_prefix(b"... ")
            .filter(|indent| indent.iter().all(|&b| b == b' '))
    }
}

/// Drops what only moves the cursor of a terminal while a line is edited: returns, backspaces, ESC [ n D, ESC [ K.
#[derive(Default)]
struct Plain {
    escape: Vec<u8>,
}

impl Plain {
    fn feed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut plain = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            match (self.escape.as_slice(), byte) {
                ([], b'\r' | 0x08) => {}
                ([], 0x1B) | ([0x1B], b'[') | ([0x1B, b'[', ..], b'0'..=b'9') => self.escape.push(byte),
                ([0x1B, b'[', ..], b'D' | b'K') => self.escape.clear(),
                _ => {
                    plain.append(&mut self.escape);
                    plain.push(byte);
                }
            }
        }
        plain
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::Fake;
    use super::*;

    fn typed(guest: &mut Fake, input: &str) -> (Ended, String) {
        let mut out = Vec::new();
        let ended = pipe(guest, input.as_bytes(), &mut out).unwrap();
        (ended, String::from_utf8(out).unwrap())
    }

    #[test]
    fn lines_are_typed_at_the_prompt_until_the_input_ends() {
        let (ended, out) = typed(&mut Fake::python(), "echo one\necho two\r\n");
        assert_eq!(ended, Ended::InputClosed);
        assert_eq!(out, "boot\n>>> echo one\none>>> echo two\ntwo>>> \n");
    }

    #[test]
    fn an_empty_pipe_shows_the_boot_and_ends() {
        assert_eq!(
            typed(&mut Fake::python(), ""),
            (Ended::InputClosed, "boot\n>>> \n".into())
        );
    }

    #[test]
    fn a_board_that_hangs_at_boot_ends_too() {
        assert_eq!(typed(&mut Fake::saying("hm"), "").0, Ended::StillWaiting);
    }

    #[test]
    fn events_end_it() {
        assert_eq!(typed(&mut Fake::python(), "event\n").0, Ended::Events);
    }

    #[test]
    fn the_movements_of_a_line_editor_are_dropped_and_colours_are_not() {
        let mut plain = Plain::default();
        let mut seen = plain.feed(b"a\x08\x1b[4D\x1b[Kb\x1b[3");
        seen.extend(plain.feed(b"1mred\r\n"));
        assert_eq!(seen, b"ab\x1b[31mred\n");
    }
}
