//! Another program than the console that may have the port, to speak a protocol over it.
//!
//! It is asked at each speed that the host sets. While it has the port it gets all bytes and gives all bytes, in the
//! interrupt; what the program prints is kept until it takes it ([`take_output`](super::take_output)).

use core::cell::Cell;

use critical_section::Mutex;

/// What it does, in the interrupt.
#[derive(Clone, Copy)]
pub struct Listener {
    /// Whether it has the port at this speed.
    pub wants: fn(baud: u32) -> bool,
    /// The port is its own from now on, or is not.
    pub begin: fn(begins: bool),
    /// Bytes have come.
    pub receive: fn(&[u8]),
    /// The next bytes for the host; says how many.
    pub transmit: fn(&mut [u8]) -> usize,
    /// Whether there are some.
    pub has_more: fn() -> bool,
    /// When it wants to be asked again, in microseconds since start.
    pub wakes_us: fn() -> Option<u64>,
}

static LISTENER: Mutex<Cell<Option<Listener>>> = Mutex::new(Cell::new(None));

/// From now on this one is asked.
pub fn listen(listener: Listener) {
    critical_section::with(|cs| LISTENER.borrow(cs).set(Some(listener)));
}

/// The one that is asked.
pub(super) fn listener() -> Option<Listener> {
    critical_section::with(|cs| LISTENER.borrow(cs).get())
}
