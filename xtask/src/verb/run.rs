//! `run`: set up, build what is stale, become the virtual board.
//!
//! Only the board and the heap are read here, because the firmware depends on them; all else is `spiram run`'s
//! business and is handed on as it stands, a wrong option too.

use crate::{
    firmware,
    heap::Heap,
    project::{DEFAULT_BOARD, Project},
    setup,
};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

pub const ARGS: &str = "[--board B] [--heap stock] [--psram PART] [SCRIPT.py]";

pub fn main(project: &Project, mut args: lexopt::Parser) -> Result<ExitCode> {
    let mut board = DEFAULT_BOARD.to_owned();
    let mut heap = Heap::default();
    let mut rest: Vec<OsString> = Vec::new();
    let mut raw = args.raw_args()?;
    while let Some(arg) = raw.next() {
        match arg.to_str() {
            Some("--board") => {
                board = raw
                    .next()
                    .context("--board needs a name")?
                    .to_string_lossy()
                    .into_owned();
            }
            Some(text) if text.starts_with("--board=") => board = text["--board=".len()..].to_owned(),
            Some("--heap") => {
                heap = Heap::parse(&raw.next().context("--heap needs a name")?.to_string_lossy())?;
            }
            Some(text) if text.starts_with("--heap=") => heap = Heap::parse(&text["--heap=".len()..])?,
            _ => rest.push(arg),
        }
    }
    project.check_board(&board)?;
    setup::stand(project, false)?;
    firmware::stand(project, &board, heap)?;
    firmware::stand_spiram(project)?;
    let mut spiram = Command::new(project.spiram());
    spiram
        .args(["run", "--board", &board, "--elf"])
        .arg(project.elf(&board))
        .args(rest);
    // Only returns if it could not be started.
    Err(spiram.exec()).with_context(|| format!("starting {}", project.spiram().display()))
}
