//! `bench speed`: how fast the memory chip is in the ways that programs use it, for each part, beside what the wire allows.
//! The firmware measures (`spiram.speed`), this makes a page of it: `docs/speed.md`.

use crate::folder;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::process::{Command, Stdio};
use xtask::project::{DEFAULT_BOARD, Project};
use xtask::variant::Variant;
use xtask::{firmware, say};

/// The timings that are compared; `safe` is whatever a board says.
const TIMINGS: &[(&str, &str)] = &[
    (
        "datasheet",
        "The default: the fastest clock at which every rule of the part is kept.",
    ),
    (
        "field",
        "`--timing field`: 70 MHz, at which boards with these chips have run; CE# is held for less than tCHD asks where that\n\
         is 20 ns.",
    ),
];

/// What the firmware measures, and what a reader should know of it.
const ROWS: &[(&str, &str)] = &[
    ("line-reads", "single lines read, scattered"),
    ("line-writes", "single lines written, scattered"),
    ("reads-in-a-row", "words read one after the other"),
    ("memset", "`memset`, until all is in the chip"),
    ("memcpy-from", "`memcpy` from the chip to internal memory"),
    ("memcpy-to", "`memcpy` to the chip, until all is there"),
    ("mdma-from", "copied by MDMA from the chip to internal memory"),
    ("mdma-to", "copied by MDMA to the chip"),
    ("random-words", "words read at random places"),
];

/// What a reader has to know of the tables.
const HEAD: &str = "\
# How fast the memory chip is

Made by `cargo xtask bench speed` with the firmware on the virtual board: **virtual MB/s**, under the assumptions of
[memory-path.md](memory-path.md); nothing here was seen on silicon. For each part the firmware was built for that part
(`cargo xtask run --part P`), which knows its limits.

The limit is what the wire allows at that clock: for single lines the clocks of command, address, wait and data and
CE# high between, in a row two clocks a byte. What is overwritten counts as a line fetched and a line written,
because a write-allocate cache does not know that all of it will be replaced. A figure above its limit comes from
lines that continued an open burst.

A word at a random place costs the line that it is in. The core asks for the word first and for what lies before it last
(a wrapping burst), and the model of the controller makes two commands of that, unless the word is in the first eight
bytes; the limit counts them, three times in four. That is an assumption of the model, see memory-path.md. The chips can
wrap in 32 bytes by themselves (command C0), and then one command would do: +17 % at 70 MHz for this row. But then no
burst goes on into the next line: what is read in a row would fall from 35 to 27 MB/s; and the controller's wrap commands
are reported to go wrong ([errata.md](errata.md), E10). So it stays off.
";

/// In kB/s.
#[derive(Debug, PartialEq, Eq)]
struct Speed {
    name: String,
    found: u64,
    limit: u64,
}

/// What the board said about one part.
struct Measured {
    part: String,
    clock_hz: u64,
    memtest_us: u64,
    speeds: Vec<Speed>,
}

pub fn run(project: &Project, variant: &Variant) -> Result<()> {
    ensure!(
        variant.timing.is_none() && variant.part.is_none(),
        "`bench speed` measures every part in every timing; it takes neither --timing nor --part"
    );
    let mut text = String::from(HEAD);
    for (timing, words) in TIMINGS {
        let measured: Vec<Measured> = project
            .parts()?
            .into_iter()
            .map(|part| {
                let variant = Variant {
                    timing: Some((*timing).to_owned()),
                    part: Some(part.clone()),
                    ..variant.clone()
                };
                measure(project, &variant, part)
                    .with_context(|| format!("measuring {}", variant.name("the board")))
            })
            .collect::<Result<_>>()?;
        measured.iter().try_for_each(check)?;
        text += &format!("\n## Timing `{timing}`\n\n{words}\n\n{}", table(&measured)?);
    }
    let path = project.root.join("docs/speed.md");
    fs::write(&path, &text).with_context(|| format!("writing {}", path.display()))?;
    println!("{text}");
    say::line(format!("   written to {}", path.display()));
    Ok(())
}

