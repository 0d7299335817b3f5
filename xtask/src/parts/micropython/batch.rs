//! One run of `run-tests.py` with a virtual board of its own.
//!
//! Its output is read line by line. The run is ended at the first test that does not pass, because a board that
//! crashed would fail all tests after it; and when nothing is said for long, because the serial protocol has no end.

use crate::cargo;
use crate::project::{DEFAULT_BOARD, Project};
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::VecDeque;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// The longest test takes some 20 s of wall time; a board that is silent for this long hangs.
const SILENCE: Duration = Duration::from_secs(180);
/// How long run-tests.py may take to write a failed test's output after it has said so.
const WRITING: Duration = Duration::from_secs(2);

/// What became of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    Passed,
    /// The test itself, or run-tests.py, found that a feature is not there.
    Skipped,
    /// With the reason, in one line or a few.
    Failed(String),
}

/// A worker's folders and programs.
pub struct Workplace {
    python: PathBuf,
    tree: PathBuf,
    results: PathBuf,
    /// The board's command as run-tests.py takes it: split at blanks, so all paths in it are relative to the tests.
    board: String,
    stats: PathBuf,
}

impl Workplace {
    pub fn new(
        project: &Project,
        firmware: &str,
        tree: &Path,
        python: &Path,
        number: usize,
        options: &str,
    ) -> Result<Workplace> {
        let name = format!("results-{number}");
        let results = tree
            .parent()
            .context("the tests have a parent folder")?
            .join(&name);
        let _ = fs::remove_dir_all(&results);
        fs::create_dir_all(&results)?;
        let board = format!(
            "execpty:{} run --pty --board {DEFAULT_BOARD} --elf {} --stats ../{name}/stats.json {options}",
            from_tests(project, tree, &crate::firmware::spiram(project))?,
            from_tests(project, tree, &project.elf(firmware))?,
        );
        let stats = results.join("stats.json");
        Ok(Workplace {
            python: python.into(),
            tree: tree.into(),
            results,
            board,
            stats,
        })
    }

    /// Runs tests of a batch until the batch is empty or a test does not pass, and takes those done from its front.
    pub fn run(&self, batch: &mut VecDeque<String>, verdict: impl Fn(&str, Outcome)) -> Result<()> {
        let _ = fs::remove_file(&self.stats);
        let (mut child, lines) = self.start(batch)?;
        let failure = self.follow(&lines, batch, &verdict);
        end(&mut child);
        if let Some((test, mut why)) = failure {
            if let Some(events) = self.events() {
                why += &format!("; events: {events}");
            }
            verdict(&test, Outcome::Failed(why));
        }
        Ok(())
    }

    /// run-tests.py, and the lines that it says.
    fn start(&self, batch: &VecDeque<String>) -> Result<(Child, Receiver<String>)> {
        let mut command = Command::new(&self.python);
        cargo::keep_away(&mut command);
        command
            .current_dir(&self.tree)
            .args(["-u", "run-tests.py", "-t", &self.board, "-r"])
            .arg(&self.results);
        command.args(batch).env("MICROPY_CPYTHON3", &self.python);
        // Lines of both outputs matter: tracebacks of run-tests.py itself are on stderr.
        let log = fs::File::create(self.results.join("stderr.txt"))?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", self.python.display()))?;
        let stdout = child.stdout.take().context("run-tests.py has no stdout")?;
        let (send, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if send.send(line).is_err() {
                    break;
                }
            }
        });
        Ok((child, lines))
    }

    /// Hands on verdicts until the end, or the first that is bad: then that test, and why.
    fn follow(
        &self,
        lines: &Receiver<String>,
        batch: &mut VecDeque<String>,
        verdict: &impl Fn(&str, Outcome),
    ) -> Option<(String, String)> {
        let mut said = Vec::new();
        loop {
            let line = match lines.recv_timeout(SILENCE) {
                Ok(line) => line,
                Err(RecvTimeoutError::Timeout) => {
                    let test = batch.pop_front().unwrap_or_default();
                    return Some((test, format!("silent for {} s; stopped", SILENCE.as_secs())));
                }
                // The run ended by itself: if tests are left, the board is gone, or run-tests.py has given up.
                Err(RecvTimeoutError::Disconnected) => {
                    return batch.pop_front().map(|test| (test, self.last_words(&said)));
                }
            };
            // run-tests.py keeps the order it was given.
            let Some((word, test)) =
                read_verdict(&line).filter(|(_, test)| batch.front().is_some_and(|next| next == test))
            else {
                said.push(line);
                continue;
            };
            batch.pop_front();
            said.clear();
            match word {
                Verdict::Pass => verdict(test, Outcome::Passed),
                Verdict::Skip => verdict(test, Outcome::Skipped),
                Verdict::Fail => return Some((test.to_owned(), self.difference(test))),
            }
        }
    }

    /// The first line in which a failed test's output differs from the expected one.
    fn difference(&self, test: &str) -> String {
        let name = test.replace('/', "_");
        let (out, exp) = (
            self.results.join(format!("{name}.out")),
            self.results.join(format!("{name}.exp")),
        );
        let start = Instant::now();
        while !out.exists() && start.elapsed() < WRITING {
            thread::sleep(Duration::from_millis(20));
        }
        let read = |path: &Path| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let (Ok(found), Ok(expected)) = (read(&out), read(&exp)) else {
            return read(&out).map_or("no output".into(), |found| {
                found.lines().last().unwrap_or_default().into()
            });
        };
        first_difference(&expected, &found)
    }

    fn last_words(&self, said: &[String]) -> String {
        let stderr = fs::read_to_string(self.results.join("stderr.txt")).unwrap_or_default();
        let last = said
            .iter()
            .map(String::as_str)
            .chain(stderr.lines())
            .rfind(|line| !line.trim().is_empty());
        format!("the run ended: {}", last.unwrap_or("without a word"))
    }

    /// The events that the board itself reported, if it ended by one.
    fn events(&self) -> Option<String> {
        let stats: Value = serde_json::from_str(&fs::read_to_string(&self.stats).ok()?).ok()?;
        let events = stats["events"].as_array()?;
        let lines: Vec<String> = events
            .iter()
            .take(3)
            .map(|event| event["message"].as_str().unwrap_or("?").to_owned())
            .collect();
        (!lines.is_empty()).then(|| lines.join(" | "))
    }
}

