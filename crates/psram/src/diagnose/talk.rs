//! Speaking to a chip that may answer on some of its lines only.

use crate::bus::Bus;
use crate::command::{Mode, READ_ID, RESET, must};
use crate::cross::{LineErrors, cross};
use crate::driver::{BusError, Psram, Step};
use crate::id::answers;
use crate::plan::Plan;

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
    /// It gave no name, but did when what goes out on SIO0 was sent a clock early.
    pub early: bool,
    /// It gave no name, but did when so many clocks were sent before.
    pub missed: u8,
}

/// More clocks are not lost to a select that is late.
const MOST_MISSED: u8 = 3;
/// Maker and known good die, and a byte for what is shifted.
const NAME_BYTES: usize = 3;

/// READ ID with its bits a clock early. The chip takes what SIO0 has before for the first one, which is a one.
fn answers_early<B: Bus>(bus: &mut B) -> Result<bool, B::Error> {
    const READ: crate::Frame = must(&READ_ID, Mode::Spi);
    const EARLY: crate::Frame = crate::Frame {
        opcode: READ.opcode << 1,
        ..READ
    };
    // Ends with a one, wherever it is taken for something.
    bus.command(&must(&RESET, Mode::Spi))?;
    let mut name = [0; NAME_BYTES];
    bus.read(&EARLY, 0, &mut name)?;
    Ok(answers(&name))
}

/// READ ID so many clocks later; the answer is as late.
fn answers_later<B: Bus>(bus: &mut B, clocks: u8) -> Result<bool, B::Error> {
    const READ: crate::Frame = must(&READ_ID, Mode::Spi);
    let sent = u32::from(READ.opcode) << (24 - clocks);
    let frame = crate::Frame {
        opcode: (sent >> 24) as u8,
        ..READ
    };
    let mut raw = [0; NAME_BYTES];
    bus.read(&frame, sent & 0xFF_FFFF, &mut raw)?;
    let [a, b, c] = raw.map(u32::from);
    let name = (a << 16 | b << 8 | c) << clocks;
    Ok(answers(&[(name >> 16) as u8, (name >> 8) as u8]))
}

/// Speaks to the chip with this plan, after a reset. The bus is in indirect mode, before and after.
pub fn talk<B: Bus>(bus: &mut B, plan: &Plan) -> Result<Talk, BusError<B::Error>> {
    let mut chip = Psram::reset(bus, *plan)?;
    let id = chip.read_id()?.0;
    let mut bus = chip.release();
    let mut talk = Talk {
        clock_hz: plan.clock.hz(),
        id,
        ..Talk::default()
    };
    let failed = |cause| BusError {
        step: Step::CrossCheck,
        cause,
    };
    [talk.read, talk.write] = cross(&mut bus).map_err(failed)?;
    if !answers(&id) {
        talk.early = answers_early(&mut bus).map_err(failed)?;
        for clocks in 1..=MOST_MISSED {
            if talk.missed == 0 && answers_later(&mut bus, clocks).map_err(failed)? {
                talk.missed = clocks;
            }
        }
    }
    Ok(talk)
}
