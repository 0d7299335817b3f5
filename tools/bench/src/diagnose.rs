//! `bench diagnose`: each joint of the memory chip, bad in each way, and what the board says of itself: `docs/diagnose.md`.

#[path = "../../../tests/joints/faults.rs"]
mod faults;

use crate::folder;
use anyhow::{Context, Result, bail};
use std::fmt::Write;
use std::fs;
use std::process::{Command, Stdio};
use xtask::project::{DEFAULT_BOARD, Project};
use xtask::variant::Variant;
use xtask::{firmware, say};

const HEAD: &str = "\
# Which joint is bad?

Made by `cargo xtask bench diagnose` with the firmware on the virtual board (devebox): **nothing here was seen on silicon**. Each joint
between the memory chip and the processor is broken in each way (`spiram run --fault SIO2:open`), at either package, and the board
says at start which it is. *exact*: one pin is named, and the kind. *in a set*: the pin is one of those that are named.

`5k` and `20k` are bad contacts of so many ohms: the first passes edges at 12 MHz and not at 50 MHz, the second at neither.

How it finds out, in `crates/psram/src/diagnose`:
1. The lines are pulled up and down as plain pins: which do not follow? A short to a rail.
2. Each is pulled down hard while the others are pulled up: who follows? A bridge, also to the pin beside it on the processor.
3. The pull-up charges each line, and the time is taken. A line on which the memory's pin does not hang charges faster: open.
4. Each line alone is pulled up, and then down, and all others the other way. A die without VDD lives on what is high, and one line
   does not feed it; a die without VSS lets its current out by what is low: all lines that do not follow are a supply pin without
   contact.
5. READ ID, then a byte written on one line and read on four, and the other way round, at 12 MHz and at the full clock: which line
   loses bits?

Clock, chip select and SIO0 carry the commands. If one of them has a bad contact, the chip hears nothing. What is late on SIO0 is
understood if READ ID is sent a clock early; a chip that is selected late answers if the command comes a clock or two later. If
neither helps and no line is open, it is the clock, or the chip is dead or missing: physics does not tell these apart, and the verdict
says so.

The model of a line: 5 pF at the processor's pad, 10 pF of trace, 6 pF at the memory's pin, pulls of 40 kOhm, 0.1 mA for a die at rest.
A trace that is much longer than the others would be taken for none that is open, but hide one that is; how far that goes on a real
board is not known.

Ten thousand healthy boards that were drawn (any part, any timing, copper, pulls and loads; the logic and the model of the chip on this
machine, `SPIRAM_SEEDS=10000 cargo test -p psram --test healthy`) have no verdict.

A joint that comes loose while the board runs, and has no contact once in 10^6 clocks (`--fault SIO2:loose=1000000.2@1500ms`), is found by
`spiram.memtest(\"soak\")` within 0.8 virtual seconds, on each of the lines SIO0 to SIO3, SCLK and CE# (seeds 1 to 7).
";

pub fn run(project: &Project, variant: &Variant) -> Result<()> {
    firmware::ensure(project, DEFAULT_BOARD, variant)?;
    let (mut rows, mut exact, mut held) = (String::new(), 0, 0);
    let faults = faults::all();
    for fault in &faults {
        let said = verdict(project, variant, &[&fault.name])?;
        let said = said.with_context(|| format!("{}: the board found nothing", fault.name))?;
        let (is_exact, names_all) = (fault.is_named_by(&said), fault.is_in(&said));
        exact += usize::from(is_exact);
        held += usize::from(names_all);
        let how = match (is_exact, names_all) {
            (true, _) => "exact",
            (false, true) => "in a set",
            (false, false) => "**wrong**",
        };
        writeln!(rows, "| `{}` | {how} | {said} |", fault.name)?;
    }
    let all = faults.len();
    let pairs = pairs(project, variant, &faults)?;
    let text = format!(
        "{HEAD}\n{all} single faults: all detected, {exact} named exactly ({:.0} %; the aim is 95 %), {held} with the true pin among those \
         that are named.\n\n{pairs}\n| fault | named | what the board says |\n|---|---|---|\n{rows}",
        100.0 * exact as f64 / all as f64
    );
    let page = project.root.join("docs/diagnose.md");
    fs::write(&page, text).with_context(|| format!("writing {}", page.display()))?;
    say::line(format!(
        "   {exact} of {all} exactly, {held} in all: docs/diagnose.md"
    ));
    Ok(())
}

/// So many pairs of them are tried.
const PAIRS: usize = 100;

/// Two faults at once, one pair of each so many, so that every fault has its turn.
fn pairs(project: &Project, variant: &Variant, faults: &[faults::Fault]) -> Result<String> {
    let all: Vec<_> = (0..faults.len())
        .flat_map(|a| (0..a).map(move |b| [a, b]))
        .filter(|[a, b]| faults[*a].pads != faults[*b].pads)
        .collect();
    let (mut tried, mut named, mut missed) = (0, 0, Vec::new());
    for pair in all.iter().step_by(all.len() / PAIRS).take(PAIRS) {
        let pair = pair.map(|n| &faults[n]);
        let names = pair.map(|fault| &*fault.name);
        tried += 1;
        let said = verdict(project, variant, &names)?;
        match said {
            None => missed.push(format!("`{}` with `{}`: nothing was found", names[0], names[1])),
            Some(said) if pair.iter().any(|fault| fault.is_in(&said)) => named += 1,
            Some(said) => missed.push(format!("`{}` with `{}`: {said}", names[0], names[1])),
        }
    }
    let mut text = format!(
        "{tried} pairs of these, of {} that there are: in {named} at least one of both is named (the aim is 90 %).\n",
        all.len()
    );
    for row in missed {
        writeln!(text, "- {row}")?;
    }
    Ok(text)
}

/// What the board says of itself; `None`: it found nothing.
fn verdict(project: &Project, variant: &Variant, faults: &[&str]) -> Result<Option<String>> {
    let script = folder(project)?.join("nothing.py");
    fs::write(&script, "import spiram\nprint(spiram.diagnose())\n")?;
    let output = Command::new(xtask::firmware::spiram(project))
        .arg("run")
        .args(faults.iter().flat_map(|fault| ["--fault", fault]))
        .arg("--elf")
        .arg(variant.elf(project, DEFAULT_BOARD))
        .arg(&script)
        .stdin(Stdio::null())
        .output()
        .context("running spiram")?;
    let said = String::from_utf8_lossy(&output.stdout);
    match said.lines().last() {
        Some(line) if output.status.success() => Ok((line != "None").then(|| line.to_owned())),
        _ => bail!(
            "{faults:?}: the board ended with {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}
