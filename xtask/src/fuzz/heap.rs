//! `fuzz heap`: programs that draw their own operations (tests/heapfuzz/program.py) must print under CPython and in every
//! heap the same digests.
//!
//! One boot runs a batch of programs: a finding is met again by `--seed` with the first seed of its batch. Those with native
//! code come last, because they end slices for good.

use crate::heap::Heap;
use crate::project::{DEFAULT_BOARD, Project};
use crate::variant::Variant;
use crate::{firmware, process, say, setup};
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs;
use std::ops::Range;
use std::process::{Command, ExitCode, Stdio};

/// Programs of one boot.
const BATCH: u64 = 40;
/// With the small heap collections are many, with the large one objects lie in both tiers.
const CHIPS: [&str; 2] = ["none", "esp-psram64h"];
const PROGRAM: &str = include_str!("../../../tests/heapfuzz/program.py");

/// What the command line asks for.
struct Wanted {
    first: u64,
    count: u64,
    heaps: Vec<Heap>,
}

impl Wanted {
    fn read(args: Vec<OsString>) -> Result<Wanted> {
        let mut wanted = Wanted {
            first: 0,
            count: 2000,
            heaps: Heap::ALL.to_vec(),
        };
        let mut args = lexopt::Parser::from_args(args);
        while let Some(arg) = args.next()? {
            let lexopt::Arg::Long(name @ ("seed" | "seeds" | "heap")) = arg else {
                bail!(
                    "{}; `fuzz heap` takes: [--seed FIRST] [--seeds N] [--heap H]",
                    arg.unexpected()
                );
            };
            let name = name.to_owned();
            let value = args.value()?.to_string_lossy().into_owned();
            let number = || {
                value
                    .parse()
                    .with_context(|| format!("--{name} needs a number, not `{value}`"))
            };
            match name.as_str() {
                "seed" => wanted.first = number()?,
                "seeds" => wanted.count = number()?,
                _ => wanted.heaps = vec![Heap::parse(&value)?],
            }
        }
        Ok(wanted)
    }
}

pub fn run(project: &Project, args: Vec<OsString>) -> Result<ExitCode> {
    let Wanted { first, count, heaps } = Wanted::read(args)?;
    setup::ensure(project, false)?;
    firmware::stand_spiram(project)?;
    for heap in &heaps {
        firmware::ensure(project, DEFAULT_BOARD, &variant(*heap))?;
    }
    let (mut runs, mut findings) = (vec![0; heaps.len()], 0);
    let end = first.checked_add(count).context("there are no seeds so large")?;
    for (batch, start) in (first..end).step_by(BATCH as usize).enumerate() {
        for (heap, runs) in heaps.iter().zip(&mut runs) {
            // As many as for the others would take longer than all others.
            let most = if *heap == Heap::SlicedChecked { 1 } else { BATCH };
            let seeds = start..end.min(start + most);
            *runs += seeds.end - seeds.start;
            for finding in differences(project, *heap, CHIPS[batch % 2], seeds)? {
                say::line(format!("   FOUND {finding}"));
                findings += 1;
            }
        }
        let counts = heaps.iter().zip(&runs);
        let counts: Vec<_> = counts
            .map(|(heap, runs)| format!("{} {runs}", heap.name()))
            .collect();
        say::line(format!(
            "   programs run: {}; findings: {findings}",
            counts.join(", ")
        ));
    }
    Ok(if findings == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn variant(heap: Heap) -> Variant {
    Variant {
        heap,
        ..Variant::default()
    }
}

/// A heap's part of forty programs for `cargo xtask test`: its chip, and its seeds.
pub fn share(heap: Heap) -> (&'static str, Range<u64>) {
    match heap {
        Heap::Tier => ("none", 0..16),
        Heap::Checked => ("esp-psram64h", 16..24),
        Heap::Sliced => ("none", 24..32),
        Heap::SlicedChecked => ("none", 32..33),
        Heap::Stock => ("esp-psram64h", 33..40),
    }
}

/// Operations of a program. With its slices as small as can be, and a walk over all objects before each, one heap needs
/// some 0.2 virtual seconds for one.
fn steps(heap: Heap) -> u32 {
    if heap == Heap::SlicedChecked { 40 } else { 160 }
}

/// What programs printed on the board and not under CPython, a sentence each. The firmware must stand.
pub fn differences(project: &Project, heap: Heap, chip: &str, seeds: Range<u64>) -> Result<Vec<String>> {
    let folder = project.target().join("fuzz-heap");
    fs::create_dir_all(&folder)?;
    let script = folder.join(format!("{}-{chip}.py", heap.name()));
    fs::write(&script, text(seeds, steps(heap)))?;
    let python = setup::python().context("no python3 was found: `cargo xtask setup` installs it")?;
    let right = process::output(Command::new(python).arg(&script))?;
    let board = Command::new(crate::firmware::spiram(project))
        .args(["run", "--psram", chip, "--elf"])
        .arg(variant(heap).elf(project, DEFAULT_BOARD))
        .arg(&script)
        .stdin(Stdio::null())
        .output()
        .context("starting the virtual board")?;
    let seen = String::from_utf8_lossy(&board.stdout).replace('\r', "");
    let place = format!("heap {}, chip {chip}", heap.name());
    let mut found = compare(&place, &right, &seen);
    if !board.status.success() {
        let said = String::from_utf8_lossy(&board.stderr);
        found.push(format!(
            "{place}: the board ended with {}: {}",
            board.status,
            said.trim_end()
        ));
    }
    Ok(found)
}

/// The programs, and the calls that run them.
fn text(seeds: Range<u64>, steps: u32) -> String {
    let calls = order(seeds).map(|(seed, native)| {
        let native = if native { "True" } else { "False" };
        format!("run({seed}, {steps}, {native})\n")
    });
    PROGRAM.to_owned() + &calls.collect::<String>()
}

/// One program of four has native code; these are the last.
fn order(seeds: Range<u64>) -> impl Iterator<Item = (u64, bool)> {
    let is_native = |seed: &u64| seed % 4 == 3;
    let plain = seeds.clone().filter(move |seed| !is_native(seed));
    let native = seeds.filter(is_native);
    plain
        .map(|seed| (seed, false))
        .chain(native.map(|seed| (seed, true)))
}

fn compare(place: &str, right: &str, seen: &str) -> Vec<String> {
    let mut seen = seen.lines();
    right
        .lines()
        .filter_map(|right| match seen.next() {
            Some(line) if line == right => None,
            line => Some(format!(
                "{place}: `{}` instead of `{right}`",
                line.unwrap_or("nothing")
            )),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_that_differs_or_is_missing_is_a_finding() {
        assert!(compare("x", "seed 1 a\nseed 2 b\n", "seed 1 a\nseed 2 b\n").is_empty());
        assert_eq!(compare("x", "seed 1 a\nseed 2 b\n", "seed 1 c\n").len(), 2);
    }

    #[test]
    fn forty_programs_are_spread_over_all_heaps() {
        let all: Vec<u64> = Heap::ALL.into_iter().flat_map(|heap| share(heap).1).collect();
        assert_eq!(all, (0..BATCH).collect::<Vec<_>>());
        // With native code there would be no slice to check.
        let (_, seeds) = share(Heap::SlicedChecked);
        assert!(order(seeds).all(|(_, native)| !native));
    }

    #[test]
    fn native_code_comes_last() {
        let natives: Vec<bool> = order(0..40).map(|(_, native)| native).collect();
        assert!(natives.is_sorted() && natives.iter().filter(|native| **native).count() == 10);
    }
}
