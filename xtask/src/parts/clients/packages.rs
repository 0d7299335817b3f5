//! Virtual environments for the clients: one for each file of packages, made anew when that file changes.

use crate::{process, project::Project, say};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The programs of a set, `.deps/clients/SET/bin`, installed if they are not there yet.
pub fn programs(project: &Project, set: &str) -> Result<PathBuf> {
    let list = project.root.join("tests/clients").join(format!("{set}.txt"));
    let wanted = fs::read_to_string(&list).with_context(|| format!("reading {}", list.display()))?;
    let place = project.deps().join("clients").join(set);
    let (programs, note) = (place.join("bin"), place.join("installed.txt"));
    // Written last, so that what was interrupted is made again. A checkout that was moved has paths of its old place.
    let installed = format!("{}\n{wanted}", place.display());
    if fs::read_to_string(&note).is_ok_and(|found| found == installed) {
        return Ok(programs);
    }
    say::timed(&format!("packages of {}", list.display()), || {
        let _ = fs::remove_dir_all(&place);
        let python = process::which("python3").context("no python3: `cargo xtask setup` installs it")?;
        process::output(Command::new(python).args(["-m", "venv"]).arg(&place)).context(
            "a virtual environment cannot be made: `cargo xtask setup` installs what is missing (python3-venv)",
        )?;
        // All that is imported is in the list, so nothing else comes along.
        let mut pip = Command::new(programs.join("pip"));
        pip.args([
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "-r",
        ])
        .arg(&list);
        process::output(&mut pip).context("pip cannot install the clients' packages")?;
        Ok(())
    })?;
    fs::write(&note, installed)?;
    Ok(programs)
}
