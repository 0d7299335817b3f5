//! `bench fit`: how much of the memory programs can use, and what is left whole. `docs/heap-fit.md` and the picture
//! `docs/heap-fit.svg` are made of it.

mod kind;
mod page;
mod plot;

use anyhow::{Context, Result, ensure};
use kind::{CHURN, Filled, KINDS, Kind};
use page::Row;
use std::fs;
use std::thread;
use xtask::heap::Heap;
use xtask::project::{DEFAULT_BOARD, Project};
use xtask::variant::Variant;
use xtask::{firmware, say};

pub fn run(project: &Project, variant: &Variant) -> Result<()> {
    say::line(
        "   twelve kinds of programs fill memory, on both heaps at once; takes some minutes".to_owned(),
    );
    let [stock, tier] = [Heap::Stock, Heap::Tier].map(|heap| Variant {
        heap,
        ..variant.clone()
    });
    firmware::ensure(project, DEFAULT_BOARD, &stock)?;
    firmware::ensure(project, DEFAULT_BOARD, &tier)?;
    let (stock, tier) = thread::scope(|scope| {
        let stock = scope.spawn(|| all(project, &stock));
        let tier = all(project, &tier);
        (stock.join().expect("no panic over there"), tier)
    });
    let (stock, tier) = (stock.context("gc.c")?, tier.context("tierheap")?);
    let mut rows: Vec<Row> = kinds()
        .zip(stock.into_iter().zip(tier))
        .map(|(kind, (stock, tier))| Row { kind, stock, tier })
        .collect();
    let churn = rows.pop().context("no kinds")?;
    let text = page::page(&rows, &churn);
    for (name, content) in [("heap-fit.svg", &plot::svg(&rows)), ("heap-fit.md", &text)] {
        let path = project.root.join("docs").join(name);
        fs::write(&path, content).with_context(|| format!("writing {}", path.display()))?;
        say::line(format!("   written to {}", path.display()));
    }
    println!("{text}");
    aims(&rows, &churn)
}

fn kinds() -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().chain([&CHURN])
}

fn all(project: &Project, variant: &Variant) -> Result<Vec<Filled>> {
    kinds()
        .map(|kind| {
            let filled = kind.run(project, variant);
            say::line(format!("   {}: {}", variant.name(DEFAULT_BOARD), kind.name));
            filled
        })
        .collect()
}

/// What the project rests on, of tierheap.
fn aims(rows: &[Row], churn: &Row) -> Result<()> {
    for Row { kind, tier, .. } in rows {
        ensure!(tier.refusal.is_some(), "{}: memory was not used up", kind.name);
        ensure!(
            tier.free_share() <= page::FREE_AIM,
            "{}: {:.1} % were free at MemoryError",
            kind.name,
            100.0 * tier.free_share()
        );
        ensure!(
            page::dropped(tier)
                .iter()
                .all(|share| *share >= 1.0 - page::DROPPED_AIM),
            "{}: after all was dropped {:?} of free memory and of the largest block were there",
            kind.name,
            page::dropped(tier)
        );
        ensure!(
            kind.name != "words" || tier.full().steps >= page::WORDS_AIM,
            "only {} words fitted",
            tier.full().steps
        );
    }
    ensure!(
        churn.tier.refusal.is_none(),
        "a large block was refused: {:?}",
        churn.tier.refusal
    );
    Ok(())
}
