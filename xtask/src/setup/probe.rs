//! How steps that are no program are seen to stand.

use crate::process;
use std::path::{Path, PathBuf};
use std::process::Command;

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
    ["python3", "/usr/bin/python3"]
        .iter()
        .filter_map(|name| process::which(name))
        .find(|python| process::succeeds(Command::new(python).args(["-c", program])))
}

pub fn pyserial() -> Result<String, String> {
    python()
        .map(|path| path.display().to_string())
        .ok_or_else(|| "no python3 can import serial".to_owned())
}

pub fn numpy() -> Result<String, String> {
    python_with_numpy()
        .map(|path| path.display().to_string())
        .ok_or_else(|| "no python3 can import numpy".to_owned())
}

pub fn venv() -> Result<String, String> {
    let python = process::which("python3").ok_or("there is no python3")?;
    match process::answer(Command::new(python).args(["-c", "import ensurepip, venv"])) {
        Ok(_) => Ok(String::new()),
        Err(_) => Err("python3 cannot make a virtual environment".to_owned()),
    }
}

pub fn libc_headers() -> Result<String, String> {
    preprocesses("cc", "stdlib.h")
}

pub fn newlib() -> Result<String, String> {
    preprocesses("arm-none-eabi-gcc", "errno.h")
}

/// Asks the compiler itself, since the folders differ from distribution to distribution.
fn preprocesses(compiler: &str, header: &str) -> Result<String, String> {
    let path = process::which(compiler).ok_or_else(|| format!("there is no {compiler}"))?;
    let mut command = Command::new(path);
    command.args([
        "-E",
        "-x",
        "c",
        "-include",
        header,
        "-o",
        "/dev/null",
        "/dev/null",
    ]);
    match process::answer(&mut command) {
        Ok(_) => Ok(String::new()),
        Err(_) => Err(format!("{compiler} does not find {header}")),
    }
}

/// The places in which bindgen looks, more or less.
pub fn libclang() -> Result<String, String> {
    let mut dirs: Vec<PathBuf> = std::env::var_os("LIBCLANG_PATH")
        .into_iter()
        .map(PathBuf::from)
        .collect();
    dirs.extend(
        [
            "/usr/lib",
            "/usr/lib64",
            "/usr/local/lib",
            "/opt/homebrew/opt/llvm/lib",
            "/usr/local/opt/llvm/lib",
            "/Library/Developer/CommandLineTools/usr/lib",
        ]
        .map(PathBuf::from),
    );
    for entry in Path::new("/usr/lib").read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with("llvm-") {
            dirs.push(entry.path().join("lib"));
        } else if name.contains("-linux-gnu") {
            dirs.push(entry.path());
        }
    }
    let files = dirs
        .iter()
        .filter_map(|dir| dir.read_dir().ok())
        .flatten()
        .flatten();
    let found = files.map(|file| file.path()).find(|file| is_libclang(file));
    found
        .map(|file| file.display().to_string())
        .ok_or_else(|| "no libclang.so".to_owned())
}

/// `libclang.so` is the development package's; the runtime's `libclang-14.so.1` serves bindgen as well, but comes without
/// the headers `stddef.h` and friends.
fn is_libclang(file: &Path) -> bool {
    let name = file
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    name == "libclang.so"
        || name == "libclang.dylib"
        || (name.starts_with("libclang-") && name.ends_with(".so"))
}

/// Major and minor of the first word that is a version: `cmake version 3.25.1`, `1.11.1`, `gcc (Debian 12.2.0-14) 12.2.0`.
pub fn version(said: &str) -> Option<(u32, u32)> {
    said.split(|c: char| c.is_whitespace() || "(),:-~+".contains(c))
        .find_map(|word| {
            let mut numbers = word.split('.').map(str::parse::<u32>);
            match (numbers.next()?, numbers.next()?) {
                (Ok(major), Ok(minor)) => Some((major, minor)),
                _ => None,
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_tools_say() {
        for (said, expected) in [
            ("cmake version 3.25.1\n\nCMake suite", (3, 25)),
            ("1.11.1\n", (1, 11)),
            ("arm-none-eabi-gcc (15:12.2.rel1-1) 12.2.1 20221205", (12, 2)),
            ("cc (Debian 12.2.0-14) 12.2.0", (12, 2)),
            ("gcc (GCC) 15.1.1 20250425 (Red Hat 15.1.1-1)", (15, 1)),
            ("Apple clang version 16.0.0 (clang-1600.0.26.6)", (16, 0)),
            ("Python 3.11.2", (3, 11)),
        ] {
            assert_eq!(version(said), Some(expected), "{said}");
        }
        assert_eq!(version("no version here"), None);
    }

    #[test]
    fn the_development_library_counts_on_each_system() {
        for name in ["libclang.so", "libclang-14.so", "libclang.dylib"] {
            assert!(is_libclang(Path::new(name)), "{name}");
        }
        assert!(!is_libclang(Path::new("libclang-14.so.1")) && !is_libclang(Path::new("libclang-cpp.so.14")));
    }
}
