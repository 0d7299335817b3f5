//! The firmware of a board, and the user's tool: built by cargo, with the toolchain that set-up chose.
//!
//! `stand` and `stand_spiram` leave out cargo when the dependency list, which cargo wrote beside its last output,
//! shows nothing newer: that keeps `run` quick. `build` always asks cargo.

use crate::{
    flavour::Flavour,
    names, process,
    project::Project,
    say,
    setup::core::{self, TARGET, Toolchain},
};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// The command that runs cargo for the firmware's crates; the caller adds what to do.
pub(crate) fn cargo(
    project: &Project,
    board: &str,
    flavour: &Flavour,
    toolchain: &Toolchain,
    verb: &str,
) -> Result<Command> {
    let names = names::write(project)?;
    let mut command = match toolchain {
        Toolchain::Rustup => Command::new("cargo"),
        Toolchain::Debian { rustc, cargo } => {
            // Not by way of `cargo clippy`, which would find rustup's first.
            let program = if verb == "clippy" {
                Path::new("/usr/bin/cargo-clippy")
            } else {
                cargo
            };
            let mut command = Command::new(program);
            command.env("CARGO", cargo);
            // Debian's compiler is a stable one, and build-std is not yet: this variable lifts the difference.
            command.env("RUSTC_BOOTSTRAP", "1").env("RUSTC", rustc);
            // cargo puts the libraries of the toolchain that built xtask here; they are not Debian's.
            command
                .env_remove("LD_LIBRARY_PATH")
                .env_remove("RUSTUP_TOOLCHAIN");
            command
        }
    };
    command.arg(verb);
    if let Toolchain::Debian { .. } = toolchain {
        command.args([
            "-Zbuild-std=core,alloc,compiler_builtins",
            "-Zbuild-std-features=compiler-builtins-mem",
        ]);
    }
    command
        .args(["--release", "--target", TARGET, "--target-dir"])
        .arg(project.target().join("firmware"));
    command
        .current_dir(&project.root)
        .env("SPIRAM_BOARD", board)
        .env("MICROPY_DIR", project.micropython())
        .env("UPY_NAMES", names);
    // A variable that happens to be set would not show in the name of the ELF.
    for (variable, value) in [("SPIRAM_TIMING", &flavour.timing), ("SPIRAM_PART", &flavour.part)] {
        match value {
            Some(value) => command.env(variable, value),
            None => command.env_remove(variable),
        };
    }
    Ok(command)
}

/// Builds a board's firmware and puts the ELF where all others look for it.
pub fn build(project: &Project, board: &str, flavour: &Flavour) -> Result<PathBuf> {
    let toolchain = core::find()?;
    let mut command = cargo(project, board, flavour, &toolchain, "build")?;
    command.args(["--package", "firmware", "--features", flavour.heap.features()]);
    process::run(&mut command).with_context(|| format!("building the firmware for {board}"))?;
    let built = project
        .target()
        .join("firmware")
        .join(TARGET)
        .join("release/firmware");
    let elf = flavour.elf(project, board);
    copy_whole(&built, &elf)?;
    copy_whole(&built.with_extension("d"), &elf.with_extension("d"))?;
    Ok(elf)
}

/// Copies under another name first, so that an interruption leaves the old file or the new one.
fn copy_whole(from: &Path, to: &Path) -> Result<()> {
    let half = to.with_extension("half");
    fs::copy(from, &half).with_context(|| format!("copying {} to {}", from.display(), half.display()))?;
    fs::rename(&half, to).with_context(|| format!("renaming to {}", to.display()))
}

/// The archives that upy-sys's build script made last.
pub fn c_archives(project: &Project) -> Result<Vec<PathBuf>> {
    let builds = project
        .target()
        .join("firmware")
        .join(TARGET)
        .join("release/build");
    let mut outs: Vec<PathBuf> = Vec::new();
    for entry in builds
        .read_dir()
        .with_context(|| format!("reading {}", builds.display()))?
        .flatten()
    {
        let out = entry.path().join("out");
        if entry.file_name().to_string_lossy().starts_with("upy-sys-") && out.is_dir() {
            outs.push(out);
        }
    }
    outs.sort_by_key(|out| out.metadata().and_then(|meta| meta.modified()).ok());
    let out = outs
        .last()
        .with_context(|| format!("no output of upy-sys in {}", builds.display()))?;
    let files = out.read_dir()?.flatten().map(|entry| entry.path());
    Ok(files
        .filter(|file| file.extension().is_some_and(|ext| ext == "a"))
        .collect())
}

