//! Debian packages: all that are missing, in one go, by the machine's own apt.
//!
//! All of it is one script (`install.sh`), so that sudo asks at most once. The script writes into a log; what it says is
//! read from there, so that this program may even be killed without harm to dpkg. Without the right to install, nothing is
//! half done: one message lists everything.

mod locks;
mod plan;

use super::system::{Right, System};
use crate::interrupt;
use crate::{process, project::Project, say};
use anyhow::{Context, Result, bail};
use plan::Plan;
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

const SCRIPT: &str = include_str!("install.sh");

/// Installs packages; those that nothing waits for only if the others are installed anyway. `by_hand` is what a user types who
/// may not install, for this reason.
pub fn install(
    project: &Project,
    system: &System,
    required: &[String],
    optional: &[String],
    by_hand: impl Fn(&str) -> String,
) -> Result<()> {
    let Some(right) = system.right() else {
        bail!(by_hand(""));
    };
    fs::create_dir_all(project.deps())?;
    let log = project.deps().join("apt.log");
    say::line(format!(
        "  apt      {} and what they need, from this machine's apt sources (log: {})",
        required.join(" "),
        log.display()
    ));
    if right == Right::SudoAsks {
        say::line("           sudo asks for your password, once, to install them");
    }
    locks::wait()?;
    let start = Instant::now();
    let said = run(
        right,
        &log,
        &["install", &required.join(" "), &optional.join(" ")],
    )?;
    if !said.begun {
        bail!(by_hand("sudo did not let this user"));
    }
    if !said.status.success() {
        bail!(
            "the packages could not be installed: {}\n  the whole story is in {}; in short:{}",
            said.reason(),
            log.display(),
            process::tail(&said.lines)
        );
    }
    for package in &said.without {
        say::line(format!(
            "           without {package}: the check that needs it is left out"
        ));
    }
    note_installed(project, required);
    say::line(format!("  done     packages: {}", say::seconds(start.elapsed())));
    Ok(())
}

fn noted(project: &Project) -> PathBuf {
    project.deps().join("packages")
}

/// For who wants to take them away again.
fn note_installed(project: &Project, packages: &[String]) {
    let mut all = installed_packages(project);
    all.extend(packages.iter().cloned());
    all.sort();
    all.dedup();
    let _ = fs::write(noted(project), all.join("\n") + "\n");
}

