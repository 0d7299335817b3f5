//! The page that is made of the figures: three tables, each with what a reader has to know of it.

use super::case::CASES;
use super::cost::{Cost, MODEL};
use super::perf::{self, Benchmark};
use super::{MIXED_MINUTES, Measured, OTHER_TIMING};
use anyhow::{Context, Result};

/// The clocks are the memory chip's, in the default timing and in the other one.
pub fn page([clock_mhz, other_mhz]: [u32; 2], stock: &Measured, tier: &Measured) -> Result<String> {
    let mut text = format!(
        "# What the heap costs: gc.c and tierheap\n\n\
         Made by `cargo xtask bench heap` with the firmware on the virtual board: **virtual time** by `--model {MODEL}`\n\
         ([silicon.md](silicon.md)) at 280 MHz with the memory chip at {clock_mhz} MHz, under the assumptions of\n\
         [memory-path.md](memory-path.md). Nothing here was seen on silicon.\n\
         How the heap works: [heap.md](heap.md).\n\n\
         ## Collections\n\n\
         Each on a freshly booted board, from the first instruction of `gc_collect` to its return. In the last two columns the\n\
         memory chip runs at {other_mhz} MHz (`--timing {OTHER_TIMING}`).\n\n\
         | case | gc.c, ms | tierheap, ms | times faster | aim | met | gc.c, {other_mhz} MHz | tierheap, {other_mhz} MHz |\n\
         |---|--:|--:|--:|---|---|--:|--:|\n"
    );
    for (n, case) in CASES.iter().enumerate() {
        let [at_stock, at_tier] = [stock, tier].map(|one| one.cases[n].cost.ms());
        let [other_stock, other_tier] = [stock, tier].map(|one| digits(one.cases_other[n].cost.ms()));
        text += &format!(
            "| {} | {} | {} | {:.1} | {} | {} | {other_stock} | {other_tier} |\n",
            case.name,
            digits(at_stock),
            digits(at_tier),
            at_stock / at_tier,
            case.aim.words(),
            if case.aim.is_none() {
                "-"
            } else {
                yes(case.aim.met(at_stock, at_tier))
            },
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
pub fn digits(ms: f64) -> String {
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
