//! Channels that a script registers: what the host asks of them is asked of Python objects.

use core::fmt::{self, Write};

use h7a3::time;
use omvproto::{Channel, MAX_POOLS, Pool, Reply, Request, Status, channel, event, opcode};
use upy::{Arguments, Error, Obj, Printer, Result, args, class, convert, fun, interpreter, new_object, qstr};

use super::link;
use crate::python::machine::calls::Caller;

/// Where the objects are that belong to the protocol, as the collector finds them.
pub mod memory {
    use super::super::board::DYNAMIC;
    use upy::{Obj, ObjCell, Result, class, convert, held, new_object};

    /// Before those of camera and display.
    const PLACE: usize = held::PLACES - 3;

    /// The script's text, and what answers for each channel.
    pub struct Memory {
        pub text: ObjCell,
        pub backends: [ObjCell; DYNAMIC],
    }

    class! {
        Memory as "what a host works on" {}
    }

    /// Does something with it; it is made when it is first needed.
    pub fn with<R>(then: impl FnOnce(&Memory) -> Result<R>) -> Result<R> {
        let object = match held::get(PLACE) {
            Some(object) => object,
            None => {
                let object = new_object(Memory {
                    text: ObjCell::new(Obj::NONE),
                    backends: [const { ObjCell::new(Obj::NONE) }; DYNAMIC],
                })?;
                held::hold(PLACE, Some(object));
                object
            }
        };
        then(convert("memory", &object)?)
    }

    /// At the end of each run.
    pub fn forget() {
        held::hold(PLACE, None);
    }
}

/// The script that was written, if there is one.
pub fn text() -> Option<Obj> {
    memory::with(|memory| Ok(memory.text.get()))
        .ok()
        .filter(|text| *text != Obj::NONE)
}

/// Another one.
pub fn set_text(text: Option<Obj>) -> Result<()> {
    memory::with(|memory| {
        memory.text.set(text.unwrap_or(Obj::NONE));
        Ok(())
    })
}

/// At the start of each run of Python.
pub fn start() {
    Caller::Host.set(Some((fun!(1, on_request).object(), Obj::NONE)), false);
}

/// Between two bytecodes: the host has asked something that only Python can answer. What a channel raises the core tells on the
/// console, as of all callbacks.
fn on_request(_: Obj) -> Result<()> {
    match link::pending() {
        // A script that is written waits until this one has ended.
        Some((request, bytes)) if request.channel != channel::STDIN => serve(request, bytes),
        _ => Ok(()),
    }
}

/// What a script's channel says, or how it went.
enum Said {
    Status(Status),
    Number(u32),
    Numbers([u32; 4], usize),
    Bytes(Obj),
}

/// Asks the channel, and answers the host.
pub fn serve(request: Request, bytes: usize) -> Result<()> {
    match ask(request, bytes) {
        Ok(Said::Status(status)) => link::answer(Reply::Status(status)),
        Ok(Said::Number(number)) => link::answer(Reply::Bytes(&number.to_le_bytes())),
        Ok(Said::Numbers(numbers, count)) => {
            let mut bytes = [0; 16];
            for (to, number) in bytes.chunks_mut(4).zip(numbers) {
                to.copy_from_slice(&number.to_le_bytes());
            }
            link::answer(Reply::Bytes(&bytes[..4 * count]));
        }
        Ok(Said::Bytes(object)) => match object.buffer() {
            Ok(buffer) => link::answer(Reply::Bytes(buffer.as_slice())),
            Err(_) => link::answer(Reply::Status(Status::Failed)),
        },
        Err(error) => {
            link::answer(Reply::Status(Status::Failed));
            return Err(error);
        }
    }
    Ok(())
}

fn ask(request: Request, bytes: usize) -> Result<Said> {
    match request.opcode {
        opcode::MEMORY => return heap(),
        opcode::POLL => return poll(),
        _ => {}
    }
    let Some(backend) = backend(request.channel)? else {
        return Ok(Said::Status(Status::Invalid));
    };
    let offset = || Obj::from_u64(request.offset.into());
    let (method, arguments): (u16, &[Obj]) = match request.opcode {
        opcode::LOCK => (qstr::lock, &[]),
        opcode::UNLOCK => (qstr::unlock, &[]),
        opcode::SIZE => (qstr::size, &[]),
        opcode::SHAPE => (qstr::shape, &[]),
        opcode::READ if backend.has_method(qstr::read)? => {
            (qstr::read, &[offset()?, Obj::from_u64(request.length as u64)?])
        }
        opcode::READ => (qstr::readp, &[offset()?, Obj::from_u64(request.length as u64)?]),
        opcode::WRITE => (qstr::write, &[offset()?, came_along(bytes)?]),
        opcode::IOCTL if bytes == 0 => (qstr::ioctl, &[offset()?, Obj::small_int(0), Obj::NONE]),
        opcode::IOCTL => (
            qstr::ioctl,
            &[offset()?, Obj::from_u64(bytes as u64)?, came_along(bytes)?],
        ),
        _ => return Ok(Said::Status(Status::Invalid)),
    };
    if !backend.has_method(method)? {
        return Ok(Said::Status(Status::Invalid));
    }
    said(request.opcode, backend.call_method(method, arguments)?)
}

