//! `spiram parts`: what can sit in the memory footprint, faults included.

use std::io::{self, Write};
use std::process::ExitCode;

use vboard::MemoryChip;

use crate::failure::Failure;

#[derive(clap::Args)]
pub struct Args {
    /// As data
    #[arg(long)]
    json: bool,
}

pub fn list(args: &Args) -> Result<ExitCode, Failure> {
    if args.json {
        let known = MemoryChip::known().into_iter();
        let rows: Vec<_> = known
            .map(|(name, what)| serde_json::json!({"name": name, "what": what}))
            .collect();
        println!("{}", serde_json::Value::from(rows));
        return Ok(ExitCode::SUCCESS);
    }
    let mut out = io::stdout().lock();
    for (name, what) in MemoryChip::known() {
        if writeln!(out, "{name:<34} {what}").is_err() {
            break;
        }
    }
    Ok(ExitCode::SUCCESS)
}
