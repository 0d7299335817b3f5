//! Speaking to a chip that may answer on some of its lines only.
//!
//! Commands go out on SIO0 alone, so that a bad data line cannot change them: a byte is written on one line and read on four, and
//! the other way round. Addresses on four lines are all ones or all zeros, as a line that nobody drives would make them.

use crate::bus::{Bus, Frame};
use crate::command::{
    FAST_READ, FAST_READ_QUAD, Mode, QUAD_WRITE, READ_ID, RESET, RESET_ENABLE, WRITE, must,
};
use crate::plan::Plan;

/// What each line lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineErrors {
    /// Ones that were read as zeros, by line.
    pub ones_lost: [u8; 4],
    /// Zeros that were read as ones.
    pub zeros_gained: [u8; 4],
    /// The first byte that was wrong: what was expected, what was found.
    pub first: Option<[u8; 2]>,
}

impl LineErrors {
    /// Adds what is wrong with one byte, which came as two nibbles.
    pub fn look(&mut self, expected: u8, found: u8) {
        if expected != found {
            self.first = self.first.or(Some([expected, found]));
        }
        for bit in 0..8u8 {
            let line = usize::from(bit % 4);
            match (expected >> bit & 1, found >> bit & 1) {
                (1, 0) => self.ones_lost[line] = self.ones_lost[line].saturating_add(1),
                (0, 1) => self.zeros_gained[line] = self.zeros_gained[line].saturating_add(1),
                _ => {}
            }
        }
    }

    /// Bit n: line n lost something.
    pub fn lines(&self) -> u8 {
        (0..4).fold(0, |lines, n| {
            lines | u8::from(self.ones_lost[n] != 0 || self.zeros_gained[n] != 0) << n
        })
    }
}

/// What came back at one clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Talk {
    /// On the wire.
    pub clock_hz: u32,
    /// The answer to READ ID.
    pub id: [u8; 8],
    /// Written on one line, read on four.
    pub read: LineErrors,
    /// Written on four lines, read on one.
    pub write: LineErrors,
}

const WRITE_ONE: Frame = must(&WRITE, Mode::Spi);
const READ_ONE: Frame = must(&FAST_READ, Mode::Spi);
const WRITE_FOUR: Frame = must(&QUAD_WRITE, Mode::Spi);
const READ_FOUR: Frame = must(&FAST_READ_QUAD, Mode::Spi);
/// The chip wants 50 ns.
const RESET_US: u32 = 1;

/// Each line alone high, alone low, and all of them.
const PATTERN: [u8; 8] = [0x12, 0x48, 0xED, 0xB7, 0x0F, 0xF0, 0x5A, 0xA5];
/// All address bits that a chip of 8 MB looks at are ones, or zeros.
const PLACES: [u32; 2] = [0x7F_FFFF, 0];

const ALIASES: usize = 8;

/// Speaks to the chip with this plan, after a reset. The bus is in indirect mode, before and after.
pub fn talk<B: Bus>(bus: &mut B, plan: &Plan) -> Result<Talk, B::Error> {
    const ID: Frame = must(&READ_ID, Mode::Spi);
    bus.apply(&plan.setup)?;
    bus.delay_us(plan.part.t_pu_min_us);
    for mode in [Mode::Qpi, Mode::Spi] {
        for command in [&RESET_ENABLE, &RESET] {
            if let Some(frame) = command.frame(mode) {
                bus.command(&frame)?;
            }
        }
        bus.delay_us(RESET_US);
    }
    let mut id = [0; 8];
    bus.read(&ID, 0, &mut id)?;
    let [read, write] = cross(bus)?;
    Ok(Talk {
        clock_hz: plan.clock.hz(),
        id,
        read,
        write,
    })
}

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