/// What a method's result means.
fn said(code: u8, result: Obj) -> Result<Said> {
    let status = |good: bool, bad: Status| Said::Status(if good { Status::Success } else { bad });
    Ok(match code {
        opcode::LOCK | opcode::UNLOCK => status(result.to_bool()?, Status::Busy),
        opcode::SIZE => Said::Number(u32::try_from(result.to_i32()?).unwrap_or(0)),
        opcode::SHAPE => {
            let mut numbers = [0; 4];
            let sides = result.sequence();
            let sides = sides.ok_or(Error::Type(c"shape() must give a tuple of at most four numbers"))?;
            let count = sides.len().min(4);
            for (at, number) in numbers[..count].iter_mut().enumerate() {
                *number = u32::try_from(sides.get(at).unwrap_or(Obj::NONE).to_i32()?).unwrap_or(0);
            }
            Said::Numbers(numbers, count)
        }
        opcode::READ => Said::Bytes(result),
        // None is fine, as is a number of bytes; less than none is not.
        opcode::WRITE => status(result == Obj::NONE || result.to_i32()? >= 0, Status::Failed),
        _ => status(result == Obj::NONE || result.to_i32()? == 0, Status::Failed),
    })
}

/// The bytes of the request, on the heap.
fn came_along(bytes: usize) -> Result<Obj> {
    let object = Obj::bytearray(bytes)?;
    if link::copy_pending(object.buffer_to_fill()?.as_mut_slice()) {
        Ok(object)
    } else {
        Err(Error::Runtime(c"the host has given up"))
    }
}

fn backend(id: u8) -> Result<Option<Obj>> {
    let index = usize::from(id.saturating_sub(channel::FIRST_FREE));
    if !link::is_dynamic(id) {
        return Ok(None);
    }
    memory::with(|memory| Ok(memory.backends.get(index).map(|backend| backend.get())))
}

/// Which channels have something; those without `poll()` have not.
fn poll() -> Result<Said> {
    let mut ready = link::ready();
    for id in channel::FIRST_FREE..channel::END {
        if let Some(backend) = backend(id)?
            && backend.has_method(qstr::poll)?
        {
            ready |= u32::from(backend.call_method(qstr::poll, &[])?.to_bool()?) << id;
        }
    }
    Ok(Said::Number(ready))
}

/// Python's heap, the only memory there is.
fn heap() -> Result<Said> {
    let (used, free) = interpreter::heap_bytes();
    let mut bytes = [0; 4 + 24 * MAX_POOLS];
    let pool = Pool {
        is_heap: true,
        total_bytes: (used + free) as u32,
        used_bytes: used as u32,
    };
    let count = Pool::list(&[pool], &mut bytes);
    Obj::bytes(&bytes[..count]).map(Said::Bytes)
}

/// `protocol.register(...)`: what it gives.
pub struct Registered {
    id: u8,
    name: [u8; 14],
}

class! {
    Registered as "a channel" { print: print }
    send_event: fun!(keywords 2.., send_event),
}

fn print(channel: &Registered, printer: &mut Printer) -> fmt::Result {
    let end = channel.name.iter().position(|byte| *byte == 0);
    let name = &channel.name[..end.unwrap_or(channel.name.len())];
    write!(
        printer,
        "<ProtocolChannel: {}>",
        str::from_utf8(name).unwrap_or_default()
    )
}

/// Registers an object's methods as a channel.
pub fn register(name: &str, flags: u8, backend: Obj) -> Result<Obj> {
    if backend.has_method(qstr::init)? {
        backend.call_method(qstr::init, &[])?;
    }
    let new = Channel::new(flags | channel::DYNAMIC, name);
    let id = link::register(new).ok_or(Error::Runtime(c"a script may register 8 channels at most"))?;
    let index = usize::from(id - channel::FIRST_FREE);
    memory::with(|memory| {
        memory.backends[index].set(backend);
        Ok(())
    })?;
    link::send_event(0, event::REGISTERED, false);
    new_object(Registered { id, name: new.name })
}

/// How long an acknowledgement is waited for.
const PATIENCE_US: u64 = 1_000_000;

/// `channel.send_event(event, wait_ack=False)`. RuntimeError if nobody listens, or nobody acknowledges.
fn send_event(arguments: Arguments) -> Result<()> {
    let (object, rest) = arguments
        .split_first()
        .ok_or(Error::Type(c"argument 'self' is missing"))?;
    let channel: &Registered = convert("self", object)?;
    args!(rest => event: i32, wait_ack: bool = false);
    let number = u16::try_from(event).map_err(|_| Error::Value(c"an event is a number of 0 to 65535"))?;
    if !link::send_event(channel.id, number, wait_ack) {
        return Err(Error::Runtime(
            c"the event was not sent: no host speaks the protocol, or it does not want events",
        ));
    }
    let end_us = time::ticks_us() + PATIENCE_US;
    while wait_ack && !link::event_was_taken() {
        if time::ticks_us() >= end_us {
            return Err(Error::Runtime(
                c"the host has not acknowledged the event within a second",
            ));
        }
        time::sleep(end_us, || link::event_was_taken() || interpreter::pending());
        interpreter::serve_pending()?;
    }
    Ok(())
}
