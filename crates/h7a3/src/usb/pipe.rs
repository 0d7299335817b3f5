//! The two rings between the program and the USB, and who waits for whom.

use core::cell::{Cell, RefCell};

use critical_section::{CriticalSection, Mutex};
use embassy_futures::select::select;
use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex;
use embassy_sync::signal::Signal;
use embassy_time::{Instant, Timer};
use heapless::Deque;

use super::listener::{self, Listener};
use crate::console::{interrupts_reach_here, is_swallowed};
use crate::time;

/// What a host may send ahead of the program; more is refused until there is room.
const RX_BYTES: usize = 1024;
/// What the program may print ahead of the host, and what is kept for one that opens the port later.
const TX_BYTES: usize = 4096;
/// A host that takes nothing for so long is no longer waited for, until it takes something.
const PATIENCE_US: u64 = 10_000_000;

static RX: Mutex<RefCell<Deque<u8, RX_BYTES>>> = Mutex::new(RefCell::new(Deque::new()));
static TX: Mutex<RefCell<Deque<u8, TX_BYTES>>> = Mutex::new(RefCell::new(Deque::new()));
static STATE: Mutex<Cell<State>> = Mutex::new(Cell::new(State {
    is_open: false,
    is_awake: false,
    is_slow: false,
    is_taken: false,
}));

/// There is something to send, or somebody to send it to.
static SENDABLE: Signal<CriticalSectionRawMutex, ()> = Signal::new();
/// The ring of what was received has room again.
static ROOM: Signal<CriticalSectionRawMutex, ()> = Signal::new();

/// What is known of the other end.
#[derive(Clone, Copy)]
struct State {
    /// A program has the port open: DTR.
    is_open: bool,
    /// The bus is configured and not suspended.
    is_awake: bool,
    /// It has taken nothing for [`PATIENCE_US`].
    is_slow: bool,
    /// The listener has the port.
    is_taken: bool,
}

impl State {
    fn is_waited_for(self) -> bool {
        self.is_open && self.is_awake && !self.is_slow
    }
}

fn state() -> State {
    critical_section::with(|cs| STATE.borrow(cs).get())
}

fn change(how: impl FnOnce(&mut State)) {
    critical_section::with(|cs| {
        let mut state = STATE.borrow(cs).get();
        how(&mut state);
        STATE.borrow(cs).set(state);
    });
    SENDABLE.signal(());
}

/// The port is opened or closed.
pub(super) fn set_open(is_open: bool) {
    change(|state| (state.is_open, state.is_slow) = (is_open, false));
}

/// The bus is ready, or is not.
pub(super) fn set_awake(is_awake: bool) {
    change(|state| (state.is_awake, state.is_slow) = (is_awake, false));
}

/// The host has set the port's speed.
pub(super) fn set_baud(baud: u32) {
    let Some(listener) = listener::listener() else {
        return;
    };
    let (was, is) = (state().is_taken, (listener.wants)(baud));
    if was || is {
        // What was typed or printed before was meant for another program.
        critical_section::with(|cs| {
            RX.borrow_ref_mut(cs).clear();
            TX.borrow_ref_mut(cs).clear();
        });
        change(|state| (state.is_taken, state.is_slow) = (is, false));
        ROOM.signal(());
    }
    if was != is {
        (listener.begin)(is);
    }
}

/// Whether the listener has the port.
pub fn is_taken() -> bool {
    state().is_taken
}

/// The listener has something to send.
pub fn wake_listener() {
    SENDABLE.signal(());
}

/// The listener, if it has the port.
fn owner() -> Option<Listener> {
    listener::listener().filter(|_| is_taken())
}

/// Sleeps until it may have something to say.
async fn until_it_speaks(listener: Listener) {
    match (listener.wakes_us)() {
        Some(wakes_us) => {
            select(SENDABLE.wait(), Timer::at(Instant::from_micros(wakes_us))).await;
        }
        None => SENDABLE.wait().await,
    }
}

/// Takes what the program has printed, as much as there is room for; says how much. For the listener.
pub fn take_output(into: &mut [u8]) -> usize {
    let count = critical_section::with(|cs| {
        let mut ring = TX.borrow_ref_mut(cs);
        let count = ring.len().min(into.len());
        for byte in &mut into[..count] {
            *byte = ring.pop_front().unwrap_or_default();
        }
        count
    });
    if count > 0 {
        note_progress();
    }
    count
}

