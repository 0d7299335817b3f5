//! `spiram boards`: what can be plugged in, virtually.

use std::io::{self, Write};
use std::process::ExitCode;

use vboard::board::Board;

use crate::failure::Failure;

pub fn list() -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    for name in Board::known() {
        let board = Board::named(name).map_err(|error| Failure::new(error.to_string()))?;
        let console = &board.console;
        let line = format!(
            "{name:<10} {}, {}, console {} at {} baud",
            board.name, board.mcu, console.peripheral, console.baud
        );
        if writeln!(out, "{line}").is_err() {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}
