//! MicroPython's own tests, by its own `run-tests.py`, unmodified, over a pty to the virtual board.
//!
//! Every test passes, or stands in `tests/micropython-skips.toml` with the reason; all of them are run, so that a
//! listed test which begins to pass is noticed. The result is the table in `docs/micropython-tests.md`.
//! Tests are dealt out in batches, each to a board of its own (`batch.rs`), and a board on which a test failed is not
//! used again: one crash is one failure.

mod batch;
mod expected;
mod hardware;
mod table;

use super::{Context, Tally};
use crate::{
    firmware,
    interrupt::Leftover,
    project::{DEFAULT_BOARD, Project},
    say, setup,
};
use anyhow::{Context as _, Result, bail};
use batch::{Outcome, Workplace};
use expected::Expected;
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};
use std::thread;

/// The folders of tests that make sense on a bare board.
const FOLDERS: &[&str] = &[
    "basics",
    "micropython",
    "float",
    "extmod",
    "misc",
    "stress",
    "inlineasm/thumb",
];
/// What pyboard.py says when the host was too slow for it.
const PATIENCE_ENDED: &str = "timeout waiting for";
/// A board's boot and run-tests.py's questions to it cost seconds, so a batch is no smaller than this, until the end.
const SMALLEST_BATCH: usize = 8;
const LARGEST_BATCH: usize = 120;

pub fn run(context: &Context, tally: &mut Tally) -> Result<()> {
    let project = context.project;
    firmware::ensure(project, DEFAULT_BOARD, &context.variant)?;
    firmware::stand_spiram(project)?;
    let copy = copy_of_the_tests(project)?;
    let tree = copy.path().join("tests");
    let mut tests = list(&tree)?;
    let expected = Expected::read(&project.root.join("tests/micropython-skips.toml"))?;
    tally.check(expected.names_only(&tests));
    if let Some(filter) = &context.filter {
        tests.retain(|test| test.contains(filter.as_str()));
    }
    if tests.is_empty() {
        return Ok(());
    }

    let outcomes = run_all(
        project,
        &context.variant.name(DEFAULT_BOARD),
        &tree,
        &tests,
        &expected,
    )?;
    for (test, outcome) in &outcomes {
        match (outcome, expected.reason(test)) {
            (Outcome::Passed, None) => tally.pass(),
            (Outcome::Passed, Some(reason)) => {
                tally.fail(format!(
                    "{test} passes, but is listed as one that cannot: {reason}"
                ));
            }
            (_, Some(_)) => tally.skipped += 1,
            (Outcome::Skipped, None) => tally.fail(format!("{test} skips itself, and no reason is listed")),
            (Outcome::Failed(why), None) => tally.fail(format!("{test}: {why}")),
        }
    }
    if context.filter.is_none() && tally.failures.is_empty() {
        let text = table::render(&outcomes, &expected)
            + &hardware::render(&project.root.join("tests/micropython-hardware.toml"))?;
        tally.check(table::compare(
            &project.root.join("docs/micropython-tests.md"),
            &text,
            context.overwrite,
        ));
    }
    Ok(())
}

/// A copy, since run-tests.py wants to write beside itself, and the pinned tree stays as it is; one for each command, since
/// two may run at once.
fn copy_of_the_tests(project: &Project) -> Result<Leftover> {
    let all = project.target().join("micropython-tests");
    for old in all.read_dir().into_iter().flatten().flatten() {
        // What a command left that was killed.
        let owner = Path::new("/proc").join(old.file_name());
        if !owner.exists() {
            let _ = fs::remove_dir_all(old.path());
        }
    }
    let copy = Leftover::new(all.join(std::process::id().to_string()));
    for dir in ["tests", "tools", "extmod"] {
        copy_dir(
            &crate::setup::micropython(project).join(dir),
            &copy.path().join(dir),
        )?;
    }
    Ok(copy)
}

fn copy_dir(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("creating {}", to.display()))?;
    for entry in from
        .read_dir()
        .with_context(|| format!("reading {}", from.display()))?
    {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_dir(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).with_context(|| format!("copying {}", entry.path().display()))?;
        }
    }
    Ok(())
}

/// All tests, as `folder/name.py`, in order.
fn list(tree: &Path) -> Result<Vec<String>> {
    let mut tests = Vec::new();
    for folder in FOLDERS {
        let dir = tree.join(folder);
        let mut names = Vec::new();
        for entry in dir
            .read_dir()
            .with_context(|| format!("reading {}", dir.display()))?
        {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if name.ends_with(".py") {
                names.push(format!("{folder}/{name}"));
            }
        }
        names.sort();
        tests.extend(names);
    }
    if tests.is_empty() {
        bail!("{} holds no tests", tree.display());
    }
    Ok(tests)
}

/// Where batches are run, and what came of them.
struct Boards<'a> {
    project: &'a Project,
    firmware: &'a str,
    tree: &'a Path,
    python: PathBuf,
    workers: usize,
    done: Mutex<BTreeMap<String, Outcome>>,
}

