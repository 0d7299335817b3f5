//! Which parts of the whole test run beside each other, so that no core waits while one part builds on the other.
//!
//! A lane is a process of its own for each of its parts, `cargo xtask test PART --lane`: what it says is shown when the part has ended,
//! and its counts come back on its stdout.

use super::Tally;
use crate::{process, say};
use anyhow::{Context as _, Result};
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// Parts by name: waves one after another, in each the lanes beside each other, in each its parts in order. Firmware and host
/// build in folders of their own, and want what the wave before has built. `host` alone keeps all cores busy.
pub const WAVES: &[&[&[&str]]] = &[
    &[&["firmware"], &["fmt", "tidy", "build", "clippy", "doc"]],
    &[&["host"]],
    &[&["micropython"], &["drawn", "fuzz"], &["clients", "vision"]],
];

/// Told when a part has ended: its name, its counts, and how long it took.
pub type Ended<'a> = &'a (dyn Fn(&'static str, Tally, Duration) + Sync);

/// Runs all waves; `options` are those of this command.
pub fn run(options: &[OsString], ended: Ended) {
    // One at a time tells what it has said.
    let speaker = Mutex::new(());
    for wave in WAVES {
        if wave.len() > 1 {
            let lanes: Vec<String> = wave.iter().map(|lane| lane.join(", ")).collect();
            say::line(format!(
                "== side by side, each shown when it has ended: {}",
                lanes.join("; ")
            ));
        }
        thread::scope(|scope| {
            for lane in *wave {
                scope.spawn(|| {
                    for name in *lane {
                        let begun = Instant::now();
                        let alone = wave.len() == 1;
                        let (said, tally) = part(name, options, alone);
                        let _turn = speaker.lock();
                        say::text(&said);
                        ended(name, tally, begun.elapsed());
                    }
                });
            }
        });
    }
}

/// What a part said, unless it has the terminal, and its counts.
fn part(name: &str, options: &[OsString], has_terminal: bool) -> (String, Tally) {
    child(name, options, has_terminal).unwrap_or_else(|error| (String::new(), failed(format!("{error:#}"))))
}

fn failed(why: String) -> Tally {
    let mut tally = Tally::default();
    tally.fail(why);
    tally
}

fn child(name: &str, options: &[OsString], has_terminal: bool) -> Result<(String, Tally)> {
    let mut command = Command::new(this_program()?);
    command.args(["test", name, "--lane"]).args(options);
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    if !has_terminal {
        command.stderr(Stdio::piped());
    }
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start `{}`", process::shown(&command)))?;
    let stderr = child.stderr.take();
    let reader = thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = stderr.map(|mut pipe| pipe.read_to_end(&mut bytes));
        String::from_utf8_lossy(&bytes).into_owned()
    });
    let mut counts = String::new();
    let stdout = child.stdout.take().context("a child without stdout")?;
    std::io::BufReader::new(stdout).read_to_string(&mut counts)?;
    let status = child.wait()?;
    let said = reader.join().unwrap_or_default();
    let tally = counts
        .lines()
        .last()
        .and_then(read)
        .unwrap_or_else(|| failed(format!("ended with {status} and no counts")));
    Ok((said, tally))
}

/// This program, although building the tests may have put another in its place.
fn this_program() -> Result<PathBuf> {
    let running = Path::new("/proc/self/exe");
    Ok(if running.exists() {
        running.to_owned()
    } else {
        std::env::current_exe()?
    })
}

/// Counts as a lane's process tells them: one line.
pub fn written(tally: &Tally) -> String {
    json!({"passed": tally.passed, "skipped": tally.skipped, "failures": tally.failures}).to_string()
}

fn read(line: &str) -> Option<Tally> {
    let value: Value = serde_json::from_str(line).ok()?;
    let count = |name: &str| usize::try_from(value.get(name)?.as_u64()?).ok();
    let failures = value.get("failures")?.as_array()?;
    Some(Tally {
        passed: count("passed")?,
        skipped: count("skipped")?,
        failures: failures
            .iter()
            .filter_map(|failure| failure.as_str().map(str::to_owned))
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::PARTS;
    use super::*;

    #[test]
    fn every_part_has_its_place_and_counts_come_back_whole() {
        let mut placed: Vec<&str> = WAVES
            .iter()
            .copied()
            .flatten()
            .copied()
            .flatten()
            .copied()
            .collect();
        let mut parts: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
        placed.sort_unstable();
        parts.sort_unstable();
        assert_eq!(placed, parts);

        let tally = Tally {
            passed: 3,
            skipped: 1,
            failures: vec!["two\nlines, \"quoted\"".to_owned()],
        };
        let back = read(&written(&tally)).unwrap();
        assert_eq!((back.passed, back.skipped, back.failures), (3, 1, tally.failures));
        assert!(read("3 passed, 1 failed, 0 skipped").is_none());
    }
}
