//! `test`: every part, and a summary that counts. All of them run side by side where they can; those that are asked for by name one
//! after another.
//!
//! A part that fails does not stop the next one; the last line is `N passed, N failed, N skipped`.

use crate::parts::{BY_NAME, Context, PARTS, Part, Tally, waves};
use crate::{project::Project, say, setup, variant::Variant};
use anyhow::{Result, bail};
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

pub const ARGS: &str = "[FILTER] [--heap H] [--timing T] [--overwrite]";
pub const MORE: &str = "\
FILTER is a part, or a word that tests' names contain, or PART/WORD. The parts, in order, are fmt, tidy, firmware, build, clippy,
doc, host, drawn, fuzz, vision, micropython, clients; by their whole names only: bare, guest, long,
power-cuts, vision-peers.
--overwrite writes generated files anew, which are compared otherwise.";

pub fn main(project: &Project, mut args: lexopt::Parser) -> Result<ExitCode> {
    let (mut filter, mut overwrite, mut variant) = (None, false, Variant::default());
    let (mut is_lane, mut options) = (false, Vec::new());
    while let Some(arg) = args.next()? {
        match arg {
            // One of many, by `waves`: its counts are read by a program.
            lexopt::Arg::Long("lane") => is_lane = true,
            lexopt::Arg::Long("overwrite") => {
                overwrite = true;
                options.push("--overwrite".into());
            }
            // Not the part: the virtual boards of the tests have the one that the board file names.
            lexopt::Arg::Long(option) if option != "part" && Variant::OPTIONS.contains(&option) => {
                let option = option.to_owned();
                let value = args.value()?;
                variant.set(project, &option, &value.to_string_lossy())?;
                options.extend([format!("--{option}").into(), value]);
            }
            lexopt::Arg::Value(text) if filter.is_none() => {
                filter = Some(text.to_string_lossy().into_owned())
            }
            other => bail!(
                "{}; `test` takes: {ARGS}; the parts are: {}",
                other.unexpected(),
                names()
            ),
        }
    }
    setup::ensure(project, false)?;
    let (chosen, inner) = choose(filter.as_deref());
    let context = Context {
        project,
        filter: inner,
        named: filter.is_some() && !is_lane,
        variant,
        overwrite,
    };
    if is_lane {
        return lane(filter.as_deref(), &context);
    }
    let summary = Summary::new();
    if filter.is_none() {
        waves::run(&options, &|part, tally, time| summary.take(part, tally, time));
    } else {
        for part in chosen {
            let begun = Instant::now();
            summary.take(part.name, run(part, &context), begun.elapsed());
        }
    }
    let total = summary.tell(context.filter.as_deref())?;
    // The one line for machines, on stdout.
    say::result(&total)?;
    Ok(exit_code(&total))
}

/// One part, whose counts go to the process that runs the waves.
fn lane(name: Option<&str>, context: &Context) -> Result<ExitCode> {
    let Some(part) = PARTS.iter().find(|part| Some(part.name) == name) else {
        bail!("--lane wants the name of one part");
    };
    let tally = run(part, context);
    say::result(waves::written(&tally))?;
    Ok(exit_code(&tally))
}

fn run(part: &Part, context: &Context) -> Tally {
    say::line(format!("== {}: {}", part.name, part.what));
    let begun = Instant::now();
    let mut tally = Tally::default();
    if let Err(error) = (part.run)(context, &mut tally) {
        tally.fail(format!("{error:#}"));
    }
    for failure in &tally.failures {
        say::line(format!("   FAILED  {failure}"));
    }
    say::line(row(part.name, &tally, begun.elapsed()));
    tally
}

fn row(part: &str, tally: &Tally, time: Duration) -> String {
    format!("   {part:<14} {tally:<44} {:>12}", say::seconds(time))
}

fn exit_code(tally: &Tally) -> ExitCode {
    ExitCode::from(u8::from(!tally.failures.is_empty()))
}

