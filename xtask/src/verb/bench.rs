//! `bench`: the tool `tools/bench`, compiled when it is first asked for. It sets up and builds by itself.

use crate::project::Project;
use anyhow::{Context, Result};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

pub const ARGS: &str = "[NAME] [--timing T] [--part P]";

pub fn main(project: &Project, mut args: lexopt::Parser) -> Result<ExitCode> {
    let mut cargo = Command::new("cargo");
    cargo
        .args(["run", "--quiet", "--release", "--package", "spiram-bench"])
        .arg("--manifest-path")
        .arg(project.root.join("Cargo.toml"))
        .arg("--")
        .args(args.raw_args()?);
    // Only returns if it could not be started.
    Err(cargo.exec()).context("starting cargo")
}
