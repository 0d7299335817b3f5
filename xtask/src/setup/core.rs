//! `core` and `alloc` for the chip: rustup's target where it can be had, else Debian's Rust and its source.
//!
//! Debian's Rust is used by full path beside rustup's, and only for the firmware. With it `core` is compiled from
//! source (`-Zbuild-std`), which wants compiler and source of one version.

use super::apt;
use super::system::System;
use crate::{process, project::Project, say};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The chip's target triple.
pub const TARGET: &str = "thumbv7em-none-eabihf";
/// rustup waits for minutes where its server cannot be reached. What is slow but moves is left alone.
const SILENCE: Duration = Duration::from_secs(30);
/// Debian's pairs: bookworm's newer Rust, then what newer releases have.
const PAIRS: [[&str; 3]; 2] = [
    ["rustc-web", "cargo-web", "rust-web-src"],
    ["rustc", "cargo", "rust-src"],
];

/// A compiler that can build for the chip.
#[derive(Debug, PartialEq)]
pub enum Toolchain {
    /// The host's own, with rustup's target.
    Rustup {
        /// The target's library of `core`, whose name carries a hash of the compiler that made it.
        core: PathBuf,
    },
    /// Debian's, with `core` from its source package.
    Debian {
        rustc: PathBuf,
        cargo: PathBuf,
        version: (u32, u32),
    },
}

impl Toolchain {
    /// For people.
    pub fn words(&self) -> String {
        match self {
            Toolchain::Rustup { .. } => format!("rustup's target {TARGET}"),
            Toolchain::Debian {
                version: (minor, patch),
                ..
            } => format!("Debian's rustc 1.{minor}.{patch}"),
        }
    }
}

/// The variable by which a user asks for one of the two: `rustup` or `debian`.
pub const CHOICE: &str = "SPIRAM_FIRMWARE_RUST";

/// The oldest compiler that this workspace builds with: the number behind `1.` of `rust-version` in Cargo.toml.
pub fn oldest_minor() -> u32 {
    let minor = env!("CARGO_PKG_RUST_VERSION").split('.').nth(1);
    minor.and_then(|minor| minor.parse().ok()).unwrap_or_default()
}

/// Finds a usable toolchain, rustup's before Debian's.
pub fn find() -> Result<Toolchain> {
    match std::env::var(CHOICE).as_deref() {
        Ok("rustup") => rustup(),
        Ok("debian") => debian(),
        Ok(other) => bail!("{CHOICE} is `{other}`; expected one of: rustup, debian"),
        Err(_) => {
            rustup().or_else(|first| debian().map_err(|second| anyhow::anyhow!("{first:#}; {second:#}")))
        }
    }
}

/// The folder of the host's compiler, asked for once.
fn sysroot() -> Result<PathBuf> {
    static SYSROOT: OnceLock<PathBuf> = OnceLock::new();
    if let Some(known) = SYSROOT.get() {
        return Ok(known.clone());
    }
    let said = process::answer(Command::new("rustc").args(["--print", "sysroot"]))?;
    Ok(SYSROOT
        .get_or_init(|| PathBuf::from(said.trim_end_matches('\n')))
        .clone())
}

/// What tells one compiler of the host from another: the name of its library carries a hash of its version.
pub fn host_compiler() -> Option<String> {
    let sysroot = sysroot().ok()?;
    let files = sysroot.join("lib").read_dir().ok()?.flatten();
    let mut names: Vec<String> = files
        .map(|file| file.file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("librustc_driver"))
        .collect();
    names.sort();
    Some(format!("{} {names:?}", sysroot.display()))
}

fn rustup() -> Result<Toolchain> {
    let libs = sysroot()?.join("lib/rustlib").join(TARGET).join("lib");
    let is_core = |file: &PathBuf| {
        file.file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("libcore-"))
    };
    let core = libs
        .read_dir()
        .into_iter()
        .flatten()
        .flatten()
        .map(|file| file.path())
        .find(is_core);
    let core = core
        .with_context(|| format!("the host's Rust has no target {TARGET} (`rustup target add {TARGET}`)"))?;
    Ok(Toolchain::Rustup { core })
}