/// The packages that set-up has asked apt for, so far.
pub fn installed_packages(project: &Project) -> Vec<String> {
    let text = fs::read_to_string(noted(project)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// What a machine offers of a package, if it is a Debian that knows it.
pub fn candidate(package: &str) -> Option<String> {
    let said = process::answer(Command::new("apt-cache").args(["policy", package])).ok()?;
    let version = said
        .lines()
        .find_map(|line| line.trim().strip_prefix("Candidate: "))?
        .to_owned();
    (version != "(none)").then_some(version)
}

/// Brings the package lists up to date if that is possible here; a bare machine has none.
pub fn refresh_lists(project: &Project, system: &System) {
    let Some(right) = system.right() else { return };
    if fs::create_dir_all(project.deps()).is_ok() && locks::wait().is_ok() {
        let _ = run(right, &project.deps().join("apt.log"), &["update", "", ""]);
    }
}

/// What the script said.
struct Said {
    status: ExitStatus,
    /// False if sudo did not even start it.
    begun: bool,
    without: Vec<String>,
    lines: Vec<String>,
}

impl Said {
    /// What apt and dpkg call errors; the last of a long list is most often the first one's consequence.
    fn reason(&self) -> String {
        let error = |line: &&String| line.starts_with("E: ") || line.starts_with("dpkg: error");
        let first = self.lines.iter().find(error).cloned();
        let full = self
            .lines
            .iter()
            .any(|line| line.contains("No space left on device"));
        if full {
            return "the disk is full".to_owned();
        }
        first.unwrap_or_else(|| format!("apt-get ended with {}", self.status))
    }
}

fn run(right: Right, log: &Path, arguments: &[&str]) -> Result<Said> {
    let mut command = match right {
        Right::Root => Command::new("sh"),
        Right::Sudo | Right::SudoAsks => {
            let mut sudo = Command::new("sudo");
            sudo.args(if right == Right::Sudo {
                &["-n", "sh"][..]
            } else {
                &["sh"]
            });
            sudo
        }
    };
    command.args(["-c", SCRIPT, "spiram-setup"]).args(arguments);
    let naming = || format!("opening {}", log.display());
    let file = File::options()
        .create(true)
        .append(true)
        .open(log)
        .with_context(naming)?;
    let mut reader = File::open(log).with_context(naming)?;
    reader.seek(SeekFrom::End(0))?;
    // sudo's own words, of its refusal too, go to the terminal.
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(file)
        .spawn()
        .with_context(|| format!("cannot start `{}`", command.get_program().display()))?;
    let mut follower = Follower::new(reader);
    follower.follow(&mut child, |follower| !follower.in_dpkg)?;
    // From here to the end it must not be cut short.
    let status = match child.try_wait()? {
        Some(status) => status,
        None => interrupt::finish_first("dpkg is through with these packages", || {
            if let Some(mut script) = child.stdin.take() {
                script
                    .write_all(b"go on\n")
                    .context("telling the script to go on")?;
            }
            follower.follow(&mut child, |_| true)?;
            Ok(child.wait()?)
        })?,
    };
    follower.read()?;
    Ok(follower.said(status))
}

/// Reads what the script writes, and shows how far it is.
struct Follower {
    log: File,
    half_line: String,
    lines: Vec<String>,
    begun: bool,
    in_dpkg: bool,
    uris: Option<Vec<String>>,
    without: Vec<String>,
    progress: say::Progress,
}

impl Follower {
    fn new(log: File) -> Follower {
        Follower {
            log,
            half_line: String::new(),
            lines: Vec::new(),
            begun: false,
            in_dpkg: false,
            uris: None,
            without: Vec::new(),
            progress: say::Progress::new(),
        }
    }

    /// Until the script has ended, or `go_on` says no.
    fn follow(&mut self, child: &mut Child, go_on: impl Fn(&Follower) -> bool) -> Result<()> {
        while child.try_wait()?.is_none() {
            self.read()?;
            if !go_on(self) {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        self.read()
    }

    fn read(&mut self) -> Result<()> {
        let mut bytes = Vec::new();
        self.log.read_to_end(&mut bytes)?;
        self.half_line += &String::from_utf8_lossy(&bytes);
        while let Some((line, rest)) = self.half_line.split_once('\n') {
            let (line, rest) = (line.to_owned(), rest.to_owned());
            self.half_line = rest;
            self.line(&line);
        }
        Ok(())
    }

    fn line(&mut self, line: &str) {
        if let Some(word) = line.strip_prefix("spiram:") {
            match word.split_once(' ').unwrap_or((word, "")) {
                ("begin", _) => self.begun = true,
                ("update-failed", _) => {
                    say::line(
                        "           `apt-get update` complained; going on with the lists that are there",
                    );
                }
                ("plan", _) => self.uris = Some(Vec::new()),
                ("download", _) => {
                    let plan = Plan::of(&self.uris.take().unwrap_or_default());
                    say::line(format!("           {plan}"));
                }
                ("dpkg", _) => self.in_dpkg = true,
                ("without", package) => self.without.push(package.to_owned()),
                _ => {}
            }
        } else if let Some(uris) = &mut self.uris {
            uris.push(line.to_owned());
        } else if let Some(far) = status(line) {
            self.progress.show(&far);
        } else {
            self.lines.push(line.to_owned());
        }
    }

    fn said(self, status: ExitStatus) -> Said {
        Said {
            status,
            begun: self.begun,
            without: self.without,
            lines: self.lines,
        }
    }
}

/// apt's own lines for programs: `dlstatus:4:37.5:Retrieving file 4 of 12 (3s remaining)`, `pmstatus:cmake:61.2:Unpacking`.
fn status(line: &str) -> Option<String> {
    let mut fields = line.splitn(4, ':');
    let (kind, _, percent, text) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let percent: f32 = percent.parse().ok()?;
    match kind {
        "dlstatus" => Some(format!("fetching: {percent:.0} %")),
        "pmstatus" => Some(format!("installing: {percent:.0} %  {text}")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follower(text: &str) -> Follower {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("log");
        fs::write(&path, text).unwrap();
        let mut follower = Follower::new(File::open(path).unwrap());
        follower.read().unwrap();
        follower
    }

    #[test]
    fn the_script_s_words_are_told_from_apt_s() {
        let follower = follower(
            "spiram:begin\nHit:1 x\nspiram:plan\n'http://x/a.deb' a_1_amd64.deb 1000 SHA256:0\nspiram:download\n\
             dlstatus:1:50.0:Retrieving file 1 of 2\nspiram:dpkg\npmstatus:a:10.0:Unpacking a\nE: no luck\n\
             spiram:without dfu-util\nhalf a li",
        );
        assert!(follower.begun && follower.in_dpkg);
        assert_eq!(follower.lines, ["Hit:1 x", "E: no luck"]);
        assert_eq!(
            (follower.without.as_slice(), follower.half_line.as_str()),
            (&["dfu-util".to_owned()][..], "half a li")
        );
    }

    #[test]
    fn apt_s_status_lines_are_percentages() {
        assert_eq!(
            status("dlstatus:4:37.5:Retrieving file 4 of 12").unwrap(),
            "fetching: 38 %"
        );
        assert_eq!(
            status("pmstatus:cmake:61.2:Unpacking cmake").unwrap(),
            "installing: 61 %  Unpacking cmake"
        );
        assert_eq!(status("Get:1 http://x/y z"), None);
        assert_eq!(status("pmconffile:/etc/x:1:'a' 'b'"), None);
    }

    #[test]
    fn a_full_disk_and_the_first_error_are_the_reason() {
        let said = |lines: &[&str]| Said {
            status: process_status(100),
            begun: true,
            without: Vec::new(),
            lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        };
        assert_eq!(said(&["Get:1", "E: first", "E: second"]).reason(), "E: first");
        assert_eq!(
            said(&["E: x", "dpkg-deb: error: write: No space left on device"]).reason(),
            "the disk is full"
        );
        assert!(said(&[]).reason().contains("100"));
    }

    fn process_status(code: u8) -> ExitStatus {
        Command::new("sh")
            .args(["-c", &format!("exit {code}")])
            .status()
            .unwrap()
    }
}
