//! `cargo test` for all crates that run on the host, with its counts taken over.
//!
//! Tests of the virtual board find the firmware by `SPIRAM_ELF_<BOARD>`, that with another heap by `SPIRAM_ELF_<BOARD>-<HEAP>`,
//! wherever cargo's output is, and its timing in `SPIRAM_TIMING`. Tests that are ignored as `long` are run when they are asked for by
//! their names, and by `cargo xtask test long`.

use super::{Context, Tally};
use crate::heap::Heap;
use crate::project::DEFAULT_BOARD;
use crate::variant::Variant;
use crate::{cargo, firmware, say};
use anyhow::{Context as _, Result, bail};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

/// What runs on the host: the default members, and those of the chip's crates that have parts which need no chip.
pub(super) const TARGETS: &[&[&str]] = &[
    &[],
    &["--package", "h7a3", "--package", "upy", "--package", "upy-sys"],
];

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    tally.check(firmware::build_cases(context.project).map(|_| ()));
    for target in TARGETS {
        let mut part = Tally::default();
        let result = run_cargo(context, target, &mut part);
        if let Err(error) = result {
            part.fail(format!("{error:#}"));
        }
        tally.passed += part.passed;
        tally.skipped += part.skipped;
        tally.failures.extend(part.failures);
    }
    Ok(())
}

fn run_cargo(context: &Context, target: &[&str], tally: &mut Tally) -> Result<()> {
    let mut command = command(context, target)?;
    if let Some(filter) = &context.filter {
        command.args([filter, "--", "--include-ignored"]);
    }
    count(command, tally)
}

/// `cargo test` of this, told which firmware it is about.
pub(super) fn command(context: &Context, target: &[&str]) -> Result<Command> {
    let project = context.project;
    let mut command = cargo::host(project, "test");
    command.args(["--release", "--no-fail-fast"]).args(target);
    for heap in Heap::ALL {
        let variant = Variant {
            heap,
            ..Variant::default()
        };
        let name = variant.name(DEFAULT_BOARD);
        command.env(format!("SPIRAM_ELF_{}", name.to_uppercase()), project.elf(&name));
    }
    for board in project.boards()? {
        command.env(
            format!("SPIRAM_ELF_{}", board.to_uppercase()),
            context.variant.elf(project, &board),
        );
        let loader = format!("{board}-boot");
        command.env(
            format!("SPIRAM_ELF_{}", loader.to_uppercase()),
            project.elf(&loader),
        );
    }
    command.env(
        format!("SPIRAM_ELF_{}", firmware::CASES.to_uppercase()),
        project.elf(firmware::CASES),
    );
    // What the boot line says depends on it.
    if let Some(timing) = &context.variant.timing {
        command.env("SPIRAM_TIMING", timing);
    }
    Ok(command)
}

/// Runs it, and takes over its counts.
pub(super) fn count(mut command: Command, tally: &mut Tally) -> Result<()> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let stdout = child.stdout.take().context("cargo has no stdout")?;
    let mut results = 0;
    for line in BufReader::new(stdout).lines() {
        let line = line?;
        if let Some(counts) = counts(&line) {
            results += 1;
            tally.passed += counts.passed;
            tally.skipped += counts.ignored;
        } else if let Some(name) = line
            .strip_prefix("test ")
            .and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            tally.fail(name);
        }
        // One line a passing test would bury those that fail.
        if !(line.is_empty()
            || line.starts_with("test ") && line.ends_with("ok")
            || line.starts_with("running "))
        {
            say::line(format!("   {line}"));
        }
    }
    let status = child.wait()?;
    if results == 0 {
        bail!("cargo test ended with {status} before any test ran");
    }
    if !status.success() && tally.failures.is_empty() {
        bail!("cargo test ended with {status}, though no test failed by name");
    }
    Ok(())
}

#[derive(Debug, PartialEq)]
struct Counts {
    passed: usize,
    ignored: usize,
}

/// Reads `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 5 filtered out; ...`.
fn counts(line: &str) -> Option<Counts> {
    let (_, list) = line.strip_prefix("test result: ")?.split_once(". ")?;
    let number = |label: &str| {
        list.split("; ")
            .find_map(|item| item.strip_suffix(label)?.trim().parse().ok())
            .unwrap_or_default()
    };
    Some(Counts {
        passed: number("passed"),
        ignored: number("ignored"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;
    use std::ffi::OsStr;

    #[test]
    fn tests_are_told_where_the_firmware_of_every_heap_is() {
        let project = Project::find().unwrap();
        let context = Context {
            project: &project,
            filter: None,
            named: false,
            variant: Variant::default(),
            overwrite: false,
        };
        let command = command(&context, &[]).unwrap();
        for name in [
            "DEVEBOX-BOOT",
            "WEACT",
            "DEVEBOX",
            "DEVEBOX-STOCK",
            "DEVEBOX-CHECKED",
            "DEVEBOX-SLICED-CHECKED",
        ] {
            let variable = format!("SPIRAM_ELF_{name}");
            let told = command.get_envs().find(|(set, _)| *set == OsStr::new(&variable));
            let path = told.and_then(|(_, path)| path).expect(&variable);
            assert_eq!(path, project.elf(&name.to_lowercase()), "{variable}");
        }
    }

    #[test]
    fn cargos_counts_are_taken_over() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.21s";
        assert_eq!(
            counts(line),
            Some(Counts {
                passed: 12,
                ignored: 1
            })
        );
        assert_eq!(counts("test result of something"), None);
    }
}
