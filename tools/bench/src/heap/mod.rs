//! `bench heap`: what collections cost with gc.c and with tierheap, beside what is aimed at. `docs/heap-table.md` and the
//! picture `docs/heap-pauses.svg` are made of it.
//!
//! All is virtual time: every case runs on a freshly booted virtual board, and runs again to the cycle.

mod case;
pub mod cost;
mod page;
mod perf;
mod plot;

use crate::soak;
use anyhow::{Context, Result, ensure};
use case::{CASES, Case, Taken};
use cost::{Cost, MODEL, program};
pub use page::digits;
use perf::Benchmark;
use std::fs;
use std::thread;
use xtask::heap::Heap;
use xtask::project::{DEFAULT_BOARD, Project};
use xtask::variant::Variant;
use xtask::{firmware, say};

/// The mixed program whose pauses are drawn runs so long, in virtual minutes, and collects by itself and every hour.
const MIXED_MINUTES: u32 = 6 * 60;

/// The cases are measured at the default timing of the memory chip, and at this one, too.
const OTHER_TIMING: &str = "field";

/// What is measured of one heap.
struct Measured {
    /// In the order of [`CASES`].
    cases: Vec<Taken>,
    /// The same at the other timing.
    cases_other: Vec<Taken>,
    /// The collections of the mixed program.
    mixed: Vec<Cost>,
    benchmarks: Vec<Benchmark>,
}

pub fn run(project: &Project, variant: &Variant) -> Result<()> {
    ensure!(
        *variant == Variant::default(),
        "`bench heap` measures both heaps at two timings; it takes no options"
    );
    say::line(
        "   the cases, MicroPython's benchmarks and a program of six hours, on both heaps at once; takes some minutes"
            .to_owned(),
    );
    let variants = [Heap::Stock, Heap::Tier].map(|heap| {
        [None, Some(OTHER_TIMING)].map(|timing| Variant {
            heap,
            timing: timing.map(str::to_owned),
            part: None,
        })
    });
    for variant in variants.as_flattened() {
        firmware::ensure(project, DEFAULT_BOARD, variant)?;
    }
    let (stock, tier) = thread::scope(|scope| {
        let stock = scope.spawn(|| measure(project, &variants[0]));
        let tier = measure(project, &variants[1]);
        (stock.join().expect("no panic over there"), tier)
    });
    let (stock, tier) = (stock.context("gc.c")?, tier.context("tierheap")?);
    let [clock_mhz, other_mhz] = [
        clock_mhz(project, &variants[1][0])?,
        clock_mhz(project, &variants[1][1])?,
    ];

    let text = page::page([clock_mhz, other_mhz], &stock, &tier)?;
    let picture = picture(&stock.mixed, &tier.mixed);
    for (name, content) in [("heap-pauses.svg", &picture), ("heap-table.md", &text)] {
        let path = project.root.join("docs").join(name);
        fs::write(&path, content).with_context(|| format!("writing {}", path.display()))?;
        say::line(format!("   written to {}", path.display()));
    }
    println!("{text}");
    Ok(())
}

fn measure(project: &Project, [own, other]: &[Variant; 2]) -> Result<Measured> {
    let cases = |variant: &Variant| -> Result<Vec<Taken>> {
        let of = |case: &Case| {
            case.measure(project, variant)
                .with_context(|| format!("case {}", case.name))
        };
        CASES.iter().map(of).collect()
    };
    let mixed = soak::script(project, MIXED_MINUTES, 60)?;
    Ok(Measured {
        cases: cases(own)?,
        cases_other: cases(other)?,
        mixed: program(project, own, &mixed, MODEL)
            .context("the mixed program")?
            .collections,
        benchmarks: perf::measure(project, own)?,
    })
}

/// What the memory chip runs at.
fn clock_mhz(project: &Project, variant: &Variant) -> Result<u32> {
    let said = program(
        project,
        variant,
        "import spiram\nprint(spiram.info()['clock_hz'])\n",
        MODEL,
    )?
    .console;
    let hz: u32 = said
        .trim()
        .parse()
        .with_context(|| format!("expected hertz, found {said:?}"))?;
    Ok(hz / 1_000_000)
}

fn picture(stock: &[Cost], tier: &[Cost]) -> String {
    let ms = |costs: &[Cost]| costs.iter().map(Cost::ms).collect::<Vec<_>>();
    let (stock, tier) = (ms(stock), ms(tier));
    plot::svg(
        "Six hours of a mixed program: how long each collection takes",
        [
            plot::Row {
                name: "gc.c",
                colour: "#d98c7f",
                pauses_ms: &stock,
            },
            plot::Row {
                name: "tierheap",
                colour: "#7fa8d9",
                pauses_ms: &tier,
            },
        ],
    )
}
