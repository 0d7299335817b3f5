//! rustdoc over all crates, warnings as errors: those of the host, and the chip's with the firmware's toolchain.
//! Links to private items are welcome: the readers are engineers, and private items are documented too.

use super::{Context, Tally};
use crate::project::DEFAULT_BOARD;
use crate::setup::core;
use crate::{cargo, process};
use anyhow::{Context as _, Result};
use std::process::Command;

/// The crates that are built for the chip.
const CHIP: [&str; 8] = [
    "h7a3", "psram", "tierheap", "upy-sys", "upy", "pyvision", "boot", "firmware",
];

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    let project = context.project;
    let mut host = cargo::host(project, "doc");
    tally.check(document(host.arg("--release")).context("the host's crates"));
    let mut chip = cargo::chip(project, DEFAULT_BOARD, &context.variant, &core::find()?, "doc")?;
    for name in CHIP {
        chip.args(["--package", name]);
    }
    tally.check(document(&mut chip).context("the chip's crates"));
    Ok(())
}

fn document(command: &mut Command) -> Result<()> {
    command
        .args(["--no-deps", "--document-private-items"])
        .env("RUSTDOCFLAGS", "-D warnings -A rustdoc::private-intra-doc-links");
    process::run(command)
}
