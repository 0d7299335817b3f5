//! T9: a random program against a shadow of the memory in fast RAM.
//!
//! The lines lie so that they compete for few sets of the cache: every other access evicts something.

use core::sync::atomic::{AtomicU8, Ordering};

use core::fmt::Write;

use h7a3::memory_policy::MemoryPolicy;
use h7a3::{caches, console};
use upy::interpreter;

use super::access::{Region, Width, barrier};
use super::bench::Bench;
use super::outcome::Tally;
use crate::progress::Progress;

const LINES: u32 = 256;
const LINE: u32 = caches::LINE_BYTES as u32;
/// Lines side by side; the next group lies one way of the cache (4 KB) further.
const GROUP: u32 = 16;
const WAY_BYTES: u32 = 4096;
/// How much region a program needs.
pub const GROUND_BYTES: u32 = LINES / GROUP * WAY_BYTES;

/// What memory should hold. Fast memory, and never in the window.
static SHADOW: [AtomicU8; (LINES * LINE) as usize] = [const { AtomicU8::new(0) }; (LINES * LINE) as usize];

/// Marsaglia's xorshift32.
struct Dice(u32);

impl Dice {
    fn roll(&mut self, below: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 4) % below
    }
}

/// Place in the region of a byte of the shadow.
fn offset(byte: u32) -> u32 {
    let line = byte / LINE;
    line / GROUP * WAY_BYTES + line % GROUP * LINE + byte % LINE
}

fn shadow(at: u32, width: Width) -> u64 {
    (0..width.bytes()).fold(0, |value, n| {
        value | u64::from(SHADOW[(at + n) as usize].load(Ordering::Relaxed)) << (8 * n)
    })
}

fn set_shadow(at: u32, width: Width, value: u64) {
    for (n, byte) in (0..width.bytes()).zip(value.to_le_bytes()) {
        SHADOW[(at + n) as usize].store(byte, Ordering::Relaxed);
    }
}

/// Between two looks at clock and keyboard.
const BREATH: u32 = 1 << 13;

/// `steps` random accesses, in the configuration that is set, or as many as there were before Ctrl-C. A difference is counted
/// once: the shadow learns from it.
pub fn run(bench: &mut Bench, region: Region, steps: u32) -> Tally {
    let mut tally = Tally::default();
    let mut dice = Dice(0x2545_F491);
    let configuration = bench.configuration();
    bench.configure(MemoryPolicy::StronglyOrdered);
    for at in (0..LINES * LINE).step_by(4) {
        let word = u64::from(dice.roll(u32::MAX));
        region.store(offset(at), Width::Word, word);
        set_shadow(at, Width::Word, word);
    }
    bench.configure(configuration);
    let mut progress = Progress::new();
    for step in 0..steps {
        if step % BREATH == 0 {
            if interpreter::interrupted() {
                break;
            }
            let wrong = tally.wrong;
            progress.say(|out| {
                write!(
                    out,
                    "selftest T9-random: {step} of {steps} accesses, {wrong} wrong"
                )
            });
            console::flush();
        }
        let width = Width::ALL[dice.roll(4) as usize];
        // Any place in a line; on its own grid, unless the memory takes unaligned accesses and the dice want one.
        let line = dice.roll(LINES) * LINE;
        let free = dice.roll(LINE + 1 - width.bytes());
        let grid = match width {
            // LDRD and STRD want words.
            Width::Double => 4,
            _ if configuration.allows_unaligned() && dice.roll(4) == 0 => 1,
            narrower => narrower.bytes(),
        };
        let at = line + free / grid * grid;
        match dice.roll(32) {
            0 => barrier(),
            1 => caches::clean_invalidate(region.address(offset(line)) as usize, LINE as usize),
            2 => caches::clean(region.address(offset(line)) as usize, LINE as usize),
            3..=17 => {
                let value = u64::from(dice.roll(u32::MAX)) * 0x1_0000_0001;
                region.store(offset(at), width, value);
                set_shadow(at, width, value);
            }
            _ => look(region, at, width, &mut tally),
        }
    }
    bench.settle();
    for at in (0..LINES * LINE).step_by(4) {
        look(region, at, Width::Word, &mut tally);
    }
    tally
}

fn look(region: Region, at: u32, width: Width, tally: &mut Tally) {
    let (expected, found) = (shadow(at, width), region.load(offset(at), width));
    tally.look(region, offset(at), width, [expected, found, expected]);
    if expected != found {
        set_shadow(at, width, found);
    }
}
