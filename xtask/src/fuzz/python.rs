//! `fuzz python`: drawn Python programs on snapshots of the booted board, by the tool `pyfuzz`.
//!
//! Only the heap of the firmware is read here; all else is `pyfuzz`'s business, a wrong option too.

use crate::flavour::Flavour;
use crate::project::{DEFAULT_BOARD, Project};
use crate::{firmware, process, setup};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

pub fn run(project: &Project, args: Vec<OsString>) -> Result<ExitCode> {
    let mut flavour = Flavour::default();
    // Damage to the heap is found where it happens, not where it is met.
    flavour.set(project, "heap", "checked")?;
    let mut rest = Vec::new();
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        if arg == "--heap" {
            let heap = args.next().context("--heap needs a name")?;
            flavour.set(project, "heap", &heap.to_string_lossy())?;
        } else {
            rest.push(arg);
        }
    }
    setup::stand(project, false)?;
    firmware::stand(project, DEFAULT_BOARD, &flavour)?;
    let tool = build(project)?;
    let status = Command::new(&tool)
        .arg("--elf")
        .arg(flavour.elf(project, DEFAULT_BOARD))
        .arg("--findings")
        .arg(project.target().join("fuzz-python"))
        .args(rest)
        .status()
        .with_context(|| format!("starting {}", tool.display()))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Builds the tool; says where it is.
fn build(project: &Project) -> Result<PathBuf> {
    let mut command = Command::new("cargo");
    command
        .current_dir(&project.root)
        .args(["build", "--release", "--package", "pyfuzz"]);
    process::run(&mut command).context("building pyfuzz")?;
    Ok(project.target().join("release/pyfuzz"))
}