/// Builds the user's tool.
pub fn build_spiram(project: &Project) -> Result<()> {
    let mut command = Command::new("cargo");
    command
        .current_dir(&project.root)
        .args(["build", "--release", "--package", "spiram"]);
    process::run(&mut command).context("building the virtual board")
}

/// Builds a board's firmware unless nothing has changed since.
pub fn stand(project: &Project, board: &str, flavour: &Flavour) -> Result<()> {
    let elf = flavour.elf(project, board);
    if !is_fresh(project, &elf, &elf.with_extension("d")) {
        say::timed(&format!("firmware for {}", flavour.name(board)), || {
            build(project, board, flavour)
        })?;
    }
    Ok(())
}

/// Builds the user's tool unless nothing has changed since.
pub fn stand_spiram(project: &Project) -> Result<()> {
    if !is_fresh(project, &project.spiram(), &project.spiram().with_extension("d")) {
        say::timed("virtual board", || build_spiram(project))?;
    }
    Ok(())
}

/// True if `output` is newer than all that cargo says it was made from, and than the workspace's settings.
fn is_fresh(project: &Project, output: &Path, dep_info: &Path) -> bool {
    let Ok(made) = output.metadata().and_then(|meta| meta.modified()) else {
        return false;
    };
    let Ok(list) = fs::read_to_string(dep_info) else {
        return false;
    };
    let inputs = inputs(&list);
    let mut settings: Vec<PathBuf> = [
        "Cargo.toml",
        "Cargo.lock",
        ".cargo/config.toml",
        "xtask/src/firmware.rs",
    ]
    .map(|file| project.root.join(file))
    .into();
    settings.extend(
        project
            .boards()
            .unwrap_or_default()
            .iter()
            .map(|board| project.board_file(board)),
    );
    // A crate's manifest stands above its sources and is not in the list.
    for dir in inputs.iter().flat_map(|input| input.ancestors().skip(1).take(3)) {
        let manifest = dir.join("Cargo.toml");
        if !settings.contains(&manifest) && manifest.is_file() {
            settings.push(manifest);
        }
    }
    !inputs.is_empty() && inputs.iter().chain(&settings).all(|input| older(input, made))
}

fn older(input: &Path, made: SystemTime) -> bool {
    input
        .metadata()
        .and_then(|meta| meta.modified())
        .is_ok_and(|changed| changed <= made)
}

/// The right-hand side of a make rule `output: input input`, blanks in names escaped by a backslash.
fn inputs(dep_info: &str) -> Vec<PathBuf> {
    let Some((_, list)) = dep_info.lines().next().and_then(|rule| rule.split_once(": ")) else {
        return Vec::new();
    };
    let mut names = vec![String::new()];
    let mut chars = list.chars();
    while let Some(char) = chars.next() {
        match char {
            '\\' => names
                .last_mut()
                .expect("the list is never empty")
                .extend(chars.next()),
            ' ' => names.push(String::new()),
            other => names.last_mut().expect("the list is never empty").push(other),
        }
    }
    names.retain(|name| !name.is_empty());
    names.into_iter().map(PathBuf::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_read_from_cargos_list() {
        let list = "/t/release/spiram: /r/crates/cli/src/main.rs /r/my\\ folder/lib.rs\n";
        assert_eq!(
            inputs(list),
            [
                PathBuf::from("/r/crates/cli/src/main.rs"),
                PathBuf::from("/r/my folder/lib.rs")
            ]
        );
        assert_eq!(inputs("nothing here"), Vec::<PathBuf>::new());
    }

    #[test]
    fn an_output_without_its_list_or_with_a_lost_input_is_stale() {
        let project = Project::find().unwrap();
        let dir = std::env::temp_dir().join(format!("spiram-fresh-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let (input, output, list) = (dir.join("input"), dir.join("output"), dir.join("output.d"));
        fs::write(&input, "").unwrap();
        fs::write(&output, "").unwrap();
        assert!(!is_fresh(&project, &output, &list), "no list");
        fs::write(&list, format!("{}: {}\n", output.display(), input.display())).unwrap();
        assert!(is_fresh(&project, &output, &list));
        fs::remove_file(&input).unwrap();
        assert!(!is_fresh(&project, &output, &list), "an input is gone");
    }
}
