//! Semihosting: what a program asks of the host by `BKPT #0xAB` ("Semihosting for AArch32 and AArch64", Arm). The number of
//! the operation is in R0, its parameter in R1, and the answer goes to R0.
//!
//! The console, exit and clocks are there. Files of the host are not given out: opening one fails as a missing file does.
//! Dates count virtual time, so that runs repeat.

use super::Target;
use chipmodel::Kind;
use std::collections::VecDeque;

const FAILED: u32 = u32::MAX;
/// The program has come to its end, among the reasons of SYS_EXIT.
const APPLICATION_EXIT: u32 = 0x2_0026;
/// The exit code of all other reasons.
const OTHER_EXIT: u8 = 1;
/// The magic of the file `:semihosting-features`, then: SYS_EXIT_EXTENDED is known, stdout and stderr are two.
const FEATURES: [u8; 5] = [b'S', b'H', b'F', b'B', 0b11];
/// 2026-01-01, where virtual time begins for SYS_TIME.
const FIRST_SECOND: u64 = 1_767_225_600;
/// Of SYS_TICKFREQ: nanoseconds.
const TICKS_HZ: u32 = 1_000_000_000;
const PS_PER_TICK: u64 = 1000;
const ENOENT: u32 = 2;
const EBADF: u32 = 9;
/// Longer names and texts are no texts.
const MOST_TEXT: usize = 1 << 20;
const CHUNK: u32 = 4096;

/// What becomes of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It goes on with this in R0.
    Return(u32),
    /// It stands until something is typed.
    Wait,
    /// It has ended.
    Exit(u8),
}

/// What a program has opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stream {
    Input,
    Output,
    /// `:semihosting-features`, and how far it is read.
    Features(usize),
}

/// Open streams; a handle is the place here plus one.
#[derive(Clone, Debug, Default)]
pub struct Semihosting {
    streams: Vec<Option<Stream>>,
    errno: u32,
    has_read: bool,
}

impl Semihosting {
    /// Has the program ever wanted to read?
    pub fn has_read(&self) -> bool {
        self.has_read
    }

    /// Do what the program asks for.
    pub fn call(&mut self, core: &mut impl Target, typed: &mut VecDeque<u8>) -> Answer {
        let (operation, parameter) = (core.register(0), core.register(1));
        let answer = match operation {
            0x06 | 0x07 => {
                self.has_read = true;
                self.read_typed(core, operation, parameter, typed)
            }
            0x18 => Some(Answer::Exit(exit_code(parameter, 0))),
            0x20 => core
                .words(parameter)
                .map(|[reason, code]| Answer::Exit(exit_code(reason, code))),
            0x10..=0x16 | 0x30 | 0x31 => self.surroundings(core, operation, parameter),
            _ => self.files(core, operation, parameter),
        };
        answer.unwrap_or_else(|| lost(core, operation))
    }

    /// SYS_READ, SYS_READC
    fn read_typed(
        &mut self,
        core: &mut impl Target,
        operation: u32,
        parameter: u32,
        typed: &mut VecDeque<u8>,
    ) -> Option<Answer> {
        if operation == 0x06 {
            return self.read(core, parameter, typed);
        }
        let byte = typed.pop_front();
        Some(byte.map_or(Answer::Wait, |byte| Answer::Return(byte.into())))
    }

    /// What works on streams.
    fn files(&mut self, core: &mut impl Target, operation: u32, parameter: u32) -> Option<Answer> {
        let done = match operation {
            0x01 => self.open(core, parameter),
            0x02 => self.close(core, parameter),
            0x03 => Some(print(core, parameter, 1)),
            0x04 => print_text(core, parameter),
            0x05 => self.write(core, parameter),
            0x08 => core.words(parameter).map(|[status]| status >> 31),
            0x09 => self.handle(core, parameter).map(|stream| match stream {
                Some(Stream::Input | Stream::Output) => 1,
                Some(Stream::Features(_)) => 0,
                None => self.fail(EBADF),
            }),
            0x0A => self.seek(core, parameter),
            0x0C => self.handle(core, parameter).map(|stream| match stream {
                Some(Stream::Features(_)) => FEATURES.len() as u32,
                _ => self.fail(EBADF),
            }),
            _ => return Some(unknown(core, operation)),
        };
        done.map(Answer::Return)
    }

