//! The memory test: three marches of different length over any [`Memory`].
//!
//! A march is a list of elements; an element visits every line upwards or downwards and does the same few reads and
//! writes to each before it goes on. What a cell should hold is always the **background** or its complement. The
//! background is not a constant, which would hide every fault of the addresses, but a different number for each word:
//! `FIRST + n * STEP` for the n-th pair of words, with an odd step, and its complement for the second of the pair. So each
//! eight bytes hold a one and a zero in every bit position, and what spans two words (a bit line, a data line) is seen in
//! both in one pass, for certain. One addition makes the next pair.
//!
//! | march | elements | per line on the wire | finds |
//! |---|---|---|---|
//! | [`QUICK`] | w, r | 1 write, 1 read | every bit line that is stuck or shorted, every pair of addresses that meet in one cell, each stuck cell **with a chance of one half** |
//! | [`BOTH`] | w, (r, w'), r' | 2 writes, 2 reads | that, and every stuck cell, every address that reaches a second cell as well |
//! | [`MARCH_C`] | w, up (r, w'), up (r', w), down (r, w'), down (r', w), r | 5 writes, 5 reads | that, and cells that fail one of the two transitions, and cells disturbed by a write to another line |
//!
//! # Why the quick one is not better
//! A cell shows that it can hold both values only if both were written **and** read: two writes and two reads of 8 MB.
//! Two clocks a byte is the least that four wires can do, so this takes 4 x 2 x 2^23 clocks, 0.96 s at 70 MHz and 1.34 s at
//! 50 MHz, in bursts without end; a boot test that is done in half of it sees each cell in one polarity. A single stuck cell
//! slips through one boot in two. [`Polarity`] exists so that the firmware can take turns ([`turn`]): two boots, one of each
//! polarity, see every cell in both.
//!
//! # Retention
//! In each march a cell waits for the length of a pass between its writing and its reading: in the quick one 0.24 s at
//! 70 MHz, which is several rounds of the chip's own refresh. A cell that holds for longer than that without refresh needs a
//! pause; that is the caller's business.
//!
//! # Memory in use
//! A march can run over a part at a time if its content is put back, but then two addresses that meet in one cell meet
//! in different parts and are not seen: [`find_tied_lines`] looks for them with one line for each address line.
//!
//! # What none of them finds
//! Words of one line that disturb each other (a line is written as a whole, here as by a cache), faults that depend on
//! many neighbours at once, on temperature, or on time beyond the test's own: a stay of minutes is a different test.
//! With a write-back cache in front, the order at the chip is the order of evictions, near to but not exactly the
//! order of the march; [`Memory::sync`] between elements keeps at least these apart.

use crate::memory::{LINE_BYTES, LINE_WORDS, Line, Memory};
use core::fmt;
use core::ops::ControlFlow;

/// Odd, near the golden ratio of 2^32: neighbours differ in about half of their bits.
const STEP: u32 = 0x9E37_79B1;

/// So chosen that no word's complement is another word of the first 16 MB (a test checks it), but for the two of a pair,
/// which are always written together: else two addresses that meet in one cell could hide each other.
const FIRST: u32 = 0x5A1C_3E0F;

/// How often [`Memory::breathe`] is called.
const BREATH_BYTES: u32 = 16 << 10;

/// Which of the two a cell should hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Polarity {
    /// The background.
    #[default]
    Plain,
    /// Its complement.
    Inverted,
}

impl Polarity {
    const fn mask(self) -> u32 {
        match self {
            Polarity::Plain => 0,
            Polarity::Inverted => !0,
        }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Polarity::Plain => Polarity::Inverted,
            Polarity::Inverted => Polarity::Plain,
        }
    }
}

/// One visit to a line: read and compare, then write, or only one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    /// From the last line to the first.
    pub downwards: bool,
    /// What the line should hold, if it is read.
    pub read: Option<Polarity>,
    /// What it is to hold from now on, if it is written.
    pub write: Option<Polarity>,
}

const P: Option<Polarity> = Some(Polarity::Plain);
const I: Option<Polarity> = Some(Polarity::Inverted);

const fn up(read: Option<Polarity>, write: Option<Polarity>) -> Element {
    Element {
        downwards: false,
        read,
        write,
    }
}

