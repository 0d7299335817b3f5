//! Speaking to a chip that may answer on some of its lines only.

use crate::bus::Bus;
use crate::cross::{LineErrors, cross};
use crate::driver::{BusError, Psram, Step};
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
}

/// Speaks to the chip with this plan, after a reset. The bus is in indirect mode, before and after.
pub fn talk<B: Bus>(bus: &mut B, plan: &Plan) -> Result<Talk, BusError<B::Error>> {
    let mut chip = Psram::reset(bus, *plan)?;
    let id = chip.read_id()?.0;
    let [read, write] = cross(&mut chip.release()).map_err(|cause| BusError {
        step: Step::CrossCheck,
        cause,
    })?;
    Ok(Talk {
        clock_hz: plan.clock.hz(),
        id,
        read,
        write,
    })
}
