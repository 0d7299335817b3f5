//! Where things are in the checkout, and which boards there are.

use crate::setup::archive;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// The board that is taken when none is named.
pub const DEFAULT_BOARD: &str = "devebox";

/// The checkout.
pub struct Project {
    /// Its root folder, absolute.
    pub root: PathBuf,
}

impl Project {
    /// The checkout that this tool belongs to.
    pub fn find() -> Result<Project> {
        // cargo sets the variable when it runs us; the compiled-in value serves a call without cargo.
        let own = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
        let own = Path::new(&own);
        let root = own
            .ancestors()
            .find(|dir| dir.join("board").is_dir())
            .with_context(|| {
                format!(
                    "{} is not in a checkout of spiram: no folder above it has board/",
                    own.display()
                )
            })?;
        let root = root.to_path_buf();
        Ok(Project { root })
    }

    /// What set-up puts beside the sources; ignored by git, may be deleted at any time.
    pub fn deps(&self) -> PathBuf {
        self.root.join(".deps")
    }

    /// Cargo's output folder for the host.
    pub fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => std::path::absolute(&dir).unwrap_or(dir.into()),
            None => self.root.join("target"),
        }
    }

    /// MicroPython's source: the pinned one, or a folder of the user's own.
    pub fn micropython(&self) -> PathBuf {
        archive::MICROPYTHON.tree(self)
    }

    /// The user's tool, as cargo leaves it.
    pub fn spiram(&self) -> PathBuf {
        self.target().join("release/spiram")
    }

    /// A firmware, by the name of its board and flavour.
    pub fn elf(&self, name: &str) -> PathBuf {
        self.target().join("firmware").join(format!("{name}.elf"))
    }

    /// Names of the memory parts that the driver knows: the files of `crates/psram/src/part/`.
    pub fn parts(&self) -> Result<Vec<String>> {
        let files = stems(&self.root.join("crates/psram/src/part"), "rs")?;
        Ok(files.into_iter().map(|file| file.replace('_', "-")).collect())
    }

    /// Names of the boards: the files of `board/`.
    pub fn boards(&self) -> Result<Vec<String>> {
        stems(&self.root.join("board"), "toml")
    }

    /// The file about a board.
    pub fn board_file(&self, board: &str) -> PathBuf {
        self.root.join("board").join(format!("{board}.toml"))
    }

    /// Checks a board's name that a user typed.
    pub fn check_board(&self, board: &str) -> Result<()> {
        let known = self.boards()?;
        if !known.iter().any(|name| name == board) {
            bail!("unknown board `{board}`; expected one of: {}", known.join(", "));
        }
        Ok(())
    }
}

/// Names of the files in `dir` that end in `.ext`, without that, in order.
fn stems(dir: &Path, ext: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == ext) {
            names.extend(path.file_stem().map(|stem| stem.to_string_lossy().into_owned()));
        }
    }
    names.sort();
    Ok(names)
}
