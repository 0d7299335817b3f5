//! What a part on pieces of copper is: it sees edges, and holds voltages behind resistances to its pins.

use super::tft::Picture;
use crate::bus::pad::Drive;
use crate::bus::video::Video;
use crate::steps::Steps;
use crate::{Effects, Picos, Time};

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

    /// Whether it takes what a bus sends on these two pins, clock and data, by whole frames: see [`OnNets::frame`].
    fn takes_frames(&self, _clock: usize, _data: usize) -> bool {
        false
    }

    /// A frame has passed on those pins: `bits` bits of `word`, the highest first, each valid when the clock rises, a bit every
    /// `cycle`. It is as if all its edges had been seen.
    fn frame(&mut self, _word: u32, _bits: u32, _cycle: Picos, _fx: &mut Effects) {}

    /// Whether it takes what a bus in mode 0 sends on these two pins by whole frames, and answers on the third, as nobody else does: see
    /// [`OnNets::exchange`].
    fn exchanges_frames(&self, _clock: usize, _data: usize, _answer: usize) -> bool {
        false
    }

    /// As [`OnNets::frame`], with what it answers; `idle` is the level of that line while the part lets it go.
    fn exchange(&mut self, _word: u32, _bits: u32, _cycle: Picos, _idle: bool, _fx: &mut Effects) -> u32 {
        0
    }

    /// What changes its cells, if it keeps them without power.
    fn steps(&mut self) -> Option<&mut Steps> {
        None
    }

    /// The power fails: what is under way is cut short.
    fn lose_power(&mut self, _now: Time) {}

    /// What a display shows.
    fn picture(&self) -> Option<Picture> {
        None
    }

    /// What it holds, for tests and the tool: the bytes of a memory, the dots of a display.
    fn content(&self) -> &[u8] {
        &[]
    }

    /// Gives a memory this content. False: it is none, or of another size.
    fn put_content(&mut self, _bytes: &[u8]) -> bool {
        false
    }

    /// The part as a camera, if it is one.
    fn video(&mut self) -> Option<&mut dyn Video> {
        None
    }

    /// The same part once more, for a snapshot.
    fn boxed(&self) -> Box<dyn OnNets>;
}
