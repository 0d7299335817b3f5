//! `bench bus`: which way of reaching the memory chip loses stores, and in which test. The firmware tries them
//! (`spiram.selftest`), this makes a page of what it says: `docs/bus-table.md`.

use crate::folder;
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};
use xtask::project::{DEFAULT_BOARD, Project};
use xtask::variant::Variant;
use xtask::{firmware, say};

/// Configurations in the order of the table, with their meaning.
const ROWS: &[(&str, &str)] = &[
    ("A", "strongly-ordered"),
    ("A'", "device"),
    ("B", "write-back, write-allocate, DISRAMODE = 1"),
    ("B0", "write-back, write-allocate, DISRAMODE = 0"),
    ("WT", "write-through"),
    ("NC", "normal, not cached"),
    ("WB", "write-back without write-allocate"),
];

/// Behind the configuration, for what is done without care on purpose.
const RAW: &str = "/raw";

/// Those that must not lose anything.
const SAFE: &[&str] = &["A", "A'", "B"];

struct Tried {
    console: String,
    events: Vec<String>,
    partial_beats: u64,
}

/// One line of the report.
struct Outcome<'a> {
    configuration: &'a str,
    test: &'a str,
    text: &'a str,
}

pub fn run(project: &Project, variant: &Variant) -> Result<()> {
    say::line("   every test in every configuration; takes a minute".to_owned());
    let matrix = selftest(project, variant, "matrix", &[])?;
    let own = selftest(project, variant, "own", &[])?;
    // Its clock was that of the field, 70 MHz.
    let field = Variant {
        timing: Some("field".to_owned()),
        ..variant.clone()
    };
    firmware::ensure(project, DEFAULT_BOARD, &field)?;
    let of_2021 = selftest(project, &field, "2021", &["--lenient"])?;
    let fallback = selftest(project, variant, "own", &["--errata", "disramode-ineffective"])?;
    let joined = selftest(project, variant, "quick", &["--errata", "dma-joined"])?;

    let outcomes = outcomes(&matrix.console);
    check(&outcomes)?;
    ensure!(
        own.partial_beats == 0,
        "configuration B let {} partial beats out; expected none",
        own.partial_beats
    );
    let text = page(&matrix, &outcomes, [&own, &of_2021, &fallback, &joined]);
    let path = project.root.join("docs/bus-table.md");
    fs::write(&path, &text).with_context(|| format!("writing {}", path.display()))?;
    println!("{text}");
    say::line(format!("   written to {}", path.display()));
    Ok(())
}

/// Runs a level of the self-test; that the script itself ends well is part of it.
fn selftest(project: &Project, variant: &Variant, level: &str, options: &[&str]) -> Result<Tried> {
    let dir = folder(project)?;
    let (script, stats) = (dir.join("bus.py"), dir.join("bus.json"));
    fs::write(&script, format!("import spiram\nspiram.selftest({level:?})\n"))?;
    let output = Command::new(xtask::firmware::spiram(project))
        .args(["run", "--board", DEFAULT_BOARD, "--elf"])
        .arg(variant.elf(project, DEFAULT_BOARD))
        .args(options)
        .arg("--stats")
        .arg(&stats)
        .arg(&script)
        .stdin(Stdio::null())
        .output()
        .context("starting the virtual board")?;
    let console = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        bail!(
            "selftest({level:?}) ended with {}\n{console}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let stats: Value = serde_json::from_str(&fs::read_to_string(&stats)?).context("reading --stats")?;
    let message = |event: &Value| event["message"].as_str().unwrap_or_default().to_owned();
    Ok(Tried {
        console,
        events: stats["events"]
            .as_array()
            .map(|events| events.iter().map(message).collect())
            .unwrap_or_default(),
        partial_beats: stats["bus"]["partial_beats"]
            .as_u64()
            .context("--stats has no number `bus.partial_beats`")?,
    })
}

/// Lines of the form `<configuration> T<n>-<name> <outcome>`.
fn outcomes(console: &str) -> Vec<Outcome<'_>> {
    let parse = |line| {
        let (configuration, rest) = str::split_once(line, ' ')?;
        let (test, text) = rest.split_once(' ')?;
        let number = test.strip_prefix('T')?.split('-').next()?;
        number.parse::<u8>().ok().map(|_| Outcome {
            configuration,
            test,
            text,
        })
    };
    console.lines().filter_map(parse).collect()
}

/// What the project rests on: the safe ones pass everything, each of the others fails at something.
fn check(outcomes: &[Outcome]) -> Result<()> {
    for (name, _) in ROWS {
        let of = || outcomes.iter().filter(|outcome| outcome.configuration == *name);
        ensure!(
            of().count() > 0,
            "the report says nothing about configuration {name}"
        );
        let failed = of().find(|outcome| outcome.text.starts_with("FAIL"));
        match (SAFE.contains(name), failed) {
            (true, Some(Outcome { test, text, .. })) => {
                bail!("configuration {name} is to be safe, and {test}: {text}")
            }
            (false, None) => bail!("configuration {name} is to fail somewhere, and passed everything"),
            _ => {}
        }
    }
    Ok(())
}

