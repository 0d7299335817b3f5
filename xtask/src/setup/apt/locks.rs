//! apt's locks: the system's own updates take them for minutes. Who waits says for whom.

use crate::say;
use anyhow::{Result, bail};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

/// What apt and dpkg lock, in any order.
const LOCKS: [&str; 4] = [
    "/var/lib/dpkg/lock-frontend",
    "/var/lib/dpkg/lock",
    "/var/lib/apt/lists/lock",
    "/var/cache/apt/archives/lock",
];
/// Long enough for a release's worth of updates.
const LIMIT: Duration = Duration::from_secs(30 * 60);
const BETWEEN: Duration = Duration::from_secs(1);

/// Waits until nobody holds one of apt's locks.
pub fn wait() -> Result<()> {
    wait_for(&LOCKS.map(Path::new), LIMIT)
}

fn wait_for(files: &[&Path], limit: Duration) -> Result<()> {
    let start = Instant::now();
    let mut told = String::new();
    while let Some(holder) = holder(files) {
        if start.elapsed() >= limit {
            bail!(
                "{holder} holds apt's lock for {} minutes now; try again once it is done",
                limit.as_secs() / 60
            );
        }
        if told != holder {
            say::line(format!(
                "           waiting for {holder}, which holds apt's lock; Ctrl-C stops waiting"
            ));
            told = holder;
        }
        std::thread::sleep(BETWEEN.min(limit));
    }
    Ok(())
}

/// Who holds a lock on one of these files: the kernel tells everybody, though only root may open them.
fn holder(files: &[&Path]) -> Option<String> {
    let held = fs::read_to_string("/proc/locks").unwrap_or_default();
    let wanted: Vec<u64> = files
        .iter()
        .filter_map(|file| Some(file.metadata().ok()?.ino()))
        .collect();
    let pid = holding(&held, &wanted)?;
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    let name = if name.trim().is_empty() {
        "a program"
    } else {
        name.trim()
    };
    Some(format!("{name} (process {pid})"))
}

/// The first process in `/proc/locks` that holds one of these inodes: `1: POSIX ADVISORY WRITE 812 fe:00:379054 0 EOF`.
/// Those that wait have an arrow behind the number.
fn holding(locks: &str, inodes: &[u64]) -> Option<u32> {
    locks.lines().find_map(|line| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (pid, file) = (words.get(4)?, words.get(5)?);
        let inode = file.rsplit(':').next()?.parse().ok()?;
        (words.get(1) != Some(&"->") && inodes.contains(&inode)).then(|| pid.parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    #[test]
    fn the_holder_of_an_inode_is_read_and_who_waits_is_not() {
        let text = "1: POSIX  ADVISORY  WRITE 812 fe:00:379054 0 EOF\n1: -> POSIX  ADVISORY  WRITE 900 fe:00:379054 0 EOF\n\
                    2: FLOCK  ADVISORY  WRITE 77 fe:00:5 0 EOF\n";
        assert_eq!(holding(text, &[379_054]), Some(812));
        assert_eq!(holding(text, &[5]), Some(77));
        assert_eq!(holding(text, &[6]), None);
    }

    #[test]
    fn a_held_lock_is_waited_for_by_name_and_not_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let lock = dir.path().join("lock");
        assert!(
            wait_for(&[&lock], Duration::ZERO).is_ok(),
            "no such file, no lock"
        );
        let program = "import fcntl, sys, time\nf = open(sys.argv[1], 'w')\nfcntl.lockf(f, fcntl.LOCK_EX)\n\
                       print('held', flush=True)\ntime.sleep(60)";
        let mut python = Command::new("python3")
            .args(["-c", program])
            .arg(&lock)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        std::io::BufRead::read_line(
            &mut std::io::BufReader::new(python.stdout.take().unwrap()),
            &mut line,
        )
        .unwrap();
        let error = wait_for(&[&lock], Duration::from_millis(100));
        python.kill().unwrap();
        python.wait().unwrap();
        let error = error.unwrap_err().to_string();
        assert!(
            error.contains("python") && error.contains(&python.id().to_string()),
            "{error}"
        );
        assert!(wait_for(&[&lock], Duration::ZERO).is_ok(), "its holder is gone");
    }
}
