//! The lab: is the PSRAM reached in a way in which nothing is lost, and what happens in the ways that are known to be
//! bad? The firmware asks a little of it at every boot, an owner all of it by `spiram.selftest()`.
//!
//! While a test runs nothing else touches the chip: interrupt handlers live in fast memory, and Python waits for the
//! answer. So the attributes of the whole chip can change under a program that lives there, as long as they are changed
//! back. What each test is for stands in its file; what the results mean, in docs/corrupt-writes.md.
#![allow(unsafe_code)]

mod access;
mod bench;
mod edges;
mod lanes;
pub mod link;
mod masters;
mod on_heap;
mod outcome;
mod random;
mod report;
mod retention;
mod shapes;
mod speed;
mod stream;

use core::cell::RefCell;
use core::fmt;
use core::ops::Range;

use critical_section::Mutex;
use h7a3::mdma::Unit;
use h7a3::memory_policy::MemoryPolicy;
use h7a3::octospi::Error;
use psram::{Plan, Setup};

use access::{Region, Width};
pub use bench::{Bench, Lines};
use masters::Raw;
pub use on_heap::{run_on_heap, speed_on_heap, with_link};
use outcome::Outcome;
pub use outcome::Wrong;
pub use report::Level;

use crate::ram::state;

/// Kept from boot, for Python.
static BENCH: Mutex<RefCell<Option<Bench>>> = Mutex::new(RefCell::new(None));

/// What the interrupts of T3 and T4 come at, at most; and the rate of an ordinary tick.
const FAST_HZ: u32 = 20_000;
const TICK_HZ: u32 = 1_000;

/// One test, with its size.
#[derive(Clone, Copy)]
enum Test {
    Lanes,
    /// Interrupts a second; zero: masked.
    Stream(u32),
    Disramode,
    Shapes,
    Edges,
    /// Seconds.
    Retention(u32),
    Masters,
    /// Without leases: what the hardware does, good or bad.
    Raw(Raw),
    /// Accesses.
    Random(u32),
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Test::Lanes => "T1-lanes",
            Test::Stream(0) => "T2-stream",
            Test::Stream(TICK_HZ) => "T3-irq-1kHz",
            Test::Stream(_) => "T3-irq-20kHz",
            Test::Disramode => "T4-disramode",
            Test::Shapes => "T5-shapes",
            Test::Edges => "T6-edges",
            Test::Retention(_) => "T7-retention",
            Test::Masters => "T8-masters",
            Test::Raw(Raw::Narrow(Unit::Byte)) => "T8-8-bit",
            Test::Raw(Raw::Narrow(Unit::Half)) => "T8-16-bit",
            Test::Raw(Raw::Narrow(Unit::Word)) => "T8-32-bit",
            Test::Raw(Raw::Narrow(Unit::Double)) => "T8-64-bit",
            Test::Raw(Raw::Tail) => "T8-tail",
            Test::Raw(Raw::Uncleaned) => "T8-uncleaned",
            Test::Random(_) => "T9-random",
        })
    }
}

impl Test {
    /// Runs in the configuration that is set.
    fn run(self, bench: &mut Bench, region: Region) -> Result<Outcome, Error> {
        Ok(Outcome::Ran(match self {
            Test::Lanes => lanes::run(bench, region)?,
            Test::Stream(hz) => stream::run(bench, region, hz),
            Test::Disramode => return Ok(disramode(bench, region)),
            Test::Shapes => shapes::run(bench, region),
            Test::Edges => edges::run(bench, region.part(0, region.bytes().min(EDGES_BYTES))),
            Test::Retention(seconds) => retention::run(bench, region, seconds),
            Test::Masters => masters::run(bench, region),
            Test::Raw(raw) => masters::raw(bench, region, raw),
            Test::Random(steps) => random::run(bench, region, steps),
        }))
    }
}

/// Enough crossings.
const EDGES_BYTES: u32 = 64 << 10;

