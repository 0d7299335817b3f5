//! T1: does one store change its neighbours? Before and after are written and read past the core, by the controller's
//! registers, so that nothing but the one store goes through the window.

use h7a3::octospi::Error;

use super::access::{Region, Width, barrier};
use super::bench::{Bench, INDIRECT_BYTES};
use super::outcome::Tally;

const BEFORE: u8 = 0x11;
const STORED: u8 = 0xEE;

/// One store of each width at each place of a 64-bit beat, each into 64 fresh bytes.
pub fn run(bench: &mut Bench, region: Region) -> Result<Tally, Error> {
    let mut tally = Tally::default();
    let origin = region.address(0) - bench.chip().address(0);
    for width in Width::ALL {
        for place in (0..8).step_by(width.bytes() as usize) {
            bench.write(origin, &[BEFORE; INDIRECT_BYTES])?;
            // In the middle of the second beat's line, where a neighbour on either side could suffer.
            let at = 24 + place;
            region.store(at, width, u64::from_le_bytes([STORED; 8]));
            barrier();
            bench.settle();
            let mut found = [0; INDIRECT_BYTES];
            bench.read(origin, &mut found)?;
            for (offset, &byte) in (0..).zip(&found) {
                let stored = (at..at + width.bytes()).contains(&offset);
                let expected = if stored { STORED } else { BEFORE };
                let values = [expected, byte, BEFORE].map(u64::from);
                tally.look(region, offset, Width::Byte, values);
            }
        }
    }
    Ok(tally)
}
