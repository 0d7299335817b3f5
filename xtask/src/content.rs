//! What files hold, as hashes: whether something is fresh, or whole, is told by content and never by times.
//!
//! Reading everything at each start would take too long, so a hash is remembered together with what the file system
//! says of the file; a file of which it says the same holds the same. (A file's change time cannot be set back by a
//! program, and a file that changed in the moment in which it was read is read again.)

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

/// A file that changed so shortly before it was read may have changed once more without a new time.
const RACE_NS: i128 = 2_000_000_000;
/// Folders that hold outputs, wherever they are.
const OUTPUTS: &[&str] = &["target", "__pycache__", ".git"];

/// Hashes that are remembered in a file.
pub struct Contents {
    store: PathBuf,
    known: HashMap<PathBuf, Known>,
    changed: bool,
}

struct Known {
    stat: Stat,
    /// When it was read, in nanoseconds since 1970.
    read_ns: i128,
    hash: String,
}

/// What tells one state of a file from another.
#[derive(PartialEq, Eq, Clone, Copy)]
struct Stat {
    bytes: u64,
    inode: u64,
    modified_ns: i128,
    changed_ns: i128,
}

impl Stat {
    fn of(meta: &Metadata) -> Stat {
        let ns = |seconds: i64, ns: i64| i128::from(seconds) * 1_000_000_000 + i128::from(ns);
        Stat {
            bytes: meta.len(),
            inode: meta.ino(),
            modified_ns: ns(meta.mtime(), meta.mtime_nsec()),
            changed_ns: ns(meta.ctime(), meta.ctime_nsec()),
        }
    }
}

impl Contents {
    /// What was remembered in `store`; nothing if it is not there, or not readable.
    pub fn load(store: PathBuf) -> Contents {
        let text = fs::read_to_string(&store).unwrap_or_default();
        Contents {
            store,
            known: text.lines().filter_map(parse).collect(),
            changed: false,
        }
    }

    /// The hash of a file.
    pub fn file(&mut self, path: &Path) -> Result<String> {
        let reading = || format!("reading {}", path.display());
        let stat = Stat::of(&path.metadata().with_context(reading)?);
        if let Some(known) = self.known.get(path) {
            let settled = known.read_ns - stat.modified_ns.max(stat.changed_ns) > RACE_NS;
            if known.stat == stat && settled {
                return Ok(known.hash.clone());
            }
        }
        let read_ns = now_ns();
        let hash = hash_of(File::open(path).with_context(reading)?).with_context(reading)?;
        let known = Known {
            stat,
            read_ns,
            hash: hash.clone(),
        };
        self.known.insert(path.to_path_buf(), known);
        self.changed = true;
        Ok(hash)
    }

    /// One hash of all files under `paths`, with their names; a path may be a file.
    pub fn all(&mut self, paths: &[PathBuf]) -> Result<String> {
        let mut files = Vec::new();
        for path in paths {
            list(path, &mut files)?;
        }
        files.sort();
        let mut all = Sha256::new();
        for file in files {
            all.update(format!("{} {}\n", self.file(&file)?, file.display()));
        }
        Ok(hex(&all.finalize()))
    }

    /// Remembers for the next time. That it cannot is no reason to stop: then everything is read again.
    pub fn save(&self) {
        if !self.changed {
            return;
        }
        let mut text = String::new();
        for (path, known) in &self.known {
            // A name with a line end in it would not be read back.
            if let Some(name) = path.to_str().filter(|name| !name.contains('\n')) {
                let Stat {
                    bytes,
                    inode,
                    modified_ns,
                    changed_ns,
                } = known.stat;
                text += &format!(
                    "{} {bytes} {inode} {modified_ns} {changed_ns} {} {name}\n",
                    known.hash, known.read_ns
                );
            }
        }
        let fresh = self.store.with_extension(std::process::id().to_string());
        let _ = self.store.parent().map(fs::create_dir_all);
        if fs::write(&fresh, text)
            .and_then(|()| fs::rename(&fresh, &self.store))
            .is_err()
        {
            let _ = fs::remove_file(&fresh);
        }
    }
}

fn parse(line: &str) -> Option<(PathBuf, Known)> {
    let mut fields = line.splitn(7, ' ');
    let hash = fields.next()?.to_owned();
    let stat = Stat {
        bytes: fields.next()?.parse().ok()?,
        inode: fields.next()?.parse().ok()?,
        modified_ns: fields.next()?.parse().ok()?,
        changed_ns: fields.next()?.parse().ok()?,
    };
    let read_ns = fields.next()?.parse().ok()?;
    Some((PathBuf::from(fields.next()?), Known { stat, read_ns, hash }))
}

/// The files under a path, outputs left out.
pub fn list(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let reading = || format!("reading {}", path.display());
    if !path.metadata().with_context(reading)?.is_dir() {
        files.push(path.to_path_buf());
        return Ok(());
    }
    for entry in path.read_dir().with_context(reading)? {
        let entry = entry.with_context(reading)?;
        if !OUTPUTS.iter().any(|name| entry.file_name() == *name) {
            list(&entry.path(), files)?;
        }
    }
    Ok(())
}

/// SHA-256 of what a reader gives, in hexadecimal digits.
pub fn hash_of(mut input: impl std::io::Read) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    std::io::copy(&mut input, &mut hash)?;
    Ok(hex(&hash.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn now_ns() -> i128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i128::try_from(since.as_nanos()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_byte_that_changes_is_seen_though_size_and_time_stay() {
        let dir = tempfile::tempdir().unwrap();
        let (file, store) = (dir.path().join("a.c"), dir.path().join("store"));
        fs::write(&file, "int a = 1;").unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(3600);
        let set_back = |file: &Path| {
            File::options()
                .write(true)
                .open(file)
                .unwrap()
                .set_modified(long_ago)
                .unwrap()
        };
        set_back(&file);
        let mut contents = Contents::load(store.clone());
        let before = contents.file(&file).unwrap();
        contents.save();
        fs::write(&file, "int a = 2;").unwrap();
        set_back(&file);
        assert_ne!(Contents::load(store).file(&file).unwrap(), before);
    }

    #[test]
    fn a_file_that_was_only_touched_is_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.c");
        fs::write(&file, "same").unwrap();
        let all = |store: &str| {
            Contents::load(dir.path().join(store))
                .all(std::slice::from_ref(&file))
                .unwrap()
        };
        let before = all("store");
        File::options()
            .write(true)
            .open(&file)
            .unwrap()
            .set_modified(UNIX_EPOCH)
            .unwrap();
        assert_eq!(all("store"), before);
    }

    #[test]
    fn what_is_remembered_is_read_back_and_names_count() {
        let dir = tempfile::tempdir().unwrap();
        let (sources, store) = (dir.path().join("my sources"), dir.path().join("store"));
        fs::create_dir(&sources).unwrap();
        fs::write(sources.join("one"), "1").unwrap();
        let mut contents = Contents::load(store.clone());
        let before = contents.all(std::slice::from_ref(&sources)).unwrap();
        contents.save();
        let mut again = Contents::load(store.clone());
        assert_eq!(again.known.len(), 1, "{}", fs::read_to_string(&store).unwrap());
        assert_eq!(again.all(std::slice::from_ref(&sources)).unwrap(), before);
        fs::rename(sources.join("one"), sources.join("two")).unwrap();
        assert_ne!(again.all(std::slice::from_ref(&sources)).unwrap(), before);
        fs::remove_file(sources.join("two")).unwrap();
        assert!(again.file(&sources.join("two")).is_err());
    }
}
