//! A name of the user's choice for a pseudo-terminal: a symbolic link, which lives as long as the board.
//!
//! Tools that look for ports themselves look for names such as `/dev/ttyUSB0`, and a Makefile wants one that stays the same.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Why a name cannot be given.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Something stands there.
    #[error("{} is there already{}", .path.display(), .target.as_ref().map_or(String::new(), |target| format!(", and leads to {}", target.display())))]
    Taken {
        /// The name.
        path: PathBuf,
        /// Where it leads, if it is a link.
        target: Option<PathBuf>,
    },
    /// The file system refuses.
    #[error("cannot make the link {}: {cause}", .path.display())]
    Refused {
        /// The name.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

/// A link, removed when it is dropped.
#[derive(Debug)]
pub struct Link {
    path: PathBuf,
    target: PathBuf,
}

impl Link {
    /// Makes `path` lead to `target`. A link that leads nowhere, as a board that was killed leaves it, is replaced.
    pub fn make(path: &Path, target: &Path) -> Result<Link, LinkError> {
        let refused = |cause| LinkError::Refused {
            path: path.to_owned(),
            cause,
        };
        match symlink(target, path) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let old = fs::read_link(path).ok();
                if old.is_none() || path.exists() {
                    return Err(LinkError::Taken {
                        path: path.to_owned(),
                        target: old,
                    });
                }
                fs::remove_file(path).map_err(refused)?;
                symlink(target, path).map_err(refused)?;
            }
            Err(error) => return Err(refused(error)),
        }
        Ok(Link {
            path: path.to_owned(),
            target: target.to_owned(),
        })
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        // Not if somebody has put another one there meanwhile.
        if fs::read_link(&self.path).is_ok_and(|target| target == self.target) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for each test.
    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("spiram-link-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn a_link_goes_with_its_board() {
        let folder = folder("goes");
        let path = folder.join("ttyUSB0");
        let link = Link::make(&path, Path::new("/dev/null")).unwrap();
        assert_eq!(fs::read_link(&path).unwrap(), Path::new("/dev/null"));
        drop(link);
        assert!(fs::symlink_metadata(&path).is_err());
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_a_killed_board_left_is_replaced() {
        let folder = folder("stale");
        let path = folder.join("port");
        symlink(folder.join("gone"), &path).unwrap();
        let _link = Link::make(&path, Path::new("/dev/null")).unwrap();
        assert_eq!(fs::read_link(&path).unwrap(), Path::new("/dev/null"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn what_leads_somewhere_stays() {
        let folder = folder("taken");
        let (link, file) = (folder.join("link"), folder.join("file"));
        symlink("/dev/zero", &link).unwrap();
        fs::write(&file, "precious").unwrap();
        for (path, words) in [(&link, "/dev/zero"), (&file, "there already")] {
            let error = Link::make(path, Path::new("/dev/null")).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        assert_eq!(fs::read(&file).unwrap(), b"precious");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_link_that_another_has_replaced_is_not_removed() {
        let folder = folder("other");
        let path = folder.join("port");
        let link = Link::make(&path, Path::new("/dev/null")).unwrap();
        fs::remove_file(&path).unwrap();
        symlink("/dev/zero", &path).unwrap();
        drop(link);
        assert_eq!(fs::read_link(&path).unwrap(), Path::new("/dev/zero"));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_told() {
        let error = Link::make(Path::new("/no/such/folder/port"), Path::new("/dev/null")).unwrap_err();
        assert!(error.to_string().contains("/no/such/folder/port"), "{error}");
    }
}
