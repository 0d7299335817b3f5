//! One line against four: what each data line loses.
//!
//! Commands go out on SIO0 alone, so that a bad data line cannot change them: a byte is written on one line and read on four, and
//! the other way round. Addresses on four lines are all ones or all zeros, as a line that nobody drives would make them.

use crate::bus::{Bus, Frame};
use crate::command::{FAST_READ, FAST_READ_QUAD, Mode, QUAD_WRITE, WRITE, must};

/// What each line lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineErrors {
    /// Ones that were read as zeros, by line.
    pub ones_lost: [u32; 4],
    /// Zeros that were read as ones.
    pub zeros_gained: [u32; 4],
    /// Ones that were sent, and zeros.
    pub sent: [[u32; 4]; 2],
    /// The first byte that was wrong: what was expected, what was found.
    pub first: Option<[u8; 2]>,
}

impl LineErrors {
    /// Adds what is wrong with one byte, which came as two nibbles.
    pub fn look(&mut self, expected: u8, found: u8) {
        if expected != found {
            self.first = self.first.or(Some([expected, found]));
        }
        for bit in 0..8 {
            let (line, sent, got) = (bit % 4, expected >> bit & 1, found >> bit & 1);
            self.sent[usize::from(sent == 0)][line] += 1;
            self.ones_lost[line] += u32::from(sent > got);
            self.zeros_gained[line] += u32::from(sent < got);
        }
    }

    /// Bit n: line n lost every one that was sent (`ones`), or gained every zero.
    pub fn all_lost(&self, ones: bool) -> u8 {
        let lost = if ones { self.ones_lost } else { self.zeros_gained };
        let sent = self.sent[usize::from(!ones)];
        (0..4).fold(0, |lines, n| {
            lines | u8::from(lost[n] > 0 && lost[n] == sent[n]) << n
        })
    }

    /// Bit n: line n lost something.
    pub fn lines(&self) -> u8 {
        (0..4).fold(0, |lines, n| {
            lines | u8::from(self.ones_lost[n] != 0 || self.zeros_gained[n] != 0) << n
        })
    }
}

const WRITE_ONE: Frame = must(&WRITE, Mode::Spi);
const READ_ONE: Frame = must(&FAST_READ, Mode::Spi);
const WRITE_FOUR: Frame = must(&QUAD_WRITE, Mode::Spi);
const READ_FOUR: Frame = must(&FAST_READ_QUAD, Mode::Spi);

/// Each line alone high, alone low, and all of them.
const PATTERN: [u8; 8] = [0x12, 0x48, 0xED, 0xB7, 0x0F, 0xF0, 0x5A, 0xA5];
/// All address bits that a chip of 8 MB looks at are ones, or zeros.
const PLACES: [u32; 2] = [0x7F_FFFF, 0];

const ALIASES: usize = 8;

/// Writes on one line and reads on four, and the other way round; what was lost each time. The chip is in SPI mode. What it
/// holds is put back, if one line can be trusted.
///
/// An address with bits that a bad line changes leads elsewhere, and then all lines look bad: so the place counts at which fewer do.
pub fn cross<B: Bus>(bus: &mut B) -> Result<[LineErrors; 2], B::Error> {
    let lines = |errors: &[LineErrors; 2]| (errors[0].lines() | errors[1].lines()).count_ones();
    let (ones, zeros) = (cross_at(bus, PLACES[0])?, cross_at(bus, PLACES[1])?);
    Ok(if lines(&zeros) < lines(&ones) { zeros } else { ones })
}

fn cross_at<B: Bus>(bus: &mut B, place: u32) -> Result<[LineErrors; 2], B::Error> {
    let [mut read, mut write] = [LineErrors::default(); 2];
    let mut kept = [[0]; ALIASES];
    for (byte, alias) in kept.iter_mut().zip(aliases(place)) {
        bus.read(&READ_ONE, alias, byte)?;
    }
    for byte in PATTERN {
        fill(bus, place, byte)?;
        let mut found = [0];
        bus.read(&READ_FOUR, place, &mut found)?;
        read.look(byte, found[0]);
        fill(bus, place, !byte)?;
        bus.write(&WRITE_FOUR, place, &[byte])?;
        // Wherever it went to, there it is most like itself.
        let mut closest = !byte;
        for alias in aliases(place) {
            bus.read(&READ_ONE, alias, &mut found)?;
            if (found[0] ^ byte).count_ones() < (closest ^ byte).count_ones() {
                closest = found[0];
            }
        }
        write.look(byte, closest);
    }
    for (byte, alias) in kept.iter().zip(aliases(place)) {
        bus.write(&WRITE_ONE, alias, byte)?;
    }
    Ok([read, write])
}

fn fill<B: Bus>(bus: &mut B, place: u32, byte: u8) -> Result<(), B::Error> {
    aliases(place).try_for_each(|alias| bus.write(&WRITE_ONE, alias, &[byte]))
}

/// Where an address ends up whose first nibble arrives changed, as over a line that is late: it shows what was there before.
fn aliases(place: u32) -> impl Iterator<Item = u32> {
    (0..ALIASES as u32).map(move |first| place ^ first << 20)
}
