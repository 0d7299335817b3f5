//! What the protocol asks of this board.

use crate::{board, loader, ram};
use h7a3::{identity, reset, usb};
use omvproto::{Answer, Channel, Device, MAX_POOLS, Pool, Status, SystemInfo, Versions, channel, ioctl};
use pyvision::{camera, preview};
use upy::interpreter;

/// How many channels scripts may register.
pub const DYNAMIC: usize = 8;

/// RAM outside of the chip, a socket for cards.
const HAS_DRAM: u32 = 1 << 5;
const HAS_SD: u32 = 1 << 18;

/// OpenMV's generation that scripts find here: what tools compare with what they want.
pub const FIRMWARE: [u8; 3] = [5, 0, 0];
/// Of our own boot loader, which is built with the program.
const BOOT_LOADER: [u8; 3] = [
    number(env!("CARGO_PKG_VERSION_MAJOR")),
    number(env!("CARGO_PKG_VERSION_MINOR")),
    number(env!("CARGO_PKG_VERSION_PATCH")),
];

const fn number(text: &str) -> u8 {
    match u8::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("the version has a number above 255"),
    }
}

/// The channels that a script has registered, and whether one runs.
pub struct Board {
    pub dynamic: [Option<Channel>; DYNAMIC],
    pub is_idle: bool,
}

/// The number of a script's channel.
pub fn dynamic_index(id: u8) -> Option<usize> {
    let index = usize::from(id).checked_sub(channel::FIRST_FREE.into())?;
    (index < DYNAMIC).then_some(index)
}

impl Board {
    fn is_dynamic(&self, id: u8) -> bool {
        dynamic_index(id).is_some_and(|index| self.dynamic[index].is_some())
    }

    /// Which of the board's own channels have something.
    pub fn ready(&self) -> u32 {
        let bit = |id: u8, on: bool| u32::from(on) << id;
        bit(channel::STDIN, !self.is_idle)
            | bit(channel::STDOUT, usb::waiting_output() > 0)
            | bit(channel::STREAM, preview::size() > 0)
    }

    /// Done at once for the board's own channel; a script's answers itself.
    fn own<T>(&self, id: u8, own: u8, answer: impl FnOnce() -> Answer<T>) -> Answer<T> {
        if id == own {
            return answer();
        }
        if self.is_dynamic(id) {
            Answer::Later
        } else {
            Answer::Refused(Status::Invalid)
        }
    }

    fn stdin(&mut self, request: u32) -> Answer<()> {
        match request {
            ioctl::STDIN_STOP => {
                stop_script();
                Answer::Done(())
            }
            // A new script ends the one that runs.
            ioctl::STDIN_RESET | ioctl::STDIN_EXEC => {
                stop_script();
                Answer::Later
            }
            _ => Answer::Refused(Status::Invalid),
        }
    }
}

/// As Ctrl-C does: a program that does not want to be interrupted is not.
fn stop_script() {
    if interpreter::interrupt_character().is_some() {
        interpreter::interrupt();
    }
}

fn stream(request: u32, argument: &[u8]) -> Answer<()> {
    let word = |at: usize| {
        let bytes = argument.get(at..at + 4)?;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    };
    match (request, word(0), word(4)) {
        (ioctl::STREAM_CTRL, Some(on), None) => preview::set_on(on != 0),
        (ioctl::STREAM_RAW_CTRL, Some(raw), None) => preview::set_raw(raw != 0),
        (ioctl::STREAM_RAW_CFG, Some(width), Some(height)) if preview::set_most(width, height) => {}
        _ => return Answer::Refused(Status::Invalid),
    }
    Answer::Done(())
}

impl Device for Board {
    fn versions(&self) -> Versions {
        Versions {
            boot_loader: BOOT_LOADER,
            firmware: FIRMWARE,
        }
    }

    fn system_info(&self) -> SystemInfo {
        let id = identity::unique_id();
        let word = |at: usize| u32::from_le_bytes([id[at], id[at + 1], id[at + 2], id[at + 3]]);
        let chip_kb = ram::state().size_bytes / 1024;
        let (used, free) = interpreter::heap_bytes();
        let heap_kb = ((used + free) / 1024) as u32;
        SystemInfo {
            cpu: identity::cpuid(),
            device: [word(8), word(4), word(0)],
            usb: board::USB_ID,
            cameras: [camera::SOFTCSI, 0, 0],
            capabilities: HAS_SD | if chip_kb > 0 { HAS_DRAM } else { 0 },
            flash_kb: 2048,
            ram_kb: heap_kb,
            // Frames and pictures are on the heap.
            frame_kb: heap_kb,
            stream_kb: heap_kb,
        }
    }

    fn memory(&mut self, _: &mut [Pool; MAX_POOLS]) -> Answer<usize> {
        // The heap may be in the middle of something.
        Answer::Later
    }

    fn reset(&mut self) {
        reset::now()
    }

    fn boot_loader(&mut self) {
        loader::enter()
    }

    fn channel(&self, id: u8) -> Option<Channel> {
        match id {
            channel::STDIN => Some(Channel::new(channel::WRITE | channel::EXEC, "stdin")),
            channel::STDOUT => Some(Channel::new(channel::READ, "stdout")),
            channel::STREAM => Some(Channel::new(
                channel::READ | channel::LOCK | channel::STREAMING,
                "stream",
            )),
            _ => self.dynamic[dynamic_index(id)?],
        }
    }

    fn poll(&mut self) -> Answer<u32> {
        if self.dynamic.iter().any(Option::is_some) {
            Answer::Later
        } else {
            Answer::Done(self.ready())
        }
    }

    fn lock(&mut self, id: u8) -> Answer<()> {
        self.own(id, channel::STREAM, || {
            Answer::or(preview::lock().then_some(()), Status::Busy)
        })
    }

    fn unlock(&mut self, id: u8) -> Answer<()> {
        self.own(id, channel::STREAM, || {
            Answer::or(preview::unlock().then_some(()), Status::Busy)
        })
    }

    fn size(&mut self, id: u8) -> Answer<u32> {
        match id {
            channel::STDOUT => Answer::Done(usb::waiting_output() as u32),
            _ => self.own(id, channel::STREAM, || Answer::Done(preview::size() as u32)),
        }
    }

    fn shape(&mut self, id: u8, sides: &mut [u32; 4]) -> Answer<usize> {
        self.own(id, channel::STREAM, || Answer::Done(preview::shape(sides)))
    }

    fn is_steady(&self, id: u8, offset: u32, length: u32) -> bool {
        let end = (offset as usize).saturating_add(length as usize);
        id == channel::STREAM && preview::is_locked() && end <= preview::size()
    }

    fn piece(&self, _: u8, offset: u32, into: &mut [u8]) {
        preview::piece(offset as usize, into);
    }

    fn read(&mut self, id: u8, _: u32, into: &mut [u8]) -> Answer<usize> {
        self.own(id, channel::STDOUT, || Answer::Done(usb::take_output(into)))
    }

    fn write(&mut self, id: u8, _: u32, _: &[u8]) -> Answer<()> {
        // Python's heap is where a script is kept.
        self.own(id, channel::STDIN, || Answer::Later)
    }

    fn ioctl(&mut self, id: u8, request: u32, argument: &[u8]) -> Answer<()> {
        match id {
            channel::STDIN => self.stdin(request),
            _ => self.own(id, channel::STREAM, || stream(request, argument)),
        }
    }

    fn release(&mut self) {
        preview::unlock();
    }
}
