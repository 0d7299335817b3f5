//! Where MicroPython's sources are, and for which board they are built. Fetches nothing: that is xtask's work.

use crate::Result;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The root of MicroPython's source tree: `MICROPY_DIR`, else `.deps/micropython` in the workspace.
pub fn find(port: &Path) -> Result<PathBuf> {
    println!("cargo:rerun-if-env-changed=MICROPY_DIR");
    let workspace = workspace(port);
    let root = match env::var_os("MICROPY_DIR") {
        Some(dir) => PathBuf::from(dir),
        None => workspace.join(".deps/micropython"),
    };
    let witness = root.join("py/mpconfig.h");
    let text = fs::read_to_string(&witness).map_err(|e| {
        format!(
            "MicroPython's sources are not in {}: {}: {e}. \
             `cargo xtask build` fetches them; or set MICROPY_DIR to an unpacked MicroPython 1.25.0.",
            root.display(),
            witness.display()
        )
    })?;
    println!("cargo:rerun-if-changed={}", witness.display());
    let found = ["MAJOR", "MINOR", "MICRO"].map(|part| {
        let key = format!("#define MICROPY_VERSION_{part} ");
        text.lines()
            .find_map(|l| l.strip_prefix(&key))
            .unwrap_or("?")
            .trim()
            .to_owned()
    });
    if found != ["1", "25", "0"] {
        return Err(format!(
            "{} holds MicroPython {}, and this port is written for 1.25.0",
            root.display(),
            found.join(".")
        ));
    }
    root.canonicalize()
        .map_err(|e| format!("{}: {e}", root.display()))
}

/// What Python says of its board.
pub struct Board {
    /// For the banner, and `sys.implementation._machine`.
    pub name: String,
    /// `sys.implementation._build`, by which tools tell builds apart: the board file's name.
    pub build: String,
}

/// The board of `board/<SPIRAM_BOARD>.toml`.
pub fn board(port: &Path) -> Result<Board> {
    println!("cargo:rerun-if-env-changed=SPIRAM_BOARD");
    let board = env::var("SPIRAM_BOARD").unwrap_or_else(|_| "devebox".to_owned());
    let boards = workspace(port).join("board");
    let file = boards.join(format!("{board}.toml"));
    println!("cargo:rerun-if-changed={}", file.display());
    let text = fs::read_to_string(&file).map_err(|e| {
        let known = fs::read_dir(&boards)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path());
        let mut known: Vec<_> = known
            .filter_map(|p| Some(p.file_stem()?.to_string_lossy().into_owned()))
            .collect();
        known.sort();
        let known = known.join(", ");
        format!(
            "unknown board {board:?} in SPIRAM_BOARD (known: {known}): {}: {e}",
            file.display()
        )
    })?;
    let table: toml::Table = text.parse().map_err(|e| format!("{}: {e}", file.display()))?;
    match table.get("name").and_then(toml::Value::as_str) {
        Some(name)
            if name
                .chars()
                .all(|c| c.is_ascii_graphic() && c != '"' && c != '\\' || c == ' ') =>
        {
            Ok(Board {
                name: name.to_owned(),
                build: board,
            })
        }
        _ => Err(format!(
            "{}: `name` must be a string of plain characters",
            file.display()
        )),
    }
}

/// The root of the repository.
pub fn workspace(port: &Path) -> PathBuf {
    // port/ is crates/upy-sys/port
    port.ancestors().nth(3).unwrap_or(Path::new(".")).to_owned()
}