/// What came of the parts, in the order in which they ended.
struct Summary {
    ended: Mutex<Vec<(&'static str, Tally, Duration)>>,
    begun: Instant,
}

impl Summary {
    fn new() -> Summary {
        Summary {
            ended: Mutex::default(),
            begun: Instant::now(),
        }
    }

    fn take(&self, part: &'static str, tally: Tally, time: Duration) {
        let mut ended = self.ended.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        ended.push((part, tally, time));
    }

    /// The table, what failed, and all counts.
    fn tell(self, filter: Option<&str>) -> Result<Tally> {
        let ended = self
            .ended
            .into_inner()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut total = Tally::default();
        say::line("\n== summary");
        for (part, tally, time) in ended {
            say::line(row(part, &tally, time));
            total.add(part, tally);
        }
        if let (Some(filter), 0) = (filter, total.passed + total.failures.len()) {
            bail!(
                "no test and no part is called `{filter}`; the parts are: {}",
                names()
            );
        }
        for failure in &total.failures {
            say::line(format!("   FAILED  {failure}"));
        }
        say::line(format!("   {}", say::seconds(self.begun.elapsed())));
        Ok(total)
    }
}
/// The parts that a filter asks for, and what it asks of their tests: `clippy` is a part, `host/psram` is a part's tests,
/// and what names no part goes to all parts that have tests with names.
fn choose(filter: Option<&str>) -> (Vec<&'static Part>, Option<String>) {
    let Some(filter) = filter else {
        return (PARTS.iter().collect(), None);
    };
    let (first, rest) = filter
        .split_once('/')
        .map_or((filter, None), |(part, tests)| (part, Some(tests)));
    if let Some(part) = BY_NAME.iter().find(|part| part.name == first) {
        return (vec![part], rest.map(str::to_owned));
    }
    if let Some((part, tests)) = filter.split_once('/') {
        let chosen: Vec<&Part> = PARTS
            .iter()
            .filter(|known| known.name == part && known.filters)
            .collect();
        if !chosen.is_empty() {
            return (chosen, Some(tests.to_owned()));
        }
    }
    let named: Vec<&Part> = PARTS.iter().filter(|part| part.name.contains(filter)).collect();
    if named.is_empty() {
        return (
            PARTS
                .iter()
                .filter(|part| part.filters || part.name == "firmware")
                .collect(),
            Some(filter.to_owned()),
        );
    }
    (named, None)
}

fn names() -> String {
    PARTS.iter().map(|part| part.name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(filter: &str) -> (Vec<&'static str>, Option<String>) {
        let (parts, inner) = choose(Some(filter));
        (parts.iter().map(|part| part.name).collect(), inner)
    }

    #[test]
    fn the_help_names_all_parts_in_order() {
        let names = |parts: &[Part]| parts.iter().map(|part| part.name).collect::<Vec<_>>().join(", ");
        let help = MORE.replace('\n', " ");
        assert!(
            help.contains(&format!("in order, are {};", names(PARTS))),
            "{help}"
        );
        assert!(help.contains(&format!("only: {}.", names(BY_NAME))), "{help}");
    }

    #[test]
    fn a_filter_chooses_parts_or_tests() {
        assert_eq!(choose(None).0.len(), PARTS.len());
        assert_eq!(chosen("clip"), (vec!["clippy"], None));
        assert_eq!(chosen("bare/trixie"), (vec!["bare"], Some("trixie".into())));
        assert!(
            !choose(None).0.iter().any(|part| part.name == "bare"),
            "by name only"
        );
        assert_eq!(
            chosen("micropython/float"),
            (vec!["micropython"], Some("float".into()))
        );
        assert_eq!(
            chosen("float/inf"),
            (
                vec!["firmware", "host", "vision", "micropython", "clients"],
                Some("float/inf".into())
            )
        );
    }
}
