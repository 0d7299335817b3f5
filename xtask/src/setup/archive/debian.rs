//! A source package of Debian, through apt with a state of its own: the system's apt is left alone, no rights are
//! needed, and apt checks the signatures.

use super::aptsources::Source;
use super::{MICROPYTHON, aptsources};
use crate::interrupt::Leftover;
use crate::{process, project::Project, say};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::process::Command;

const PACKAGE: &str = "micropython=1.25.0+ds-1";
const SUITE: &str = "trixie";

/// Fetches MicroPython's archive.
pub fn micropython(project: &Project, archive: &Path) -> Result<()> {
    if process::which("apt-get").is_none() {
        bail!("it comes through apt, and there is no apt-get here");
    }
    let sources = aptsources::this_machine();
    if sources.is_empty() {
        bail!("/etc/apt names no source of the Debian archive (component main)");
    }
    say::line(format!(
        "  apt-src  {PACKAGE} of {SUITE} from this machine's apt sources, about {} MB, {} MB unpacked",
        MICROPYTHON.download_mb, MICROPYTHON.disk_mb
    ));
    let mut failures = Vec::new();
    for source in sources {
        match fetch_from(project, &source, archive) {
            Ok(()) => return Ok(()),
            Err(error) => failures.push(format!("{error:#}")),
        }
    }
    bail!("{}", failures.join("\n"));
}

/// One try with one source, with apt's state in a folder that is thrown away.
fn fetch_from(project: &Project, source: &Source, archive: &Path) -> Result<()> {
    let place = Leftover::new(project.deps().join("apt"));
    let state = place.path();
    for dir in ["etc", "state/lists/partial", "cache/archives/partial", "download"] {
        fs::create_dir_all(state.join(dir))?;
    }
    fs::write(state.join("etc/micropython.sources"), source.sources_of(SUITE))?;
    let apt = |args: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .current_dir(state.join("download"))
            .env("LC_ALL", "C")
            .arg("-q");
        for (option, dir) in [
            ("Dir::Etc::SourceParts", "etc"),
            ("Dir::State", "state"),
            ("Dir::Cache", "cache"),
        ] {
            command
                .arg("-o")
                .arg(format!("{option}={}", state.join(dir).display()));
        }
        command.args([
            "-o",
            "Dir::Etc::SourceList=/dev/null",
            "-o",
            "Dir::State::Status=/dev/null",
        ]);
        // As root apt would download as a user who may not be able to enter the checkout.
        command
            .args(["-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none"])
            .args(args);
        process::output(&mut command)
            .map(drop)
            .map_err(|error| reason(&format!("{error:#}")))
    };
    apt(&["update", "-o", "APT::Update::Error-Mode=any"])?;
    apt(&["source", "--download-only", "--tar-only", PACKAGE])?;
    fs::rename(state.join("download").join(MICROPYTHON.file), archive).context("apt left no archive")?;
    Ok(())
}

/// What apt itself gives as errors, without what it says on the way there.
fn reason(said: &str) -> anyhow::Error {
    let errors: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("E: ") || line.starts_with("Err:"))
        .collect();
    if errors.is_empty() {
        return anyhow::anyhow!("{said}");
    }
    anyhow::anyhow!("apt says: {}", errors.join(" / "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_all_that_apt_says_the_errors_are_told() {
        let said = "`apt-get update` failed with exit status: 100\nIgn:1 http://x y InRelease\n\
                    E: Failed to fetch http://x/InRelease  Could not resolve 'x'\n";
        assert_eq!(
            reason(said).to_string(),
            "apt says: E: Failed to fetch http://x/InRelease  Could not resolve 'x'"
        );
        assert_eq!(reason("killed").to_string(), "killed");
    }
}
