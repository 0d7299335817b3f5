//! Which joint is bad? From what was seen on the lines to a verdict that names the pin, in words that a hobbyist can act on.
//!
//! - [`talk::talk`] speaks to the chip in ways that use the lines differently, and counts what each line lost.
//! - [`Seen`] also has what the processor's pins saw as plain inputs and outputs, which is the firmware's business.
//! - [`judge()`] is the logic, [`Verdict`] its answer, [`Told`] the answer in words for one board.
//! - [`decode`] judges by two words alone, as they stand in somebody's log.
//!
//! Where physics does not tell, the verdict is a set of pins.
//!
//! Three joints carry the commands, and a chip that hears none says nothing. Two of them still tell themselves apart: what comes
//! late on SIO0 is understood if it is sent a clock early, and a chip that is selected late hears what is sent again a clock
//! later. The supply shows on the lines: a die without VDD eats what pulls a line up, one without VSS lifts what is pulled down.

mod judge;
pub mod talk;
pub mod words;

pub use judge::{Kind, Verdict, decode, judge};
pub use talk::Talk;
pub use words::Told;

/// Lines between the processor and the memory, by number: SIO0 to SIO3, clock, chip select.
pub const LINES: usize = 6;

/// A bit for each.
pub const ALL_LINES: u8 = (1 << LINES) - 1;

/// A pad of the 8-pin package.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pad {
    /// 1 to 8, counter-clockwise from the mark.
    pub number: u8,
    /// As the datasheets have it.
    pub name: &'static str,
}

const fn pad(number: u8, name: &'static str) -> Pad {
    Pad { number, name }
}

/// The pad of each line.
pub const PADS: [Pad; LINES] = [
    pad(5, "SI/SIO0"),
    pad(2, "SO/SIO1"),
    pad(3, "SIO2"),
    pad(7, "SIO3"),
    pad(6, "SCLK"),
    pad(1, "CE#"),
];
/// Line numbers.
pub const SIO1: usize = 1;
/// The clock.
pub const CLK: usize = 4;
/// Chip select.
pub const CE: usize = 5;
/// Ground.
pub const VSS: Pad = pad(4, "VSS");
/// Supply.
pub const VDD: Pad = pad(8, "VDD");

/// All that was seen.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    /// Bit n: line n reads low although it is pulled up.
    pub held_low: u8,
    /// Bit n: line n reads high although it is pulled down.
    pub held_high: u8,
    /// Bit n: line n reads low when it alone is pulled up.
    pub low_alone: u8,
    /// Bit n: line n reads high when it alone is pulled down.
    pub high_alone: u8,
    /// Of each line, the others that move with it.
    pub follows: [u8; LINES],
    /// Of each line, a pin of the processor beside its own that moves with it: the number on the package.
    pub stranger: [Option<u8>; LINES],
    /// How long the pull-up takes to charge each line, in any unit; 0: it was not measured.
    pub charge: [u32; LINES],
    /// What came back at a low clock.
    pub slow: Talk,
    /// And at the clock that is to be used.
    pub fast: Talk,
    /// A word of the memory test: what was expected, what was found.
    pub word: Option<[u32; 2]>,
}
