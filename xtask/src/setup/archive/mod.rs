//! Source archives of others: pinned by checksum, fetched once, unpacked into `.deps`.
//!
//! A row says what and where from; the rest is the same for all. The tree appears by one rename, and a list of its
//! files with their hashes tells later whether it is still whole, byte by byte.

pub mod aptsources;
mod debian;
mod pypi;
mod unpack;

use crate::content::{self, Contents};
use crate::interrupt::Leftover;
use crate::{project::Project, say};
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A source archive.
pub struct Archive {
    /// Its folder in `.deps`.
    pub name: &'static str,
    /// In words, with the version.
    pub what: &'static str,
    /// The archive's file name, as it comes: `.tar.xz` or `.tar.gz`.
    pub file: &'static str,
    pub sha256: &'static str,
    /// Archives that hold the same and more, by checksum: a user may bring one of these.
    pub also_sha256: &'static [&'static str],
    /// What is fetched, and what lies on the disk afterwards, in megabytes.
    pub download_mb: u32,
    pub disk_mb: u32,
    /// Brings the archive to the path; the checksum is looked at afterwards.
    pub fetch: fn(&Project, &Path) -> Result<()>,
    /// What a user can do where that does not work: where the archive is to be had.
    pub origin: &'static str,
    /// The variable that names an archive which the user has.
    pub own_archive: &'static str,
    /// The variable that names a tree of the user's own, and a file by which such a tree is known.
    pub own_tree: Option<(&'static str, &'static str)>,
}

/// MicroPython 1.25.0.
pub const MICROPYTHON: Archive = Archive {
    name: "micropython",
    what: "MicroPython 1.25.0's source",
    file: "micropython_1.25.0+ds.orig.tar.xz",
    sha256: "7b25be99a502f070b2de81dafc08da7051d992325d6e67daa9045a918fffdbea",
    // The release's own archive, micropython-1.25.0.tar.xz, as Homebrew's formula pins it.
    also_sha256: &["9fe99ad5808e66bb40d374f5cad187c32c7d1c49cf47f72b38fd453c28c2aebe"],
    download_mb: 16,
    disk_mb: 56,
    fetch: debian::micropython,
    origin: "Debian's source package micropython 1.25.0+ds-1, or micropython-1.25.0.tar.xz of MicroPython's release",
    own_archive: "SPIRAM_MICROPYTHON",
    own_tree: Some(("MICROPY_DIR", "py/mpconfig.h")),
};

/// littlefs 2.11, newer than MicroPython's own.
pub const LITTLEFS: Archive = Archive {
    name: "littlefs",
    what: "littlefs 2.11, in the source of littlefs-python 0.19.0",
    file: "littlefs_python-0.19.0.tar.gz",
    sha256: "4ce8c6eeeb2703abaf8cb60f2dab624b17af42b13df3dbc6c42d4142bad79a59",
    also_sha256: &[],
    download_mb: 1,
    disk_mb: 3,
    fetch: pypi::littlefs,
    origin: "the source package littlefs-python 0.19.0 of the Python package index",
    own_archive: "SPIRAM_LITTLEFS",
    own_tree: Some(("LITTLEFS_DIR", "littlefs/lfs.h")),
};

/// Of what the C core is made.
pub const CORE: [&Archive; 2] = [&MICROPYTHON, &LITTLEFS];

/// MicroPython's source: the pinned one, or a folder of the user's own.
pub fn micropython(project: &Project) -> PathBuf {
    MICROPYTHON.tree(project)
}

impl Archive {
    /// The unpacked tree: the pinned one, or the user's own.
    pub fn tree(&self, project: &Project) -> PathBuf {
        let own = self.own_tree.and_then(|(variable, _)| std::env::var_os(variable));
        match own {
            Some(dir) => std::path::absolute(&dir).unwrap_or(dir.into()),
            None => project.deps().join(self.name),
        }
    }

    fn stored(&self, project: &Project) -> PathBuf {
        project.deps().join("archive").join(self.file)
    }

    /// The list of the tree's files and their hashes, written once the tree is whole.
    fn list(&self, project: &Project) -> PathBuf {
        project.deps().join(format!("{}.files", self.name))
    }

    /// That list, unless the user has a tree of their own.
    pub fn list_of_pinned(&self, project: &Project) -> Option<PathBuf> {
        let own = self
            .own_tree
            .is_some_and(|(variable, _)| std::env::var_os(variable).is_some());
        (!own).then(|| self.list(project)).filter(|list| list.is_file())
    }

    fn accepts(&self, sha256: &str) -> bool {
        self.sha256 == sha256 || self.also_sha256.contains(&sha256)
    }

    /// True if the tree is there and whole. A tree of the user's own is believed.
    pub fn is_there(&self, project: &Project) -> bool {
        if let Some((variable, witness)) = self.own_tree
            && std::env::var_os(variable).is_some()
        {
            return self.tree(project).join(witness).is_file();
        }
        self.is_whole(project)
    }

