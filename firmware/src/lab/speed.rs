//! How fast the chip is, in the ways that programs use it, beside what the wire allows at the clock in force.
//!
//! A line of the report is `speed <name> <kB/s> <limit in kB/s>`; `cargo xtask bench speed` makes a table of it. The limits
//! count the clocks of command, address, wait and data, and CE# high between: nothing that the core does.
//! - Single lines: one command each.
//! - In a row: two clocks a byte, as if one command lasted for ever.
//! - Filling and copying to the chip: each line is fetched before it is overwritten, and written out later.
//! - By MDMA: in a row in both directions, for nothing is fetched before it is overwritten.
//! - Random words: a line is fetched for each, from the word on and then from the line's beginning. Only a word in the
//!   first eight bytes spares the second command.

use core::fmt::Write;
use core::hint::black_box;
use core::slice;

use h7a3::{clocks, console, mdma, time};
use psram::Plan;
use upy::interpreter;

use super::access::Region;
use super::bench::Bench;

const LINE: u32 = 32;
/// Lines that are visited one after the other lie so far apart: no command goes on from one to the next, and all sets of
/// the cache get their share.
const STRIDE_LINES: u32 = 33;
/// Dirty lines at a time: half of the cache.
const DIRTY_LINES: u32 = 256;
const COPY_WORDS: usize = 512;

/// Measures everything on the region, and reports on the console.
pub fn run(bench: &Bench, region: Region) {
    let limits = Limits::of(bench.plan());
    single_lines(bench, region, &limits);
    in_a_row(bench, region, &limits);
    let mut internal = [0; COPY_WORDS];
    copies(bench, region, &limits, &mut internal);
    copies_by_mdma(bench, region, &limits, &mut internal);

    let lines = region.bytes() / LINE;
    let cycles = timed(bench, || {
        for n in 0..lines {
            black_box(read(region, random_word(n, lines)));
        }
    });
    report("random-words", 4 * lines, cycles, limits.random);
}

fn single_lines(bench: &Bench, region: Region, limits: &Limits) {
    let lines = region.bytes() / LINE;
    let scattered = |n: u32| (n * STRIDE_LINES % lines) * LINE;
    let cycles = timed(bench, || {
        for n in 0..lines {
            black_box(read(region, scattered(n)));
        }
    });
    report("line-reads", region.bytes(), cycles, limits.line_read);

    let rounds = lines / DIRTY_LINES;
    let mut cycles = 0;
    for round in 0..rounds {
        for n in 0..DIRTY_LINES {
            write(region, scattered(round * DIRTY_LINES + n), n);
        }
        cycles += cycles_of(|| bench.settle());
    }
    let bytes = rounds * DIRTY_LINES * LINE;
    report("line-writes", bytes, cycles, limits.line_write);
}

fn in_a_row(bench: &Bench, region: Region, limits: &Limits) {
    let cycles = timed(bench, || {
        for line in 0..region.bytes() / LINE {
            for word in 0..LINE / 4 {
                black_box(read(region, line * LINE + 4 * word));
            }
        }
    });
    report("reads-in-a-row", region.bytes(), cycles, limits.row);

    let whole = region.address(0) as *mut u8;
    let cycles = timed(bench, || {
        // SAFETY: the region is the lab's, all of it.
        unsafe { whole.write_bytes(0x5A, region.bytes() as usize) };
        bench.settle();
    });
    report("memset", region.bytes(), cycles, limits.replace);
}

/// The region in pieces of this many words.
fn pieces(region: Region, words: usize) -> impl Iterator<Item = *mut u32> {
    let bytes = 4 * words as u32;
    (0..region.bytes() / bytes).map(move |n| region.address(n * bytes) as *mut u32)
}

fn copies(bench: &Bench, region: Region, limits: &Limits, internal: &mut [u32; COPY_WORDS]) {
    let cycles = timed(bench, || {
        for piece in pieces(region, COPY_WORDS) {
            // SAFETY: the region is the lab's; the other side is an array of that size on the stack.
            unsafe { internal.as_mut_ptr().copy_from_nonoverlapping(piece, COPY_WORDS) };
            black_box(&mut *internal);
        }
    });
    report("memcpy-from", region.bytes(), cycles, limits.row);

    let cycles = timed(bench, || {
        for piece in pieces(region, COPY_WORDS) {
            black_box(&mut *internal);
            // SAFETY: as above.
            unsafe { piece.copy_from_nonoverlapping(internal.as_ptr(), COPY_WORDS) };
        }
        bench.settle();
    });
    report("memcpy-to", region.bytes(), cycles, limits.replace);
}

