//! `cargo xtask VERB`: everything that is done with this repository, one file a verb in `verb/`.
//!
//! The crates are never imported from here: xtask must compile in seconds on a machine that has nothing yet,
//! and it calls the others by way of cargo, as a person would.
//! Progress goes to stderr, so that stdout holds a script's output and nothing else.

mod firmware;
mod image;
mod process;
mod project;
mod say;
mod setup;
mod verb;

use anyhow::{Result, bail};
use project::Project;
use std::process::ExitCode;

/// A verb: its name, its arguments, what it does, the function.
type Verb = (
    &'static str,
    &'static str,
    &'static str,
    fn(&Project, lexopt::Parser) -> Result<ExitCode>,
);

const VERBS: &[Verb] = &[
    (
        "run",
        verb::run::ARGS,
        "boot the virtual board: a prompt, or a script's output",
        verb::run::main,
    ),
    (
        "build",
        verb::build::ARGS,
        "dist/: ELF, bin, hex and DfuSe file of each board",
        verb::build::main,
    ),
    (
        "setup",
        verb::setup::ARGS,
        "install what is missing; every other verb does this first",
        verb::setup::main,
    ),
];

fn main() -> ExitCode {
    match dispatch() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn dispatch() -> Result<ExitCode> {
    let mut args = lexopt::Parser::from_env();
    let verb = match args.next()? {
        None => return Ok(usage(ExitCode::from(2))),
        Some(lexopt::Arg::Short('h') | lexopt::Arg::Long("help")) => return Ok(usage(ExitCode::SUCCESS)),
        Some(lexopt::Arg::Value(name)) => name.to_string_lossy().into_owned(),
        Some(other) => bail!("{}; expected a verb, one of: {}", other.unexpected(), names()),
    };
    if verb == "help" {
        return Ok(usage(ExitCode::SUCCESS));
    }
    let Some((.., run)) = VERBS.iter().find(|known| known.0 == verb) else {
        bail!("unknown verb `{verb}`; expected one of: {}", names());
    };
    run(&Project::find()?, args)
}

fn names() -> String {
    VERBS.iter().map(|verb| verb.0).collect::<Vec<_>>().join(", ")
}

fn usage(code: ExitCode) -> ExitCode {
    eprintln!("cargo xtask VERB, where VERB is one of");
    for (name, args, what, _) in VERBS {
        eprintln!("  {:<58} {what}", format!("{name} {args}"));
    }
    code
}
