//! `fuzz`: drawn inputs until a number of calls is reached, one target a file in `crate::fuzz`.
//!
//! A target gets the arguments behind its name as they stand. Exit code 0: nothing was found; 1: something was, and it
//! is written down.

use crate::fuzz::TARGETS;
use crate::project::Project;
use anyhow::{Result, bail};
use std::ffi::OsString;
use std::process::ExitCode;

pub const ARGS: &str =
    "python [--host] [--files KIND] [--calls N] [--seed N] ... | heap [--seed FIRST] [--seeds N] [--heap H]";

pub fn main(project: &Project, mut args: lexopt::Parser) -> Result<ExitCode> {
    let names = || {
        let names: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        names.join(", ")
    };
    let name = match args.next()? {
        Some(lexopt::Arg::Value(name)) => name.to_string_lossy().into_owned(),
        Some(other) => bail!("{}; `fuzz` takes a target first: {}", other.unexpected(), names()),
        None => bail!("`fuzz` takes a target: {}", names()),
    };
    let Some(target) = TARGETS.iter().find(|target| target.name == name) else {
        bail!("unknown target `{name}`; expected one of: {}", names());
    };
    let rest: Vec<OsString> = args.raw_args()?.collect();
    (target.run)(project, rest)
}
