//! The vision crate's images and tuples, compared with those of `tests/vision/`, which is written in numpy from the rules
//! and not from the crate.

use super::{Context, Tally};
use crate::{process, say, setup};
use anyhow::{Context as _, Result, bail};
use std::path::Path;
use std::process::{Command, Stdio};

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    let python =
        setup::python_with_numpy().context("no python3 with numpy: `cargo xtask setup` installs it")?;
    compare(context, tally, &python, "tests/vision/check.py")
}

/// Has a script ask the crate's program, and counts what it says.
pub fn compare(context: &Context, tally: &mut Tally, python: &Path, script: &str) -> Result<()> {
    let root = &context.project.root;
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(root)
        .args(["build", "--release", "--package", "vision", "--example", "answer"]);
    process::run(&mut cargo)?;
    let mut check = Command::new(python);
    check
        .current_dir(root)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .arg(script)
        .arg(context.project.target().join("release/examples/answer"))
        .args(&context.filter)
        .stdout(Stdio::piped());
    let output = check
        .spawn()
        .context("cannot start python3")?
        .wait_with_output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    for line in said.lines() {
        match line.trim_start().strip_prefix("FAILED ") {
            Some(failure) => tally.fail(failure),
            None => say::line(line),
        }
    }
    let passed = said.lines().last().and_then(passed);
    tally.passed += passed.with_context(|| format!("{script} ended before its last line"))?;
    if !output.status.success() && tally.failures.is_empty() {
        bail!("{script} ended with {}", output.status);
    }
    Ok(())
}

/// Reads `12 passed, 0 failed`.
fn passed(line: &str) -> Option<usize> {
    line.split_once(" passed, ")?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_has_the_count() {
        assert_eq!(passed("910 passed, 0 failed"), Some(910));
        assert_eq!(passed("Traceback"), None);
    }
}
