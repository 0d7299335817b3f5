//! Ctrl-C and its like: this program ends with its children, and takes away what is half done.
//!
//! On a terminal Ctrl-C reaches the children by itself; a signal to this program alone is handed on to them. dpkg is the
//! one that is waited for, because what it leaves half done stays half done.

use crate::say;
use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Folders and files that have no use after an interruption.
static HALF_DONE: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
/// What has to come to its end first, while it runs.
static MUST_END: Mutex<Option<&'static str>> = Mutex::new(None);
/// How long children may take to end in order.
const GRACE: Duration = Duration::from_millis(500);
static ASKED: AtomicBool = AtomicBool::new(false);
static STOPPING: AtomicBool = AtomicBool::new(false);

/// Begins to watch; called once, before the first child.
pub fn watch() -> Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP]).context("watching for Ctrl-C")?;
    thread::spawn(move || {
        for signal in &mut signals {
            let must_end = *locked(&MUST_END);
            if let Some(what) = must_end {
                ASKED.store(true, Ordering::SeqCst);
                say::line(format!(
                    "\n  stopping once {what}; the same command goes on from there"
                ));
                continue;
            }
            STOPPING.store(true, Ordering::SeqCst);
            send(Signal::TERM);
            // What does not listen, such as the first process of a name space, gets no choice.
            if !descendants(std::process::id()).is_empty() {
                thread::sleep(GRACE);
                send(Signal::KILL);
            }
            for path in locked(&HALF_DONE).drain(..) {
                take_away(&path);
            }
            let _ = signal_hook::low_level::emulate_default_handler(signal);
        }
    });
    Ok(())
}

/// Does not return while this program is being stopped: that a child was is no error of its own.
pub fn let_it_stop() {
    while STOPPING.load(Ordering::SeqCst) {
        thread::sleep(GRACE);
    }
}

/// To all processes below this one.
fn send(signal: Signal) {
    for pid in descendants(std::process::id()) {
        let _ = Pid::from_raw(pid.cast_signed()).map(|pid| kill_process(pid, signal));
    }
}

/// Runs `step`, which an interruption does not cut short, and is an error if one came.
pub fn finish_first<T>(what: &'static str, step: impl FnOnce() -> Result<T>) -> Result<T> {
    *locked(&MUST_END) = Some(what);
    let result = step();
    *locked(&MUST_END) = None;
    if ASKED.load(Ordering::SeqCst) {
        anyhow::bail!("stopped on request; the same command goes on from there");
    }
    result
}

/// A folder or a file that is only there while something is made in it: gone at the end, and after an interruption.
pub struct Leftover(PathBuf);

impl Leftover {
    /// What an earlier run left there is taken away.
    pub fn new(path: PathBuf) -> Leftover {
        take_away(&path);
        locked(&HALF_DONE).push(path.clone());
        Leftover(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Leftover {
    fn drop(&mut self) {
        locked(&HALF_DONE).retain(|path| *path != self.0);
        take_away(&self.0);
    }
}

fn take_away(path: &Path) {
    if path.is_dir() {
        let _ = fs::remove_dir_all(path);
    } else {
        let _ = fs::remove_file(path);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// All processes below one; none where there is no /proc.
pub fn descendants(ancestor: u32) -> Vec<u32> {
    let mut parents: Vec<(u32, u32)> = Vec::new();
    for entry in Path::new("/proc").read_dir().into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse().ok());
        let stat = fs::read_to_string(entry.path().join("stat")).unwrap_or_default();
        if let (Some(pid), Some(parent)) = (pid, parent_in(&stat)) {
            parents.push((pid, parent));
        }
    }
    let mut found = vec![ancestor];
    let mut next = 0;
    while let Some(&of) = found.get(next) {
        found.extend(
            parents
                .iter()
                .filter(|(_, parent)| *parent == of)
                .map(|(pid, _)| *pid),
        );
        next += 1;
    }
    found.split_off(1)
}

/// The fourth field of `/proc/PID/stat`; the second is a name in brackets that may hold anything.
fn parent_in(stat: &str) -> Option<u32> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn the_parent_is_read_behind_a_name_that_may_hold_anything() {
        assert_eq!(parent_in("12 (a) b) (c)) S 7 12 12 0"), Some(7));
        assert_eq!(parent_in("nothing"), None);
    }

    #[test]
    fn children_of_children_are_found() {
        let mut child = Command::new("sh")
            .args(["-c", "sleep 20 & echo $!; wait"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(
            &mut std::io::BufReader::new(child.stdout.take().unwrap()),
            &mut line,
        )
        .unwrap();
        let grandchild: u32 = line.trim().parse().unwrap();
        let found = descendants(std::process::id());
        assert!(
            found.contains(&child.id()) && found.contains(&grandchild),
            "{found:?}"
        );
        for pid in descendants(child.id()).into_iter().chain([child.id()]) {
            let _ = Pid::from_raw(pid.cast_signed()).map(|pid| kill_process(pid, Signal::KILL));
        }
        child.wait().unwrap();
    }

    #[test]
    fn what_is_half_done_is_gone_in_the_end() {
        let dir = tempfile::tempdir().unwrap();
        let half = Leftover::new(dir.path().join("half"));
        fs::create_dir_all(half.path().join("deep")).unwrap();
        let path = half.path().to_path_buf();
        drop(half);
        assert!(!path.exists());
    }
}
