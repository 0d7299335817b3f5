//! MicroPython 1.25.0's source, unpacked into `.deps/micropython`.
//!
//! It comes as Debian's source package through apt with a state of its own, so the system's apt is left alone and
//! no rights are needed; apt checks the signatures, and the archive's checksum is pinned here besides.
//! The tree appears by one rename, and a list of its files tells later whether it is still whole.

use super::aptsources::{self, Source};
use crate::{process, project::Project, say};
use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const PACKAGE: &str = "micropython=1.25.0+ds-1";
const SUITE: &str = "trixie";
const ARCHIVE: &str = "micropython_1.25.0+ds.orig.tar.xz";
const SHA256: &str = "7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea";

fn archive(project: &Project) -> PathBuf {
    project.deps().join("archive").join(ARCHIVE)
}

/// The list of the tree's files and their sizes, written once the tree is whole.
fn manifest(project: &Project) -> PathBuf {
    project.deps().join("micropython.files")
}

/// True if the tree is there and whole. A tree of the user's own is believed.
pub fn stands(project: &Project) -> bool {
    if std::env::var_os("MICROPY_DIR").is_some() {
        return project.micropython().join("py/mpconfig.h").is_file();
    }
    let Ok(list) = fs::read_to_string(manifest(project)) else {
        return false;
    };
    let tree = project.micropython();
    let Some(list) = list.strip_prefix(SHA256).and_then(|rest| rest.strip_prefix('\n')) else {
        return false;
    };
    list.lines().all(|line| {
        let Some((size, path)) = line.split_once(' ') else {
            return false;
        };
        tree.join(path)
            .metadata()
            .is_ok_and(|meta| size.parse() == Ok(meta.len()))
    })
}

/// What a user can do where apt cannot.
pub fn by_hand(project: &Project) -> String {
    format!(
        "MicroPython's source: put {ARCHIVE} (of Debian's source package micropython 1.25.0+ds-1, sha256 {SHA256}) at {}",
        archive(project).display()
    )
}

/// Fetches the archive unless a good one is there, and unpacks it.
pub fn fetch_and_unpack(project: &Project) -> Result<()> {
    if std::env::var_os("MICROPY_DIR").is_some() {
        bail!(
            "MICROPY_DIR is set to {}, which holds no py/mpconfig.h",
            project.micropython().display()
        );
    }
    let archive = archive(project);
    if archive.is_file() {
        if let Err(error) = check(&archive) {
            say::line(format!("           {error}; fetching it again"));
            fs::remove_file(&archive)?;
        }
    }
    if !archive.is_file() {
        fetch(project, &archive).with_context(|| by_hand(project))?;
        check(&archive)?;
    }
    let start = Instant::now();
    if project.micropython().exists() {
        say::line(format!(
            "           {} is not whole; unpacking it again",
            project.micropython().display()
        ));
    }
    unpack(project, &archive)?;
    say::line(format!(
        "  done     unpacked to {}: {}",
        project.micropython().display(),
        say::seconds(start.elapsed())
    ));
    Ok(())
}

fn check(archive: &Path) -> Result<()> {
    let mut hash = Sha256::new();
    let mut file = File::open(archive).with_context(|| format!("opening {}", archive.display()))?;
    std::io::copy(&mut file, &mut hash).with_context(|| format!("reading {}", archive.display()))?;
    let found: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    if found != SHA256 {
        bail!(
            "{} is corrupt: expected sha256 {SHA256}, found {found}",
            archive.display()
        );
    }
    Ok(())
}

fn fetch(project: &Project, archive: &Path) -> Result<()> {
    if process::which("apt-get").is_none() {
        bail!("MicroPython's source comes through apt, and there is no apt-get here");
    }
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let codename = release
        .lines()
        .find_map(|line| line.strip_prefix("VERSION_CODENAME="))
        .unwrap_or("stable");
    let sources = aptsources::debian_archives(Path::new("/etc/apt"), codename.trim_matches('"'));
    if sources.is_empty() {
        bail!("/etc/apt names no source of the Debian archive (component main of {codename})");
    }
    say::line(format!(
        "  apt-src  {PACKAGE} of {SUITE} from this machine's apt sources, about 16 MB"
    ));
    let start = Instant::now();
    let mut failures = String::new();
    for source in sources {
        match fetch_from(project, &source, archive) {
            Ok(()) => {
                say::line(format!("  done     {ARCHIVE}: {}", say::seconds(start.elapsed())));
                return Ok(());
            }
            Err(error) => failures += &format!("\n{error:#}"),
        }
    }
    bail!("no apt source of this machine has {PACKAGE} of {SUITE}:{failures}");
}

/// One try with one source, with apt's state in a folder that is thrown away.
fn fetch_from(project: &Project, source: &Source, archive: &Path) -> Result<()> {
    let state = project.deps().join("apt");
    let _ = fs::remove_dir_all(&state);
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
        // As root apt would download as a user who may not be able to enter the checkout.
        command.args([
            "-o",
            "Dir::Etc::SourceList=/dev/null",
            "-o",
            "Dir::State::Status=/dev/null",
        ]);
        command
            .args(["-o", "APT::Sandbox::User=root", "-o", "Acquire::Languages=none"])
            .args(args);
        process::output(&mut command).map(drop)
    };
    apt(&["update"])?;
    apt(&["source", "--download-only", "--tar-only", PACKAGE])?;
    fs::create_dir_all(archive.parent().context("the archive has a folder")?)?;
    fs::rename(state.join("download").join(ARCHIVE), archive).context("apt left no archive")?;
    let _ = fs::remove_dir_all(&state);
    Ok(())
}

/// Unpacks beside, then renames: what carries the final name is whole.
fn unpack(project: &Project, archive: &Path) -> Result<()> {
    let fresh = project.deps().join("micropython.unpacking");
    let _ = fs::remove_dir_all(&fresh);
    let tar_file = project.deps().join("micropython.tar");
    {
        let mut input = BufReader::new(File::open(archive)?);
        let mut output = std::io::BufWriter::new(File::create(&tar_file)?);
        if let Err(error) = lzma_rs::xz_decompress(&mut input, &mut output) {
            bail!("{} does not unpack: {error}", archive.display());
        }
        output.flush()?;
    }
    tar::Archive::new(BufReader::new(File::open(&tar_file)?))
        .unpack(&fresh)
        .with_context(|| format!("unpacking into {}", fresh.display()))?;
    fs::remove_file(&tar_file)?;
    // The archive holds one folder, whose name carries the version.
    let mut inside = fresh
        .read_dir()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir());
    let root = inside.next().context("the archive holds no folder")?;

    let mut list = format!("{SHA256}\n");
    list_files(&root, &root, &mut list)?;
    let _ = fs::remove_file(manifest(project));
    let tree = project.micropython();
    if tree.exists() {
        fs::remove_dir_all(&tree).with_context(|| format!("removing {}", tree.display()))?;
    }
    fs::rename(&root, &tree)?;
    fs::remove_dir_all(&fresh)?;
    let unnamed = project.deps().join("micropython.files.new");
    fs::write(&unnamed, list)?;
    fs::rename(&unnamed, manifest(project))?;
    Ok(())
}

fn list_files(root: &Path, dir: &Path, list: &mut String) -> Result<()> {
    for entry in dir.read_dir()? {
        let path = entry?.path();
        if path.is_dir() {
            list_files(root, &path, list)?;
        } else {
            let size = path.metadata()?.len();
            *list += &format!("{size} {}\n", path.strip_prefix(root)?.display());
        }
    }
    Ok(())
}
