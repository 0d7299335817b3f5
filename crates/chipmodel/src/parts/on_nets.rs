//! What a part on pieces of copper is: it sees edges, and holds voltages behind resistances to its pins.

use crate::bus::pad::Drive;
use crate::{Effects, Time};

/// A part whose pins are on nets. Pins are known by their place in [`OnNets::pins`].
pub trait OnNets {
    /// The data sheet's names of its signal pins.
    fn pins(&self) -> &'static [&'static str];

    /// The level on a pin has changed.
    fn edge(&mut self, pin: usize, high: bool, fx: &mut Effects);

    /// What the part holds to a pin now.
    fn drive(&self, pin: usize) -> Option<Drive>;

    /// When the part next changes by itself.
    fn next_event(&self) -> Option<Time> {
        None
    }

    /// Let time pass up to `fx.now`.
    fn advance(&mut self, _fx: &mut Effects) {}

    /// What it holds for whoever asks: the bytes of a memory, the picture of a display.
    fn content(&self) -> &[u8] {
        &[]
    }

    /// Gives a memory this content. False: it is none, or of another size.
    fn put_content(&mut self, _bytes: &[u8]) -> bool {
        false
    }

    /// The same part once more, for a snapshot.
    fn boxed(&self) -> Box<dyn OnNets>;
}
