//! `bench soak`: a day of virtual time of a mixed program (`tests/port/soak.py`), and what it leaves of the heap.
//!
//! Every hour the program lets go of its large buffers, collects, and has the heap described. A heap that falls to
//! pieces shows in the largest free block: it shrinks although as much is free. `docs/heap-soak.md` is made of it.

use super::run_script;
use crate::flavour::Flavour;
use crate::heap::Heap;
use crate::project::Project;
use crate::{firmware, project::DEFAULT_BOARD, say};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::thread;

/// Bytes in a block of the heap, the unit of `micropython.mem_info()`.
const BLOCK: u64 = 16;
const MINUTES: u32 = 24 * 60;
const EVERY: u32 = 60;
/// What the largest free block may lose from the first half of the day to the second, of its size: the program never
/// holds quite the same at two looks.
const TOLERATED: f64 = 0.01;

/// The heap at one moment, after a collection, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Look {
    /// Minutes since the start, or words.
    at: String,
    free: u64,
    largest: u64,
}

/// How one heap got over the day.
struct Day {
    looks: Vec<Look>,
    /// What the program says at its end.
    said: String,
    wall_s: f64,
}

/// The program, for so long.
pub fn script(project: &Project, minutes: u32, every: u32) -> Result<String> {
    let path = project.root.join("tests/port/soak.py");
    let source = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    Ok(format!("MINUTES, EVERY = {minutes}, {every}\n{source}"))
}

pub fn run(project: &Project, flavour: &Flavour) -> Result<()> {
    say::line("   a day of virtual time on both heaps at once; takes some minutes".to_owned());
    let [stock, tier] = [Heap::Stock, Heap::Tier].map(|heap| Flavour {
        heap,
        ..flavour.clone()
    });
    firmware::stand(project, DEFAULT_BOARD, &stock)?;
    firmware::stand(project, DEFAULT_BOARD, &tier)?;
    let (stock, tier) = thread::scope(|scope| {
        let stock = scope.spawn(|| day(project, &stock));
        let tier = day(project, &tier);
        (stock.join().expect("no panic over there"), tier)
    });
    let (stock, tier) = (stock.context("gc.c")?, tier.context("tierheap")?);
    let text = page(&stock, &tier)?;
    let path = project.root.join("docs/heap-soak.md");
    fs::write(&path, &text).with_context(|| format!("writing {}", path.display()))?;
    println!("{text}");
    say::line(format!(
        "   written to {}; gc.c took {:.0} s, tierheap {:.0} s",
        path.display(),
        stock.wall_s,
        tier.wall_s
    ));
    lasts(&tier.looks)
}

fn day(project: &Project, flavour: &Flavour) -> Result<Day> {
    let run = run_script(project, flavour, &script(project, MINUTES, EVERY)?, &[])?;
    let looks = looks(&run.console)?;
    let expected = (MINUTES / EVERY) as usize + 2;
    ensure!(
        looks.len() == expected,
        "expected {expected} looks at the heap, found {}",
        looks.len()
    );
    let said = run.console.lines().find(|line| line.starts_with("ticks "));
    Ok(Day {
        looks,
        said: said.context("the program did not tell what it did")?.to_owned(),
        wall_s: run.wall.as_secs_f64(),
    })
}

/// `look at <minutes> free <bytes>`, and below it `... max free sz: <blocks>`.
fn looks(console: &str) -> Result<Vec<Look>> {
    let mut looks = Vec::new();
    let mut lines = console.lines();
    while let Some(line) = lines.next() {
        let Some(line) = line.strip_prefix("look at ") else {
            continue;
        };
        let (at, free) = line.split_once(" free ").context("a look without free bytes")?;
        let blocks = lines
            .find_map(|line| line.split_once("max free sz: "))
            .with_context(|| format!("no largest free block at {at}"))?;
        looks.push(Look {
            at: at.to_owned(),
            free: free.parse()?,
            largest: BLOCK * blocks.1.trim().parse::<u64>()?,
        });
    }
    Ok(looks)
}

/// What the project rests on: the day leaves nothing behind that a restart would cure.
fn lasts(looks: &[Look]) -> Result<()> {
    let [fresh, hours @ .., end] = looks else {
        anyhow::bail!("no looks at the heap");
    };
    let (morning, evening) = hours.split_at(hours.len() / 2);
    let smallest = |looks: &[Look]| looks.iter().map(|look| look.largest).min().unwrap_or(0);
    for (what, before, after) in [
        (
            "in the second half of the day",
            smallest(morning),
            smallest(evening),
        ),
        ("after the program has ended", fresh.largest, end.largest),
    ] {
        ensure!(
            after as f64 >= before as f64 * (1.0 - TOLERATED),
            "the largest free block is {after} bytes {what}, and was {before} before"
        );
    }
    Ok(())
}

fn page(stock: &Day, tier: &Day) -> Result<String> {
    ensure!(
        stock.said == tier.said,
        "the program did not do the same on both heaps: {} and {}",
        stock.said,
        tier.said
    );
    let mut text = format!(
        "# A day on one heap\n\n\
         Made by `cargo xtask bench soak` with the firmware on the virtual board: {} hours of virtual time of a mixed program,\n\
         [tests/port/soak.py](../tests/port/soak.py), which samples, keeps histories, talks JSON, takes pictures, catches errors\n\
         and sleeps. Every hour it lets go of its pictures, collects, and looks at the heap; at the end it lets go of all.\n\
         It checks what it kept, and its last line was `{}` on both heaps.\n\n\
         | hour | gc.c: bytes free | largest free block | tierheap: bytes free | largest free block |\n\
         |---|--:|--:|--:|--:|\n",
        MINUTES / 60,
        tier.said
    );
    for (stock, tier) in stock.looks.iter().zip(&tier.looks) {
        let hour = match stock.at.parse::<u32>() {
            Ok(0) => "before".to_owned(),
            Ok(minutes) => (minutes / 60).to_string(),
            Err(_) => stock.at.clone(),
        };
        text += &format!(
            "| {hour} | {} | {} | {} | {} |\n",
            stock.free, stock.largest, tier.free, tier.largest
        );
    }
    text += &format!(
        "\nThe bench fails if tierheap's largest free block is smaller in the second half of the day than in the first, or at\n\
         the end than before, by more than {} %: that would be something that only a restart cures.\n",
        TOLERATED * 100.0
    );
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(at: &str, largest: u64) -> Look {
        Look {
            at: at.to_owned(),
            free: 9_000_000,
            largest,
        }
    }

    #[test]
    fn a_look_is_read_with_what_mem_info_says_below_it() {
        let console = "look at 60 free 9000000\nmem: total=1\nGC: total: 9172928, used: 1, free: 9000000\n \
                       No. of 1-blocks: 1, 2-blocks: 1, max blk sz: 1, max free sz: 500000\nticks 1 errors 0\n";
        assert_eq!(looks(console).unwrap(), [look("60", 8_000_000)]);
        assert!(looks("look at 60 free 1\nticks 1\n").is_err());
    }

    #[test]
    fn a_heap_that_falls_to_pieces_is_an_error() {
        let day = |evening, end| {
            [
                look("0", 1000),
                look("60", 900),
                look("120", evening),
                look("the end", end),
            ]
        };
        assert!(lasts(&day(895, 1000)).is_ok());
        let error = lasts(&day(800, 1000)).unwrap_err().to_string();
        assert!(error.contains("second half"), "{error}");
        let error = lasts(&day(900, 900)).unwrap_err().to_string();
        assert!(error.contains("has ended"), "{error}");
        assert!(lasts(&[]).is_err());
    }
}
