//! `bench`: figures as tables, on stdout. What is virtual is called so; wall time is this machine's.

use crate::bench::{bus, heap, pystone, repeat, size, soak, speed, start};
use crate::flavour::Flavour;
use crate::project::{DEFAULT_BOARD, Project};
use crate::{firmware, say, setup};
use anyhow::{Result, bail};
use std::process::ExitCode;

pub const ARGS: &str = "[bus|speed|heap|soak] [--timing T] [--part P]";

pub fn main(project: &Project, mut args: lexopt::Parser) -> Result<ExitCode> {
    let mut page: Option<fn(&Project, &Flavour) -> Result<()>> = None;
    let mut flavour = Flavour::default();
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Value(name) if name == "bus" => page = Some(bus::run),
            lexopt::Arg::Value(name) if name == "speed" => page = Some(speed::run),
            lexopt::Arg::Value(name) if name == "heap" => page = Some(heap::run),
            lexopt::Arg::Value(name) if name == "soak" => page = Some(soak::run),
            lexopt::Arg::Long(option) if Flavour::OPTIONS.contains(&option) => {
                let option = option.to_owned();
                flavour.set(project, &option, &args.value()?.to_string_lossy())?;
            }
            other => bail!("{}; `bench` takes: {ARGS}", other.unexpected()),
        }
    }
    setup::stand(project, false)?;
    firmware::stand(project, DEFAULT_BOARD, &flavour)?;
    firmware::stand_spiram(project)?;

    if let Some(page) = page {
        page(project, &flavour)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut failed = false;
    for (title, bench) in [
        ("Start", start::run as fn(&Project, &Flavour) -> Result<()>),
        ("The same run twice", repeat::run),
        ("Pystone", pystone::run),
        ("Flash and RAM", size::run),
    ] {
        println!("\n## {title}\n");
        if let Err(error) = bench(project, &flavour) {
            say::line(format!("error: {title}: {error:#}"));
            failed = true;
        }
    }
    println!("\nFirmware for {DEFAULT_BOARD}, on the virtual board. Nothing here was measured on silicon.");
    Ok(if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}
