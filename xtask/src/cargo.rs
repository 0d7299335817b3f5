//! Every cargo that is started from here, and what may reach it from outside.
//!
//! The firmware is the same whoever builds it: variables and settings of a user that would change it are kept away.
//! The host's tools are the user's own business, but for what would put them where nobody looks.

use crate::heap::Heap;
use crate::names;
use crate::process;
use crate::project::Project;
use crate::setup::archive;
use crate::setup::core::{TARGET, Toolchain};
use crate::variant::Variant;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Variables that would change the firmware if they came through: cargo's and the compilers' own.
const KEPT_AWAY: &[&str] = &[
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_ENCODED_RUSTDOCFLAGS",
    "CARGO_INCREMENTAL",
    "RUSTC",
    "RUSTC_BOOTSTRAP",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTDOCFLAGS",
    "RUSTFLAGS",
    // gcc's, which change where it finds headers and its own parts.
    "COMPILER_PATH",
    "CPATH",
    "CPLUS_INCLUDE_PATH",
    "C_INCLUDE_PATH",
    "DEPENDENCIES_OUTPUT",
    "GCC_COMPARE_DEBUG",
    "GCC_EXEC_PREFIX",
    "LIBRARY_PATH",
    "SUNPRO_DEPENDENCIES",
];
/// And whole families of them. `PYTHON` itself, `MICROPY_DIR` and `SPIRAM_BOARD` are set on purpose, afterwards.
const KEPT_AWAY_FAMILIES: &[&str] = &[
    "BINDGEN_",
    "CARGO_BUILD_",
    "CARGO_PROFILE_",
    "CARGO_TARGET_",
    "CARGO_UNSTABLE_",
    "GIT_",
    "MICROPY",
    "PYTHON",
    "SPIRAM_",
    "UPY_",
];
/// What a user may choose.
const LET_THROUGH: &[&str] = &["PYTHON", "CARGO_TARGET_DIR", "UPY_CC"];

/// The release profile, said once more on the command line, which no file of a user can change.
const PROFILE: &[(&str, &str)] = &[
    ("opt-level", "3"),
    ("debug", "1"),
    ("debug-assertions", "false"),
    ("overflow-checks", "false"),
    ("lto", "false"),
    ("panic", "\"unwind\""),
    ("incremental", "false"),
    ("codegen-units", "16"),
    ("strip", "\"none\""),
];

/// Packages with a level of their own: those that do little in loops are made small, as all of it for speed would not fit the first
/// bank of the flash. Machine vision lies in the second one, and has to fit what that has before the files.
const LEVELS: [(&str, &str); 14] = [
    ("vision", "2"),
    ("boot", "z"),
    ("pyvision", "z"),
    ("firmware", "z"),
    ("h7a3", "s"),
    ("embassy-stm32", "s"),
    ("embassy-executor", "s"),
    ("embassy-futures", "s"),
    ("embassy-usb", "s"),
    ("embassy-usb-synopsys-otg", "s"),
    ("libm", "z"),
    ("aes", "z"),
    ("sha1", "s"),
    ("md-5", "s"),
];

/// The same in a heap that looks for damage, whose checks take room and are not there for speed.
const SMALLER: [(&str, &str); 2] = [("upy", "s"), ("tierheap", "s")];

/// True for a variable that would change the firmware.
pub fn is_kept_away(name: &str) -> bool {
    !LET_THROUGH.contains(&name)
        && (KEPT_AWAY.contains(&name) || KEPT_AWAY_FAMILIES.iter().any(|family| name.starts_with(family)))
}

/// What python and run-tests.py would take from outside.
pub fn keep_away(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_kept_away) {
            command.env_remove(name);
        }
    }
}

/// cargo for the host's crates. `CARGO_BUILD_TARGET` would put programs where they cannot be run from, and a variable
/// of ours that happens to be set would change what is tested.
pub fn host(project: &Project, verb: &str) -> Command {
    let mut command = Command::new("cargo");
    command.current_dir(&project.root).arg(verb);
    for (name, _) in std::env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| name.starts_with("SPIRAM_") || name == "CARGO_BUILD_TARGET")
        {
            command.env_remove(name);
        }
    }
    command
}

/// The profile, package by package where it differs.
fn profile(command: &mut Command, heap: Heap) {
    let mut set = |setting: String| {
        command.arg("--config").arg(format!("profile.release.{setting}"));
    };
    for (name, value) in PROFILE {
        set(format!("{name}={value}"));
    }
    let looks_for_damage = matches!(heap, Heap::Checked | Heap::SlicedChecked);
    let smaller = SMALLER.iter().filter(|_| looks_for_damage);
    for (package, level) in LEVELS.iter().chain(smaller) {
        // A number, or a letter in quotes.
        let level = level
            .parse()
            .map_or(format!("{level:?}"), |number: u8| number.to_string());
        set(format!("package.{package}.opt-level={level}"));
        set(format!("package.{package}.codegen-units=1"));
    }
}

