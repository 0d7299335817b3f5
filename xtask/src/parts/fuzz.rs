//! A fixed part of the fuzzers' work: programs and changed files, in the core on this machine and on the virtual board.

use super::{Context, Tally};
use crate::fuzz::python;
use crate::project::DEFAULT_BOARD;
use crate::variant::Variant;
use crate::{firmware, process, say};
use anyhow::{Context as _, Result};
use std::path::Path;
use std::process::Command;

/// Arguments, always the same, so that what passed once fails only by a change.
const ON_HOST: &[(&str, &[&str])] = &[
    ("programs", &["--calls", "15000"]),
    ("files", &["--files", "all", "--calls", "4000"]),
];
const ON_BOARD: &[(&str, &[&str])] = &[("programs", &["--calls", "15000"])];

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    let project = context.project;
    let tool = python::tool(project)?;
    let findings = project.target().join("fuzz-python");
    let fuzz = |on: &str, place: &Path, args: &[&str]| {
        let mut command = Command::new(&tool);
        command
            .arg(on)
            .arg(place)
            .arg("--findings")
            .arg(&findings)
            .args(args);
        process::run(&mut command).with_context(|| format!("what was found is in {}", findings.display()))
    };
    if python::has_host_compiler() {
        let core = python::host_core(project)?;
        for (name, args) in ON_HOST {
            tally.check(say::timed(&format!("{name} on this machine"), || {
                fuzz("--host", &core, args)
            }));
        }
    } else {
        say::line(
            "   gcc has no sanitizers for 32 bits here (gcc-multilib): nothing runs in the core on this machine",
        );
        tally.skipped += ON_HOST.len();
    }
    let mut variant = Variant::default();
    variant.set(project, "heap", "checked")?;
    firmware::ensure(project, DEFAULT_BOARD, &variant)?;
    let elf = variant.elf(project, DEFAULT_BOARD);
    for (name, args) in ON_BOARD {
        tally.check(say::timed(&format!("{name} on the virtual board"), || {
            fuzz("--elf", &elf, args)
        }));
    }
    Ok(())
}
