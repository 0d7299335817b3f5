//! `cargo xtask VERB`: everything that is done with this repository, one file a verb in `verb/`.
//!
//! The crates are never imported from here: xtask must compile in seconds on a machine that has nothing yet,
//! and it calls the others by way of cargo, as a person would.
//! Progress goes to stderr, so that stdout holds a script's output and nothing else.
//!
//! What is public is for the benches (`tools/bench`), which set up and build as the verbs do.

mod content;
pub mod firmware;
pub mod flavour;
mod fuzz;
pub mod heap;
pub mod image;
mod names;
mod parts;
pub mod process;
pub mod project;
pub mod say;
pub mod setup;
mod verb;

use anyhow::{Result, bail};
use project::Project;
use std::process::ExitCode;

struct Verb {
    name: &'static str,
    args: &'static str,
    what: &'static str,
    main: fn(&Project, lexopt::Parser) -> Result<ExitCode>,
}

const VERBS: &[Verb] = &[
    Verb {
        name: "run",
        args: verb::run::ARGS,
        what: "boot the virtual board",
        main: verb::run::main,
    },
    Verb {
        name: "test",
        args: verb::test::ARGS,
        what: "all tests, or some",
        main: verb::test::main,
    },
    Verb {
        name: "build",
        args: verb::build::ARGS,
        what: "files to flash, in dist/",
        main: verb::build::main,
    },
    Verb {
        name: "bench",
        args: verb::bench::ARGS,
        what: "figures, as tables",
        main: verb::bench::main,
    },
    Verb {
        name: "fuzz",
        args: verb::fuzz::ARGS,
        what: "drawn inputs, until something is found",
        main: verb::fuzz::main,
    },
    Verb {
        name: "setup",
        args: verb::setup::ARGS,
        what: "only install what is missing",
        main: verb::setup::main,
    },
];

/// The exit code of a command that could not be done; `spiram` has the same, since 1 and 2 tell of script and board.
const REFUSED: u8 = 3;

/// The whole program.
pub fn main() -> ExitCode {
    exit(dispatch())
}

/// Tells an error, as every tool of ours does.
pub fn exit(result: Result<ExitCode>) -> ExitCode {
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(REFUSED)
        }
    }
}

fn dispatch() -> Result<ExitCode> {
    let mut args = lexopt::Parser::from_env();
    let verb = match args.next()? {
        None => return Ok(usage(ExitCode::from(REFUSED))),
        Some(lexopt::Arg::Short('h') | lexopt::Arg::Long("help")) => return Ok(usage(ExitCode::SUCCESS)),
        Some(lexopt::Arg::Value(name)) => name.to_string_lossy().into_owned(),
        Some(other) => bail!("{}; expected a verb, one of: {}", other.unexpected(), names()),
    };
    if verb == "help" {
        return Ok(usage(ExitCode::SUCCESS));
    }
    let Some(known) = VERBS.iter().find(|known| known.name == verb) else {
        bail!("unknown verb `{verb}`; expected one of: {}", names());
    };
    (known.main)(&Project::find()?, args)
}

fn names() -> String {
    VERBS.iter().map(|verb| verb.name).collect::<Vec<_>>().join(", ")
}

fn usage(code: ExitCode) -> ExitCode {
    eprintln!("cargo xtask VERB, where VERB is one of");
    for Verb { name, args, what, .. } in VERBS {
        eprintln!("  {:<48} {what}", format!("{name} {args}"));
    }
    code
}
