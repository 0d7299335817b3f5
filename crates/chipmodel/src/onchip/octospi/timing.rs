//! Configuration registers turned into times and limits.

use super::regs::{cr, dcr1, dcr2, dcr3};
use crate::Picos;

/// What the configuration means at the present kernel clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// One clock on the wire.
    pub period: Picos,
    /// NCS high between two frames, at least.
    pub high: Picos,
    /// NCS goes high after so many clocks: REFRESH. 0 is never.
    pub refresh_clocks: u32,
    /// Bursts end at multiples of this. 0 is never.
    pub boundary: u32,
    /// NCS goes high so long after the clock has stopped: TCEN and LPTR.
    pub timeout: Option<Picos>,
    /// Bytes of the memory as DEVSIZE says.
    pub size: u64,
}

impl Timing {
    /// From the registers; `None` if the kernel clock stands still.
    pub fn new(cr: u32, dcr: [u32; 4], lptr: u32, kernel_hz: u32) -> Option<Self> {
        if kernel_hz == 0 {
            return None;
        }
        let period = Picos::of_cycles(u64::from(dcr2::prescaler(dcr[1])) + 1, kernel_hz);
        let clocks = |count: u32| spanning(period, count);
        Some(Timing {
            period,
            high: clocks(dcr1::csht(dcr[0]) + 1),
            refresh_clocks: dcr[3],
            boundary: match dcr3::csbound(dcr[2]) {
                0 => 0,
                exponent => 1 << exponent,
            },
            timeout: (cr & cr::TCEN != 0).then(|| clocks(lptr)),
            size: 2 << dcr1::devsize(dcr[0]),
        })
    }

    /// So many clocks.
    pub fn clocks(&self, count: u32) -> Picos {
        spanning(self.period, count)
    }
}

/// A program may ask for four billion clocks of 1 Hz; nobody will see the end of more than 20 hours.
fn spanning(period: Picos, clocks: u32) -> Picos {
    Picos(period.0.saturating_mul(clocks.into()).min(1 << 56))
}
