//! Tools that people use with MicroPython boards, from the Python package index and unmodified, against the board's pty.
//!
//! What each does, and what cannot work yet and why, stands in `tests/clients/clients.toml`. Everything there is run: what is
//! listed as missing and works fails the run, so that the list grows. The quick ones are part of every run of the tests.
//!
//! Clients wait on the wall clock, some for one second only. So a step that does not pass is tried again.

mod board;
mod list;
mod packages;
mod page;

use super::{Context, Tally};
use crate::{firmware, lock::Lock, process, project::DEFAULT_BOARD, project::Project, say};
use anyhow::{Context as _, Result, bail};
use board::Board;
use list::{Client, Step};
pub(super) use packages::programs;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// What a step may take.
const LIMIT: Duration = Duration::from_secs(90);
const TRIES: usize = 3;

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    let project = context.project;
    let clients = list::read(&project.root.join("tests/clients/clients.toml"))?;
    if context.filter.is_none() {
        tally.check(compare(
            &project.root.join("docs/clients.md"),
            &page::render(&clients),
            context.overwrite,
        ));
    }
    let chosen: Vec<&Client> = clients
        .iter()
        .filter(|client| match &context.filter {
            Some(words) => client.title().contains(words.as_str()),
            None => client.quick || context.named,
        })
        .collect();
    if chosen.is_empty() {
        return Ok(());
    }
    firmware::ensure(project, DEFAULT_BOARD, &context.variant)?;
    firmware::stand_spiram(project)?;
    // Clients keep their packages and their folders below target/clients.
    let _lock = Lock::take(&project.target().join("clients.lock"), "tests clients")?;
    let mut programs = BTreeMap::new();
    for client in &chosen {
        if !programs.contains_key(&client.set) {
            programs.insert(client.set.clone(), packages::programs(project, &client.set)?);
        }
    }
    for client in chosen {
        let Some(programs) = &programs[&client.set] else {
            say::line(format!(
                "   left out: {} wants a newer python3 than there is (tests/clients/{}.txt says which)",
                client.title(),
                client.set
            ));
            tally.skipped += client.steps.len();
            continue;
        };
        let begun = Instant::now();
        let place = Workplace {
            project,
            firmware: context.variant.name(DEFAULT_BOARD),
            programs,
            folder: project.target().join("clients").join(client.title()),
            listed: client.listed,
            usb: client.usb,
        };
        for step in &client.steps {
            place.check(&client.title(), step, tally);
        }
        say::line(format!(
            "   {:<32} {}",
            client.title(),
            say::seconds(begun.elapsed())
        ));
    }
    Ok(())
}

fn compare(file: &Path, page: &str, overwrite: bool) -> Result<()> {
    if overwrite {
        return fs::write(file, page).with_context(|| format!("writing {}", file.display()));
    }
    if fs::read_to_string(file).unwrap_or_default() != page {
        bail!(
            "{} is stale: `cargo xtask test clients --overwrite` writes it",
            file.display()
        );
    }
    Ok(())
}

/// Where a client's steps are run.
struct Workplace<'a> {
    project: &'a Project,
    firmware: String,
    programs: &'a Path,
    folder: PathBuf,
    listed: bool,
    usb: bool,
}

/// What came of one try.
enum Outcome {
    Passed,
    /// It wants rights that this user does not have.
    NoRight,
    Failed(String),
}

impl Workplace<'_> {
    fn check(&self, title: &str, step: &Step, tally: &mut Tally) {
        let tries = if step.fails.is_some() { 1 } else { TRIES };
        let mut outcome = Outcome::Failed(String::new());
        for _ in 0..tries {
            outcome = self
                .attempt(step)
                .unwrap_or_else(|error| Outcome::Failed(format!("{error:#}")));
            if !matches!(outcome, Outcome::Failed(_)) {
                break;
            }
        }
        let does = &step.does;
        match (outcome, &step.fails) {
            (Outcome::Passed, None) => tally.pass(),
            (Outcome::Passed, Some(reason)) => tally.fail(format!(
                "{title} {does}: this works, but is listed as missing ({reason}); take `fails` out of its line"
            )),
            (Outcome::NoRight, _) => {
                say::line(format!(
                    "   left out: {title} {does}: making a name in /dev needs more rights"
                ));
                tally.skipped += 1;
            }
            (Outcome::Failed(_), Some(_)) => tally.skipped += 1,
            (Outcome::Failed(why), None) => tally.fail(format!("{title} {does}: {why}")),
        }
    }

    /// One board, one command.
    fn attempt(&self, step: &Step) -> Result<Outcome> {
        let Some(board) = Board::start(self.project, &self.firmware, self.listed, self.usb)? else {
            return Ok(Outcome::NoRight);
        };
        let _ = fs::remove_dir_all(&self.folder);
        fs::create_dir_all(&self.folder)?;
        fs::write(self.folder.join("prog.py"), "print('from a file', 6 * 7)\n")?;
        let log = self.folder.join("output.txt");
        let mut path = self.programs.as_os_str().to_owned();
        path.push(":");
        path.push(std::env::var_os("PATH").unwrap_or_default());
        let output = fs::File::create(&log)?;
        let mut command = Command::new("sh");
        command
            .args(["-c", &step.run])
            .current_dir(&self.folder)
            .env("PATH", path)
            .env("PORT", board.port())
            .env("HERE", self.project.root.join("tests/clients"))
            .env("MICROPYTHON", crate::setup::micropython(self.project))
            .env("HOME", &self.folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .stderr(output.try_clone()?)
            .stdout(output);
        let ended = within(&mut command, LIMIT)?;
        let said = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        Ok(match ended {
            None => Outcome::Failed(format!("no end after {} s; {}", LIMIT.as_secs(), last(&said))),
            Some(true) if said.contains(&step.says) => Outcome::Passed,
            Some(true) => Outcome::Failed(format!("expected {:?}; {}", step.says, last(&said))),
            Some(false) => Outcome::Failed(last(&said)),
        })
    }
}

/// Whether the command succeeded, or nothing if it had to be stopped.
fn within(command: &mut Command, limit: Duration) -> Result<Option<bool>> {
    let start = Instant::now();
    let mut child = command
        .process_group(0)
        .spawn()
        .with_context(|| format!("cannot start `{}`", process::shown(command)))?;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if start.elapsed() >= limit {
            // With all that the shell has started.
            let group = format!("-{}", child.id());
            let _ = Command::new("kill")
                .args(["-KILL", "--", &group])
                .stderr(Stdio::null())
                .status();
            let _ = child.wait();
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// The end of an output, in one line.
fn last(said: &str) -> String {
    let lines: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let tail = &lines[lines.len().saturating_sub(3)..];
    format!("it said: {}", tail.join(" | "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_that_hangs_is_stopped() {
        let hung = within(Command::new("sleep").arg("60"), Duration::from_millis(100)).unwrap();
        assert_eq!(hung, None);
        assert_eq!(within(&mut Command::new("false"), LIMIT).unwrap(), Some(false));
    }

    #[test]
    fn the_end_of_an_output_is_told_in_one_line() {
        assert_eq!(last("a\n\nb\nc\nd\n"), "it said: b | c | d");
    }
}