fn copies_by_mdma(bench: &Bench, region: Region, limits: &Limits, internal: &mut [u32; COPY_WORDS]) {
    let bytes = size_of_val(internal);
    let mut done = true;
    let cycles = timed(bench, || {
        for piece in pieces(region, COPY_WORDS) {
            // SAFETY: the region is the lab's.
            let piece = unsafe { slice::from_raw_parts(piece.cast::<u8>(), bytes) };
            done &= mdma::copy(as_bytes(internal), piece).is_ok();
        }
    });
    if done {
        report("mdma-from", region.bytes(), cycles, limits.row);
    }

    let cycles = timed(bench, || {
        for piece in pieces(region, COPY_WORDS) {
            // SAFETY: as above.
            let piece = unsafe { slice::from_raw_parts_mut(piece.cast::<u8>(), bytes) };
            done &= mdma::copy(piece, as_bytes(internal)).is_ok();
        }
    });
    if done {
        report("mdma-to", region.bytes(), cycles, limits.row);
    }
}

/// The place of the n-th word. Each line has its turn once, so that none is in the cache already; their number is a power of
/// two.
fn random_word(n: u32, lines: u32) -> u32 {
    // Both steps can be undone, so no line comes twice.
    let mixed = n.wrapping_mul(0x2C1B_3C6D) % lines;
    let line = (mixed ^ mixed >> 7).wrapping_mul(0x297A_2D39) % lines;
    let word = n.wrapping_mul(0x9E37_79B1) >> 29;
    line * LINE + 4 * word
}

/// In kB/s.
struct Limits {
    line_read: u64,
    line_write: u64,
    row: u64,
    replace: u64,
    random: u64,
}

impl Limits {
    fn of(plan: &Plan) -> Self {
        const PS_KB: u64 = 1_000_000_000;
        // The plan counts the last clock as a whole, on the safe side; CE# rises one clock after its rising edge.
        let high_ps = plan.clock.ps(plan.setup.cs_high_cycles.into()) - plan.clock.ps(1);
        let (read_ps, write_ps) = (plan.read_ps(LINE) + high_ps, plan.write_ps(LINE) + high_ps);
        let line = u64::from(LINE) * PS_KB;
        // By the 64-bit beat that the line is fetched from: its rest, and what lies before.
        const BEAT: u32 = 8;
        let from_beats_ps: u64 = (BEAT..LINE)
            .step_by(BEAT as usize)
            .map(|before| plan.read_ps(LINE - before) + plan.read_ps(before) + 2 * high_ps)
            .sum();
        let four_words_ps = read_ps + from_beats_ps;
        Limits {
            line_read: line / read_ps,
            line_write: line / write_ps,
            row: line / plan.clock.ps(2 * LINE),
            replace: line / (read_ps + write_ps),
            random: 4 * 4 * PS_KB / four_words_ps,
        }
    }
}

fn as_bytes(words: &mut [u32; COPY_WORDS]) -> &mut [u8] {
    // SAFETY: any word is four bytes.
    unsafe { slice::from_raw_parts_mut(words.as_mut_ptr().cast(), size_of_val(words)) }
}

/// With a cache that holds nothing, and a console that is silent. Zero after Ctrl-C: nothing is measured any more.
fn timed(bench: &Bench, action: impl FnOnce()) -> u32 {
    if interpreter::interrupted() {
        return 0;
    }
    console::flush();
    bench.settle();
    cycles_of(action)
}

fn cycles_of(action: impl FnOnce()) -> u32 {
    let start = time::cycles();
    action();
    time::cycles().wrapping_sub(start)
}

#[inline]
fn read(region: Region, offset: u32) -> u32 {
    // SAFETY: all callers stay in the region, which is the lab's.
    unsafe { (region.address(offset) as *const u32).read_volatile() }
}

#[inline]
fn write(region: Region, offset: u32, value: u32) {
    // SAFETY: as in `read`.
    unsafe { (region.address(offset) as *mut u32).write_volatile(value) }
}

fn report(name: &str, bytes: u32, cycles: u32, limit: u64) {
    if cycles == 0 {
        return;
    }
    let found = u64::from(bytes) * u64::from(clocks::core_hz()) / 1000 / u64::from(cycles);
    // The console's writer has no way to fail.
    let _ = write!(console::Writer, "speed {name} {found} {limit}\r\n");
}