/// cargo for the firmware's crates; the caller adds what to do.
pub fn chip(
    project: &Project,
    board: &str,
    variant: &Variant,
    toolchain: &Toolchain,
    verb: &str,
) -> Result<Command> {
    let mut command = match toolchain {
        Toolchain::Rustup { .. } => Command::new("cargo"),
        // Not by way of `cargo clippy`, which would find rustup's first.
        Toolchain::Debian { .. } if verb == "clippy" => Command::new("/usr/bin/cargo-clippy"),
        Toolchain::Debian { cargo, .. } => Command::new(cargo),
    };
    keep_away(&mut command);
    command.arg(verb);
    if let Toolchain::Debian { rustc, cargo, .. } = toolchain {
        command.args([
            "-Zbuild-std=core,alloc,compiler_builtins",
            "-Zbuild-std-features=compiler-builtins-mem",
        ]);
        command.env("CARGO", cargo);
        // Debian's compiler is a stable one, and build-std is not yet: this variable lifts the difference.
        command.env("RUSTC_BOOTSTRAP", "1").env("RUSTC", rustc);
        // cargo puts the libraries of the toolchain that built xtask here; they are not Debian's.
        command
            .env_remove("LD_LIBRARY_PATH")
            .env_remove("RUSTUP_TOOLCHAIN");
    }
    command
        .args(["--release", "--target", TARGET, "--target-dir"])
        .arg(project.target().join("firmware"));
    let settings = Settings::read(&project.root)?;
    command
        .arg("--config")
        .arg(format!("target.{TARGET}.linker={:?}", settings.linker));
    profile(&mut command, variant.heap);
    command.env("CARGO_ENCODED_RUSTFLAGS", settings.flags(verb).join("\x1f"));
    command
        .current_dir(&project.root)
        .env("SPIRAM_BOARD", board)
        .env("MICROPY_DIR", archive::MICROPYTHON.tree(project))
        .env("LITTLEFS_DIR", archive::LITTLEFS.tree(project))
        .env("UPY_NAMES", names::write(project)?)
        .env("SOURCE_DATE_EPOCH", project.date_epoch());
    for (variable, value) in [("SPIRAM_TIMING", &variant.timing), ("SPIRAM_PART", &variant.part)] {
        if let Some(value) = value {
            command.env(variable, value);
        }
    }
    Ok(command)
}

/// What `.cargo/config.toml` says of the chip's target.
struct Settings {
    linker: String,
    rustflags: Vec<String>,
}

impl Settings {
    fn read(root: &Path) -> Result<Settings> {
        let path = root.join(".cargo/config.toml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        let table: toml::Table = text
            .parse()
            .with_context(|| format!("reading {}", path.display()))?;
        let target = table.get("target").and_then(|all| all.get(TARGET));
        let linker = target.and_then(|target| target.get("linker")?.as_str());
        let flags = target.and_then(|target| target.get("rustflags")?.as_array());
        let (Some(linker), Some(flags)) = (linker, flags) else {
            bail!("{} does not say linker and rustflags of {TARGET}", path.display());
        };
        Ok(Settings {
            linker: linker.to_owned(),
            rustflags: flags
                .iter()
                .filter_map(|flag| flag.as_str().map(str::to_owned))
                .collect(),
        })
    }

    /// rustc warns of `strict-align` once a crate, though LLVM has known it for long. A build is told to be silent about
    /// warnings, which are clippy's business; clippy and rustdoc make no code, and go without the feature.
    fn flags(&self, verb: &str) -> Vec<String> {
        let mut flags = self.rustflags.clone();
        if matches!(verb, "clippy" | "doc") {
            if let Some(at) = flags
                .iter()
                .position(|flag| flag == "target-feature=+strict-align")
            {
                flags.drain(at - 1..=at);
            }
        } else {
            flags.extend(["-A".to_owned(), "warnings".to_owned()]);
        }
        flags
    }
}

/// What cargo says that it made.
#[derive(Debug, Default, PartialEq)]
pub struct Made {
    /// The program asked for.
    pub executable: PathBuf,
    /// The output folder of each build script, by the package's name.
    pub out_dirs: HashMap<String, PathBuf>,
}

/// Runs `cargo build` for one program, and asks cargo where it is: a user's settings may put it anywhere.
pub fn build(command: &mut Command, program: &str) -> Result<Made> {
    command
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped());
    let shown = process::shown(command);
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start `{shown}`"))?;
    let stdout = child.stdout.take().context("cargo has no stdout")?;
    let mut made = Made::default();
    for line in BufReader::new(stdout).lines() {
        made.read(&line?, program);
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("`{shown}` failed with {status}");
    }
    if made.executable.as_os_str().is_empty() {
        bail!("`{shown}` made no program `{program}`");
    }
    Ok(made)
}

