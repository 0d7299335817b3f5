//! `bench soak`: a day of virtual time of a mixed program (`tests/port/soak.py`), and what it leaves of the heap.
//!
//! Every hour the program lets go of its large buffers, collects, and has the heap described. A heap that falls to
//! pieces shows in the largest free block: it shrinks although as much is free. `docs/heap-soak.md` is made of it.

use crate::{BLOCK_BYTES, try_script};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::thread;
use xtask::heap::Heap;
use xtask::project::Project;
use xtask::variant::Variant;
use xtask::{firmware, project::DEFAULT_BOARD, say};

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
    /// What the program says at its end, or the last line of its traceback.
    end: Result<String, String>,
    wall_s: f64,
}

/// The program, for so long.
pub fn script(project: &Project, minutes: u32, every: u32) -> Result<String> {
    let path = project.root.join("tests/port/soak.py");
    let source = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    Ok(format!("MINUTES, EVERY = {minutes}, {every}\n{source}"))
}

pub fn run(project: &Project, variant: &Variant) -> Result<()> {
    say::line("   a day of virtual time on both heaps at once; takes some minutes".to_owned());
    let [stock, tier] = [Heap::Stock, Heap::Tier].map(|heap| Variant {
        heap,
        ..variant.clone()
    });
    firmware::ensure(project, DEFAULT_BOARD, &stock)?;
    firmware::ensure(project, DEFAULT_BOARD, &tier)?;
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
    if let Err(raised) = &tier.end {
        bail!("tierheap did not last the day: {raised}");
    }
    lasts(&tier.looks)
}

fn day(project: &Project, variant: &Variant) -> Result<Day> {
    let run = try_script(project, variant, &script(project, MINUTES, EVERY)?, &[])?;
    let looks = looks(&run.console)?;
    let end = match &run.raised {
        Some(traceback) => Err(traceback.trim_end().lines().last().unwrap_or_default().to_owned()),
        None => {
            let expected = (MINUTES / EVERY) as usize + 2;
            ensure!(
                looks.len() == expected,
                "expected {expected} looks at the heap, found {}",
                looks.len()
            );
            let said = run.console.lines().find(|line| line.starts_with("ticks "));
            Ok(said.context("the program did not tell what it did")?.to_owned())
        }
    };
    Ok(Day {
        looks,
        end,
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
            largest: BLOCK_BYTES * blocks.1.trim().parse::<u64>()?,
        });
    }
    Ok(looks)
}

/// What the project rests on: the day leaves nothing behind that a restart would cure.
fn lasts(looks: &[Look]) -> Result<()> {
    let [fresh, hours @ .., end] = looks else {
        bail!("no looks at the heap");
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
    if let (Ok(stock), Ok(tier)) = (&stock.end, &tier.end) {
        ensure!(
            stock == tier,
            "the program did not do the same on both heaps: {stock} and {tier}"
        );
    }
    let mut text = format!(
        "# A day on one heap\n\n\
         Made by `cargo xtask bench soak` with the firmware on the virtual board: {} hours of virtual time of a mixed program,\n\
         [tests/port/soak.py](../tests/port/soak.py), which samples, keeps histories, talks JSON, takes pictures, catches errors\n\
         and sleeps. It checks what it kept. Every hour it lets go of its pictures, collects, and looks at the heap; at the end\n\
         it lets go of all. In bytes:\n\n\
         | hour | gc.c: free | largest free block | tierheap: free | largest free block |\n|---|--:|--:|--:|--:|\n",
        MINUTES / 60
    );
    for n in 0..stock.looks.len().max(tier.looks.len()) {
        let cells = |day: &Day| {
            let look = day.looks.get(n);
            look.map_or("- | -".to_owned(), |look| {
                format!("{} | {}", look.free, look.largest)
            })
        };
        let one = stock.looks.get(n).or(tier.looks.get(n));
        let hour = match one.map(|look| (look.at.parse::<u32>(), &look.at)) {
            Some((Ok(0), _)) => "before".to_owned(),
            Some((Ok(minutes), _)) => (minutes / 60).to_string(),
            Some((Err(_), words)) => words.clone(),
            None => String::new(),
        };
        text += &format!("| {hour} | {} | {} |\n", cells(stock), cells(tier));
    }
    text += "\n";
    for (name, day) in [("gc.c", stock), ("tierheap", tier)] {
        text += &match &day.end {
            Ok(said) => format!("- {name} came to the end: `{said}`.\n"),
            Err(raised) => format!(
                "- **{name} did not last the day**: `{raised}`, in hour {}.\n",
                day.looks.len()
            ),
        };
    }
    text += &format!(
        "\nThe bench fails if tierheap does not last, or if its largest free block is smaller in the second half of the day than\n\
         in the first, or at the end than before, by more than {} %: that would be something that only a restart cures.\n",
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

    #[test]
    fn a_heap_that_does_not_last_is_told_with_its_hour_and_its_rows_end_there() {
        let day = |looks: &[Look], end: Result<&str, &str>| Day {
            looks: looks.to_vec(),
            end: end.map(str::to_owned).map_err(str::to_owned),
            wall_s: 0.0,
        };
        let all = [look("0", 10), look("60", 9), look("the end", 10)];
        let text = page(&day(&all[..2], Err("MemoryError: x")), &day(&all, Ok("ticks 1"))).unwrap();
        assert!(
            text.contains("gc.c did not last the day**: `MemoryError: x`, in hour 2"),
            "{text}"
        );
        assert!(text.contains("| the end | - | - | 9000000 | 10 |"), "{text}");
        assert!(page(&day(&all, Ok("ticks 2")), &day(&all, Ok("ticks 1"))).is_err());
    }
}
