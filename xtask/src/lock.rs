//! What two commands would both write: one after the other, and the second says for whom it waits.
//!
//! The kernel lets go of such a lock when its holder ends, however it ends.

use crate::say;
use anyhow::{Context, Result};
use rustix::fs::{FlockOperation, flock};
use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::path::Path;

/// Held until it is dropped.
pub struct Lock(#[expect(dead_code, reason = "closing the file lets go")] File);

impl Lock {
    /// Takes the lock on a file, which is made if need be; `what` is in the line that says for whom it waits.
    pub fn take(path: &Path, what: &str) -> Result<Lock> {
        let naming = || format!("locking {}", path.display());
        if let Some(dir) = path.parent() {
            fs::create_dir_all(dir).with_context(naming)?;
        }
        let mut file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .with_context(naming)?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            let mut holder = String::new();
            let _ = file.read_to_string(&mut holder);
            let holder = holder.trim();
            let who = if holder.is_empty() {
                "another one".to_owned()
            } else {
                format!("process {holder}")
            };
            say::line(format!(
                "  waiting for {who}, which {what} here; Ctrl-C stops waiting"
            ));
            flock(&file, FlockOperation::LockExclusive).with_context(naming)?;
        }
        file.rewind()?;
        file.set_len(0)?;
        write!(file, "{}", std::process::id())?;
        Ok(Lock(file))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn the_second_waits_for_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/lock");
        let first = Lock::take(&path, "works").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), std::process::id().to_string());
        let (send, done) = mpsc::channel();
        let waiter = std::thread::spawn(move || {
            let second = Lock::take(&path, "works").unwrap();
            send.send(()).unwrap();
            drop(second);
        });
        assert!(
            done.recv_timeout(Duration::from_millis(200)).is_err(),
            "both had it"
        );
        drop(first);
        done.recv_timeout(Duration::from_secs(20)).unwrap();
        waiter.join().unwrap();
    }
}
