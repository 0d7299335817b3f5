//! `docs/heap-fit.md` of what was measured.

use super::kind::{Filled, Kind, MODEL};
use crate::heap::digits;

/// Free at MemoryError, of what was free before.
pub const FREE_AIM: f64 = 0.10;
/// What may be missing after all was dropped.
pub const DROPPED_AIM: f64 = 0.01;
/// Words that fit.
pub const WORDS_AIM: u32 = 200_000;

/// One kind, and what gc.c and tierheap made of it.
pub struct Row<'a> {
    pub kind: &'a Kind,
    pub stock: Filled,
    pub tier: Filled,
}

pub fn page(rows: &[Row], churn: &Row) -> String {
    let mut text = format!(
        "# What fits into eight megabytes\n\n\
         Made by `cargo xtask bench fit` with the firmware on the virtual board: twelve kinds of programs\n\
         (`tools/bench/src/fit/programs.py`) fill memory until MemoryError, and then let go of everything. Beside each other\n\
         MicroPython's own gc.c and tierheap; objects are never moved by either. How tierheap keeps its memory compact:\n\
         [heap.md](heap.md).\n\n\
         ![Free memory and the largest free block over time](heap-fit.svg)\n\n\
         ## At MemoryError\n\n\
         What is free then, of what was free at the fresh prompt (aim: at most 10 %); how many steps of the program fitted; the least\n\
         that the largest free block was of what was free on the way, while more than a tenth was; virtual time in collections\n\
         (`--model {MODEL}`).\n\n\
         | kind | gc.c: steps | free | largest of free | collecting, ms | tierheap: steps | free | largest of free | collecting, ms | aim met |\n\
         |---|--:|--:|--:|--:|--:|--:|--:|--:|---|\n",
    );
    for Row { kind, stock, tier } in rows {
        let of = |filled: &Filled| {
            format!(
                "{} | {} | {} | {}",
                filled.full().steps,
                percent(filled.free_share()),
                percent(filled.least_whole_share()),
                digits(filled.collecting_ms())
            )
        };
        let met = yes(tier.free_share() <= FREE_AIM);
        text += &format!("| {} | {} | {} | {met} |\n", kind.what, of(stock), of(tier));
    }
    text += "\n## After all was dropped\n\n\
         Free memory and the largest free block, of what they were at the fresh prompt (aim: 99 %).\n\n\
         | kind | gc.c: free | largest | tierheap: free | largest | aim met |\n|---|--:|--:|--:|--:|---|\n";
    for Row { kind, stock, tier } in rows {
        let shares = [stock, tier].map(dropped);
        let met = yes(shares[1].iter().all(|share| *share >= 1.0 - DROPPED_AIM));
        let [stock, tier] = shares.map(|[free, largest]| format!("{} | {}", percent(free), percent(largest)));
        text += &format!("| {} | {stock} | {tier} | {met} |\n", kind.what);
    }
    text += &churning(churn);
    text
}

/// Free bytes and the largest block after the drop, of those before.
pub fn dropped(filled: &Filled) -> [f64; 2] {
    let (fresh, after) = (filled.fresh(), filled.dropped());
    [
        after.free_bytes as f64 / fresh.free_bytes as f64,
        after.largest_bytes as f64 / fresh.largest_bytes as f64,
    ]
}

fn churning(Row { kind, stock, tier }: &Row) -> String {
    let mut text = format!(
        "\n## A large block at any time\n\n{}; every ten seconds a block of 4 MB is asked for, and let go of.\n\n",
        kind.what
    );
    for (name, filled) in [("gc.c", stock), ("tierheap", tier)] {
        text += &match &filled.refusal {
            None => format!(
                "- {name}: it could always be had. {} collections, {} ms.\n",
                filled.collections.len(),
                digits(filled.collecting_ms())
            ),
            Some(words) => format!(
                "- **{name}: refused** after {} seconds: `{words}`.\n",
                filled.full().steps
            ),
        };
    }
    text
}

fn yes(met: bool) -> &'static str {
    if met { "yes" } else { "**no**" }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_told_in_percent_with_one_digit() {
        assert_eq!(percent(0.0986), "9.9 %");
        assert_eq!(yes(false), "**no**");
    }
}
