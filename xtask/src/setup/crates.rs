//! The crates of `Cargo.lock`, those of the tests too: after set-up nothing is fetched any more.

use super::core::TARGET;
use super::place;
use crate::{cargo, content, process, project::Project, say};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

fn note(project: &Project) -> PathBuf {
    project.deps().join("crates.fetched")
}

/// What is noted once all crates were there: for which list, and where.
fn wanted(project: &Project) -> Option<String> {
    let lock = content::hash_of(fs::File::open(project.root.join("Cargo.lock")).ok()?).ok()?;
    let store = place::cargo_home()?.join("registry/cache");
    store.is_dir().then(|| format!("{lock} {}\n", store.display()))
}

/// True if all crates were there for this list of them, and the folder that holds them still is.
pub fn are_fetched(project: &Project) -> bool {
    wanted(project).is_some_and(|wanted| fs::read_to_string(note(project)).is_ok_and(|noted| noted == wanted))
}

/// Fetches what is missing.
pub fn fetch(project: &Project) -> Result<()> {
    let start = Instant::now();
    let host = process::answer(Command::new("rustc").arg("-vV"))?;
    let host = host
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc -vV names no host")?;
    let fetch = |more: &[&str]| {
        let mut command = cargo::host(project, "fetch");
        command
            .args(["--locked", "--target", host, "--target", TARGET])
            .args(more);
        command
    };
    // Without network first: that all is there should not depend on one.
    if !process::succeeds(&mut fetch(&["--offline"])) {
        process::run(&mut fetch(&[])).context("fetching the crates that Cargo.lock names")?;
    }
    if let Some(wanted) = wanted(project) {
        fs::write(note(project), wanted).context("noting that all crates are there")?;
    }
    say::line(format!("  done     crates: {}", say::seconds(start.elapsed())));
    Ok(())
}
