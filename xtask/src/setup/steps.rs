//! The table of set-up steps: what, why, how to see that it stands, where it comes from.

use super::archive::{self, Archive};
use super::{core, packages::Wanted};
use crate::{process, project::Project};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How a step is seen to stand, and what makes it stand.
pub enum Need {
    /// A program in PATH; the Debian package that has it.
    Tool(&'static str, &'static str),
    /// Something that a probe finds; the Debian package that has it.
    Probe(fn() -> bool, &'static str),
    /// `core` and `alloc` for the chip, by rustup or by Debian's Rust.
    FirmwareCore,
    /// A pinned source archive.
    Source(&'static Archive),
}

/// One line of the table.
pub struct Step {
    pub what: &'static str,
    pub why: &'static str,
    pub need: Need,
    /// Without it one check is left out, with a line that says so.
    pub optional: bool,
}

const fn needed(what: &'static str, why: &'static str, need: Need) -> Step {
    Step {
        what,
        why,
        need,
        optional: false,
    }
}

pub const STEPS: &[Step] = &[
    needed(
        "cc",
        "C compiler of the host: build scripts, Unicorn",
        Need::Tool("cc", "gcc"),
    ),
    needed("libc headers", "the same", Need::Probe(libc_headers, "libc6-dev")),
    needed(
        "cmake",
        "builds Unicorn, the virtual board's CPU",
        Need::Tool("cmake", "cmake"),
    ),
    needed("ninja", "the same", Need::Tool("ninja", "ninja-build")),
    needed("pkg-config", "the same", Need::Tool("pkg-config", "pkg-config")),
    needed(
        "libclang",
        "bindgen reads C headers with it",
        Need::Probe(libclang, "libclang-dev"),
    ),
    needed(
        "arm-none-eabi-gcc",
        "compiles MicroPython's C core",
        Need::Tool("arm-none-eabi-gcc", "gcc-arm-none-eabi"),
    ),
    needed(
        "newlib headers",
        "C headers for the chip",
        Need::Probe(newlib, "libnewlib-arm-none-eabi"),
    ),
    needed(
        "python3",
        "frozen modules, MicroPython's test runner",
        Need::Tool("python3", "python3"),
    ),
    needed(
        "pyserial",
        "MicroPython's test runner talks through it",
        Need::Probe(pyserial, "python3-serial"),
    ),
    needed(
        "numpy",
        "an independent implementation of crates/vision is written in it",
        Need::Probe(numpy, "python3-numpy"),
    ),
    needed(
        "python3-venv",
        "a place for other people's tools, which the tests try on the board",
        Need::Probe(venv, "python3-venv"),
    ),
    Step {
        what: "dfu-util",
        why: "an independent reader for the .dfu files",
        need: Need::Tool("dfu-suffix", "dfu-util"),
        optional: true,
    },
    needed(
        "firmware core",
        "Rust's core and alloc for thumbv7em-none-eabihf",
        Need::FirmwareCore,
    ),
    needed(
        "micropython",
        "MicroPython 1.25.0's source, pinned by checksum",
        Need::Source(&archive::MICROPYTHON),
    ),
];

impl Step {
    /// True if nothing needs to be done.
    pub fn stands(&self, project: &Project) -> bool {
        match self.need {
            Need::Tool(program, _) => process::which(program).is_some(),
            Need::Probe(probe, _) => probe(),
            Need::FirmwareCore => core::find().is_ok(),
            Need::Source(archive) => archive.stands(project),
        }
    }

    /// The Debian package, if one package is the answer.
    pub fn package(&self) -> Option<Wanted> {
        match self.need {
            Need::Tool(_, package) | Need::Probe(_, package) => Some(Wanted {
                package: package.into(),
                why: self.why.into(),
                optional: self.optional,
            }),
            Need::FirmwareCore | Need::Source(_) => None,
        }
    }
}

/// The Python that has pyserial.
pub fn python() -> Option<PathBuf> {
    python_that("import serial, serial.tools.list_ports")
}

/// The Python that has numpy.
pub fn python_with_numpy() -> Option<PathBuf> {
    python_that("import numpy")
}

/// A Python for which `program` succeeds: a user's own `python3` often stands before Debian's in PATH and lacks modules.
fn python_that(program: &str) -> Option<PathBuf> {
    let candidates = ["python3", "/usr/bin/python3"];
    candidates
        .iter()
        .filter_map(|name| process::which(name))
        .find(|python| process::succeeds(Command::new(python).args(["-c", program])))
}

fn pyserial() -> bool {
    python().is_some()
}

fn numpy() -> bool {
    python_with_numpy().is_some()
}

fn venv() -> bool {
    process::which("python3")
        .is_some_and(|python| process::succeeds(Command::new(python).args(["-c", "import ensurepip, venv"])))
}

fn libc_headers() -> bool {
    preprocesses("cc", "stdlib.h")
}

fn newlib() -> bool {
    preprocesses("arm-none-eabi-gcc", "errno.h")
}

/// Asks the compiler itself, since the folders differ from distribution to distribution.
fn preprocesses(compiler: &str, header: &str) -> bool {
    let Some(compiler) = process::which(compiler) else {
        return false;
    };
    let child = Command::new(compiler)
        .args(["-E", "-x", "c", "-include", header, "/dev/null"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    child.is_ok_and(|status| status.success())
}

/// The places in which bindgen looks, more or less.
fn libclang() -> bool {
    let mut dirs: Vec<PathBuf> = std::env::var_os("LIBCLANG_PATH")
        .into_iter()
        .map(PathBuf::from)
        .collect();
    dirs.extend(["/usr/lib", "/usr/lib64", "/usr/local/lib"].map(PathBuf::from));
    for entry in Path::new("/usr/lib").read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("llvm-") {
            dirs.push(entry.path().join("lib"));
        } else if name.contains("-linux-gnu") {
            dirs.push(entry.path());
        }
    }
    dirs.iter()
        .filter_map(|dir| dir.read_dir().ok())
        .flatten()
        .flatten()
        .any(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            // `libclang.so` is the development package's; the runtime's `libclang-14.so.1` serves bindgen as well,
            // but comes without the headers `stddef.h` and friends.
            name == "libclang.so" || (name.starts_with("libclang-") && name.ends_with(".so"))
        })
}
