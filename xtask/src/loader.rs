//! The boot loader of a board: built first, because the firmware's ELF carries its bytes.

use crate::image::{Image, LOADER_BYTES};
use crate::setup::core::Toolchain;
use crate::variant::Variant;
use crate::{cargo, copy, project::Project, setup};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Small above all, but for the sum over the program, which every start waits for; and optimised as a whole.
const PROFILE: [&str; 10] = [
    "lto=\"fat\"",
    "codegen-units=1",
    "opt-level=\"z\"",
    "package.crc.opt-level=3",
    "package.h7a3.opt-level=\"z\"",
    "package.embassy-stm32.opt-level=\"z\"",
    "package.embassy-executor.opt-level=\"z\"",
    "package.embassy-futures.opt-level=\"z\"",
    "package.embassy-usb.opt-level=\"z\"",
    "package.embassy-usb-synopsys-otg.opt-level=\"z\"",
];

/// The bytes of a board's loader, where `build` puts them; the ELF is beside them.
pub fn path(project: &Project, board: &str) -> PathBuf {
    project.elf(&format!("{board}-boot")).with_extension("bin")
}

/// How it is built. The heap is none of its business.
pub fn command(project: &Project, board: &str, toolchain: &Toolchain) -> Result<Command> {
    let mut command = cargo::chip(project, board, &Variant::default(), toolchain, "build")?;
    command.args(["--package", "boot"]);
    for setting in PROFILE {
        command.args(["--config", &format!("profile.release.{setting}")]);
    }
    let flags = "CARGO_ENCODED_RUSTFLAGS";
    let known = command.get_envs().find(|(name, _)| *name == flags);
    let mut all = known.and_then(|(_, value)| value).unwrap_or_default().to_owned();
    for folder in sources(project) {
        all.push("\x1f--remap-path-prefix=");
        all.push(folder);
        all.push("=");
    }
    command.env(flags, all);
    Ok(command)
}

/// Folders whose names would stand in the loader, at each place that may panic: on each machine they are others, and they are long.
fn sources(project: &Project) -> Vec<PathBuf> {
    let registry = setup::cargo_home().map(|home| home.join("registry/src"));
    let folders = registry.and_then(|folder| folder.read_dir().ok());
    let mut all: Vec<PathBuf> = folders
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .collect();
    all.sort();
    all.push(project.root.clone());
    all
}

/// Builds it. The caller holds the lock of the firmware's builds.
pub fn build(project: &Project, board: &str, toolchain: &Toolchain) -> Result<()> {
    let made = cargo::build(&mut command(project, board, toolchain)?, "boot")
        .with_context(|| format!("building the boot loader for {board}"))?;
    let image = Image::from_elf(&made.executable)?;
    if image.bytes.len() > LOADER_BYTES as usize {
        bail!(
            "the boot loader has {} bytes, and room for {LOADER_BYTES}",
            image.bytes.len()
        );
    }
    let path = path(project, board);
    copy::whole(&made.executable, &path.with_extension("elf"))?;
    // The same bytes are the same file, so that the firmware is not linked anew.
    if fs::read(&path).ok().as_ref() != Some(&image.bytes) {
        fs::write(&path, &image.bytes).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}
