//! `bench heap`: what collections cost with gc.c and with tierheap, beside what is aimed at. `docs/heap-table.md` and the
//! picture `docs/heap-pauses.svg` are made of it.
//!
//! All is virtual time: every case runs on a freshly booted virtual board, and runs again to the cycle.

mod case;
mod cost;
mod perf;
mod plot;

use crate::bench::soak;
use crate::flavour::Flavour;
use crate::heap::Heap;
use crate::project::{DEFAULT_BOARD, Project};
use crate::{firmware, say};
use anyhow::{Context, Result, ensure};
use case::{CASES, Case, Taken};
use cost::{Cost, program};
use perf::Benchmark;
use std::fs;
use std::thread;

/// The mixed program whose pauses are drawn runs so long, in virtual minutes, and collects by itself and every hour.
const MIXED_MINUTES: u32 = 6 * 60;

/// The default timing of the memory chip's clock, and the one that the cases are measured at as well.
const OTHER_TIMING: &str = "field";

/// What is measured of one heap.
struct Measured {
    /// In the order of [`CASES`].
    cases: Vec<Taken>,
    /// The same at the other timing.
    cases_field: Vec<Taken>,
    /// The collections of the mixed program.
    mixed: Vec<Cost>,
    benchmarks: Vec<Benchmark>,
}

pub fn run(project: &Project, flavour: &Flavour) -> Result<()> {
    ensure!(
        *flavour == Flavour::default(),
        "`bench heap` measures both heaps at two timings; it takes no options"
    );
    say::line(
        "   ten cases, 24 benchmarks and a program of six hours, on both heaps at once; takes some minutes"
            .to_owned(),
    );
    let flavours = [Heap::Stock, Heap::Tier].map(|heap| {
        [None, Some(OTHER_TIMING)].map(|timing| Flavour {
            heap,
            timing: timing.map(str::to_owned),
            part: None,
        })
    });
    for flavour in flavours.as_flattened() {
        firmware::stand(project, DEFAULT_BOARD, flavour)?;
    }
    let (stock, tier) = thread::scope(|scope| {
        let stock = scope.spawn(|| measure(project, &flavours[0]));
        let tier = measure(project, &flavours[1]);
        (stock.join().expect("no panic over there"), tier)
    });
    let (stock, tier) = (stock.context("gc.c")?, tier.context("tierheap")?);
    let [clock_mhz, field_mhz] = [
        clock_mhz(project, &flavours[1][0])?,
        clock_mhz(project, &flavours[1][1])?,
    ];

    let text = page([clock_mhz, field_mhz], &stock, &tier)?;
    let picture = picture(&stock.mixed, &tier.mixed);
    for (name, content) in [("heap-pauses.svg", &picture), ("heap-table.md", &text)] {
        let path = project.root.join("docs").join(name);
        fs::write(&path, content).with_context(|| format!("writing {}", path.display()))?;
        say::line(format!("   written to {}", path.display()));
    }
    println!("{text}");
    Ok(())
}

fn measure(project: &Project, [own, field]: &[Flavour; 2]) -> Result<Measured> {
    let cases = |flavour: &Flavour| -> Result<Vec<Taken>> {
        let of = |case: &Case| {
            case.measure(project, flavour)
                .with_context(|| format!("case {}", case.name))
        };
        CASES.iter().map(of).collect()
    };
    let mixed = soak::script(project, MIXED_MINUTES, 60)?;
    Ok(Measured {
        cases: cases(own)?,
        cases_field: cases(field)?,
        mixed: program(project, own, &mixed, &[])
            .context("the mixed program")?
            .collections,
        benchmarks: perf::measure(project, own)?,
    })
}