    /// Clocks, errors, and what a program is told of where it runs.
    fn surroundings(&mut self, core: &mut impl Target, operation: u32, parameter: u32) -> Option<Answer> {
        let done = match operation {
            0x10 => Some((core.now().0 / 10_000_000_000) as u32),
            0x11 => Some((FIRST_SECOND + core.now().0 / 1_000_000_000_000) as u32),
            0x13 => Some(self.errno),
            0x15 => no_command_line(core, parameter),
            // All zero: the host does not know, and the program's own linker does.
            0x16 => core
                .words(parameter)
                .and_then(|[block]| core.write(block, &[0; 16]).then_some(0)),
            0x30 => {
                let ticks = core.now().0 / PS_PER_TICK;
                core.write(parameter, &ticks.to_le_bytes()).then_some(0)
            }
            0x31 => Some(TICKS_HZ),
            _ => return Some(unknown(core, operation)),
        };
        done.map(Answer::Return)
    }

    fn fail(&mut self, errno: u32) -> u32 {
        self.errno = errno;
        FAILED
    }

    /// Name, mode, length of the name.
    fn open(&mut self, core: &mut impl Target, block: u32) -> Option<u32> {
        let [name, mode, length] = core.words(block)?;
        let name = core.text(name, (length as usize).min(MOST_TEXT))?;
        let stream = match (&*name, mode) {
            (b":tt", 0..4) => Stream::Input,
            (b":tt", 4..12) => Stream::Output,
            (b":semihosting-features", 0..2) => Stream::Features(0),
            _ => {
                let name = String::from_utf8_lossy(&name);
                let message =
                    format!("semihosting: SYS_OPEN of `{name}`; files of the host are not given out");
                core.report(Kind::Warning, None, message);
                return Some(self.fail(ENOENT));
            }
        };
        let free = self.streams.iter().position(Option::is_none);
        let at = free.unwrap_or_else(|| {
            self.streams.push(None);
            self.streams.len() - 1
        });
        self.streams[at] = Some(stream);
        Some(at as u32 + 1)
    }

    fn close(&mut self, core: &mut impl Target, block: u32) -> Option<u32> {
        let [handle] = core.words(block)?;
        let stream = self.stream(handle).and_then(Option::take);
        Some(if stream.is_some() { 0 } else { self.fail(EBADF) })
    }

    fn stream(&mut self, handle: u32) -> Option<&mut Option<Stream>> {
        self.streams.get_mut((handle as usize).checked_sub(1)?)
    }

    /// The stream whose handle is the first word of the block.
    fn handle(&mut self, core: &mut impl Target, block: u32) -> Option<Option<Stream>> {
        let [handle] = core.words(block)?;
        Some(self.stream(handle).and_then(|stream| *stream))
    }

    /// Handle, text, length; the answer is how much was not written.
    fn write(&mut self, core: &mut impl Target, block: u32) -> Option<u32> {
        let [handle, text, length] = core.words(block)?;
        match self.stream(handle).and_then(|stream| *stream) {
            Some(Stream::Output) => Some(print(core, text, length)),
            _ => {
                self.errno = EBADF;
                Some(length)
            }
        }
    }

    /// Handle, buffer, length; the answer is how much of the buffer was not filled.
    fn read(&mut self, core: &mut impl Target, block: u32, typed: &mut VecDeque<u8>) -> Option<Answer> {
        let [handle, buffer, length] = core.words(block)?;
        let bytes: Vec<u8> = match self.stream(handle) {
            Some(Some(Stream::Input)) if typed.is_empty() && length > 0 => return Some(Answer::Wait),
            Some(Some(Stream::Input)) => {
                let count = typed.len().min(length as usize);
                typed.drain(..count).collect()
            }
            Some(Some(Stream::Features(at))) => {
                let rest = &FEATURES[*at..];
                let bytes = &rest[..rest.len().min(length as usize)];
                *at += bytes.len();
                bytes.to_vec()
            }
            _ => {
                self.errno = EBADF;
                return Some(Answer::Return(length));
            }
        };
        let written = core.write(buffer, &bytes);
        written.then_some(Answer::Return(length - bytes.len() as u32))
    }

