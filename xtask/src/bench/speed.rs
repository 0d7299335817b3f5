//! `bench speed`: how fast the memory chip is in the ways that programs use it, for each part, beside what the wire allows.
//! The firmware measures (`spiram.speed`), this makes a page of it: `docs/speed.md`.

use super::folder;
use crate::project::{DEFAULT_BOARD, Project};
use crate::say;
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::process::{Command, Stdio};

/// Those that the virtual board can fit, and that a footprint may hold.
const PARTS: &[&str] = &[
    "esp-psram64h",
    "ly68l6400",
    "aps6404l-3sqr",
    "aps6404l-3sqn",
    "ips6404l-sq",
];

/// What the firmware measures, and what a reader should know of it.
const ROWS: &[(&str, &str)] = &[
    ("line-reads", "single lines read, scattered"),
    ("line-writes", "single lines written, scattered"),
    ("reads-in-a-row", "words read one after the other"),
    ("memset", "`memset`, until all is in the chip"),
    ("memcpy-from", "`memcpy` from the chip to internal memory"),
    ("memcpy-to", "`memcpy` to the chip, until all is there"),
    ("random-words", "words read at random places"),
];

/// In kB/s.
#[derive(Debug, PartialEq, Eq)]
struct Speed {
    name: String,
    found: u64,
    limit: u64,
}

/// What the board said about one part.
struct Measured {
    part: &'static str,
    clock_hz: u64,
    timing: String,
    memtest_us: u64,
    speeds: Vec<Speed>,
}

pub fn run(project: &Project) -> Result<()> {
    let measured: Vec<Measured> = PARTS
        .iter()
        .map(|part| measure(project, part).with_context(|| format!("measuring {part}")))
        .collect::<Result<_>>()?;
    let text = page(&measured)?;
    let path = project.root.join("docs/speed.md");
    fs::write(&path, &text).with_context(|| format!("writing {}", path.display()))?;
    println!("{text}");
    say::line(format!("   written to {}", path.display()));
    Ok(())
}

fn measure(project: &Project, part: &'static str) -> Result<Measured> {
    const SCRIPT: &str = "import spiram\nspiram.speed()\ni = spiram.info()\n\
                          print('board', i['clock_hz'], i['timing'], i['memtest_us'])\n";
    let script = folder(project)?.join("speed.py");
    fs::write(&script, SCRIPT)?;
    let output = Command::new(project.spiram())
        .args(["run", "--board", DEFAULT_BOARD, "--psram", part, "--elf"])
        .arg(project.elf(DEFAULT_BOARD))
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
    let &[clock, timing, memtest] = board.split(' ').collect::<Vec<_>>().as_slice() else {
        bail!("expected clock, timing and duration, found `{board}`");
    };
    let measured = Measured {
        part,
        clock_hz: clock.parse()?,
        timing: timing.to_owned(),
        memtest_us: memtest.parse()?,
        speeds: console.lines().filter_map(speed).collect(),
    };
    ensure!(
        measured.speeds.len() == ROWS.len(),
        "expected {} figures, found {}",
        ROWS.len(),
        measured.speeds.len()
    );
    Ok(measured)
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

fn page(measured: &[Measured]) -> Result<String> {
    let first = measured.first().context("no part was measured")?;
    let mut text = format!(
        "# How fast the memory chip is\n\n\
         Made by `cargo xtask bench speed` with the firmware on the virtual board: **virtual MB/s**, under the assumptions of\n\
         [memory-path.md](memory-path.md); nothing here was seen on silicon. The clock on the wire is {} MHz, chosen by\n\
         `timing = \"{}\"` in the board file.\n\n\
         The limit is what the wire allows at that clock: for single lines the clocks of command, address, wait and data and\n\
         CE# high between, in a row two clocks a byte. What is overwritten counts as a line fetched and a line written,\n\
         because a write-allocate cache does not know that all of it will be replaced. A figure above its limit comes from\n\
         lines that continued an open burst; random words are below theirs because a line that is fetched from its middle\n\
         takes two commands.\n\n",
        first.clock_hz / 1_000_000,
        first.timing
    );
    let parts: Vec<&str> = measured.iter().map(|one| one.part).collect();
    text += &format!("| | limit | {} |\n", parts.join(" | "));
    text += &format!("|---|--:|{}\n", "--:|".repeat(parts.len()));
    for (name, words) in ROWS {
        let of = |one: &Measured| {
            let speed = one.speeds.iter().find(|speed| speed.name == *name);
            speed
                .map(|speed| (speed.found, speed.limit))
                .with_context(|| format!("no figure `{name}` for {}", one.part))
        };
        let (_, limit) = of(first)?;
        text += &format!("| {words} | {} |", mb(limit));
        for one in measured {
            let (found, limit) = of(one)?;
            text += &format!(" {} ({} %) |", mb(found), found * 100 / limit.max(1));
        }
        text += "\n";
    }
    text += "| all of it tested at start, in seconds | |";
    for one in measured {
        text += &format!(" {:.3} |", one.memtest_us as f64 / 1e6);
    }
    text += "\n";
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
    fn a_page_without_one_of_its_figures_is_an_error() {
        let measured = |left_out: &str| Measured {
            part: "a-part",
            clock_hz: 70_000_000,
            timing: "field".to_owned(),
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
        let whole = page(&[measured("")]).expect("a page");
        assert!(whole.contains("(95 %)") && whole.contains("0.494"), "{whole}");
        assert!(page(&[measured("memset")]).is_err());
        assert!(page(&[]).is_err());
    }
}
