//! `fuzz python`: drawn Python programs, or changed files, on snapshots of the booted board, by the tool `pyfuzz`. With
//! `--host` in the core on this machine, under gcc's sanitizers.
//!
//! Only the heap of the firmware is read here; all else is `pyfuzz`'s business, a wrong option too.

use crate::project::{DEFAULT_BOARD, Project};
use crate::variant::Variant;
use crate::{cargo, firmware, process, setup};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

pub fn run(project: &Project, args: Vec<OsString>) -> Result<ExitCode> {
    let mut variant = Variant::default();
    // Damage to the heap is found where it happens, not where it is met.
    variant.set(project, "heap", "checked")?;
    let (mut rest, mut on_host) = (Vec::new(), false);
    let mut args = args.into_iter();
    while let Some(arg) = args.next() {
        if arg == "--heap" {
            let heap = args.next().context("--heap needs a name")?;
            variant.set(project, "heap", &heap.to_string_lossy())?;
        } else if arg == "--host" {
            on_host = true;
        } else {
            rest.push(arg);
        }
    }
    setup::ensure(project, false)?;
    let mut command = Command::new(tool(project)?);
    if on_host {
        command.arg("--host").arg(host_core(project)?);
    } else {
        firmware::ensure(project, DEFAULT_BOARD, &variant)?;
        command.arg("--elf").arg(variant.elf(project, DEFAULT_BOARD));
    }
    let status = command
        .arg("--findings")
        .arg(project.target().join("fuzz-python"))
        .args(rest)
        .status()
        .context("starting pyfuzz")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Builds the tool; says where it is.
pub fn tool(project: &Project) -> Result<PathBuf> {
    let mut command = cargo::host(project, "build");
    command.args(["--release", "--package", "pyfuzz"]);
    process::run(&mut command).context("building pyfuzz")?;
    Ok(project.target().join("release/pyfuzz"))
}

/// Whether gcc can build for 32 bits with its sanitizers here.
pub fn has_host_compiler() -> bool {
    let mut link = Command::new("gcc");
    link.args([
        "-m32",
        "-fsanitize=address,undefined",
        "-x",
        "c",
        "-",
        "-o",
        "/dev/null",
    ]);
    link.stdin(Stdio::null()).stderr(Stdio::null());
    // Nothing on standard input has no `main`.
    link.args(["-nostartfiles", "-Wl,--entry=0"]);
    link.status().is_ok_and(|status| status.success())
}

/// Builds the core for this machine; says where it is.
pub fn host_core(project: &Project) -> Result<PathBuf> {
    anyhow::ensure!(
        has_host_compiler(),
        "the core on this machine needs gcc with its sanitizers for 32 bits: install gcc-multilib (in Debian; \
         gcc-VERSION-multilib where that conflicts with a compiler for another processor)"
    );
    let out = project.target().join("fuzz-host");
    let mut command = cargo::host(project, "check");
    command
        .args(["--release", "--package", "upy-sys"])
        .env("UPY_HOST_OUT", &out);
    process::run(&mut command).context("building the core for this machine")?;
    Ok(out.join("core"))
}
