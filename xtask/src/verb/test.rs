//! `test`: every part, one after another, and a summary that counts.
//!
//! A part that fails does not stop the next one; the last line is `N passed, N failed, N skipped`.

use crate::parts::{Context, PARTS, Part, Tally};
use crate::{project::Project, say, setup};
use anyhow::{Result, bail};
use std::process::ExitCode;
use std::time::Instant;

pub const ARGS: &str = "[FILTER] [--overwrite]";

pub fn main(project: &Project, mut args: lexopt::Parser) -> Result<ExitCode> {
    let (mut filter, mut overwrite) = (None, false);
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Long("overwrite") => overwrite = true,
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
    // A filter that names no part goes to those parts which have tests with names.
    let named: Vec<&Part> = match &filter {
        None => PARTS.iter().collect(),
        Some(filter) => PARTS
            .iter()
            .filter(|part| part.name.contains(filter.as_str()))
            .collect(),
    };
    let (chosen, inner) = match (named.is_empty(), filter.clone()) {
        (false, _) => (named, None),
        (true, filter) => (
            PARTS
                .iter()
                .filter(|part| part.filters || part.name == "firmware")
                .collect(),
            filter,
        ),
    };

    setup::stand(project, false)?;
    let context = Context {
        project,
        filter: inner,
        overwrite,
    };
    let mut total = Tally::default();
    let mut table = Vec::new();
    let start = Instant::now();
    for part in chosen {
        say::line(format!("== {}: {}", part.name, part.what));
        let begun = Instant::now();
        let mut tally = Tally::default();
        if let Err(error) = (part.run)(&context, &mut tally) {
            tally.fail(format!("{error:#}"));
        }
        for failure in &tally.failures {
            say::line(format!("   FAILED  {failure}"));
        }
        let line = format!(
            "{:<14} {tally:<44} {:>12}",
            part.name,
            say::seconds(begun.elapsed())
        );
        say::line(format!("   {line}"));
        table.push(line);
        total.add(part.name, tally);
    }
    if let (Some(filter), 0) = (&context.filter, total.passed + total.failures.len()) {
        bail!(
            "no test and no part is called `{filter}`; the parts are: {}",
            names()
        );
    }

    say::line("\n== summary");
    for line in table {
        say::line(format!("   {line}"));
    }
    for failure in &total.failures {
        say::line(format!("   FAILED  {failure}"));
    }
    say::line(format!("   {}", say::seconds(start.elapsed())));
    // The one line for machines, on stdout.
    println!("{total}");
    Ok(if total.failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn names() -> String {
    PARTS.iter().map(|part| part.name).collect::<Vec<_>>().join(", ")
}
