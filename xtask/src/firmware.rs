//! The firmware of a board, and the user's tool: built by cargo, with the toolchain that set-up chose.
//!
//! `stand` and `stand_spiram` leave out cargo when nothing that goes into the output has another content than at the
//! last build: that keeps `run` quick. `build` always asks cargo.

use crate::content::Contents;
use crate::image::header;
use crate::lock::Lock;
use crate::setup::archive;
use crate::setup::core::{self, Toolchain};
use crate::{
    cargo, copy, loader, process,
    project::{DEFAULT_BOARD, Project},
    say,
    variant::Variant,
};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The package of [`build_cases`], and the name of its ELF.
pub const CASES: &str = "halcases";

/// What all builds depend on, beside their crates.
const SETTINGS: &[&str] = &["Cargo.toml", "Cargo.lock", ".cargo/config.toml"];

/// Builds a board's firmware and puts the ELF where all others look for it.
pub fn build(project: &Project, board: &str, variant: &Variant) -> Result<PathBuf> {
    let toolchain = core::find()?;
    // cargo's own lock ends before the ELF is copied, and another board's would be in its place.
    let _lock = Lock::take(&project.target().join("firmware/lock"), "builds firmware")?;
    let mut contents = contents(project);
    let key = firmware_key(project, board, variant, &toolchain, &mut contents)?;
    loader::build(project, board, &toolchain)?;
    let mut command = build_command(project, board, variant, &toolchain)?;
    let made = cargo::build(&mut command, "firmware")
        .with_context(|| format!("building the firmware for {board}"))?;
    let elf = variant.elf(project, board);
    put_filled(&made.executable, &elf)?;
    let c_core = made
        .out_dirs
        .get("upy-sys")
        .context("cargo does not say where upy-sys put its library")?;
    Note::new(key, &elf, &mut contents)?
        .with("c_core", c_core)
        .write(&note_of(&elf))?;
    contents.save();
    Ok(elf)
}

fn build_command(
    project: &Project,
    board: &str,
    variant: &Variant,
    toolchain: &Toolchain,
) -> Result<Command> {
    let mut command = cargo::chip(project, board, variant, toolchain, "build")?;
    command.args(["--package", "firmware", "--features", variant.heap.features()]);
    command.env("SPIRAM_BOOT", loader::path(project, board));
    Ok(command)
}

/// Builds the program in which embassy's drivers are tried on the virtual board.
pub fn build_cases(project: &Project) -> Result<PathBuf> {
    let toolchain = core::find()?;
    let _lock = Lock::take(&project.target().join("firmware/lock"), "builds firmware")?;
    let mut command = cargo::chip(project, DEFAULT_BOARD, &Variant::default(), &toolchain, "build")?;
    command.args(["--package", CASES]);
    let made = cargo::build(&mut command, CASES).context("building the cases for embassy's drivers")?;
    let elf = project.elf(CASES);
    copy::whole(&made.executable, &elf)?;
    Ok(elf)
}

/// The same, with the header filled that the boot loader looks for.
fn put_filled(from: &Path, to: &Path) -> Result<()> {
    let mut elf = fs::read(from).with_context(|| format!("reading {}", from.display()))?;
    header::fill(&mut elf).with_context(|| format!("filling the header of {}", from.display()))?;
    let half = to.with_extension(format!("filled-{}", std::process::id()));
    fs::write(&half, elf).with_context(|| format!("writing {}", half.display()))?;
    fs::rename(&half, to).with_context(|| format!("renaming to {}", to.display()))
}

/// The archives that upy-sys's build script made for a board's firmware when it was built last.
pub fn c_archives(project: &Project, board: &str, variant: &Variant) -> Result<Vec<PathBuf>> {
    let elf = variant.elf(project, board);
    let note = Note::read(&note_of(&elf)).with_context(|| format!("{} was not built here", elf.display()))?;
    let out = note
        .path("c_core")
        .context("the last build did not note where the C core is")?;
    let files = out
        .read_dir()
        .with_context(|| format!("reading {}", out.display()))?;
    let files = files.flatten().map(|entry| entry.path());
    Ok(files
        .filter(|file| file.extension().is_some_and(|ext| ext == "a"))
        .collect())
}