/// Firmware for the part, on a board with the part.
fn measure(project: &Project, variant: &Variant, part: String) -> Result<Measured> {
    const SCRIPT: &str = "import spiram\nspiram.speed()\ni = spiram.info()\n\
                          print('board', i['clock_hz'], i['memtest_us'])\n";
    firmware::ensure(project, DEFAULT_BOARD, variant)?;
    let script = folder(project)?.join("speed.py");
    fs::write(&script, SCRIPT)?;
    let output = Command::new(xtask::firmware::spiram(project))
        .args(["run", "--board", DEFAULT_BOARD, "--psram", &part, "--elf"])
        .arg(variant.elf(project, DEFAULT_BOARD))
        .arg(&script)
        .stdin(Stdio::null())
        .output()
        .context("starting the virtual board")?;
    let console = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        bail!(
            "the script ended with {}\n{console}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let board = console
        .lines()
        .find_map(|line| line.strip_prefix("board "))
        .context("the script said nothing about the board")?;
    let (clock, memtest) = board
        .split_once(' ')
        .with_context(|| format!("expected clock and duration, found `{board}`"))?;
    Ok(Measured {
        part,
        clock_hz: clock.parse()?,
        memtest_us: memtest.parse()?,
        speeds: console.lines().filter_map(speed).collect(),
    })
}

/// `speed <name> <found> <limit>`
fn speed(line: &str) -> Option<Speed> {
    let mut words = line.strip_prefix("speed ")?.split_whitespace();
    let speed = Speed {
        name: words.next()?.to_owned(),
        found: words.next()?.parse().ok()?,
        limit: words.next()?.parse().ok()?,
    };
    words.next().is_none().then_some(speed)
}

/// What is expected of every part at every clock: single lines, and what is made of them, come near to the wire's limit, and
/// what lies in a row is faster than single lines could be.
fn check(one: &Measured) -> Result<()> {
    let of = |name: &str| {
        let found = one.speeds.iter().find(|speed| speed.name == name);
        found.with_context(|| format!("no figure `{name}` for {}", one.part))
    };
    for name in ["line-reads", "line-writes", "memset", "memcpy-to", "random-words"] {
        let Speed { found, limit, .. } = of(name)?;
        ensure!(
            found * 100 >= limit * 95,
            "{}, {name}: {found} kB/s, expected at least 95 % of {limit}",
            one.part
        );
    }
    let line = of("line-reads")?.limit;
    for name in ["reads-in-a-row", "memcpy-from"] {
        let found = of(name)?.found;
        ensure!(
            found > line,
            "{}, {name}: {found} kB/s, expected more than {line}, the limit of single lines",
            one.part
        );
    }
    Ok(())
}

/// A column for each part.
fn table(measured: &[Measured]) -> Result<String> {
    let row = |name: &str, cells: Vec<String>| format!("| {name} | {} |\n", cells.join(" | "));
    let all = |cell: &dyn Fn(&Measured) -> String| measured.iter().map(cell).collect::<Vec<_>>();
    let mut text = row("", all(&|one| one.part.clone()));
    text += &format!("|---|{}\n", "--:|".repeat(measured.len()));
    text += &row(
        "clock on the wire, MHz",
        all(&|one| (one.clock_hz / 1_000_000).to_string()),
    );
    for (name, words) in ROWS {
        let cells = measured.iter().map(|one| {
            let speed = one.speeds.iter().find(|speed| speed.name == *name);
            let Speed { found, limit, .. } =
                speed.with_context(|| format!("no figure `{name}` for {}", one.part))?;
            Ok(format!(
                "{} of {} ({} %)",
                mb(*found),
                mb(*limit),
                found * 100 / (*limit).max(1)
            ))
        });
        text += &row(words, cells.collect::<Result<_>>()?);
    }
    text += &row(
        "all of it tested at start, in seconds",
        all(&|one| format!("{:.3}", one.memtest_us as f64 / 1e6)),
    );
    Ok(text)
}

fn mb(kb: u64) -> String {
    format!("{:.1}", kb as f64 / 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_report_has_a_name_and_two_numbers() {
        let found = speed("speed memset 14092 14000");
        let expected = Speed {
            name: "memset".to_owned(),
            found: 14092,
            limit: 14000,
        };
        assert_eq!(found, Some(expected));
        for bad in [
            "memset 1 2",
            "speed memset 1",
            "speed memset 1 2 3",
            "speed memset x 2",
        ] {
            assert_eq!(speed(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_figure_that_is_too_far_from_the_wire_is_an_error() {
        let measured = |slow: &str, found: u64| Measured {
            part: "a-part".to_owned(),
            clock_hz: 50_000_000,
            memtest_us: 698_000,
            speeds: ROWS
                .iter()
                .map(|(name, _)| Speed {
                    name: (*name).to_owned(),
                    found: if *name == slow { found } else { 1001 },
                    limit: 1000,
                })
                .collect(),
        };
        assert!(check(&measured("line-reads", 950)).is_ok());
        assert!(check(&measured("line-reads", 949)).is_err());
        assert!(check(&measured("random-words", 949)).is_err());
        assert!(check(&measured("reads-in-a-row", 1000)).is_err());
    }

    #[test]
    fn a_table_without_one_of_its_figures_is_an_error() {
        let measured = |left_out: &str| Measured {
            part: "a-part".to_owned(),
            clock_hz: 70_000_000,
            memtest_us: 494_000,
            speeds: ROWS
                .iter()
                .filter(|(name, _)| *name != left_out)
                .map(|(name, _)| Speed {
                    name: (*name).to_owned(),
                    found: 950,
                    limit: 1000,
                })
                .collect(),
        };
        let whole = table(&[measured("")]).expect("a table");
        assert!(
            whole.contains("(95 %)") && whole.contains("0.494") && whole.contains("| 70 |"),
            "{whole}"
        );
        assert!(table(&[measured("memset")]).is_err());
    }
}