const fn down(read: Option<Polarity>, write: Option<Polarity>) -> Element {
    Element {
        downwards: true,
        read,
        write,
    }
}

/// For every boot.
pub const QUICK: &[Element] = &[up(None, P), up(P, None)];
/// Both polarities of every cell.
pub const BOTH: &[Element] = &[up(None, P), up(P, I), up(I, None)];
/// March C- (Marinescu 1982, van de Goor 1991), on words.
pub const MARCH_C: &[Element] = &[
    up(None, P),
    up(P, I),
    up(I, P),
    down(P, I),
    down(I, P),
    up(P, None),
];

/// A word that did not hold what it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, in bytes from the start of the memory.
    pub offset: u32,
    /// What was written.
    pub expected: u32,
    /// What was read.
    pub found: u32,
    /// What a second reading gave. If that is as expected, the reading is at fault and not the cell.
    pub again: u32,
    /// In which element of the march, counted from zero.
    pub element: usize,
}

/// What a test found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Size of the memory.
    pub size_bytes: u32,
    /// Did it run to its end? [`Memory::breathe`] can break it off.
    pub complete: bool,
    /// How many words were found wrong, a word counted once per reading.
    pub faults: u64,
    /// The first of them.
    pub first: Option<Fault>,
    /// Every bit of a word that was ever wrong.
    pub bits: u32,
}

impl Report {
    /// Ran to its end and found nothing.
    pub const fn passed(&self) -> bool {
        self.complete && self.faults == 0
    }

    /// The four lines on which wrong bits travelled; bit n is SIOn. One line alone points at a joint.
    pub const fn lines(&self) -> u8 {
        let mut lines = 0;
        let mut shift = 0;
        while shift < 32 {
            lines |= (self.bits >> shift) as u8 & 0xF;
            shift += 4;
        }
        lines
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.first {
            Some(Fault {
                offset,
                expected,
                found,
                again,
                ..
            }) => {
                write!(
                    f,
                    "memtest fail, offset {offset:#08x} expected {expected:#010x} found {found:#010x}"
                )?;
                if again == expected {
                    f.write_str(" but right when read again")?;
                }
                write!(f, ", {} words wrong", self.faults)
            }
            None if self.complete => f.write_str("memtest pass"),
            None => f.write_str("memtest broken off, no fault so far"),
        }
    }
}

/// What word `index` holds in the given polarity.
pub const fn pattern(index: u32, polarity: Polarity) -> u32 {
    let second_of_pair = (index & 1).wrapping_neg();
    FIRST.wrapping_add((index >> 1).wrapping_mul(STEP)) ^ second_of_pair ^ polarity.mask()
}

/// What the line at `offset` holds; `mask` is that of its polarity.
#[inline(always)]
fn line(offset: u32, mask: u32) -> Line {
    // A line begins with a pair.
    let mut word = pattern(offset / 4, Polarity::Plain);
    core::array::from_fn(|i| {
        if i % 2 == 0 {
            word ^ mask
        } else {
            let second = !word ^ mask;
            word = word.wrapping_add(STEP);
            second
        }
    })
}

/// Run a march over the whole memory, with the background in `polarity`. Its content is lost.
pub fn run(memory: &mut dyn Memory, march: &[Element], polarity: Polarity) -> Report {
    run_with(memory, march, polarity.mask())
}

