//! The report: a head that says what was tested, then a line a test, `<configuration> <test> <outcome>`, as it ends.
//!
//! People read it, and `cargo xtask bench bus` makes a table of it: the first two words of a line are names without spaces.

use core::fmt::Write;

use h7a3::mdma::Unit;
use h7a3::memory_policy::MemoryPolicy;
use h7a3::octospi::Error;
use h7a3::{clocks, console, identity, oscillators};
use psram::id::Id;
use upy::interpreter;

use super::access::Region;
use super::bench::Bench;
use super::masters::Raw;
use super::{FAST_HZ, TICK_HZ, Test, timing_of_2021};
use crate::board;
use crate::output::Output;
use crate::ram::state;

/// How much is tested.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// A few seconds.
    Quick,
    /// Some minutes, one of them of rest.
    Full,
    /// The configuration in force and nothing else, not even for comparison.
    Own,
    /// Every test in every configuration.
    Matrix,
    /// Nothing but random accesses, as many as one likes.
    Random(u32),
    /// The failure of 2021, with the timing of 2021: breaks rules of the chip.
    Y2021,
}

impl Level {
    /// How often, if nobody says.
    pub const ROUNDS: u32 = 1_000_000;

    /// By its name in Python. `rounds` is for those that count.
    pub fn of(name: &str, rounds: u32) -> Option<Self> {
        match name {
            "quick" => Some(Level::Quick),
            "full" => Some(Level::Full),
            "own" => Some(Level::Own),
            "matrix" => Some(Level::Matrix),
            "random" => Some(Level::Random(rounds)),
            "2021" => Some(Level::Y2021),
            _ => None,
        }
    }

    /// How much of the chip it wants for itself.
    pub fn region_bytes(self) -> u32 {
        match self {
            Level::Quick | Level::Own | Level::Random(_) => super::random::GROUND_BYTES,
            Level::Full | Level::Matrix | Level::Y2021 => 256 << 10,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Level::Quick => "quick",
            Level::Full => "full",
            Level::Own => "own",
            Level::Matrix => "matrix",
            Level::Random(_) => "random",
            Level::Y2021 => "2021",
        }
    }
}

/// For the configuration that the firmware runs in.
const QUICK: &[Test] = &[
    Test::Lanes,
    Test::Stream(0),
    Test::Stream(TICK_HZ),
    Test::Stream(FAST_HZ),
    Test::Disramode,
    Test::Shapes,
    Test::Edges,
    Test::Masters,
    Test::Random(100_000),
];
const FULL: &[Test] = &[
    Test::Lanes,
    Test::Stream(0),
    Test::Stream(TICK_HZ),
    Test::Stream(FAST_HZ),
    Test::Disramode,
    Test::Shapes,
    Test::Edges,
    Test::Retention(60),
    Test::Masters,
    Test::Random(1_000_000),
];
/// Without T4, which tries the bad configuration too.
const OWN: &[Test] = &[
    Test::Lanes,
    Test::Stream(0),
    Test::Stream(TICK_HZ),
    Test::Stream(FAST_HZ),
    Test::Shapes,
    Test::Edges,
    Test::Masters,
    Test::Random(100_000),
];
/// What a master does without the leases of `h7a3::dma`. It tells about the board, and does not count.
const RAW: &[Test] = &[
    Test::Raw(Raw::Narrow(Unit::Byte)),
    Test::Raw(Raw::Narrow(Unit::Half)),
    Test::Raw(Raw::Narrow(Unit::Word)),
    Test::Raw(Raw::Narrow(Unit::Double)),
    Test::Raw(Raw::Tail),
    Test::Raw(Raw::Uncleaned),
];
/// For the others: what tells the causes of lost writes apart.
const CAUSE: &[Test] = &[
    Test::Lanes,
    Test::Stream(0),
    Test::Stream(TICK_HZ),
    Test::Stream(FAST_HZ),
    Test::Disramode,
];
const Y2021: &[Test] = &[Test::Stream(0), Test::Stream(TICK_HZ), Test::Stream(FAST_HZ)];

fn line(arguments: core::fmt::Arguments) {
    // Fails for Ctrl-C alone.
    let _ = write!(Output, "{arguments}\r\n");
}

