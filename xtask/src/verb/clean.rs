//! `clean`: takes away what this project made here, and says what it leaves because others may use it.

use crate::project::Project;
use crate::setup::{self, core};
use crate::{cargo, process, say};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub const ARGS: &str = "[--all]";
pub const MORE: &str = "\
Without --all what was built goes, with it what was fetched into .deps, too. Packages, rustup's target and cargo's
registry stay, because others may use them; their names are printed.";

/// What lies in cargo's output folder beside cargo's own.
const OURS_IN_TARGET: &[&str] = &["firmware", "micropython-tests", "bench", "fuzz"];

pub fn main(project: &Project, mut args: lexopt::Parser) -> Result<ExitCode> {
    let mut all = false;
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Long("all") => all = true,
            other => bail!("{}; `clean` takes: {ARGS}", other.unexpected()),
        }
    }
    let packages = setup::installed_packages(project);
    let target = project.target();
    let mut gone = vec![project.root.join("dist")];
    if target.starts_with(&project.root) {
        gone.push(target.clone());
    } else {
        // Other projects may build there.
        gone.extend(OURS_IN_TARGET.iter().map(|name| target.join(name)));
        gone.extend(["contents.seen", "spiram.made.json"].map(|name| target.join(name)));
        let mut command = cargo::host(project, "clean");
        command.args(["--release", "--workspace"]);
        if let Err(error) = process::answer(&mut command) {
            say::line(format!(
                "  left     what cargo built in {}: {error:#}",
                target.display()
            ));
        }
    }
    if all {
        gone.push(project.deps());
    }
    for path in gone {
        remove(&path)?;
    }
    if !all && project.deps().exists() {
        say::line(format!(
            "  left     {}: what was fetched; --all takes it away, too",
            project.deps().display()
        ));
    }
    tell_what_stays(&packages);
    Ok(ExitCode::SUCCESS)
}

fn remove(path: &Path) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let mb = core::bytes_below(path) / 1_000_000;
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    removed.with_context(|| format!("removing {}", path.display()))?;
    say::line(format!("  gone     {} ({})", path.display(), say::megabytes(mb)));
    Ok(())
}

fn tell_what_stays(packages: &[String]) {
    if !packages.is_empty() {
        say::line(format!(
            "  left     packages that set-up installed; as root: apt-get remove {} && apt-get autoremove",
            packages.join(" ")
        ));
    }
    say::line(format!(
        "  left     rustup's target: rustup target remove {}",
        core::TARGET
    ));
    let registry: PathBuf = setup::cargo_home().unwrap_or_default().join("registry");
    say::line(format!(
        "  left     the crates in {}, which all Rust projects share",
        registry.display()
    ));
}