/// Builds the user's tool.
pub fn build_spiram(project: &Project) -> Result<()> {
    let mut contents = contents(project);
    let key = spiram_key(project, &mut contents)?;
    let mut command = cargo::host(project, "build");
    command.args(["--release", "--package", "spiram"]);
    let made = cargo::build(&mut command, "spiram").context("building the virtual board")?;
    Note::new(key, &made.executable, &mut contents)?.write(&spiram_note(project))?;
    contents.save();
    Ok(())
}

/// Where the user's tool was put when it was built last.
pub fn spiram(project: &Project) -> PathBuf {
    let noted = Note::read(&spiram_note(project)).and_then(|note| note.path("output"));
    noted.unwrap_or_else(|| project.target().join("release/spiram"))
}

/// Builds a board's firmware unless nothing has changed since.
pub fn ensure(project: &Project, board: &str, variant: &Variant) -> Result<()> {
    if !is_fresh(project, board, variant)? {
        say::timed(&format!("firmware for {}", variant.name(board)), || {
            build(project, board, variant)
        })?;
    }
    Ok(())
}

/// True if a board's firmware is what a build would make.
pub fn is_fresh(project: &Project, board: &str, variant: &Variant) -> Result<bool> {
    let mut contents = contents(project);
    let key = firmware_key(project, board, variant, &core::find()?, &mut contents)?;
    let elf = variant.elf(project, board);
    let fresh = Note::read(&note_of(&elf)).is_some_and(|note| note.holds(&key, &mut contents));
    contents.save();
    Ok(fresh)
}

/// Builds the user's tool unless nothing has changed since.
pub fn stand_spiram(project: &Project) -> Result<()> {
    if !is_spiram_fresh(project)? {
        say::timed("virtual board", || build_spiram(project))?;
    }
    Ok(())
}

/// True if the user's tool is what a build would make.
pub fn is_spiram_fresh(project: &Project) -> Result<bool> {
    let mut contents = contents(project);
    let key = spiram_key(project, &mut contents)?;
    let fresh = Note::read(&spiram_note(project)).is_some_and(|note| note.holds(&key, &mut contents));
    contents.save();
    Ok(fresh)
}

fn contents(project: &Project) -> Contents {
    Contents::load(project.target().join("contents.seen"))
}

fn note_of(elf: &Path) -> PathBuf {
    elf.with_extension("made.json")
}

fn spiram_note(project: &Project) -> PathBuf {
    project.target().join("spiram.made.json")
}

/// One hash of all that decides a board's firmware: sources, settings, command and flags, both compilers.
fn firmware_key(
    project: &Project,
    board: &str,
    variant: &Variant,
    toolchain: &Toolchain,
    contents: &mut Contents,
) -> Result<String> {
    let mut paths = project.folders("firmware");
    paths.extend(project.folders("boot"));
    if paths.is_empty() {
        bail!(
            "cargo metadata knows no package `firmware` in {}",
            project.root.display()
        );
    }
    paths.extend(SETTINGS.iter().map(|file| project.root.join(file)));
    paths.push(project.root.join("board"));
    paths.extend(core_source(project));
    // gcc's driver changes with its version, and so do the parts behind it.
    for (variable, program) in [("UPY_CC", "arm-none-eabi-gcc"), ("HOST_CC", "cc")] {
        let name = std::env::var(variable).unwrap_or_else(|_| program.to_owned());
        paths.extend(process::which(&name));
    }
    let mut hash = Sha256::new();
    hash.update(contents.all(&paths)?);
    let command = build_command(project, board, variant, toolchain)?;
    hash.update(process::shown(&command));
    let mut variables: Vec<_> = command.get_envs().filter(|(_, value)| value.is_some()).collect();
    variables.sort();
    hash.update(format!("{variables:?} {toolchain:?}"));
    Ok(hex(hash))
}

/// What tells one source of the C core from another: a pinned one by its list of hashes, which set-up has checked.
fn core_source(project: &Project) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for archive in archive::CORE {
        match archive.list_of_pinned(project) {
            Some(list) => paths.push(list),
            None => {
                let tree = archive.tree(project);
                let folders = ["py", "extmod", "shared", "lib", "mpy-cross", "tools", "littlefs"];
                paths.extend(
                    folders
                        .map(|dir| tree.join(dir))
                        .into_iter()
                        .filter(|dir| dir.is_dir()),
                );
            }
        }
    }
    paths
}