/// Runs a level; true if the configuration that was set has passed.
pub fn run(bench: &mut Bench, region: Region, level: Level) -> Result<bool, Error> {
    let home = bench.configuration();
    head(bench, level);
    let mut passed = true;
    match level {
        Level::Quick | Level::Full => {
            let tests = if level == Level::Quick { QUICK } else { FULL };
            passed = row(bench, region, home, "", tests)?;
            row(bench, region, home, "/raw", RAW)?;
            for other in [
                MemoryPolicy::StronglyOrdered,
                MemoryPolicy::WriteBack,
                MemoryPolicy::Streaming,
            ] {
                if other != home {
                    row(bench, region, other, "", CAUSE)?;
                }
            }
        }
        Level::Own => passed = row(bench, region, home, "", OWN)?,
        Level::Random(rounds) => passed = row(bench, region, home, "", &[Test::Random(rounds)])?,
        Level::Matrix => {
            for configuration in MemoryPolicy::ALL {
                let good = row(bench, region, configuration, "", FULL)?;
                passed &= good || configuration != home;
                if configuration.is_safe() {
                    row(bench, region, configuration, "/raw", RAW)?;
                }
                // As in 2021; what the bits do is not published.
                oscillators::open_gates(false);
                let gated = row(bench, region, configuration, "/ckg0", CAUSE);
                oscillators::open_gates(true);
                gated?;
            }
        }
        Level::Y2021 => {
            let setup = timing_of_2021(bench.plan());
            line(format_args!(
                "timing of 2021: chip select high {} clocks, refresh {}, idle {}, boundary {}, device {} bytes",
                setup.cs_high_cycles,
                setup.refresh_cycles,
                setup.idle_cycles,
                setup.boundary_bytes.unwrap_or(0),
                setup.device_bytes,
            ));
            bench.retime(Some(&setup))?;
            let tried = row(bench, region, MemoryPolicy::Streaming, "/2021", Y2021);
            bench.retime(None)?;
            passed = tried?;
        }
    }
    let verdict = match passed {
        _ if interpreter::interrupted() => "stopped",
        true => "PASS",
        false => "FAIL",
    };
    line(format_args!("spiram selftest {}: {verdict}", level.name()));
    Ok(passed)
}

/// What has to be known to make sense of the rest.
fn head(bench: &Bench, level: Level) {
    let (plan, state) = (bench.plan(), state());
    let setup = &plan.setup;
    let home = bench.configuration();
    line(format_args!("spiram selftest {}", level.name()));
    line(format_args!(
        "board: {} with {}; DBGMCU_IDCODE {:#010x}, CPUID {:#010x}; spiram {}",
        board::NAME,
        board::MCU,
        identity::chip(),
        identity::cpuid(),
        env!("CARGO_PKG_VERSION"),
    ));
    line(format_args!(
        "chip: {}, {} bytes, eid {}",
        plan.part.name,
        plan.size_bytes,
        Id(state.id)
    ));
    line(format_args!(
        "clocks: core {} Hz, OCTOSPI {} Hz; chip select high {} clocks, refresh {}, idle {}, boundary {}, device {} bytes",
        clocks::core_hz(),
        plan.clock.hz(),
        setup.cs_high_cycles,
        setup.refresh_cycles,
        setup.idle_cycles,
        setup.boundary_bytes.unwrap_or(0),
        setup.device_bytes,
    ));
    line(format_args!(
        "configuration: {} ({}), DISRAMODE {}; at boot: {}",
        home.name(),
        home.words(),
        u8::from(home.disramode()),
        state.why
    ));
}

fn row(
    bench: &mut Bench,
    region: Region,
    configuration: MemoryPolicy,
    label: &str,
    tests: &[Test],
) -> Result<bool, Error> {
    let home = bench.configuration();
    let mut passed = true;
    for &test in tests {
        if interpreter::interrupted() {
            break;
        }
        // What is still on its way to the console would interrupt the test.
        console::flush();
        bench.configure(configuration);
        let outcome = test.run(bench, region);
        bench.configure(home);
        let outcome = outcome?;
        passed &= outcome.passed();
        let name = configuration.name();
        line(format_args!("{name}{label} {test} {outcome}"));
    }
    Ok(passed)
}