/// The same with every word of the background changed by an exclusive or with `key`, for rounds that differ. Words that
/// were different from each other and from each other's complements stay so.
///
/// Not generic: most of the time from reset to prompt is spent here, and so it is compiled once, with this crate's settings.
pub fn run_with(memory: &mut dyn Memory, march: &[Element], key: u32) -> Report {
    let size_bytes = memory.size_bytes() / LINE_BYTES * LINE_BYTES;
    let total_bytes = u64::from(size_bytes) * march.len() as u64;
    let mut report = Report {
        size_bytes,
        ..Report::default()
    };
    let mask = |want: Polarity| want.mask() ^ key;
    for (index, element) in march.iter().enumerate() {
        let mut done = 0;
        while done < size_bytes {
            let offset = if element.downwards {
                size_bytes - LINE_BYTES - done
            } else {
                done
            };
            if let Some(want) = element.read {
                let expected = line(offset, mask(want));
                let found = memory.read_line(offset);
                let wrong = expected
                    .iter()
                    .zip(found)
                    .fold(0, |bits, (want, got)| bits | (want ^ got));
                if wrong != 0 {
                    note(memory, &mut report, index, offset, &expected, &found);
                }
            }
            if let Some(want) = element.write {
                memory.write_line(offset, &line(offset, mask(want)));
            }
            done += LINE_BYTES;
            if done % BREATH_BYTES == 0 {
                let done_bytes = index as u64 * u64::from(size_bytes) + u64::from(done);
                if let ControlFlow::Break(()) = memory.breathe(done_bytes, total_bytes) {
                    return report;
                }
            }
        }
        // Lines that were only read and are not read again may stay in the cache: the caller that puts them back has them there.
        if index + 1 < march.len() || element.write.is_some() {
            memory.sync();
        }
    }
    report.complete = true;
    report
}

/// Looks for address lines that are stuck or tied to each other, from line to line of the memory; what it holds is put
/// back. The march over a part sees those within a line, and this one the rest.
pub fn find_tied_lines<M: Memory + ?Sized>(memory: &mut M) -> Option<Fault> {
    const MOST: usize = 32;
    let size_bytes = memory.size_bytes();
    let probes = || {
        let powers = (LINE_BYTES.trailing_zeros()..u32::BITS).map(|bit| 1 << bit);
        core::iter::once(0).chain(powers.take_while(move |offset| *offset < size_bytes))
    };
    let mut kept = [[0; LINE_WORDS]; MOST];
    for (offset, kept) in probes().zip(&mut kept) {
        *kept = memory.read_line(offset);
    }
    for offset in probes() {
        memory.write_line(offset, &line(offset, 0));
    }
    memory.sync();
    let mut report = Report::default();
    for offset in probes() {
        let (expected, found) = (line(offset, 0), memory.read_line(offset));
        if expected != found {
            note(memory, &mut report, 0, offset, &expected, &found);
        }
    }
    for (offset, kept) in probes().zip(&kept) {
        memory.write_line(offset, kept);
    }
    memory.sync();
    report.first
}

/// The polarity whose turn it is, judged by what the end and the middle of the memory hold: the other one than that of the last
/// test, if its words are still at one of them; a program begins to fill its memory elsewhere. Else whichever the content after power-up makes of it, which is as good as chance.
pub fn turn<M: Memory + ?Sized>(memory: &mut M) -> Polarity {
    const LOOKED_AT_BYTES: u32 = 4096;
    let last = memory.size_bytes() / LINE_BYTES * LINE_BYTES - LINE_BYTES;
    let half = memory.size_bytes() / 2 / LINE_BYTES * LINE_BYTES;
    for offset in [last, half, half / 2 / LINE_BYTES * LINE_BYTES] {
        let found = memory.read_line(offset);
        for polarity in [Polarity::Plain, Polarity::Inverted] {
            if found == line(offset, polarity.mask()) {
                return polarity.other();
            }
        }
    }
    let first = last.saturating_sub(LOOKED_AT_BYTES);
    let lines = (first..=last).step_by(LINE_BYTES as usize);
    let ones: u32 = lines
        .flat_map(|offset| memory.read_line(offset))
        .map(u32::count_ones)
        .sum();
    if ones % 2 == 0 {
        Polarity::Plain
    } else {
        Polarity::Inverted
    }
}

#[cold]
fn note<M: Memory + ?Sized>(
    memory: &mut M,
    report: &mut Report,
    element: usize,
    offset: u32,
    expected: &Line,
    found: &Line,
) {
    for i in (0..LINE_WORDS).filter(|&i| expected[i] != found[i]) {
        report.faults += 1;
        report.bits |= expected[i] ^ found[i];
        if report.first.is_none() {
            memory.sync();
            let again = memory.read_line(offset)[i];
            let offset = offset + 4 * i as u32;
            report.first = Some(Fault {
                offset,
                expected: expected[i],
                found: found[i],
                again,
                element,
            });
        }
    }
}

#[cfg(test)]
mod tests;
