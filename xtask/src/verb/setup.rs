//! `setup`: every step of the table, named, with what was done about it.

use crate::{project::Project, setup};
use anyhow::{Result, bail};
use std::process::ExitCode;

pub const ARGS: &str = "";

pub fn main(project: &Project, mut args: lexopt::Parser) -> Result<ExitCode> {
    if let Some(arg) = args.next()? {
        bail!("{}; `setup` takes none", arg.unexpected());
    }
    setup::ensure(project, true)?;
    Ok(ExitCode::SUCCESS)
}