impl Made {
    /// Takes over one of cargo's messages, a JSON object a line.
    fn read(&mut self, line: &str, program: &str) {
        let Ok(message) = serde_json::from_str::<Value>(line) else {
            return;
        };
        match message["reason"].as_str() {
            Some("compiler-artifact") if message["target"]["name"] == program => {
                if let Some(path) = message["executable"].as_str() {
                    self.executable = path.into();
                }
            }
            Some("build-script-executed") => {
                if let (Some(id), Some(dir)) = (message["package_id"].as_str(), message["out_dir"].as_str()) {
                    self.out_dirs.insert(name_in(id).to_owned(), dir.into());
                }
            }
            _ => {}
        }
    }
}

/// The package's name in `path+file:///a/upy-sys#0.1.0` or in `registry+x#toml@0.9.1`.
fn name_in(id: &str) -> &str {
    let (source, version) = id.rsplit_once('#').unwrap_or((id, ""));
    match version.split_once('@') {
        Some((name, _)) => name,
        None => source.rsplit('/').next().unwrap_or(source),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_change_the_firmware_is_kept_away() {
        for name in [
            "RUSTFLAGS",
            "CARGO_PROFILE_RELEASE_LTO",
            "CPATH",
            "PYTHONPATH",
            "BINDGEN_EXTRA_CLANG_ARGS",
        ] {
            assert!(is_kept_away(name), "{name}");
        }
        for name in [
            "PATH",
            "PYTHON",
            "CARGO_HOME",
            "CARGO_NET_OFFLINE",
            "LIBCLANG_PATH",
            "SOURCE_DATE_EPOCH",
            "CC",
        ] {
            assert!(!is_kept_away(name), "{name}");
        }
    }

    #[test]
    fn a_build_is_silent_about_strict_align_and_clippy_goes_without() {
        let root = Project::find().unwrap().root;
        let settings = Settings::read(&root).unwrap();
        let (build, clippy) = (settings.flags("build"), settings.flags("clippy"));
        let has = |flags: &[String], word: &str| flags.iter().any(|flag| flag.contains(word));
        assert!(
            has(&build, "strict-align") && has(&build, "warnings"),
            "{build:?}"
        );
        assert!(
            !has(&clippy, "strict-align") && !has(&clippy, "warnings"),
            "{clippy:?}"
        );
        assert_eq!(clippy.len() + 4, build.len(), "an option goes with its value");
    }

    #[test]
    fn the_firmware_s_cargo_takes_flags_from_the_checkout_alone() {
        let project = Project::find().unwrap();
        let toolchain = Toolchain::Rustup {
            core: "libcore".into(),
        };
        let command = chip(&project, "devebox", &Variant::default(), &toolchain, "build").unwrap();
        let env: HashMap<_, _> = command.get_envs().collect();
        let flags = env[std::ffi::OsStr::new("CARGO_ENCODED_RUSTFLAGS")]
            .unwrap()
            .to_string_lossy()
            .into_owned();
        assert!(flags.contains("link-arg=-Tlink.x\x1f"), "{flags}");
        let line = process::shown(&command);
        assert!(
            line.contains("linker=\"arm-none-eabi-ld\"") && line.contains("profile.release.lto=false"),
            "{line}"
        );
    }

    #[test]
    fn cargo_s_messages_tell_where_things_are() {
        let mut made = Made::default();
        for line in [
            r#"{"reason":"compiler-artifact","target":{"name":"firmware"},"executable":"/t/x/release/firmware"}"#,
            r#"{"reason":"compiler-artifact","target":{"name":"other"},"executable":"/t/other"}"#,
            r#"{"reason":"build-script-executed","package_id":"path+file:///my%20c/upy-sys#0.1.0","out_dir":"/t/o"}"#,
            r#"{"reason":"build-script-executed","package_id":"registry+u#serde@1.0.2","out_dir":"/t/s"}"#,
            "warning: not a message",
        ] {
            made.read(line, "firmware");
        }
        assert_eq!(made.executable, PathBuf::from("/t/x/release/firmware"));
        assert_eq!(made.out_dirs["upy-sys"], PathBuf::from("/t/o"));
        assert_eq!(made.out_dirs["serde"], PathBuf::from("/t/s"));
    }
}