fn page(matrix: &Tried, outcomes: &[Outcome], [own, of_2021, fallback, joined]: [&Tried; 4]) -> String {
    let (raw, own_way): (Vec<&Outcome>, Vec<&Outcome>) = outcomes
        .iter()
        .partition(|outcome| outcome.configuration.ends_with(RAW));
    let clocks = matrix.console.lines().find(|line| line.starts_with("clocks:"));
    format!(
        "# Which way to the memory chip loses stores\n\n\
         Made by `cargo xtask bench bus` with the firmware on the virtual board; nothing here was seen on silicon. What the\n\
         tests do and why it comes out like this: [corrupt-writes.md](corrupt-writes.md). A number is the count of places that\n\
         were wrong; a dash means that the test does not apply.\n\n`{}`\n\n{}\n## The first place that was wrong\n\n{}\n\
         Events of the virtual board meanwhile: {}. Partial 64-bit beats while configuration B ran all of its tests (and booted): {}.\n\n\
         {}\n{}\n{}",
        clocks.unwrap_or_default(),
        table(&own_way),
        first_places(&own_way),
        matrix.events.len(),
        own.partial_beats,
        without_leases(&raw, joined),
        timing_of_2021(of_2021),
        of_a_core_that_streams(fallback),
    )
}

/// A test as people read it.
fn title(test: &str) -> String {
    test.split_once('-')
        .map_or(test.to_owned(), |(t, name)| format!("{t} {name}"))
}

/// A row a configuration, a column a test.
fn table(outcomes: &[&Outcome]) -> String {
    let mut tests: Vec<&str> = Vec::new();
    let mut cells: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for outcome in outcomes {
        if !tests.contains(&outcome.test) {
            tests.push(outcome.test);
        }
        cells.insert((outcome.configuration, outcome.test), outcome.text);
    }
    let heads: Vec<String> = tests.iter().map(|test| title(test)).collect();
    let mut text = format!("| | configuration | {} |\n", heads.join(" | "));
    text += &format!("|---|---|{}\n", "---|".repeat(tests.len()));
    for (name, words) in ROWS {
        let row: Vec<&str> = tests.iter().map(|test| cell(cells.get(&(name, test)))).collect();
        text += &format!("| **{name}** | {words} | {} |\n", row.join(" | "));
    }
    text
}

fn first_places(outcomes: &[&Outcome]) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        if let Some(where_) = outcome.text.strip_prefix("FAIL ") {
            text += &format!("- {} {}: {where_}\n", outcome.configuration, title(outcome.test));
        }
    }
    text
}

fn without_leases(raw: &[&Outcome], joined: &Tried) -> String {
    let mut text = String::from(
        "## A DMA without leases\n\nT8 moves through the leases of `h7a3::dma`. Without them, in the configurations that are safe for the core:\n\n```\n",
    );
    for outcome in raw {
        text += &format!("{} {} {}\n", outcome.configuration, outcome.test, outcome.text);
    }
    text += "```\n\nThe tail is refused by MDMA itself (0x880: block size error, at the target), nothing of it arrives. Uncleaned, the cache keeps\nits old lines, and puts dirty ones over what was moved. Narrow accesses are right if they reach the controller as they are;\nwhether silicon joins them nobody has said. With `--errata dma-joined`:\n\n```\n";
    text += &lines_of(joined, |line| line.contains(" T8-"));
    text + "```\n"
}

fn timing_of_2021(of_2021: &Tried) -> String {
    let mut text = String::from(
        "## The timing of 2021\n\nConfiguration B0 once more, with clock and controller set as in 2021. It breaks the chip's rules, which is why the virtual\nboard has to be lenient here:\n\n```\n",
    );
    text += &lines_of(of_2021, |line| {
        line.contains("2021") || line.starts_with("clocks:")
    });
    for event in &of_2021.events {
        text += &format!("event: {event}\n");
    }
    text + "```\n"
}

fn of_a_core_that_streams(fallback: &Tried) -> String {
    let said = lines_of(fallback, |line| {
        line.starts_with("configuration")
            || line.starts_with("A ")
            || line.starts_with("spiram selftest own:")
    });
    format!(
        "## A core whose read-allocate mode cannot be switched off\n\nThe same firmware with `--errata disramode-ineffective` notices at boot, falls back to A, and passes there:\n\n```\n{said}```\n"
    )
}

fn lines_of(tried: &Tried, wanted: impl Fn(&str) -> bool) -> String {
    let lines = tried.console.lines().filter(|line| wanted(line));
    lines.map(|line| format!("{line}\n")).collect()
}

/// `pass`, how many were wrong, or a dash.
fn cell<'a>(text: Option<&&'a str>) -> &'a str {
    match text {
        Some(text) if text.starts_with("pass") => "pass",
        Some(text) if text.starts_with("FAIL ") => {
            let count = text["FAIL ".len()..].split(' ').next();
            count.unwrap_or("fail")
        }
        _ => "-",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_of_tests_are_taken_from_the_report() {
        let console = "spiram selftest matrix\nboard: X\nB T2-stream pass (9 places)\nTrue\nB0 T3-irq-1kHz FAIL 2 of 9, 2 zero\n";
        let found: Vec<_> = outcomes(console)
            .into_iter()
            .map(|o| (o.configuration, o.test, o.text))
            .collect();
        assert_eq!(
            found,
            [
                ("B", "T2-stream", "pass (9 places)"),
                ("B0", "T3-irq-1kHz", "FAIL 2 of 9, 2 zero")
            ]
        );
    }

    #[test]
    fn a_safe_configuration_that_fails_is_an_error_and_an_unsafe_one_that_passes_too() {
        let line = |configuration, text| Outcome {
            configuration,
            test: "T1-lanes",
            text,
        };
        let good = || {
            ROWS.iter()
                .map(|(name, _)| {
                    line(
                        name,
                        if SAFE.contains(name) {
                            "pass"
                        } else {
                            "FAIL 1 of 2"
                        },
                    )
                })
                .collect::<Vec<_>>()
        };
        assert!(check(&good()).is_ok());
        let mut bad = good();
        bad[2].text = "FAIL 1 of 2";
        assert!(check(&bad).is_err());
        let mut bad = good();
        bad[3].text = "pass";
        assert!(check(&bad).is_err());
    }
}