/// The same for the user's tool. Flags are its user's business, and count.
fn spiram_key(project: &Project, contents: &mut Contents) -> Result<String> {
    let mut paths = project.folders("spiram");
    paths.extend(SETTINGS.iter().map(|file| project.root.join(file)));
    paths.push(project.root.join("board"));
    paths.extend(process::which("cc"));
    let mut hash = Sha256::new();
    hash.update(contents.all(&paths)?);
    let mut variables: Vec<(String, String)> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .filter(|(name, _)| cargo::is_kept_away(name) && !name.starts_with("SPIRAM_"))
        .collect();
    variables.sort();
    hash.update(format!("{variables:?} {:?}", core::host_compiler()));
    Ok(hex(hash))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is noted beside an output: from what it was made, and its own hash.
struct Note(Value);

impl Note {
    fn new(key: String, output: &Path, contents: &mut Contents) -> Result<Note> {
        Ok(Note(
            json!({ "key": key, "output": output.to_string_lossy(), "sha256": contents.file(output)? }),
        ))
    }

    fn with(mut self, name: &str, path: &Path) -> Note {
        self.0[name] = json!(path.to_string_lossy());
        self
    }

    fn read(path: &Path) -> Option<Note> {
        serde_json::from_str(&fs::read_to_string(path).ok()?)
            .ok()
            .map(Note)
    }

    fn write(&self, path: &Path) -> Result<()> {
        let half = path.with_extension(format!("half-{}", std::process::id()));
        fs::write(&half, self.0.to_string()).with_context(|| format!("writing {}", half.display()))?;
        fs::rename(&half, path).with_context(|| format!("renaming to {}", path.display()))
    }

    fn path(&self, name: &str) -> Option<PathBuf> {
        self.0[name].as_str().map(PathBuf::from)
    }

    /// True if the output was made from what `key` stands for, and is as it was then.
    fn holds(&self, key: &str, contents: &mut Contents) -> bool {
        let output = self.path("output").unwrap_or_default();
        self.0["key"] == key
            && contents
                .file(&output)
                .is_ok_and(|found| self.0["sha256"] == found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of the default firmware, with the toolchain of a name.
    fn key(project: &Project, core: &str, variant: &Variant) -> String {
        let store = tempfile::tempdir().unwrap();
        let mut contents = Contents::load(store.path().join("seen"));
        let toolchain = Toolchain::Rustup { core: core.into() };
        firmware_key(project, "devebox", variant, &toolchain, &mut contents).unwrap()
    }

    #[test]
    fn another_toolchain_and_another_variant_are_another_firmware() {
        let project = Project::find().unwrap();
        let own = key(&project, "a", &Variant::default());
        assert_eq!(key(&project, "a", &Variant::default()), own);
        assert_ne!(key(&project, "b", &Variant::default()), own, "toolchain");
        let field = Variant {
            timing: Some("field".into()),
            ..Variant::default()
        };
        assert_ne!(key(&project, "a", &field), own, "timing");
        let stock = Variant {
            heap: crate::heap::Heap::Stock,
            ..Variant::default()
        };
        assert_ne!(key(&project, "a", &stock), own, "features");
    }

    #[test]
    fn an_output_that_is_lost_or_changed_is_stale() {
        let dir = tempfile::tempdir().unwrap();
        let output = dir.path().join("x.elf");
        fs::write(&output, "elf").unwrap();
        let mut contents = Contents::load(dir.path().join("seen"));
        let path = dir.path().join("x.made.json");
        Note::new("key".into(), &output, &mut contents)
            .unwrap()
            .with("c_core", dir.path())
            .write(&path)
            .unwrap();
        let note = Note::read(&path).unwrap();
        assert_eq!(note.path("c_core").unwrap(), dir.path());
        assert!(note.holds("key", &mut contents) && !note.holds("another", &mut contents));
        fs::write(&output, "ELF").unwrap();
        assert!(!note.holds("key", &mut contents), "changed");
        fs::remove_file(&output).unwrap();
        assert!(!note.holds("key", &mut contents), "lost");
        fs::write(&path, "{half").unwrap();
        assert!(Note::read(&path).is_none());
    }
}