fn debian() -> Result<Toolchain> {
    let (rustc, cargo) = (PathBuf::from("/usr/bin/rustc"), PathBuf::from("/usr/bin/cargo"));
    if !rustc.exists() || !cargo.exists() {
        bail!("Debian's Rust is not installed");
    }
    let compiler = version(&process::answer(Command::new(&rustc).arg("--version"))?)
        .context("`/usr/bin/rustc --version` shows no version")?;
    let packager = version(&process::answer(Command::new(&cargo).arg("--version"))?)
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
    if compiler.0 < oldest_minor() {
        bail!(
            "Debian's rustc is 1.{}, and 1.{} is needed",
            compiler.0,
            oldest_minor()
        );
    }
    Ok(Toolchain::Debian {
        rustc,
        cargo,
        version: compiler,
    })
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

/// Adds rustup's target, or else returns the Debian packages that stand in for it. That rustup could not is forgotten: the
/// next run that needs the target asks it again.
pub fn from_rustup_else_packages(project: &Project, system: &System) -> Result<Vec<String>> {
    let choice = std::env::var(CHOICE).ok();
    let asked = match process::which("rustup") {
        _ if choice.as_deref() == Some("debian") => format!("{CHOICE} asks for Debian's Rust"),
        None => "there is no rustup".to_owned(),
        Some(_) => match ask_rustup() {
            Ok(()) => return Ok(Vec::new()),
            Err(error) => format!("{error:#}"),
        },
    };
    let cure = format!("once rustup's server can be reached, `rustup target add {TARGET}` makes it stand");
    if choice.as_deref() == Some("rustup") {
        bail!("{CHOICE} asks for rustup's target, and {asked}; {cure}");
    }
    match debian_packages(project, system) {
        Ok(packages) => {
            say::line(format!("           {asked}"));
            say::line(format!(
                "           so Debian's Rust is taken for the firmware; {cure}, too"
            ));
            Ok(packages)
        }
        Err(offered) => bail!(
            "Rust's core for the chip cannot be had: {asked}; {offered:#}\n  {cure}, then the same command again"
        ),
    }
}

fn ask_rustup() -> Result<()> {
    say::line(format!("  rustup   target {TARGET} from rustup's server"));
    let start = Instant::now();
    let mut progress = say::Progress::new();
    let downloads = rustup_home().map(|home| [home.join("downloads"), home.join("tmp")]);
    let moved = || {
        let bytes = downloads.iter().flatten().map(|dir| bytes_below(dir)).sum();
        if bytes > 0 {
            progress.show(&format!("{} MB", bytes / 1_000_000));
        }
        bytes
    };
    process::while_it_moves(
        Command::new("rustup").args(["target", "add", TARGET]),
        SILENCE,
        moved,
        |_| (),
    )?;
    rustup().context("rustup says that the target is there, but its files are not")?;
    say::line(format!("  done     {TARGET}: {}", say::seconds(start.elapsed())));
    Ok(())
}

fn rustup_home() -> Option<PathBuf> {
    let own = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
    own.or_else(|| Some(Path::new(&std::env::var_os("HOME")?).join(".rustup")))
}

/// All files under a folder, together.
pub fn bytes_below(dir: &Path) -> u64 {
    let entries = dir.read_dir().into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => bytes_below(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}

/// The packages of one pair that this machine's apt offers; before anything is installed it is known whether they will do.
fn debian_packages(project: &Project, system: &System) -> Result<Vec<String>> {
    if !system.has_apt() {
        bail!("there is no apt that could bring another Rust");
    }
    let offered = || PAIRS.map(|pair| pair.map(apt::candidate));
    let mut candidates = offered();
    if !candidates.iter().any(fits) {
        apt::refresh_lists(project, system);
        candidates = offered();
    }
    let fitting = PAIRS.iter().zip(&candidates).find(|(_, offered)| fits(offered));
    if let Some((pair, _)) = fitting {
        return Ok(pair.map(String::from).to_vec());
    }
    let rustc = candidates.iter().rev().find_map(|offered| offered[0].clone());
    match rustc {
        Some(version) => bail!(
            "this machine's apt offers rustc {version}, and 1.{} is needed",
            oldest_minor()
        ),
        None => bail!("this machine's apt knows no rustc"),
    }
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
    rustc == source && minor.is_some_and(|minor| minor >= oldest_minor())
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
        let trixie = [
            some("1.85.0+dfsg3-1"),
            some("1.85.0+dfsg3-1"),
            some("1.85.0+dfsg3-1"),
        ];
        assert!(!fits(&trixie), "too old");
        assert!(
            !fits(&[some("1.96.0-1"), some("1.96.0-1"), some("1.90.0-1")]),
            "source of another version"
        );
        assert!(!fits(&[some("1.96.0-1"), None, some("1.96.0-1")]), "no cargo");
    }

    #[test]
    fn the_oldest_compiler_is_cargo_toml_s() {
        let text = std::fs::read_to_string(Project::find().unwrap().root.join("Cargo.toml")).unwrap();
        assert!(
            text.contains(&format!("rust-version = \"1.{}\"", oldest_minor())),
            "{text}"
        );
    }
}
