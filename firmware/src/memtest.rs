//! The memory test while a program lives in the memory: three lengths, progress on the console, nothing lost.
//!
//! Each block is put back after its march. Retention is tested by the program's own data: while it waits for the answer
//! nothing writes to the chip, so what is there after a pause has to be what was there before. Interrupt handlers and all
//! that they touch live in fast memory.

use core::fmt::Write;
use core::ops::ControlFlow;

use h7a3::{mpu, time, window};
use psram::memtest::{BOTH, Element, Fault, MARCH_C, Polarity, pattern};

use crate::progress::Progress;
use crate::ram::TestFailure;

/// How thorough.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// As at boot, but both polarities: nothing is in a hurry.
    Boot,
    /// March C-, and a short pause in which nobody asks the chip for anything.
    Full,
    /// Rounds of the full one, each with other words, and a long pause.
    Soak,
}

/// What went wrong.
pub enum Failure {
    /// A word did not hold what it should.
    Word(TestFailure),
    /// A block changed while nobody wrote to it.
    Faded {
        /// Where it begins, as the core sees it.
        address: u32,
        /// Its length.
        bytes: u32,
    },
}

/// What has one digest.
const DIGEST_BYTES: u32 = 64 << 10;
/// Enough for 16 MB.
const DIGESTS: usize = 256;

impl Level {
    /// By its name in Python.
    pub fn of(name: &str) -> Option<Self> {
        [Level::Boot, Level::Full, Level::Soak]
            .into_iter()
            .find(|level| level.name() == name)
    }

    const fn name(self) -> &'static str {
        match self {
            Level::Boot => "boot",
            Level::Full => "full",
            Level::Soak => "soak",
        }
    }

    /// How long nobody asks the chip for anything: many times what it takes to refresh all of its rows. A march over a block
    /// is over in a millisecond and says nothing of retention.
    const fn pause_us(self) -> u64 {
        match self {
            Level::Boot => 0,
            Level::Full => 2_000_000,
            Level::Soak => 10_000_000,
        }
    }

    /// How a line of progress begins.
    fn say(self, out: &mut impl Write, round: u32) -> core::fmt::Result {
        write!(out, "memtest {}: ", self.name())?;
        match self {
            Level::Boot | Level::Full => Ok(()),
            Level::Soak => write!(out, "round {round}, "),
        }
    }

    const fn march(self) -> &'static [Element] {
        match self {
            Level::Boot => BOTH,
            Level::Full | Level::Soak => MARCH_C,
        }
    }
}

/// Tests all of the chip, once, or `rounds` times if it is the soak test (`None`: until it is told to stop). Returns the
/// bytes tested, all rounds together. `stop` is asked often.
pub fn run(level: Level, rounds: Option<u32>, mut stop: impl FnMut() -> bool) -> Result<u64, Failure> {
    let total = window::open_bytes();
    let rounds = if level == Level::Soak { rounds } else { Some(1) };
    let mut progress = Progress::new();
    let mut done = 0;
    for round in 1.. {
        if rounds.is_some_and(|rounds| round > rounds) || total == 0 {
            break;
        }
        // Round one is the plain test; after that each has another key.
        let key = if round == 1 {
            0
        } else {
            pattern(round, Polarity::Plain)
        };
        let tested = window::retest(level.march(), key, |bytes| {
            progress.say(|out| {
                level.say(out, round)?;
                write!(out, "{} %", u64::from(bytes) * 100 / u64::from(total))
            });
            if stop() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?;
        done += u64::from(tested);
        if tested < total {
            break;
        }
        rest(level, round, total, &mut progress, &mut stop)?;
        if stop() {
            break;
        }
    }
    Ok(done)
}

/// Leaves the chip alone for a while and looks whether anything has changed.
fn rest(
    level: Level,
    round: u32,
    total: u32,
    progress: &mut Progress,
    stop: &mut impl FnMut() -> bool,
) -> Result<(), Failure> {
    if level.pause_us() == 0 {
        return Ok(());
    }
    let blocks = || (0..total).step_by(DIGEST_BYTES as usize).take(DIGESTS);
    let digest = |offset| window::digest(offset..total.min(offset + DIGEST_BYTES));
    let mut before = [0; DIGESTS];
    for (offset, before) in blocks().zip(&mut before) {
        *before = digest(offset);
    }
    let until_us = time::ticks_us() + level.pause_us();
    while time::ticks_us() < until_us && !stop() {
        time::sleep(until_us.min(progress.next_us()), &mut *stop);
        progress.say(|out| {
            level.say(out, round)?;
            let left_us = until_us.saturating_sub(time::ticks_us());
            write!(out, "at rest, {} s left", left_us.div_ceil(1_000_000))
        });
    }
    match blocks()
        .zip(before)
        .find(|&(offset, before)| digest(offset) != before)
    {
        Some((offset, _)) => Err(Failure::Faded {
            address: mpu::WINDOW_BASE + offset,
            bytes: DIGEST_BYTES.min(total - offset),
        }),
        None => Ok(()),
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Failure::Word(fault.into())
    }
}
