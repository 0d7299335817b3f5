//! `spiram first-power-up`: what a board shows when it is plugged in for the first time, in words, and the next step.
//!
//! It reads what other tools print: `dfu-util -l`, OpenOCD, probe-rs. It talks to no hardware itself.

mod dfu;
mod swd;
mod verdict;

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{fs, io::ErrorKind};

use vboard::board::Board;

use crate::failure::Failure;
use verdict::Verdict;

/// More than any of these tools prints; a wrong file is refused instead of read.
const LONGEST_BYTES: u64 = 1 << 20;

#[derive(clap::Args)]
#[command(
    after_help = "Exit codes: 0 the chip is the right one and can be flashed; 1 not yet; 3 the text shows nothing."
)]
pub struct Args {
    /// What `dfu-util -l`, openocd or probe-rs printed; `-` reads it from the input. Without it, `dfu-util -l` is run
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The board, for the names of its files
    #[arg(long, value_name = "BOARD", default_value = "devebox")]
    board: String,
}

pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    if let Err(error) = Board::named(&args.board) {
        return Err(Failure::new(error.to_string()).hint("a board is a file in board/"));
    }
    let text = match &args.file {
        None => list_devices()?,
        Some(file) => pasted(file)?,
    };
    let verdict = read(&text, &args.board).ok_or_else(|| {
        Failure::new(
            "the text is of none of the tools known; expected what `dfu-util -l`, openocd or probe-rs print",
        )
        .hint("paste all of it, errors too: dfu-util -l 2>&1 | spiram first-power-up -")
    })?;
    // EPIPE: the reader has seen enough.
    let _ = io::stdout().write_all(verdict.to_string().as_bytes());
    Ok(ExitCode::from(u8::from(!verdict.ready)))
}

/// Whose text it is, and what it shows.
fn read(text: &str, board: &str) -> Option<Verdict> {
    dfu::read(text, board).or_else(|| swd::read(text, board))
}

/// What the user's own dfu-util says, errors included.
fn list_devices() -> Result<String, Failure> {
    let output = Command::new("dfu-util").arg("-l").output().map_err(|error| {
        let failure = Failure::new(format!("dfu-util does not start: {error}"));
        match error.kind() {
            ErrorKind::NotFound => failure.hint("install it (Debian: apt-get install dfu-util), or paste what another machine prints: spiram first-power-up -"),
            _ => failure.hint("run `dfu-util -l` yourself, and paste what it prints: spiram first-power-up -"),
        }
    })?;
    Ok(format!(
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

fn pasted(file: &Path) -> Result<String, Failure> {
    let name = file.display();
    let fail = |error: &dyn std::fmt::Display| {
        Failure::new(format!("{name}: {error}"))
            .hint("expected the text that dfu-util, openocd or probe-rs printed")
    };
    let mut bytes = Vec::new();
    let read = match file.to_str() {
        Some("-") => io::stdin().take(LONGEST_BYTES + 1).read_to_end(&mut bytes),
        _ => fs::File::open(file).and_then(|open| open.take(LONGEST_BYTES + 1).read_to_end(&mut bytes)),
    };
    read.map_err(|error| fail(&error))?;
    if bytes.len() as u64 > LONGEST_BYTES {
        return Err(fail(&"longer than 1 MB"));
    }
    // Terminals of other systems paste other encodings; what counts is ASCII.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