/// What the memory chip runs at.
fn clock_mhz(project: &Project, flavour: &Flavour) -> Result<u32> {
    let said = program(
        project,
        flavour,
        "import spiram\nprint(spiram.info()['clock_hz'])\n",
        &[],
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

fn page([clock_mhz, field_mhz]: [u32; 2], stock: &Measured, tier: &Measured) -> Result<String> {
    let mut text = format!(
        "# What the heap costs: gc.c and tierheap\n\n\
         Made by `cargo xtask bench heap` with the firmware on the virtual board: **virtual time**, an instruction a cycle at\n\
         280 MHz and what D-cache, OCTOSPI and the memory chip at {clock_mhz} MHz add, under the assumptions of\n\
         [memory-path.md](memory-path.md); internal memories cost nothing there, and nothing here was seen on silicon.\n\
         How the heap works: [heap.md](heap.md).\n\n\
         ## Collections\n\n\
         Each on a freshly booted board, from the first instruction of `gc_collect` to its return. In the last two columns the\n\
         memory chip runs at {field_mhz} MHz (`--timing {OTHER_TIMING}`).\n\n\
         | case | gc.c, ms | tierheap, ms | times faster | aim | met | gc.c, {field_mhz} MHz | tierheap, {field_mhz} MHz |\n\
         |---|--:|--:|--:|---|---|--:|--:|\n"
    );
    for (n, case) in CASES.iter().enumerate() {
        let [at_stock, at_tier] = [stock, tier].map(|one| one.cases[n].cost.ms());
        let [field_stock, field_tier] = [stock, tier].map(|one| digits(one.cases_field[n].cost.ms()));
        text += &format!(
            "| {} | {} | {} | {:.1} | {} | {} | {field_stock} | {field_tier} |\n",
            case.name,
            digits(at_stock),
            digits(at_tier),
            at_stock / at_tier,
            case.aim.words(),
            yes(case.aim.met(at_stock, at_tier)),
        );
    }
    text += "\nOf what that is made, in thousands of instructions and KB from and to the memory chip:\n\n\
             | case | gc.c: instructions | read | written | tierheap: instructions | read | written |\n\
             |---|--:|--:|--:|--:|--:|--:|\n";
    for (n, case) in CASES.iter().enumerate() {
        let of = |cost: &Cost| {
            let kilo =
                [cost.instructions, cost.bytes_read, cost.bytes_written].map(|n| (n / 1000).to_string());
            kilo.join(" | ")
        };
        let [stock, tier] = [&stock.cases[n], &tier.cases[n]];
        text += &format!("| {} | {} | {} |\n", case.name, of(&stock.cost), of(&tier.cost));
        if case.is_a_program() {
            text += &format!(
                "| of it collections: {} with gc.c, {} with tierheap | {} | {} |\n",
                stock.collections,
                tier.collections,
                of(&stock.collecting),
                of(&tier.collecting)
            );
        }
    }
    text += &mixed_section([&stock.mixed, &tier.mixed]);
    text += &perf_section(&stock.benchmarks, &tier.benchmarks)?;
    Ok(text)
}

fn mixed_section(pauses: [&[Cost]; 2]) -> String {
    let mut text = format!(
        "\n## The pauses of a mixed program\n\n\
         {} virtual hours of [tests/port/soak.py](../tests/port/soak.py): histories, JSON, sessions, pictures, errors, sleep. Every\n\
         collection is in it, those that Python starts by itself and one an hour that the program asks for.\n\n\
         ![How long each collection takes](heap-pauses.svg)\n\n\
         | | collections | median, ms | longest, ms | all of them, ms |\n|---|--:|--:|--:|--:|\n",
        MIXED_MINUTES / 60
    );
    for (name, costs) in ["gc.c", "tierheap"].into_iter().zip(pauses) {
        let mut ms: Vec<f64> = costs.iter().map(Cost::ms).collect();
        ms.sort_by(f64::total_cmp);
        text += &format!(
            "| {name} | {} | {} | {} | {} |\n",
            ms.len(),
            digits(ms.get(ms.len() / 2).copied().unwrap_or(0.0)),
            digits(ms.last().copied().unwrap_or(0.0)),
            digits(ms.iter().sum())
        );
    }
    text
}

fn perf_section(stock: &[Benchmark], tier: &[Benchmark]) -> Result<String> {
    let slowest = tier
        .iter()
        .min_by(|a, b| a.ratio().total_cmp(&b.ratio()))
        .context("no benchmarks")?;
    let mut text = format!(
        "\n## MicroPython's perf_bench\n\n\
         In virtual us, with the memory chip (the default) and with the same heap in internal memory alone (`--psram none`). The\n\
         ratio is how fast the first is where the second is 1; aim: at least {}. With tierheap its geometric mean is **{:.2}**\n\
         and the least **{:.2}** (`{}`); with gc.c the mean is {:.2}. Beside gc.c in internal memory alone, which is what such\n\
         a board has without spiram, tierheap's geometric mean is {:.2}.\n\n\
         | benchmark | gc.c | internal only | ratio | tierheap | internal only | ratio | aim met |\n\
         |---|--:|--:|--:|--:|--:|--:|---|\n",
        perf::AIM,
        perf::geometric_mean(tier.iter().map(Benchmark::ratio)),
        slowest.ratio(),
        slowest.name,
        perf::geometric_mean(stock.iter().map(Benchmark::ratio)),
        perf::geometric_mean(
            stock
                .iter()
                .zip(tier)
                .map(|(stock, tier)| stock.without_us as f64 / tier.with_chip_us as f64)
        ),
    );
    for (stock, tier) in stock.iter().zip(tier) {
        let of = |one: &Benchmark| format!("{} | {} | {:.2}", one.with_chip_us, one.without_us, one.ratio());
        text += &format!(
            "| {} | {} | {} | {} |\n",
            tier.name,
            of(stock),
            of(tier),
            yes(tier.ratio() >= perf::AIM)
        );
    }
    Ok(text)
}

fn yes(met: bool) -> &'static str {
    if met { "yes" } else { "**no**" }
}

/// Three digits that count.
fn digits(ms: f64) -> String {
    let decimals = match ms {
        ..0.1 => 3,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{ms:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits_that_count() {
        assert_eq!(
            [0.0304, 1.234, 12.34, 381.4].map(digits),
            ["0.030", "1.23", "12.3", "381"]
        );
    }
}
