//! `core` and `alloc` for the chip: rustup's target where it can be had, else Debian's Rust and its source.
//!
//! Debian's Rust is used by full path beside rustup's, and only for the firmware. With it `core` is compiled from
//! source (`-Zbuild-std`), which wants compiler and source of one version.

use super::packages;
use crate::{process, project::Project, say};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The chip's target triple.
pub const TARGET: &str = "thumbv7em-none-eabihf";
/// The oldest compiler that this workspace builds with (edition 2024).
const OLDEST_MINOR: u32 = 85;
/// rustup waits for minutes where its server cannot be reached; a download of 15 MB should be under way by then.
const RUSTUP_LIMIT: Duration = Duration::from_secs(20);
/// Debian's pairs: bookworm's newer Rust, then what newer releases have.
const PAIRS: [[&str; 3]; 2] = [
    ["rustc-web", "cargo-web", "rust-web-src"],
    ["rustc", "cargo", "rust-src"],
];

/// A compiler that can build for the chip.
#[derive(Debug, PartialEq)]
pub enum Toolchain {
    /// The host's own, with rustup's target.
    Rustup,
    /// Debian's, with `core` from its source package.
    Debian { rustc: PathBuf, cargo: PathBuf },
}

/// The variable by which a user asks for one of the two: `rustup` or `debian`.
const CHOICE: &str = "SPIRAM_FIRMWARE_RUST";

/// Finds a usable toolchain, rustup's before Debian's.
pub fn find() -> Result<Toolchain> {
    match std::env::var(CHOICE).as_deref() {
        Ok("rustup") => rustup(),
        Ok("debian") => debian(),
        Ok(other) => bail!("{CHOICE} is `{other}`; expected one of: rustup, debian"),
        Err(_) => rustup().or_else(|_| debian()),
    }
}

fn rustup() -> Result<Toolchain> {
    let libs = process::output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]))?;
    let has_core = Path::new(libs.trim()).read_dir().is_ok_and(|files| {
        files
            .flatten()
            .any(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
    });
    if !has_core {
        bail!("the host's Rust has no target {TARGET}");
    }
    Ok(Toolchain::Rustup)
}

fn debian() -> Result<Toolchain> {
    let (rustc, cargo) = (PathBuf::from("/usr/bin/rustc"), PathBuf::from("/usr/bin/cargo"));
    let compiler = version(&process::output(Command::new(&rustc).arg("--version"))?)
        .context("`/usr/bin/rustc --version` shows no version")?;
    let packager = version(&process::output(Command::new(&cargo).arg("--version"))?)
        .context("`/usr/bin/cargo --version` shows no version")?;
    let source = Path::new("/usr/lib/rustlib/src/rust")
        .canonicalize()
        .context("Debian's Rust source is missing")?;
    if !source.join("library/core/src/lib.rs").is_file() {
        bail!("{} has no library/core", source.display());
    }
    let sources = source
        .file_name()
        .and_then(|name| version(&name.to_string_lossy().replace('-', " ")));
    if sources != Some(compiler) || packager.0 != compiler.0 {
        bail!(
            "Debian's Rust does not fit together: rustc {compiler:?}, cargo {packager:?}, source {}",
            source.display()
        );
    }
    if compiler.0 < OLDEST_MINOR {
        bail!(
            "Debian's rustc is 1.{}, and 1.{OLDEST_MINOR} is needed",
            compiler.0
        );
    }
    Ok(Toolchain::Debian { rustc, cargo })
}

/// Minor and patch number of the first word like `1.96.0`.
fn version(said: &str) -> Option<(u32, u32)> {
    said.split_whitespace().find_map(|word| {
        let mut numbers = word.split('.').map(|part| part.parse::<u32>());
        match (numbers.next()?, numbers.next()?, numbers.next()?) {
            (Ok(1), Ok(minor), Ok(patch)) => Some((minor, patch)),
            _ => None,
        }
    })
}

/// Adds rustup's target, or else returns the Debian packages that stand in for it.
/// That rustup could not is remembered, so that the next run does not wait for it again.
pub fn from_rustup_else_packages(project: &Project) -> Result<Vec<String>> {
    let note = project.deps().join("no-rustup-target");
    let host = process::output(Command::new("rustc").arg("--version")).unwrap_or_default();
    let tried = fs::read_to_string(&note).is_ok_and(|said| said == host);
    let asked_for_debian = std::env::var(CHOICE).is_ok_and(|choice| choice == "debian");
    if process::which("rustup").is_some() && !tried && !asked_for_debian {
        say::line(format!(
            "  rustup   target {TARGET} from rustup's server, for at most {} s",
            RUSTUP_LIMIT.as_secs()
        ));
        let start = Instant::now();
        match process::bounded(
            Command::new("rustup").args(["target", "add", TARGET]),
            RUSTUP_LIMIT,
        ) {
            Ok(()) if rustup().is_ok() => {
                say::line(format!("  done     {TARGET}: {}", say::seconds(start.elapsed())));
                return Ok(Vec::new());
            }
            Ok(()) => say::line("           rustup says that it is there, but its files are not"),
            Err(error) => say::line(format!("           {}", first_line(&format!("{error:#}")))),
        }
        say::line("           so Debian's Rust packages are taken for the firmware");
        fs::create_dir_all(project.deps())?;
        fs::write(&note, host)?;
    }
    Ok(debian_packages(project))
}

fn debian_packages(project: &Project) -> Vec<String> {
    if process::which("apt-cache").is_none() {
        return own(PAIRS[1]);
    }
    let offered = || {
        PAIRS
            .into_iter()
            .find(|pair| fits(&pair.map(packages::candidate)))
    };
    let pair = offered().or_else(|| {
        packages::refresh_lists(project);
        offered()
    });
    own(pair.unwrap_or(PAIRS[1]))
}

fn own(pair: [&str; 3]) -> Vec<String> {
    pair.map(String::from).to_vec()
}

/// True if a pair is offered, in one version, and new enough. cargo's package may count on its own below 1.86.
fn fits(candidates: &[Option<String>; 3]) -> bool {
    let [Some(rustc), Some(_), Some(source)] = candidates else {
        return false;
    };
    let minor = rustc
        .split('.')
        .nth(1)
        .and_then(|minor| minor.parse::<u32>().ok());
    rustc == source && minor.is_some_and(|minor| minor >= OLDEST_MINOR)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_the_tools_say() {
        assert_eq!(
            version("rustc 1.96.0 (ac68faa20 2026-05-25) (built from a source tarball)"),
            Some((96, 0))
        );
        assert_eq!(version("cargo 1.85.1"), Some((85, 1)));
        assert_eq!(
            version("rustc 1.96.0"),
            version(&"rustc-1.96.0".replace('-', " "))
        );
        assert_eq!(version("no version here"), None);
    }

    #[test]
    fn a_pair_is_taken_only_whole_of_one_version_and_new_enough() {
        let some = |text: &str| Some(text.to_owned());
        assert!(fits(&[
            some("1.96.0+dfsg1-1~deb12u2"),
            some("1.96.0+dfsg1-1~deb12u2"),
            some("1.96.0+dfsg1-1~deb12u2")
        ]));
        assert!(
            !fits(&[
                some("1.63.0+dfsg1-2"),
                some("0.66.0+ds1-1"),
                some("1.63.0+dfsg1-2")
            ]),
            "too old"
        );
        assert!(
            !fits(&[some("1.96.0-1"), some("1.96.0-1"), some("1.85.0-1")]),
            "source of another version"
        );
        assert!(!fits(&[some("1.96.0-1"), None, some("1.96.0-1")]), "no cargo");
    }
}
