//! T2 to T4: the loop that failed in 2021. Fill memory upwards, one store an iteration, and look.

use h7a3::memory_policy::MemoryPolicy;
use h7a3::pulse::Pulse;
use upy::interpreter;

use super::access::{Region, Width};
use super::bench::Bench;
use super::outcome::Tally;

/// What stands in memory before.
const BEFORE: u64 = 0xA5A5_A5A5_A5A5_A5A5;
/// Odd, so that neighbours differ at every width.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Numbers of which each place of the region gets its own; twice, once with all bits inverted.
#[derive(Clone, Copy)]
struct Pattern {
    first: u64,
    step: u64,
}

impl Pattern {
    fn both(region: Region) -> [Pattern; 2] {
        let plain = Pattern {
            first: u64::from(region.address(0)) * STEP,
            step: STEP,
        };
        // !(first + n * step) in the arithmetic of a loop that can only add.
        let inverse = Pattern {
            first: !plain.first,
            step: plain.step.wrapping_neg(),
        };
        [plain, inverse]
    }

    /// What the n-th store carries.
    fn at(self, n: u32, width: Width) -> u64 {
        let (first, step) = match width {
            Width::Double => (self.first, self.step),
            // The loop adds in 32 bits.
            _ => (self.first & 0xFFFF_FFFF, self.step & 0xFFFF_FFFF),
        };
        width.cut(first.wrapping_add(step.wrapping_mul(n.into())))
    }
}

/// Streams of all widths over the region, in the configuration that is set, with an interrupt `hz` times a second; at
/// zero, with all interrupts masked.
pub fn run(bench: &mut Bench, region: Region, hz: u32) -> Tally {
    let mut tally = Tally::default();
    for width in Width::ALL {
        tally.add(one_width(bench, region, width, hz));
    }
    tally
}

/// The stream of one width, both patterns; no more of them after Ctrl-C.
pub fn one_width(bench: &mut Bench, region: Region, width: Width, hz: u32) -> Tally {
    let configuration = bench.configuration();
    let mut tally = Tally::default();
    for pattern in Pattern::both(region) {
        if interpreter::interrupted() {
            break;
        }
        // What stands there before is laid down in the way that cannot fail.
        bench.configure(MemoryPolicy::StronglyOrdered);
        region.stream(Width::Word, BEFORE, 0);
        bench.configure(configuration);
        if hz == 0 {
            cortex_m::interrupt::free(|_| region.stream(width, pattern.first, pattern.step));
        } else {
            let _pulse = Pulse::start(hz);
            region.stream(width, pattern.first, pattern.step);
        }
        bench.settle();
        for n in 0..region.bytes() / width.bytes() {
            let offset = n * width.bytes();
            let values = [
                pattern.at(n, width),
                region.load(offset, width),
                width.cut(BEFORE),
            ];
            tally.look(region, offset, width, values);
        }
    }
    tally
}