    /// Handle, place.
    fn seek(&mut self, core: &mut impl Target, block: u32) -> Option<u32> {
        let [handle, to] = core.words(block)?;
        match self.stream(handle) {
            Some(Some(Stream::Features(at))) if to as usize <= FEATURES.len() => {
                *at = to as usize;
                Some(0)
            }
            _ => Some(self.fail(EBADF)),
        }
    }
}

/// Show so many bytes; the answer is how many are in no memory.
fn print(core: &mut impl Target, text: u32, length: u32) -> u32 {
    let mut left = length;
    while left > 0 {
        let mut chunk = vec![0; left.min(CHUNK) as usize];
        if !core.read(text.wrapping_add(length - left), &mut chunk) {
            break;
        }
        core.say(&chunk);
        left -= chunk.len() as u32;
    }
    left
}

fn print_text(core: &mut impl Target, text: u32) -> Option<u32> {
    let text = core.text(text, MOST_TEXT)?;
    core.say(&text);
    Some(0)
}

/// Buffer, its length, which becomes that of the text: it is empty.
fn no_command_line(core: &mut impl Target, block: u32) -> Option<u32> {
    let [buffer, length] = core.words(block)?;
    if length == 0 {
        return Some(FAILED);
    }
    let written = core.write(buffer, &[0]) && core.write(block.wrapping_add(4), &[0; 4]);
    written.then_some(0)
}

fn exit_code(reason: u32, code: u32) -> u8 {
    match reason {
        // As a shell sees it.
        APPLICATION_EXIT => code as u8,
        _ => OTHER_EXIT,
    }
}

/// The parameters, or what they point to, are in no memory.
fn lost(core: &mut impl Target, operation: u32) -> Answer {
    let block = core.register(1);
    let message = format!(
        "semihosting: {} with parameters that are in no memory",
        name(operation)
    );
    core.report(Kind::Rule, Some(block), message);
    Answer::Return(FAILED)
}

fn unknown(core: &mut impl Target, operation: u32) -> Answer {
    let message = format!("semihosting: no model of {}", name(operation));
    core.report(Kind::Unmodelled, None, message);
    Answer::Return(FAILED)
}

fn name(operation: u32) -> String {
    const NAMES: [(u32, &str); 21] = [
        (0x01, "SYS_OPEN"),
        (0x02, "SYS_CLOSE"),
        (0x03, "SYS_WRITEC"),
        (0x04, "SYS_WRITE0"),
        (0x05, "SYS_WRITE"),
        (0x06, "SYS_READ"),
        (0x07, "SYS_READC"),
        (0x08, "SYS_ISERROR"),
        (0x09, "SYS_ISTTY"),
        (0x0A, "SYS_SEEK"),
        (0x0C, "SYS_FLEN"),
        (0x0D, "SYS_TMPNAM"),
        (0x0E, "SYS_REMOVE"),
        (0x0F, "SYS_RENAME"),
        (0x12, "SYS_SYSTEM"),
        (0x15, "SYS_GET_CMDLINE"),
        (0x16, "SYS_HEAPINFO"),
        (0x18, "SYS_EXIT"),
        (0x20, "SYS_EXIT_EXTENDED"),
        (0x30, "SYS_ELAPSED"),
        (0x31, "SYS_TICKFREQ"),
    ];
    let known = NAMES.iter().find(|(number, _)| *number == operation);
    known.map_or_else(
        || format!("operation 0x{operation:02x}"),
        |(_, name)| (*name).to_owned(),
    )
}
