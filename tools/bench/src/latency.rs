//! `bench latency`: how soon Python's handlers run after an edge, by `tests/port/latency.py` with more edges: `docs/latency.md`.

use crate::{HEAPS, run_script};
use anyhow::{Context, Result, ensure};
use std::fs;
use xtask::project::Project;
use xtask::say;
use xtask::variant::Variant;

/// Ten minutes of a computer's core for all of them.
const EDGES: u32 = 25_000;
/// So that they take seconds; primes.
const RATES: &str = "(8009, 9001, 10007, 11003, 11987)";

const HEAD: &str = "\
# How soon a handler runs

Made by `cargo xtask bench latency`: from an edge at a pin to the first bytecode of its Python handler, on the virtual board at 280
MHz with `--model full`, in microseconds. Edges come every tenth of a millisecond or so, a fifth of them at each of five rates, so that
they meet a load at all of its moments. Half a megabyte is alive with the heap in the PSRAM, a quarter in internal RAM. The last
row: a serial port at 921,600 baud that hears itself, five timers with soft handlers, and what all of them allocate.
";

/// The rows of the script, and what a reader should know of them.
const ROWS: [(&str, &str); 7] = [
    ("hard, asleep", "hard, the program sleeps"),
    ("hard, at work", "hard, it computes"),
    ("soft, at work", "soft, it computes"),
    (
        "hard, allocating",
        "hard, it allocates, and a collection comes now and then",
    ),
    ("hard, collecting", "hard, it does nothing but collect"),
    (
        "hard, erasing",
        "hard, it erases a sector of the flash again and again",
    ),
    ("hard, much going on", "hard, much is going on"),
];

pub fn run(project: &Project, variant: &Variant) -> Result<()> {
    let path = project.root.join("tests/port/latency.py");
    let script = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let script = with(
        &with(&script, "EDGES = 300", &format!("EDGES = {EDGES}"))?,
        "RATES = (2503, 3001, 3499)",
        &format!("RATES = {RATES}"),
    )?;
    let mut columns = Vec::new();
    for (_, options) in HEAPS {
        let all = [&["--model", "full", "--attach", "wire:PA9,PA10"], options].concat();
        columns.push(run_script(project, variant, &script, &all)?.console);
    }
    let mut text = format!(
        "{HEAD}\n| what the program does | PSRAM: median | worst of {EDGES} | internal RAM: median | worst of {EDGES} |\n|---|--:|--:|--:|--:|\n"
    );
    for (name, words) in ROWS {
        text += &format!("| {words} |");
        for console in &columns {
            let [median, worst] = figures(console, name)?;
            text += &format!(" {median} | {worst} |");
        }
        text.push('\n');
    }
    let path = project.root.join("docs/latency.md");
    fs::write(&path, &text).with_context(|| format!("writing {}", path.display()))?;
    println!("{text}");
    say::line(format!("   written to {}", path.display()));
    Ok(())
}

fn with(script: &str, old: &str, new: &str) -> Result<String> {
    ensure!(script.matches(old).count() == 1, "the script has no line `{old}`");
    Ok(script.replace(old, new))
}

/// Median and worst of a row, as the script prints them.
fn figures<'a>(console: &'a str, name: &str) -> Result<[&'a str; 2]> {
    let found = console.lines().find_map(|line| {
        let rest = line.strip_prefix(name)?.trim_start().strip_prefix("median")?;
        let (median, rest) = rest.split_once("us, worst")?;
        Some([median.trim(), rest.split_once("us of")?.0.trim()])
    });
    found.with_context(|| format!("the script has no row `{name}`:\n{console}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_found_by_its_name() {
        let said = "hard, at work        median    6.9 us, worst    9.9 us of 300\n";
        assert_eq!(figures(said, "hard, at work").unwrap(), ["6.9", "9.9"]);
        assert!(figures(said, "hard, asleep").is_err());
        assert!(with("EDGES = 300\n", "EDGES = 300", "EDGES = 9").is_ok() && with("", "a", "b").is_err());
    }
}
