//! T6: bursts that cross from one page of the chip into the next, and the last bytes of the chip, beyond which a
//! controller that reads ahead has nothing to read.

use h7a3::memory_policy::MemoryPolicy;
use upy::interpreter;

use super::access::{Region, Width};
use super::bench::Bench;
use super::outcome::Tally;

/// Page of the chip (ESP-PSRAM64H and its like: `CA[9:0]`).
const PAGE: u32 = 1024;
/// How much is written around a crossing.
const SPAN: u32 = 128;
const BEFORE: u64 = 0x3C3C_3C3C;
const STEP: u64 = 0x9E37_79B1;

/// Crossings all over the region, then the end of the chip, whose content is put back.
pub fn run(bench: &mut Bench, region: Region) -> Tally {
    let mut tally = Tally::default();
    for crossing in (PAGE..region.bytes()).step_by(PAGE as usize) {
        if interpreter::interrupted() {
            break;
        }
        span(bench, region.part(crossing - SPAN / 2, SPAN), &mut tally);
    }
    let chip = bench.chip();
    let end = chip.part(chip.bytes() - SPAN, SPAN);
    let mut kept = [0; (SPAN / 4) as usize];
    let home = bench.configuration();
    bench.configure(MemoryPolicy::StronglyOrdered);
    for (offset, word) in (0..).step_by(4).zip(&mut kept) {
        *word = end.load(offset, Width::Word);
    }
    bench.configure(home);
    span(bench, end, &mut tally);
    bench.configure(MemoryPolicy::StronglyOrdered);
    for (offset, word) in (0..).step_by(4).zip(kept) {
        end.store(offset, Width::Word, word);
    }
    bench.configure(home);
    tally
}

fn span(bench: &mut Bench, region: Region, tally: &mut Tally) {
    let home = bench.configuration();
    bench.configure(MemoryPolicy::StronglyOrdered);
    region.stream(Width::Word, BEFORE, 0);
    bench.configure(home);
    let first = u64::from(region.address(0));
    // Masked: an interrupt here would be another test.
    cortex_m::interrupt::free(|_| region.stream(Width::Word, first, STEP));
    bench.settle();
    for n in 0..region.bytes() / 4 {
        let expected = Width::Word.cut(first + u64::from(n) * STEP);
        tally.look(
            region,
            4 * n,
            Width::Word,
            [expected, region.load(4 * n, Width::Word), BEFORE],
        );
    }
}
