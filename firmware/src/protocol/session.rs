//! While a host speaks the protocol: scripts come from it, instead of lines at the prompt.

use core::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use h7a3::{console, time, usb};
use omvproto::{Reply, Request, Status, channel, event, ioctl, opcode};
use pyvision::{camera, preview};
use upy::{Error, Obj, Result, interpreter};

use super::channels::{self, memory};
use super::link;

/// So long a host may take to look at the last lines and the last picture of a script.
const LAST_LOOK_US: u64 = 500_000;

/// The prompt reads, or would.
static AT_PROMPT: AtomicBool = AtomicBool::new(false);

/// Runs the prompt. It ends when a host begins to speak the protocol.
pub fn prompt() -> Result<interpreter::Ended> {
    AT_PROMPT.store(true, Ordering::Relaxed);
    let ended = interpreter::prompt();
    AT_PROMPT.store(false, Ordering::Relaxed);
    ended
}

/// Whether the prompt waits for a line that nobody will type any more.
pub fn ends_prompt() -> bool {
    AT_PROMPT.load(Ordering::Relaxed) && link::is_active() && interpreter::interrupt_character().is_none()
}

/// What ends a prompt, whichever it is: Ctrl-C forgets the line, Ctrl-B leaves the raw one, Ctrl-D the friendly one.
pub fn next_ending_character() -> u8 {
    static NEXT: AtomicU8 = AtomicU8::new(0);
    let next = NEXT.load(Ordering::Relaxed);
    NEXT.store((next + 1) % 3, Ordering::Relaxed);
    [3, 2, 4][usize::from(next)]
}

/// Takes a script from the host and runs it. True: it has ended; false: the host is gone.
pub fn run() -> bool {
    // What was printed until now is not the script's.
    usb::forget_output();
    link::set_idle(true);
    let ran = loop {
        if !link::is_active() {
            break false;
        }
        // A callback may raise; nobody is here to hear of it.
        let _ = interpreter::serve_pending();
        match link::pending() {
            None => console::sleep_unless(|| {
                link::pending().is_some() || !link::is_active() || interpreter::pending()
            }),
            Some((request, bytes)) if is_for_script(request) => {
                let wants_run = request.offset == ioctl::STDIN_EXEC && request.opcode == opcode::IOCTL;
                let status = take(request, bytes);
                if wants_run && status == Status::Success {
                    link::set_idle(false);
                    link::send_event(channel::STDIN, 1, false);
                    link::answer(Reply::Status(status));
                    break true;
                }
                link::answer(Reply::Status(status));
            }
            // Nobody's channel raises: there is no script.
            Some((request, bytes)) => {
                let _ = channels::serve(request, bytes);
            }
        }
    };
    link::set_idle(false);
    if ran {
        if let Some(text) = channels::text() {
            // What it raises is told to the host by its traceback.
            let _ = interpreter::run_text(text);
        }
        camera::show_last();
        let_look();
        link::send_event(channel::STDIN, 0, false);
    }
    ran
}

fn is_for_script(request: Request) -> bool {
    request.channel == channel::STDIN && matches!(request.opcode, opcode::WRITE | opcode::IOCTL)
}

/// The host writes a script, forgets it, or wants it run.
fn take(request: Request, bytes: usize) -> Status {
    let done = match (request.opcode, request.offset) {
        (opcode::WRITE, offset) => append(offset as usize, bytes),
        (_, ioctl::STDIN_RESET) => channels::set_text(None),
        _ => match channels::text() {
            Some(_) => Ok(()),
            None => Err(Error::Value(c"there is no script")),
        },
    };
    if done.is_ok() {
        Status::Success
    } else {
        Status::Failed
    }
}

/// Adds to the script what has come; a piece at the start begins a new one.
fn append(offset: usize, bytes: usize) -> Result<()> {
    let old = channels::text().filter(|_| offset > 0);
    let old_bytes = old.map_or(Ok(0), |old| old.buffer().map(|buffer| buffer.len()))?;
    if offset != old_bytes {
        return Err(Error::Value(c"the script has a hole"));
    }
    let text = Obj::bytearray(offset + bytes)?;
    {
        let mut into = text.buffer_to_fill()?;
        let into = into.as_mut_slice();
        if let Some(old) = old {
            into[..offset].copy_from_slice(old.buffer()?.as_slice());
        }
        if !link::copy_pending(&mut into[offset..]) {
            return Err(Error::Value(c"the host has given up"));
        }
    }
    channels::set_text(Some(text))
}

/// The host may look at the last lines and the last picture, unless it has stopped to look, or wants something else.
fn let_look() {
    let wants_script = |(request, _)| is_for_script(request);
    let is_over = || !link::is_active() || link::pending().is_some_and(wants_script);
    let left = || usb::waiting_output() + preview::size();
    let (mut seen, mut end_us) = (left(), time::ticks_us() + LAST_LOOK_US);
    while !is_over() && left() > 0 && time::ticks_us() < end_us {
        // The script's channels still answer; what they raise is told.
        let _ = interpreter::serve_pending();
        time::sleep(end_us, || left() < seen || is_over() || interpreter::pending());
        if left() < seen {
            (seen, end_us) = (left(), time::ticks_us() + LAST_LOOK_US);
        }
    }
}

/// At the end of each run of Python: nothing of it is left for the host to ask for.
pub fn stop() {
    link::forget();
    preview::forget();
    memory::forget();
    if link::is_active() {
        link::send_event(0, event::SOFT_REBOOT, false);
        let end_us = time::ticks_us() + LAST_LOOK_US;
        while !link::is_quiet() && time::ticks_us() < end_us {
            time::sleep(end_us, link::is_quiet);
        }
    }
}