/// T4: the interrupted stream three times, of which only ACTLR.DISRAMODE differs: set, clear, set. The result is that of
/// the passes in the configuration under test.
fn disramode(bench: &mut Bench, region: Region) -> Outcome {
    let home = bench.configuration();
    let (on, off) = (MemoryPolicy::WriteBack, MemoryPolicy::Streaming);
    if home != on && home != off {
        return Outcome::NotRun("read-allocate mode is a matter of write-back memory with write-allocate");
    }
    let mut tally = outcome::Tally::default();
    for configuration in [on, off, on] {
        bench.configure(configuration);
        let part = stream::one_width(bench, region, Width::Half, FAST_HZ);
        if configuration == home {
            tally.add(part);
        }
    }
    bench.configure(home);
    Outcome::Ran(tally)
}

/// A little of it, before the chip holds anything: a stream of halfwords, interrupted far more often than in life. The
/// first place that is wrong. What B needs is that read-allocate mode is off indeed, and this shows it.
pub fn at_boot(bench: &mut Bench) -> Option<Wrong> {
    const BYTES: u32 = 64 << 10;
    const OFTEN_HZ: u32 = 100_000;
    let region = bench.chip().part(0, BYTES);
    stream::one_width(bench, region, Width::Half, OFTEN_HZ).first
}

/// Keeps what boot has set up.
pub fn provide(bench: Bench) {
    critical_section::with(|cs| BENCH.borrow_ref_mut(cs).replace(bench));
}

/// The clock of the chip now.
pub fn clock_hz() -> Option<u32> {
    critical_section::with(|cs| BENCH.borrow_ref(cs).as_ref().map(|bench| bench.plan().clock.hz()))
}

/// Whether there is a chip to test.
fn is_ready() -> bool {
    critical_section::with(|cs| BENCH.borrow_ref(cs).is_some())
}

/// Runs the tests of a level on a block of the chip, and reports on the console. True if the configuration that the
/// firmware runs in has passed all; `None` if there is no chip, or the block is not in it.
///
/// # Safety
/// The block belongs to the caller, and until this returns nothing else touches the chip.
unsafe fn run(level: Level, block: Range<u32>) -> Option<Result<bool, Error>> {
    on_bench(block, |bench, region| {
        let home = bench.configuration();
        let done = report::run(bench, region, level);
        bench.configure(home);
        done
    })
}

/// Measures how fast the chip is, on a block of it, and reports on the console. `None` as in [`run`].
///
/// # Safety
/// As for [`run`].
unsafe fn speed(block: Range<u32>) -> Option<()> {
    on_bench(block, |bench, region| speed::run(bench, region))
}

/// Something with the bench that needs no region. `None`: there is no chip that is spoken to on four lines.
///
/// # Safety
/// Until this returns nothing else touches the chip.
unsafe fn on_link<T>(action: impl FnOnce(&mut Bench) -> T) -> Option<T> {
    let mut bench = critical_section::with(|cs| BENCH.borrow_ref_mut(cs).take())?;
    let done = (bench.lines() == Lines::Four).then(|| action(&mut bench));
    provide(bench);
    done
}

fn on_bench<T>(block: Range<u32>, action: impl FnOnce(&mut Bench, Region) -> T) -> Option<T> {
    let inside = h7a3::mpu::WINDOW_BASE..=h7a3::mpu::WINDOW_BASE + state().size_bytes;
    if !inside.contains(&block.start) || !inside.contains(&block.end) {
        return None;
    }
    let mut bench = critical_section::with(|cs| BENCH.borrow_ref_mut(cs).take())?;
    let offset = block.start - h7a3::mpu::WINDOW_BASE;
    let region = bench.chip().part(offset, block.end - block.start);
    let done = action(&mut bench, region);
    provide(bench);
    Some(done)
}

/// The timing of 2021: chip select high for two clocks, no refresh counter, cut at pages, idle time-out of one clock.
/// Everything that it breaks of the chip's rules, it broke then.
fn timing_of_2021(plan: &Plan) -> Setup {
    Setup {
        cs_high_cycles: 2,
        refresh_cycles: 0,
        boundary_bytes: Some(plan.part.page_bytes),
        idle_cycles: 1,
        device_bytes: plan.size_bytes,
        ..plan.setup
    }
}
