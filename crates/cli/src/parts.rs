//! `spiram parts`: what can sit in the memory footprint, faults included.

use std::io::{self, Write};
use std::process::ExitCode;

use vboard::MemoryChip;

use crate::failure::Failure;

pub fn list() -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    for (name, what) in MemoryChip::known() {
        if writeln!(out, "{name:<34} {what}").is_err() {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}
