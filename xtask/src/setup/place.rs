//! Whether things can be built where they would be. Unicorn's own build refuses blanks and colons in paths, but only after
//! everything was installed, and behind a hundred lines.

use crate::project::Project;
use anyhow::{Result, bail};
use rustix::fs::{Access, access};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

pub fn check(project: &Project) -> Result<()> {
    let target = project.target();
    if let Some(why) = unfit(&target) {
        bail!(
            "Unicorn cannot be built in a folder whose path holds {why}: {}\n  \
             Either move the checkout, or build elsewhere. Type this, then the same command again:\n    \
             export CARGO_TARGET_DIR={}",
            target.display(),
            elsewhere().display()
        );
    }
    for (folder, cure) in [
        (target, Some("build elsewhere, by CARGO_TARGET_DIR")),
        (project.deps(), None),
    ] {
        writable(&folder, cure)?;
    }
    let home = cargo_home();
    if let Some(why) = home.as_deref().and_then(unfit) {
        bail!(
            "Unicorn cannot be built from a folder whose path holds {why}, and cargo unpacks it into CARGO_HOME: {}\n  \
             Type this, then the same command again:\n    export CARGO_HOME={}",
            home.unwrap_or_default().display(),
            elsewhere().with_file_name("spiram-cargo").display()
        );
    }
    Ok(())
}

/// A folder that another user made, as one does who ran this once with sudo: cargo would stop at it, late.
fn writable(folder: &Path, other_cure: Option<&str>) -> Result<()> {
    let Some(existing) = folder.ancestors().find(|folder| folder.exists()) else {
        return Ok(());
    };
    if access(existing, Access::WRITE_OK | Access::EXEC_OK).is_ok() {
        return Ok(());
    }
    let owner = existing.metadata().map_or_else(
        |error| error.to_string(),
        |folder| format!("it belongs to user {}", folder.uid()),
    );
    bail!(
        "{} cannot be written to: {owner}, and this runs as user {}\n  \
         Take it over, then the same command again:\n    sudo chown -R $(id -u): {}{}",
        folder.display(),
        rustix::process::geteuid().as_raw(),
        existing.display(),
        other_cure.map_or(String::new(), |cure| format!("\n  Or {cure}"))
    )
}

/// Where cargo keeps what it fetched.
pub fn cargo_home() -> Option<PathBuf> {
    let own = std::env::var_os("CARGO_HOME")
        .filter(|dir| !dir.is_empty())
        .map(PathBuf::from);
    own.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".cargo")))
}

/// What is wrong with a path, in words.
fn unfit(path: &Path) -> Option<&'static str> {
    match path.to_str() {
        None => Some("bytes that are not UTF-8"),
        Some(text) if text.contains(char::is_whitespace) => Some("a blank"),
        Some(text) if text.contains(':') => Some("a colon"),
        Some(_) => None,
    }
}

/// A folder of the user's that is fit.
fn elsewhere() -> PathBuf {
    let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache/spiram"));
    home.filter(|dir| unfit(dir).is_none() && dir.is_absolute())
        .unwrap_or_else(|| "/var/tmp/spiram".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_colons_are_seen_and_other_letters_are_not() {
        assert_eq!(unfit(Path::new("/home/me/my folder/target")), Some("a blank"));
        assert_eq!(unfit(Path::new("/a\tb")), Some("a blank"));
        assert_eq!(unfit(Path::new("/a:b")), Some("a colon"));
        assert_eq!(unfit(Path::new("/home/müller/spiram-1.0+x/target")), None);
        assert!(unfit(&elsewhere()).is_none());
    }
}
