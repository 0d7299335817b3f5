//! The protocol's engine between the USB and the board. Interrupt and thread both use it, each for a moment.

use core::cell::RefCell;

use critical_section::Mutex;
use h7a3::{time, usb};
use omvproto::{Channel, Engine, Reply, Request, Settings, channel, event};
use pyvision::preview;

use super::board::{Board, DYNAMIC, dynamic_index};
use crate::python::machine::calls::Caller;

/// The speed at which a host speaks the protocol.
const BAUD: u32 = 921_600;

struct Link {
    engine: Engine,
    board: Board,
}

static LINK: Mutex<RefCell<Link>> = Mutex::new(RefCell::new(Link {
    engine: Engine::new(),
    board: Board {
        dynamic: [None; DYNAMIC],
        is_idle: false,
    },
}));

fn with<R>(then: impl FnOnce(&mut Engine, &mut Board) -> R) -> R {
    critical_section::with(|cs| {
        let link = &mut *LINK.borrow_ref_mut(cs);
        then(&mut link.engine, &mut link.board)
    })
}

/// Lets hosts have the port.
pub fn start() {
    preview::on_ready(|| {
        send_event(channel::STREAM, event::NOTIFY, false);
    });
    usb::listen(usb::Listener {
        wants: |baud| baud == BAUD,
        begin: |_| with(|engine, board| engine.open(board)),
        receive,
        transmit,
        has_more: || with(|engine, _| engine.has_more()),
        wakes_us: || with(|engine, _| engine.wakes_ms()).map(|ms| 1000 * ms),
    });
}

/// Bytes from the host, in the interrupt.
fn receive(bytes: &[u8]) {
    with(|engine, board| engine.receive(bytes, time::ticks_ms(), board));
    ask_script();
}

/// Bytes for the host, in the interrupt.
fn transmit(out: &mut [u8]) -> usize {
    let count = with(|engine, board| engine.transmit(out, time::ticks_ms(), board));
    ask_script();
    count
}

/// What only Python can answer it is asked between two bytecodes of a script; if there is none it looks by itself.
fn ask_script() {
    if with(|engine, board| engine.pending().is_some() && !board.is_idle) {
        Caller::Host.call();
    }
}

/// Whether a host speaks the protocol.
pub fn is_active() -> bool {
    usb::is_taken() && usb::is_open()
}

/// Tells the host. False: nobody wants to hear.
pub fn send_event(channel: u8, number: u16, acknowledged: bool) -> bool {
    let is_sent = is_active() && with(|engine, _| engine.send_event(channel, number, acknowledged));
    usb::wake_listener();
    is_sent
}

/// Whether the host has acknowledged the last event.
pub fn event_was_taken() -> bool {
    with(|engine, _| engine.event_was_taken())
}

/// What Python's thread is to do, and how many bytes come along.
pub fn pending() -> Option<(Request, usize)> {
    with(|engine, _| engine.pending().map(|(request, bytes)| (request, bytes.len())))
}

/// Those bytes. False: the host has given up meanwhile.
pub fn copy_pending(into: &mut [u8]) -> bool {
    with(|engine, _| match engine.pending() {
        Some((_, bytes)) if bytes.len() == into.len() => {
            into.copy_from_slice(bytes);
            true
        }
        _ => false,
    })
}

/// The answer to it.
pub fn answer(reply: Reply) {
    with(|engine, _| engine.answer(reply));
    usb::wake_listener();
}

/// Which of the board's own channels have something.
pub fn ready() -> u32 {
    with(|_, board| board.ready())
}

/// From now on links begin with these settings. False: they are not possible.
pub fn set_up(settings: Settings) -> bool {
    with(|engine, _| engine.set_up(settings))
}

/// No script runs, or one does.
pub fn set_idle(is_idle: bool) {
    with(|_, board| board.is_idle = is_idle);
}

/// Whether all that was to be said is on its way.
pub fn is_quiet() -> bool {
    with(|engine, _| engine.is_quiet())
}

/// A script's channel, in the first free place; its number.
pub fn register(new: Channel) -> Option<u8> {
    with(|_, board| {
        let index = board.dynamic.iter().position(Option::is_none)?;
        board.dynamic[index] = Some(new);
        Some(channel::FIRST_FREE + index as u8)
    })
}

/// All of them are gone. A host that is in the middle of a picture has to begin anew.
pub fn forget() {
    with(|engine, board| {
        board.dynamic = [None; DYNAMIC];
        if preview::is_locked() {
            engine.open(board);
        }
    });
}

/// Whether it is a script's channel.
pub fn is_dynamic(id: u8) -> bool {
    dynamic_index(id).is_some_and(|index| with(|_, board| board.dynamic[index].is_some()))
}