/// A file of cargo's output folder as seen from the tests, which lie in it.
fn from_tests(project: &Project, tree: &Path, file: &Path) -> Result<String> {
    let target = project.target();
    let (Ok(file), Ok(tree)) = (file.strip_prefix(&target), tree.strip_prefix(&target)) else {
        bail!("{} is not in {}", file.display(), target.display());
    };
    let up: PathBuf = tree.components().map(|_| "..").collect();
    let path = up.join(file).to_string_lossy().into_owned();
    if path.contains(char::is_whitespace) {
        bail!("run-tests.py splits the board's command at blanks, and there is one in {path}");
    }
    Ok(path)
}

/// Ends run-tests.py and the board under it, which it put into a session of its own.
fn end(child: &mut Child) {
    if let Ok(None) = child.try_wait() {
        let below = crate::interrupt::descendants(child.id());
        let _ = child.kill();
        for pid in below {
            let pid = rustix::process::Pid::from_raw(pid.cast_signed());
            let _ = pid.map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::KILL));
        }
    }
    let _ = child.wait();
}

enum Verdict {
    Pass,
    Skip,
    Fail,
}

/// Reads `pass  basics/0prelim.py`; anything else is talk.
fn read_verdict(line: &str) -> Option<(Verdict, &str)> {
    let mut words = line.split_whitespace();
    let verdict = match words.next()? {
        "pass" => Verdict::Pass,
        "skip" => Verdict::Skip,
        "FAIL" => Verdict::Fail,
        _ => return None,
    };
    words.next().map(|test| (verdict, test))
}

fn first_difference(expected: &str, found: &str) -> String {
    let (mut expected, mut found) = (expected.lines(), found.lines());
    let mut number = 1;
    loop {
        match (expected.next(), found.next()) {
            (Some(a), Some(b)) if a == b => number += 1,
            (None, None) => return "the outputs differ in line ends only".into(),
            (a, b) => {
                let shown = |line: Option<&str>| line.map_or("the end".into(), |line| format!("{line:?}"));
                return format!("line {number}: expected {}, found {}", shown(a), shown(b));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_named_as_seen_from_the_tests() {
        let project = Project::find().unwrap();
        let tree = project.target().join("micropython-tests/12/tests");
        let file = project.target().join("x86_64/release/spiram");
        assert_eq!(
            from_tests(&project, &tree, &file).unwrap(),
            "../../../x86_64/release/spiram"
        );
        assert!(from_tests(&project, &tree, Path::new("/elsewhere")).is_err());
    }

    #[test]
    fn verdicts_are_read_and_talk_is_not() {
        assert!(matches!(
            read_verdict("pass  basics/0prelim.py "),
            Some((Verdict::Pass, "basics/0prelim.py"))
        ));
        assert!(matches!(
            read_verdict("FAIL  misc/x.py (unittest: 3 ran)"),
            Some((Verdict::Fail, "misc/x.py"))
        ));
        assert!(read_verdict("platform=spiram arch=armv7emdp").is_none());
    }

    #[test]
    fn the_first_difference_is_told_with_its_line() {
        assert_eq!(
            first_difference("a\nb\n", "a\nc\n"),
            "line 2: expected \"b\", found \"c\""
        );
        assert_eq!(
            first_difference("a\n", "a\nCRASH"),
            "line 2: expected the end, found \"CRASH\""
        );
    }
}
