//! `cargo xtask VERB`: everything that is done with this repository, one file a verb in `verb/`.
//!
//! The crates are never imported from here: xtask must compile in seconds on a machine that has nothing yet,
//! and it calls the others by way of cargo, as a person would.
//! Progress goes to stderr, so that stdout holds a script's output and nothing else.
//!
//! What is public is for the benches (`tools/bench`), which set up and build as the verbs do.

pub mod cargo;
mod content;
mod copy;
pub mod firmware;
mod fuzz;
pub mod heap;
pub mod image;
mod interrupt;
mod loader;
mod lock;
mod names;
mod parts;
pub mod process;
pub mod project;
pub mod say;
pub mod setup;
pub mod variant;
mod verb;

use anyhow::{Result, bail};
use project::Project;
use std::process::ExitCode;

struct Verb {
    name: &'static str,
    args: &'static str,
    what: &'static str,
    /// What its help says besides; `None` if it tells its help itself.
    more: Option<fn() -> String>,
    main: fn(&Project, lexopt::Parser) -> Result<ExitCode>,
}

const VERBS: &[Verb] = &[
    Verb {
        name: "run",
        args: verb::run::ARGS,
        what: "boot the virtual board",
        more: Some(verb::run::help),
        main: verb::run::main,
    },
    Verb {
        name: "test",
        args: verb::test::ARGS,
        what: "all tests, or some",
        more: Some(|| verb::test::MORE.to_owned()),
        main: verb::test::main,
    },
    Verb {
        name: "build",
        args: verb::build::ARGS,
        what: "files to flash, in dist/",
        more: Some(String::new),
        main: verb::build::main,
    },
    Verb {
        name: "bench",
        args: verb::bench::ARGS,
        what: "figures, as tables",
        more: None,
        main: verb::bench::main,
    },
    Verb {
        name: "fuzz",
        args: verb::fuzz::ARGS,
        what: "drawn inputs, until something is found",
        more: None,
        main: verb::fuzz::main,
    },
    Verb {
        name: "clean",
        args: verb::clean::ARGS,
        what: "take away what was made here",
        more: Some(|| verb::clean::MORE.to_owned()),
        main: verb::clean::main,
    },
    Verb {
        name: "doctor",
        args: verb::doctor::ARGS,
        what: "check this machine, a page for a report",
        more: Some(|| verb::doctor::MORE.to_owned()),
        main: verb::doctor::main,
    },
    Verb {
        name: "setup",
        args: verb::setup::ARGS,
        what: "only install what is missing",
        more: Some(String::new),
        main: verb::setup::main,
    },
];

/// The exit code of a command that could not be done; `spiram` has the same, since 1 and 2 tell of script and board.
const REFUSED: u8 = 3;

/// The whole program.
pub fn main() -> ExitCode {
    exit(dispatch)
}

/// Runs a tool of ours and tells its error, if there is one: every end of it has one of the four exit codes.
pub fn exit(run: impl FnOnce() -> Result<ExitCode> + std::panic::UnwindSafe) -> ExitCode {
    let watched = interrupt::watch().and_then(|()| match std::panic::catch_unwind(run) {
        Ok(result) => result,
        // The panic has said where it was.
        Err(_) => {
            bail!("this is a fault of spiram's own; `cargo xtask doctor` prints what a report of it needs")
        }
    });
    interrupt::let_it_stop();
    match watched {
        Ok(code) => code,
        Err(error) => {
            say::line(format!("error: {error:#}"));
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
    // Before anything is looked at, let alone done.
    let mut words = std::env::args_os().skip(2);
    if let (Some(more), true) = (known.more, words.any(|word| word == "-h" || word == "--help")) {
        say::result(help(known, &more()).trim_end())?;
        return Ok(ExitCode::SUCCESS);
    }
    (known.main)(&Project::find()?, args)
}

fn names() -> String {
    VERBS.iter().map(|verb| verb.name).collect::<Vec<_>>().join(", ")
}

fn help(verb: &Verb, more: &str) -> String {
    format!(
        "cargo xtask {} {}\n  {}\n\n{more}",
        verb.name, verb.args, verb.what
    )
}

fn usage(code: ExitCode) -> ExitCode {
    say::line("cargo xtask VERB, where VERB is one of");
    for Verb { name, args, what, .. } in VERBS {
        say::line(format!("  {name:<7} {what}\n          {args}"));
    }
    say::line("cargo xtask VERB --help says more of each");
    code
}