    fn is_whole(&self, project: &Project) -> bool {
        let text = fs::read_to_string(self.list(project)).unwrap_or_default();
        let Some((sha256, files)) = text.split_once('\n') else {
            return false;
        };
        let tree = project.deps().join(self.name);
        let mut contents = Contents::load(project.deps().join(format!("{}.seen", self.name)));
        let whole = self.accepts(sha256)
            && !files.is_empty()
            && files.lines().all(|line| {
                line.split_once(' ').is_some_and(|(hash, path)| {
                    contents.file(&tree.join(path)).is_ok_and(|found| found == hash)
                })
            });
        contents.save();
        whole
    }

    /// What a user can do by hand.
    pub fn by_hand(&self) -> String {
        format!(
            "{}: get {}, and name it: {}=/path/to/the/archive (sha256 {})",
            self.what,
            self.origin,
            self.own_archive,
            [&[self.sha256], self.also_sha256].concat().join(" or ")
        )
    }

    /// Fetches the archive unless a good one is there, and unpacks it.
    pub fn fetch_and_unpack(&self, project: &Project) -> Result<()> {
        if let Some((variable, witness)) = self.own_tree
            && std::env::var_os(variable).is_some()
        {
            bail!(
                "{variable} is {}, which holds no {witness}",
                self.tree(project).display()
            );
        }
        let archive = match std::env::var_os(self.own_archive) {
            Some(own) => self.users_own(Path::new(&own))?,
            None => self.fetched(project)?,
        };
        let start = Instant::now();
        let tree = project.deps().join(self.name);
        if tree.exists() {
            say::line(format!(
                "           {} is not whole; unpacking it again",
                tree.display()
            ));
        }
        self.unpack(project, &archive)
            .map_err(|error| say_if_full(error, &project.deps()))?;
        say::line(format!(
            "  done     unpacked to {}: {}",
            tree.display(),
            say::seconds(start.elapsed())
        ));
        Ok(())
    }

    fn users_own(&self, own: &Path) -> Result<PathBuf> {
        let variable = self.own_archive;
        let sha256 = checksum(own).with_context(|| format!("{variable} names {}", own.display()))?;
        if !self.accepts(&sha256) {
            bail!(
                "{variable} names {}, whose sha256 is {sha256}, and it is not {}: expected {}; {}",
                own.display(),
                self.what,
                [&[self.sha256], self.also_sha256].concat().join(" or "),
                self.origin
            );
        }
        say::line(format!("  own      {} from {}", self.what, own.display()));
        Ok(own.to_path_buf())
    }

    fn fetched(&self, project: &Project) -> Result<PathBuf> {
        let stored = self.stored(project);
        if stored.is_file()
            && let Err(error) = self.check(&stored)
        {
            say::line(format!("           {error}; fetching it again"));
            fs::remove_file(&stored)?;
        }
        if !stored.is_file() {
            fs::create_dir_all(stored.parent().context("the archive has a folder")?)?;
            let start = Instant::now();
            // The reason comes first, what to do about it behind.
            (self.fetch)(project, &stored)
                .map_err(|error| say_if_full(error, &project.deps()))
                .map_err(|error| {
                    anyhow::anyhow!(
                        "{} could not be fetched: {error:#}\n  by hand: {}",
                        self.what,
                        self.by_hand()
                    )
                })?;
            self.check(&stored)?;
            say::line(format!(
                "  done     {}: {}",
                self.file,
                say::seconds(start.elapsed())
            ));
        }
        Ok(stored)
    }

    fn check(&self, archive: &Path) -> Result<()> {
        let found = checksum(archive)?;
        if found != self.sha256 {
            bail!(
                "{} is corrupt: expected sha256 {}, found {found}",
                archive.display(),
                self.sha256
            );
        }
        Ok(())
    }

    /// Unpacks beside, then renames: what carries the final name is whole, and a failure leaves nothing.
    fn unpack(&self, project: &Project, archive: &Path) -> Result<()> {
        let fresh = Leftover::new(project.deps().join(format!("{}.unpacking", self.name)));
        let root = unpack::unpack(archive, fresh.path())?;
        let mut list = format!("{}\n", checksum(archive)?);
        let mut files = Vec::new();
        content::list(&root, &mut files)?;
        files.sort();
        for file in files {
            let hash = content::hash_of(File::open(&file)?)?;
            list += &format!("{hash} {}\n", file.strip_prefix(&root)?.display());
        }
        let _ = fs::remove_file(self.list(project));
        let tree = project.deps().join(self.name);
        if tree.exists() {
            fs::remove_dir_all(&tree).with_context(|| format!("removing {}", tree.display()))?;
        }
        fs::rename(&root, &tree)?;
        let unnamed = self.list(project).with_extension("files.new");
        fs::write(&unnamed, list)?;
        fs::rename(&unnamed, self.list(project))?;
        Ok(())
    }
}

fn checksum(archive: &Path) -> Result<String> {
    let reading = || format!("reading {}", archive.display());
    content::hash_of(File::open(archive).with_context(reading)?).with_context(reading)
}

