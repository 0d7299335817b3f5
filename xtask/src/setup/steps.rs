//! The table of set-up steps: what, why, how to see that it stands, where it comes from, how much it is.
//!
//! Sizes are those of a bare Debian 13 with everything that the package needs and nothing else has brought yet, in
//! megabytes.

use super::archive::{self, Archive};
use super::system::System;
use super::{core, crates, probe};
use crate::{process, project::Project};
use std::process::Command;

/// How a step is seen to stand, and what makes it stand.
pub enum Need {
    /// A program in PATH.
    Program {
        name: &'static str,
        /// The oldest version that will do.
        least: (u32, u32),
    },
    /// Something that a probe finds; it tells the version, or what is wrong.
    Probe(fn() -> Result<String, String>),
    /// `core` and `alloc` for the chip, by rustup or by Debian's Rust.
    FirmwareCore,
    /// A pinned source archive.
    Source(&'static Archive),
    /// The crates of `Cargo.lock`.
    Crates,
}

/// One line of the table.
pub struct Step {
    pub what: &'static str,
    pub why: &'static str,
    pub need: Need,
    /// Without it one check is left out, with a line that says so.
    pub optional: bool,
    /// The packages that have it; empty if none does.
    pub debian: &'static str,
    pub fedora: &'static str,
    pub brew: &'static str,
    pub download_mb: u32,
    pub disk_mb: u32,
}

const fn program(
    what: &'static str,
    least: (u32, u32),
    why: &'static str,
    [debian, fedora, brew]: [&'static str; 3],
    [download_mb, disk_mb]: [u32; 2],
) -> Step {
    let need = Need::Program { name: what, least };
    Step {
        what,
        why,
        need,
        optional: false,
        debian,
        fedora,
        brew,
        download_mb,
        disk_mb,
    }
}

const fn probed(
    what: &'static str,
    probe: fn() -> Result<String, String>,
    why: &'static str,
    [debian, fedora, brew]: [&'static str; 3],
    [download_mb, disk_mb]: [u32; 2],
) -> Step {
    let need = Need::Probe(probe);
    Step {
        what,
        why,
        need,
        optional: false,
        debian,
        fedora,
        brew,
        download_mb,
        disk_mb,
    }
}

const fn other(what: &'static str, need: Need, why: &'static str, [download_mb, disk_mb]: [u32; 2]) -> Step {
    Step {
        what,
        why,
        need,
        optional: false,
        debian: "",
        fedora: "",
        brew: "",
        download_mb,
        disk_mb,
    }
}

pub const STEPS: &[Step] = &[
    program(
        "cc",
        (8, 0),
        "C compiler of the host: build scripts, Unicorn",
        ["gcc", "gcc", ""],
        [50, 200],
    ),
    probed(
        "libc headers",
        probe::libc_headers,
        "the same",
        ["libc6-dev", "glibc-devel", ""],
        [5, 30],
    ),
    program(
        "cmake",
        (3, 5),
        "builds Unicorn, the virtual board's CPU",
        ["cmake", "cmake", "cmake"],
        [17, 62],
    ),
    program(
        "ninja",
        (1, 8),
        "the same",
        ["ninja-build", "ninja-build", "ninja"],
        [1, 1],
    ),
    program(
        "pkg-config",
        (0, 29),
        "the same",
        ["pkg-config", "pkgconf-pkg-config", "pkgconf"],
        [1, 1],
    ),
    probed(
        "libclang",
        probe::libclang,
        "bindgen reads C headers with it",
        ["libclang-dev", "clang-devel", "llvm"],
        [75, 548],
    ),
    program(
        "arm-none-eabi-gcc",
        (10, 0),
        "compiles MicroPython's C core",
        [
            "gcc-arm-none-eabi",
            "arm-none-eabi-gcc-cs",
            "--cask gcc-arm-embedded",
        ],
        [61, 553],
    ),
    probed(
        "newlib headers",
        probe::newlib,
        "C headers for the chip",
        [
            "libnewlib-arm-none-eabi",
            "arm-none-eabi-newlib",
            "--cask gcc-arm-embedded",
        ],
        [49, 427],
    ),
    program(
        "python3",
        (3, 8),
        "frozen modules, MicroPython's test runner",
        ["python3", "python3", "python3"],
        [6, 24],
    ),
    probed(
        "pyserial",
        probe::pyserial,
        "MicroPython's test runner talks through it",
        ["python3-serial", "python3-pyserial", ""],
        [1, 1],
    ),
    probed(
        "numpy",
        probe::numpy,
        "an independent implementation of crates/vision is written in it",
        ["python3-numpy", "python3-numpy", "numpy"],
        [9, 40],
    ),
    probed(
        "python3-venv",
        probe::venv,
        "a place for other people's tools, which the tests try on the board",
        ["python3-venv", "", ""],
        [3, 3],
    ),
    Step {
        optional: true,
        need: Need::Program {
            name: "dfu-suffix",
            least: (0, 0),
        },
        ..program(
            "dfu-util",
            (0, 0),
            "an independent reader for the .dfu files",
            ["dfu-util"; 3],
            [1, 1],
        )
    },
    other(
        "firmware core",
        Need::FirmwareCore,
        "Rust's core and alloc for thumbv7em-none-eabihf",
        [15, 60],
    ),
    other(
        "micropython",
        Need::Source(&archive::MICROPYTHON),
        "MicroPython 1.25.0's source, pinned by checksum",
        [archive::MICROPYTHON.download_mb, archive::MICROPYTHON.disk_mb],
    ),
    other(
        "littlefs",
        Need::Source(&archive::LITTLEFS),
        "littlefs 2.11's source, pinned by checksum",
        [archive::LITTLEFS.download_mb, archive::LITTLEFS.disk_mb],
    ),
    other(
        "crates",
        Need::Crates,
        "the Rust libraries that Cargo.lock names",
        [35, 380],
    ),
];

impl Step {
    /// True if nothing needs to be done. On a system whose packages are known to be new enough, versions are not asked for
    /// each time.
    pub fn is_there(&self, project: &Project, system: &System) -> bool {
        match &self.need {
            Need::Program { name, .. } if system.has_apt() => process::which(name).is_some(),
            Need::Source(archive) => archive.is_there(project),
            Need::Crates => crates::are_fetched(project),
            _ => self.found(project).is_ok(),
        }
    }

    /// What stands, with its version, or what is wrong.
    pub fn found(&self, project: &Project) -> Result<String, String> {
        match &self.need {
            Need::Program { name, least } => program_found(name, *least),
            Need::Probe(probe) => probe(),
            Need::FirmwareCore => core::find()
                .map(|toolchain| toolchain.words())
                .map_err(|error| format!("{error:#}")),
            Need::Source(archive) if archive.is_there(project) => {
                Ok(archive.tree(project).display().to_string())
            }
            Need::Source(_) => Err("not there, or not whole".to_owned()),
            Need::Crates if crates::are_fetched(project) => Ok(String::new()),
            Need::Crates => Err("not all fetched".to_owned()),
        }
    }

    /// True if a package is the answer.
    pub fn is_package(&self) -> bool {
        !self.debian.is_empty()
    }

    /// The oldest version that will do, in words.
    pub fn least_words(&self) -> String {
        match self.need {
            Need::Program { least: (0, 0), .. } => String::new(),
            Need::Program {
                least: (major, minor),
                ..
            } => format!("{major}.{minor} or newer"),
            _ => String::new(),
        }
    }

    /// What a user does about a step that is no package.
    pub fn by_hand(&self) -> Option<String> {
        match self.need {
            Need::FirmwareCore => Some(format!("rustup target add {}", core::TARGET)),
            Need::Source(archive) => Some(archive.by_hand()),
            Need::Crates => Some("cargo fetch --locked".to_owned()),
            Need::Program { .. } | Need::Probe(_) => None,
        }
    }
}

fn program_found(name: &str, least: (u32, u32)) -> Result<String, String> {
    let path = process::which(name).ok_or("not found in PATH")?;
    if least == (0, 0) {
        return Ok(path.display().to_string());
    }
    let said = process::answer(Command::new(&path).arg("--version")).map_err(|error| format!("{error:#}"))?;
    let Some((major, minor)) = probe::version(&said) else {
        return Err(format!("{} --version shows no version", path.display()));
    };
    if (major, minor) < least {
        return Err(format!("{} is {major}.{minor}, too old", path.display()));
    }
    Ok(format!("{major}.{minor} ({})", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_can_be_brought_by_hand() {
        for step in STEPS {
            assert!(step.is_package() != step.by_hand().is_some(), "{}", step.what);
            assert!(
                step.download_mb > 0 && step.disk_mb > 0,
                "{} has no size",
                step.what
            );
        }
    }

    #[test]
    fn a_program_that_is_too_old_is_told_with_its_version() {
        assert!(program_found("python3", (3, 8)).is_ok());
        let error = program_found("python3", (99, 0)).unwrap_err();
        assert!(error.contains("is 3.") && error.contains("too old"), "{error}");
        assert_eq!(
            program_found("no-such-program", (1, 0)).unwrap_err(),
            "not found in PATH"
        );
    }
}