/// How much of it waits.
pub fn waiting_output() -> usize {
    critical_section::with(|cs| TX.borrow_ref(cs).len())
}

/// Forgets it.
pub fn forget_output() {
    critical_section::with(|cs| TX.borrow_ref_mut(cs).clear());
}

/// Whether a program at the host has the port open.
pub fn is_open() -> bool {
    let state = state();
    state.is_open && state.is_awake
}

/// The next received character, if there is one.
pub fn try_read() -> Option<u8> {
    let byte = critical_section::with(|cs| RX.borrow_ref_mut(cs).pop_front());
    if byte.is_some() {
        ROOM.signal(());
    }
    byte
}

/// Whether a character waits.
pub fn readable() -> bool {
    critical_section::with(|cs| !RX.borrow_ref(cs).is_empty())
}

/// Prints `bytes`. Waits for room only while somebody reads; otherwise the oldest go.
pub fn write(bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        rest = critical_section::with(|cs| put(rest, &mut TX.borrow_ref_mut(cs)));
        SENDABLE.signal(());
        let has_room = rest.is_empty() || interrupts_reach_here() && wait_for_room();
        if !has_room {
            critical_section::with(|cs| drop_oldest(rest.len(), cs));
        }
    }
}

/// As much as fits; returns the rest.
fn put<'a>(bytes: &'a [u8], ring: &mut Deque<u8, TX_BYTES>) -> &'a [u8] {
    let fits = bytes.len().min(TX_BYTES - ring.len());
    for &byte in &bytes[..fits] {
        // There is room.
        let _ = ring.push_back(byte);
    }
    &bytes[fits..]
}

fn drop_oldest(bytes: usize, cs: CriticalSection) {
    let mut ring = TX.borrow_ref_mut(cs);
    for _ in 0..bytes.min(TX_BYTES) {
        ring.pop_front();
    }
}

/// Sleeps until the ring has room. False: nobody takes anything.
fn wait_for_room() -> bool {
    let has_room = || critical_section::with(|cs| !TX.borrow_ref(cs).is_full());
    let end_us = time::ticks_us() + PATIENCE_US;
    while state().is_waited_for() {
        if has_room() {
            return true;
        }
        if time::ticks_us() >= end_us {
            change(|state| state.is_slow = true);
            return false;
        }
        time::sleep(end_us, || has_room() || !state().is_waited_for());
    }
    has_room()
}

/// The next packet for the host, as soon as there is something to send and a program that has the port open.
pub(super) async fn next_packet(packet: &mut [u8]) -> usize {
    loop {
        if let Some(listener) = owner() {
            match is_open() {
                // What is due is due when somebody is there again.
                false => SENDABLE.wait().await,
                true => match (listener.transmit)(packet) {
                    0 => until_it_speaks(listener).await,
                    count => return count,
                },
            }
            continue;
        }
        let count = critical_section::with(|cs| {
            let state = STATE.borrow(cs).get();
            let mut ring = TX.borrow_ref_mut(cs);
            let mut count = 0;
            if state.is_open && state.is_awake {
                while count < packet.len()
                    && let Some(byte) = ring.pop_front()
                {
                    packet[count] = byte;
                    count += 1;
                }
            }
            count
        });
        if count > 0 {
            return count;
        }
        SENDABLE.wait().await;
    }
}

/// Whether there is nothing more to send.
pub(super) fn is_drained() -> bool {
    if let Some(listener) = owner() {
        return !(listener.has_more)();
    }
    critical_section::with(|cs| TX.borrow_ref(cs).is_empty())
}

/// The host has taken a packet.
pub(super) fn note_progress() {
    if state().is_slow {
        change(|state| state.is_slow = false);
    }
}

/// Bytes have come. All are looked at before any waits for room, so that Ctrl-C is seen however full the ring is.
pub(super) async fn take(packet: &mut [u8]) {
    if let Some(listener) = owner() {
        (listener.receive)(packet);
        SENDABLE.signal(());
        return;
    }
    let mut kept = 0;
    for at in 0..packet.len() {
        if !is_swallowed(packet[at], true) {
            packet[kept] = packet[at];
            kept += 1;
        }
    }
    for &byte in &packet[..kept] {
        while critical_section::with(|cs| RX.borrow_ref_mut(cs).push_back(byte)).is_err() {
            ROOM.wait().await;
            if is_taken() {
                return;
            }
        }
    }
}
