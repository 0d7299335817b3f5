//! Formatting: rustfmt has nothing to change.

use super::{Context, Tally};
use crate::{cargo, process, say};
use anyhow::{Context as _, Result};
use std::process::Command;

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    if process::which("cargo-fmt").is_none()
        || !process::succeeds(Command::new("cargo").args(["fmt", "--version"]))
    {
        say::line("   rustfmt is not installed: `rustup component add rustfmt`");
        tally.skipped += 1;
        return Ok(());
    }
    let mut command = cargo::host(context.project, "fmt");
    command.args(["--all", "--check"]);
    tally.check(process::run(&mut command).context("`cargo fmt --all` repairs this"));
    Ok(())
}
