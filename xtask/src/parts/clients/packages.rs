//! Virtual environments for the clients: one for each file of packages, made anew when that file changes.

use crate::{process, project::Project, say};
use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Programs that may be a newer Python than `python3` is.
const PYTHONS: [&str; 4] = ["python3", "python3.14", "python3.13", "python3.12"];

/// The Python that a set wants: a line `# python: 3.12` says the oldest that will do. pyenv has its own below the home folder.
fn python(wanted: &str) -> Result<Option<PathBuf>> {
    let first = process::which("python3").context("no python3: `cargo xtask setup` installs it")?;
    let oldest = wanted.lines().find_map(|line| line.strip_prefix("# python: 3."));
    let Some(oldest) = oldest.and_then(|minor| minor.trim().parse::<u32>().ok()) else {
        return Ok(Some(first));
    };
    let pyenv = PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".pyenv/versions");
    let versions = fs::read_dir(pyenv).into_iter().flatten().flatten();
    let own = versions.map(|version| version.path().join("bin/python3"));
    let is_new = |python: &PathBuf| {
        let question = format!("import sys; sys.exit(sys.version_info < (3, {oldest}))");
        process::succeeds(Command::new(python).args(["-c", &question]))
    };
    let known = PYTHONS.iter().filter_map(|name| process::which(name));
    Ok(known.chain(own).find(is_new))
}

/// The programs of a set, `.deps/clients/SET/bin`, installed if they are not there yet. `None`: no Python here is new enough.
pub fn programs(project: &Project, set: &str) -> Result<Option<PathBuf>> {
    let list = project.root.join("tests/clients").join(format!("{set}.txt"));
    let wanted = fs::read_to_string(&list).with_context(|| format!("reading {}", list.display()))?;
    let place = project.deps().join("clients").join(set);
    let (programs, note) = (place.join("bin"), place.join("installed.txt"));
    // Written last, so that what was interrupted is made again. A checkout that was moved has paths of its old place.
    let installed = format!("{}\n{wanted}", place.display());
    if fs::read_to_string(&note).is_ok_and(|found| found == installed) {
        return Ok(Some(programs));
    }
    let Some(python) = python(&wanted)? else {
        return Ok(None);
    };
    say::timed(&format!("packages of {}", list.display()), || {
        let _ = fs::remove_dir_all(&place);
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
    Ok(Some(programs))
}
