//! Debian packages: all that are missing, in one go, by the machine's own apt.
//!
//! Without apt, or without the right to use it, nothing is half done: one message lists everything.

use crate::{process, project::Project, say};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

/// A package and the reason for it.
pub struct Wanted {
    pub package: String,
    pub why: String,
    pub optional: bool,
}

/// Installs packages; does nothing for an empty list.
pub fn install(project: &Project, wanted: &[Wanted]) -> Result<()> {
    let (optional, required): (Vec<&Wanted>, Vec<&Wanted>) = wanted.iter().partition(|want| want.optional);
    if wanted.is_empty() {
        return Ok(());
    }
    let Some(right) = Right::find() else {
        if required.is_empty() {
            return Ok(());
        }
        bail!(by_hand(project, &required));
    };
    fs::create_dir_all(project.deps())?;
    let log = project.deps().join("apt.log");
    say::line(format!(
        "  apt      {} packages from this machine's apt sources (log: {})",
        wanted.len(),
        log.display()
    ));
    let start = Instant::now();
    // A third party's broken source is no reason to stop: the install itself is what counts.
    if apt(&right, &log, &["apt-get", "-q", "update"]).is_err() {
        say::line("           `apt-get update` complained; going on with the lists that are there");
    }
    // An installation that was interrupted leaves packages unconfigured, and apt refuses to go on before this.
    apt(&right, &log, &["dpkg", "--configure", "-a"])?;
    let names = |list: &[&Wanted]| list.iter().map(|want| want.package.clone()).collect::<Vec<_>>();
    apt_install(&right, &log, &names(&required))?;
    for want in optional {
        if apt_install(&right, &log, std::slice::from_ref(&want.package)).is_err() {
            say::line(format!(
                "           without {}: {} will be left out",
                want.package, want.why
            ));
        }
    }
    let list = wanted
        .iter()
        .map(|want| want.package.as_str())
        .collect::<Vec<_>>()
        .join(" ");
    say::line(format!("  done     {list}: {}", say::seconds(start.elapsed())));
    Ok(())
}

fn apt_install(right: &Right, log: &Path, packages: &[String]) -> Result<()> {
    if packages.is_empty() {
        return Ok(());
    }
    let mut line = vec![
        "apt-get",
        "-q",
        "-y",
        "-f",
        "-o",
        "DPkg::Lock::Timeout=300",
        "--no-install-recommends",
        "install",
    ];
    line.extend(packages.iter().map(String::as_str));
    apt(right, log, &line)
}

/// By which right packages can be installed.
enum Right {
    Root,
    /// By sudo, which may ask for a password on the terminal.
    Sudo,
}

impl Right {
    fn find() -> Option<Right> {
        process::which("apt-get")?;
        if Path::new("/proc/self").metadata().is_ok_and(|own| own.uid() == 0) {
            return Some(Right::Root);
        }
        let sudo = process::which("sudo")?;
        let silent = process::succeeds(Command::new(sudo).args(["-n", "true"]));
        (silent || std::io::stdin().is_terminal()).then_some(Right::Sudo)
    }
}

fn apt(right: &Right, log: &Path, line: &[&str]) -> Result<()> {
    let mut command = match right {
        Right::Root => Command::new("env"),
        Right::Sudo => {
            let mut sudo = Command::new("sudo");
            sudo.arg("env");
            sudo
        }
    };
    command.arg("DEBIAN_FRONTEND=noninteractive").args(line);
    let file = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("opening {}", log.display()))?;
    let shown = process::shown(&command);
    let status = command
        .stdin(Stdio::null())
        .stdout(file.try_clone()?)
        .stderr(file)
        .status()
        .with_context(|| format!("cannot start `{shown}`"))?;
    if !status.success() {
        let said = fs::read_to_string(log).unwrap_or_default();
        let last: Vec<&str> = said.lines().rev().take(15).collect();
        bail!(
            "`{shown}` failed with {status}; the end of {}:\n{}",
            log.display(),
            last.into_iter().rev().collect::<Vec<_>>().join("\n")
        );
    }
    Ok(())
}

/// What a machine offers of a package, if it is a Debian that knows it.
pub fn candidate(package: &str) -> Option<String> {
    let said = process::output(
        Command::new("apt-cache")
            .args(["policy", package])
            .env("LC_ALL", "C"),
    )
    .ok()?;
    let version = said
        .lines()
        .find_map(|line| line.trim().strip_prefix("Candidate: "))?
        .to_owned();
    (version != "(none)").then_some(version)
}

/// Brings the package lists up to date if that is possible here; a bare machine has none.
pub fn refresh_lists(project: &Project) {
    let Some(right) = Right::find() else { return };
    if fs::create_dir_all(project.deps()).is_ok() {
        let _ = apt(
            &right,
            &project.deps().join("apt.log"),
            &["apt-get", "-q", "update"],
        );
    }
}

fn by_hand(project: &Project, required: &[&Wanted]) -> String {
    let mut text = String::from(
        "these are missing, and this user cannot install them (no apt, or neither root nor sudo):\n",
    );
    for want in required {
        text += &format!("    {:<26} {}\n", want.package, want.why);
    }
    let names: Vec<&str> = required.iter().map(|want| want.package.as_str()).collect();
    text += &format!(
        "  on Debian: apt-get install --no-install-recommends {}\n",
        names.join(" ")
    );
    text += "  elsewhere: the same by your system's package manager, and `rustup target add thumbv7em-none-eabihf`\n";
    for archive in super::archive::ARCHIVES {
        if !archive.stands(project) && process::which("apt-get").is_none() {
            text += &format!("  {}\n", archive.by_hand());
        }
    }
    text + "  then run the same command again"
}
