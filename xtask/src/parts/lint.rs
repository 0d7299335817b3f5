//! Clippy over the host's crates, and over the chip's with the firmware's toolchain where that has a clippy.

use super::{Context, Tally};
use crate::project::DEFAULT_BOARD;
use crate::setup::core::{self, Toolchain};
use crate::{cargo, firmware, process, say};
use anyhow::{Context as _, Result};
use std::path::Path;
use std::process::Command;

/// The crates that are built for the chip. `psram` is linted on the host.
const CHIP: [&str; 7] = [
    "h7a3",
    "upy-sys",
    "upy",
    "pyvision",
    "boot",
    "firmware",
    firmware::CASES,
];

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    let project = context.project;
    if process::succeeds(Command::new("cargo").args(["clippy", "--version"])) {
        let mut host = cargo::host(project, "clippy");
        host.args(["--release", "--all-targets", "--", "-D", "warnings"]);
        tally.check(process::run(&mut host).context("the host's crates"));
    } else {
        say::line("   clippy is not installed: `rustup component add clippy`");
        tally.skipped += 1;
    }

    let toolchain = core::find()?;
    let has_clippy = match &toolchain {
        Toolchain::Rustup { .. } => process::succeeds(Command::new("cargo").args(["clippy", "--version"])),
        Toolchain::Debian { .. } => Path::new("/usr/bin/cargo-clippy").exists(),
    };
    if has_clippy {
        let mut chip = cargo::chip(project, DEFAULT_BOARD, &context.variant, &toolchain, "clippy")?;
        for name in CHIP {
            chip.args(["--package", name]);
        }
        tally.check(process::run(chip.args(["--", "-D", "warnings"])).context("the chip's crates"));
    } else {
        say::line("   the firmware's toolchain has no clippy: its crates are not linted here");
        tally.skipped += 1;
    }
    Ok(())
}