impl Boards<'_> {
    /// The place of a worker, whose board is run with these options.
    fn place(&self, number: usize, options: &str) -> Result<Workplace> {
        Workplace::new(
            self.project,
            self.firmware,
            self.tree,
            &self.python,
            number,
            options,
        )
    }

    fn done(&self) -> MutexGuard<'_, BTreeMap<String, Outcome>> {
        self.done.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Takes note of a verdict, and tells the bad ones and how far it is.
    fn take(&self, test: &str, outcome: Outcome) {
        let mut done = self.done();
        if let Outcome::Failed(why) = &outcome {
            say::line(format!(
                "   not passed: {test}: {}",
                why.lines().next().unwrap_or_default()
            ));
        }
        done.insert(test.to_owned(), outcome);
        if done.len().is_multiple_of(100) {
            say::line(format!("   {} were run", done.len()));
        }
    }

    /// A failure ends the board on which it was; what is left of the batch gets a new one.
    fn run(&self, place: &Workplace, mut batch: VecDeque<String>) -> Result<()> {
        while !batch.is_empty() {
            place.run(&mut batch, |test, outcome| self.take(test, outcome))?;
        }
        Ok(())
    }

    /// All workers beside each other, until the queue is empty.
    fn run_queue(&self, queue: &Mutex<VecDeque<String>>) -> Result<()> {
        thread::scope(|scope| {
            let threads: Vec<_> = (0..self.workers)
                .map(|number| {
                    scope.spawn(move || -> Result<()> {
                        let place = self.place(number, "")?;
                        while let Some(batch) = next_batch(queue, self.workers) {
                            self.run(&place, batch)?;
                        }
                        Ok(())
                    })
                })
                .collect();
            threads
                .into_iter()
                .try_for_each(|thread| thread.join().unwrap_or_else(|_| bail!("a worker panicked")))
        })
    }

    /// Tests for which the host was too slow.
    fn late(&self) -> Vec<String> {
        let is_late =
            |outcome: &Outcome| matches!(outcome, Outcome::Failed(why) if why.contains(PATIENCE_ENDED));
        let done = self.done();
        let late = done.iter().filter(|(_, outcome)| is_late(outcome));
        late.map(|(test, _)| test.clone()).collect()
    }
}

/// Deals the tests out to as many boards as there are processors.
fn run_all(
    project: &Project,
    firmware: &str,
    tree: &Path,
    tests: &[String],
    expected: &Expected,
) -> Result<BTreeMap<String, Outcome>> {
    let boards = Boards {
        project,
        firmware,
        tree,
        python: setup::python()
            .context("no python3 with pyserial was found: `cargo xtask setup` installs it")?,
        workers: thread::available_parallelism()
            .map_or(2, |count| count.get())
            .min(8),
        done: Mutex::default(),
    };
    let (small_heap, large_heap): (VecDeque<String>, VecDeque<String>) = tests
        .iter()
        .cloned()
        .partition(|test| expected.wants_small_heap(test));
    boards.run_queue(&Mutex::new(large_heap))?;
    boards.run(&boards.place(boards.workers, "--psram none")?, small_heap)?;
    // pyboard.py waits ten wall seconds for a board, which a busy machine may exceed: such a test is run again, alone.
    for test in boards.late() {
        say::line(format!("   again, with nothing beside it: {test}"));
        boards.run(&boards.place(boards.workers, "")?, VecDeque::from([test]))?;
    }
    let done = boards
        .done
        .into_inner()
        .unwrap_or_else(|poisoned| poisoned.into_inner());
    if done.len() != tests.len() {
        bail!("{} tests were to be run, and {} were", tests.len(), done.len());
    }
    Ok(done)
}

/// Large batches first, small ones at the end, so that all workers finish together.
fn next_batch(queue: &Mutex<VecDeque<String>>, workers: usize) -> Option<VecDeque<String>> {
    let mut queue = queue.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let size = (queue.len() / (2 * workers))
        .clamp(SMALLEST_BATCH, LARGEST_BATCH)
        .min(queue.len());
    (size > 0).then(|| queue.drain(..size).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_of_another_command_stay_and_those_of_a_dead_one_go() {
        let dir = tempfile::tempdir().unwrap();
        let project = Project::at(dir.path().to_path_buf());
        for folder in ["tests", "tools", "extmod"] {
            fs::create_dir_all(crate::setup::micropython(&project).join(folder)).unwrap();
        }
        let all = project.target().join("micropython-tests");
        // Process 1 runs always, and the largest number is no process's.
        for owner in ["1", "4194305"] {
            fs::create_dir_all(all.join(owner).join("tests")).unwrap();
        }
        let own = copy_of_the_tests(&project).unwrap();
        assert!(own.path().join("tests").is_dir() && all.join("1/tests").is_dir());
        assert!(!all.join("4194305").exists());
        drop(own);
        assert!(!all.join(std::process::id().to_string()).exists() && all.join("1/tests").is_dir());
    }

    #[test]
    fn batches_shrink_and_leave_nothing() {
        let queue = Mutex::new((0..920).map(|n| n.to_string()).collect::<VecDeque<_>>());
        let sizes: Vec<usize> =
            std::iter::from_fn(|| next_batch(&queue, 2).map(|batch| batch.len())).collect();
        assert_eq!(sizes.iter().sum::<usize>(), 920);
        assert!(sizes.windows(2).all(|pair| pair[0] >= pair[1]), "{sizes:?}");
        assert_eq!(sizes[0], LARGEST_BATCH);
    }
}