/// A full disk shows in many words; here in one.
fn say_if_full(error: anyhow::Error, dir: &Path) -> anyhow::Error {
    let full = error.chain().any(|cause| {
        let text = cause.to_string();
        text.contains("No space left on device") || text.contains("os error 28")
    });
    if full {
        return anyhow::anyhow!("the disk that holds {} is full ({error:#})", dir.display());
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A checkout with an archive of two files in the user's hands.
    struct Place {
        dir: tempfile::TempDir,
        project: Project,
        archive: Archive,
    }

    fn no_fetch(_: &Project, _: &Path) -> Result<()> {
        bail!("the name cannot be resolved")
    }

    fn place() -> Place {
        let dir = tempfile::tempdir().unwrap();
        let mut tar = tar::Builder::new(Vec::new());
        for (name, text) in [("thing-1.0/py/a.h", "one"), ("thing-1.0/b.c", "two")] {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, text.as_bytes()).unwrap();
        }
        let mut packed = Vec::new();
        lzma_rs::xz_compress(&mut tar.into_inner().unwrap().as_slice(), &mut packed).unwrap();
        let file = dir.path().join("thing.tar.xz");
        fs::write(&file, packed).unwrap();
        let sha256: &'static str = checksum(&file).unwrap().leak();
        let project = Project::at(dir.path().to_path_buf());
        fs::create_dir_all(project.deps().join("archive")).unwrap();
        let archive = Archive {
            name: "thing",
            what: "the thing",
            file: "thing.tar.xz",
            sha256,
            also_sha256: &[],
            fetch: no_fetch,
            origin: "the thing's own people",
            own_archive: "SPIRAM_TEST_NO_SUCH_VARIABLE",
            own_tree: None,
            ..MICROPYTHON
        };
        Place {
            dir,
            project,
            archive,
        }
    }

    impl Place {
        fn put(&self) {
            fs::copy(
                self.dir.path().join("thing.tar.xz"),
                self.archive.stored(&self.project),
            )
            .unwrap();
        }
    }

    #[test]
    fn an_archive_is_unpacked_once_and_a_changed_byte_is_seen_and_repaired() {
        let place = place();
        place.put();
        assert!(!place.archive.is_there(&place.project));
        place.archive.fetch_and_unpack(&place.project).unwrap();
        assert!(place.archive.is_there(&place.project));
        let file = place.project.deps().join("thing/py/a.h");
        fs::write(&file, "0ne").unwrap();
        assert!(!place.archive.is_there(&place.project), "same size, another byte");
        place.archive.fetch_and_unpack(&place.project).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "one");
        assert!(place.archive.is_there(&place.project));
    }

    #[test]
    fn what_cannot_be_unpacked_leaves_nothing_behind() {
        let place = place();
        place.put();
        let stored = place.archive.stored(&place.project);
        let whole = fs::read(&stored).unwrap();
        fs::write(&stored, &whole[..whole.len() / 2]).unwrap();
        let torn = Archive {
            sha256: checksum(&stored).unwrap().leak(),
            ..place.archive
        };
        let error = torn.fetch_and_unpack(&place.project).unwrap_err().to_string();
        assert!(error.contains("thing.tar.xz"), "{error}");
        let left: Vec<_> = place
            .project
            .deps()
            .read_dir()
            .unwrap()
            .flatten()
            .map(|e| e.file_name())
            .collect();
        assert_eq!(left, ["archive"]);
    }

    #[test]
    fn the_reason_stands_before_the_recipe() {
        let place = place();
        let error = place
            .archive
            .fetch_and_unpack(&place.project)
            .unwrap_err()
            .to_string();
        let (reason, recipe) = (
            error.find("cannot be resolved"),
            error.find("SPIRAM_TEST_NO_SUCH_VARIABLE="),
        );
        assert!(reason.is_some() && recipe.is_some() && reason < recipe, "{error}");
    }

    #[test]
    fn a_full_disk_is_called_so() {
        let full = std::io::Error::from_raw_os_error(28);
        let error = say_if_full(anyhow::Error::from(full).context("writing x"), Path::new("/d"));
        assert!(
            error.to_string().starts_with("the disk that holds /d is full"),
            "{error}"
        );
    }

    #[test]
    fn an_archive_of_the_users_own_is_taken_only_if_it_is_the_right_one() {
        let place = place();
        let own = place.dir.path().join("thing.tar.xz");
        assert_eq!(place.archive.users_own(&own).unwrap(), own);
        let error = MICROPYTHON.users_own(&own).unwrap_err().to_string();
        assert!(
            error.contains("SPIRAM_MICROPYTHON") && error.contains("7b25be99"),
            "{error}"
        );
        let error = format!(
            "{:#}",
            MICROPYTHON.users_own(Path::new("/no/such/file")).unwrap_err()
        );
        assert!(
            error.contains("/no/such/file") && error.contains("No such file"),
            "{error}"
        );
    }
}
