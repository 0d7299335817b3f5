//! `doctor`: checks this machine and prints one page to paste into a report, on stdout.

use crate::project::Project;
use crate::setup::steps::STEPS;
use crate::setup::system::System;
use crate::setup::{self, core};
use crate::{cargo, firmware, process, say, variant::Variant};
use anyhow::{Result, bail};
use std::fmt::Write;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

pub const ARGS: &str = "";
pub const MORE: &str =
    "Installs and builds nothing. Exit code 0: all stands; 1: something is missing or stale.";

/// Variables that matter and hold no secrets, with their values.
const SHOWN: &[&str] = &[
    "CARGO_HOME",
    "CARGO_TARGET_DIR",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_TARGET_DIR",
    "CC",
    "CFLAGS",
    "LANG",
    "LC_ALL",
    "LIBCLANG_PATH",
    "LITTLEFS_DIR",
    "MICROPY_DIR",
    "PATH",
    "RUSTFLAGS",
    "RUSTUP_HOME",
    "RUSTUP_TOOLCHAIN",
    "SOURCE_DATE_EPOCH",
    "SPIRAM_FIRMWARE_RUST",
    "SPIRAM_LITTLEFS",
    "SPIRAM_MICROPYTHON",
    "TERM",
    "TMPDIR",
];

pub fn main(project: &Project, mut args: lexopt::Parser) -> Result<ExitCode> {
    if let Some(arg) = args.next()? {
        bail!("{}; `doctor` takes none", arg.unexpected());
    }
    let mut page = Page {
        text: String::from("# spiram doctor\n"),
        amiss: 0,
    };
    page.machine(project);
    page.steps(project);
    page.outputs(project);
    page.surroundings(project);
    let _ = match page.amiss {
        0 => writeln!(page.text, "\nAll stands."),
        count => writeln!(page.text, "\n{count} lines are marked with `!!`."),
    };
    say::result(page.text.trim_end())?;
    Ok(if page.amiss == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

struct Page {
    text: String,
    amiss: usize,
}

impl Page {
    fn head(&mut self, title: &str) {
        let _ = writeln!(self.text, "\n## {title}");
    }

    fn line(&mut self, what: &str, found: Result<String, String>) {
        let (mark, text) = match found {
            Ok(text) => ("  ", text),
            Err(text) => {
                self.amiss += 1;
                ("!!", text)
            }
        };
        let text = text.trim().replace('\n', "; ");
        let _ = writeln!(self.text, "{mark} {what:<20} {text}");
    }

    fn machine(&mut self, project: &Project) {
        self.head("Machine");
        let mut git = Command::new("git");
        git.current_dir(&project.root)
            .args(["-c", "safe.directory=*", "describe", "--always", "--dirty"]);
        let commit = process::answer(&mut git).unwrap_or_else(|_| "no commit".to_owned());
        self.line(
            "spiram",
            Ok(format!("{} {}", env!("CARGO_PKG_VERSION"), commit.trim())),
        );
        self.line("system", Ok(System::find().name));
        self.line("kernel", said("uname", &["-srm"]));
        let cores = std::thread::available_parallelism().map_or(0, |count| count.get());
        let memory = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let memory = memory
            .lines()
            .find_map(|line| line.strip_prefix("MemTotal:"))
            .unwrap_or("unknown")
            .trim()
            .to_owned();
        self.line("cores, memory", Ok(format!("{cores}, {memory}")));
        self.line("user", said("id", &[]));
        let rust = said("rustc", &["--version"]);
        let minor = rust.as_ref().ok().and_then(|text| Some(setup::version(text)?.1));
        let oldest = core::oldest_minor();
        self.line(
            "rustc",
            match minor {
                Some(minor) if minor < oldest => Err(format!("1.{minor}, and 1.{oldest} is needed")),
                _ => rust,
            },
        );
        self.line("cargo", said("cargo", &["--version"]));
        let rustup = said("rustup", &["show", "active-toolchain"]).unwrap_or_else(|_| "none".to_owned());
        self.line("rustup's toolchain", Ok(rustup));
    }

    fn steps(&mut self, project: &Project) {
        self.head("What set-up looks for");
        for step in STEPS {
            let found = step.found(project);
            let found = if step.optional {
                Ok(found.unwrap_or_else(|why| format!("{why} (optional)")))
            } else {
                found
            };
            self.line(
                step.what,
                found.map(|text| {
                    if text.is_empty() {
                        "stands".to_owned()
                    } else {
                        text
                    }
                }),
            );
        }
    }

    fn outputs(&mut self, project: &Project) {
        self.head("Where, and what is built");
        self.line("checkout", Ok(project.root.display().to_string()));
        self.line(
            "built in",
            setup::check_place(project)
                .map(|()| project.target().display().to_string())
                .map_err(words),
        );
        for board in project.boards().unwrap_or_default() {
            let elf = Variant::default().elf(project, &board);
            let state = match firmware::is_fresh(project, &board, &Variant::default()) {
                _ if !elf.exists() => "not built".to_owned(),
                Ok(true) => "fresh".to_owned(),
                Ok(false) => "stale: `cargo xtask run` builds it".to_owned(),
                Err(error) => words(error),
            };
            self.line(&format!("firmware {board}"), Ok(state));
        }
        let spiram = match firmware::is_spiram_fresh(project) {
            _ if !crate::firmware::spiram(project).exists() => "not built".to_owned(),
            Ok(true) => format!("fresh, {}", crate::firmware::spiram(project).display()),
            Ok(false) => "stale: `cargo xtask run` builds it".to_owned(),
            Err(error) => words(error),
        };
        self.line("virtual board", Ok(spiram));
        for dir in [project.root.clone(), project.target(), std::env::temp_dir()] {
            let free = setup::free_mb(&dir).map_or("unknown".to_owned(), say::megabytes);
            self.line("free", Ok(format!("{free} at {}", dir.display())));
        }
    }

    fn surroundings(&mut self, project: &Project) {
        self.head("What reaches a build");
        for name in SHOWN {
            if let Some(value) = std::env::var_os(name) {
                self.line(name, Ok(value.to_string_lossy().into_owned()));
            }
        }
        let kept: Vec<String> = std::env::vars_os()
            .filter_map(|(name, _)| name.into_string().ok())
            .filter(|name| cargo::is_kept_away(name) && !SHOWN.contains(&name.as_str()))
            .collect();
        self.line("kept from firmware", Ok(kept.join(" ")));
        for file in cargo_settings(project) {
            self.line("cargo's settings", Ok(file.display().to_string()));
        }
    }
}

/// The files of settings that cargo reads here, but for our own. What is in them may be secret.
fn cargo_settings(project: &Project) -> Vec<PathBuf> {
    let mut dirs: Vec<PathBuf> = project
        .root
        .ancestors()
        .skip(1)
        .map(|dir| dir.join(".cargo"))
        .collect();
    dirs.extend(setup::cargo_home());
    dirs.sort();
    dirs.dedup();
    let files = dirs
        .iter()
        .flat_map(|dir| ["config.toml", "config"].map(|name| dir.join(name)));
    files.filter(|file| file.is_file()).collect()
}

fn said(program: &str, args: &[&str]) -> Result<String, String> {
    process::answer(Command::new(program).args(args)).map_err(words)
}

fn words(error: anyhow::Error) -> String {
    format!("{error:#}")
}
